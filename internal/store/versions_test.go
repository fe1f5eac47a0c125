package store_test

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	"tongka/internal/pgtest"
	"tongka/internal/store"
)

// If somebody has changed the table of versions, every way of opening the database returns an error in our own
// words, and makes nothing in the database.
func TestBrokenVersions(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for driver, dsn := range map[string]string{"sqlite": sqliteDSN(t), "pgx": pgtest.DSN(t)} {
		s, err := store.Open(ctx, dsn, store.Options{})
		must(t, err)
		must(t, s.Close())
		db, err := sql.Open(driver, strings.TrimPrefix(dsn, "sqlite:"))
		must(t, err)
		for _, c := range []struct{ change, want string }{
			{"UPDATE schema_version SET is_applied = (1 = 0) WHERE version_id = 5", "does not say that version 5 was made"},
			{"DELETE FROM schema_version WHERE version_id = 3", "does not say that version 3 was made"},
			{"DELETE FROM schema_version WHERE version_id = 0", "does not say that version 0 was made"},
			{"DELETE FROM schema_version", "table schema_version, which tells the shape of all others, holds nothing"},
		} {
			_, err := db.Exec(c.change)
			must(t, err)
			for name, opts := range map[string]store.Options{"serve": {}, "beside": {Beside: true}, "read": {ReadOnly: true}} {
				s, err := store.Open(ctx, dsn, opts)
				if err == nil || !strings.Contains(err.Error(), c.want) ||
					!strings.Contains(err.Error(), "restore the newest backup") {
					t.Errorf("%s, %s, %s: %v", driver, c.change, name, err)
				}
				if err == nil {
					must(t, s.Close())
				}
			}
		}
		var rows int
		must(t, db.QueryRow("SELECT count(*) FROM schema_version").Scan(&rows))
		if rows != 0 {
			t.Errorf("%s: %d versions were made", driver, rows)
		}
		must(t, db.Close())
	}
}
