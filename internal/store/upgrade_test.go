package store_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"tongka/internal/filetest"
	"tongka/internal/pgtest"
	"tongka/internal/store"
)

// TestUpgradeBesideOlder: while an older program is connected, the schema it knows stays. What else is connected is in
// nobody's way, and of two servers that are started together both come up.
func TestUpgradeBesideOlder(t *testing.T) {
	t.Parallel()
	old := string(filetest.Unzip(t, "../../cmd/tongka/testdata/schema-16.sql.gz"))
	mayUpgrade := store.Options{Upgrade: func(store.Older) error { return nil }}
	for _, name := range []string{"tongka", "tongka 16"} {
		dsn := pgtest.Filled(t, old)
		connected := func(name string) *pgx.Conn {
			cfg, err := pgx.ParseConfig(dsn)
			must(t, err)
			cfg.RuntimeParams["application_name"] = name
			c, err := pgx.ConnectConfig(t.Context(), cfg)
			must(t, err)
			return c
		}
		other := connected("tongkang")
		older := connected(name)
		_, err := store.Open(t.Context(), dsn, mayUpgrade)
		if err == nil || !strings.Contains(err.Error(), "stop them first") {
			t.Errorf("beside %q: %v", name, err)
		}
		must(t, older.Close(t.Context()))
		for sessions := 1; sessions > 0; { // the server ends a session a moment later
			must(t, other.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "+
				"AND application_name = $1", name).Scan(&sessions))
		}
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				s, err := store.Open(t.Context(), dsn, mayUpgrade)
				if err != nil {
					t.Errorf("after %q: %v", name, err)
					return
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		must(t, other.Close(t.Context()))
	}
}
