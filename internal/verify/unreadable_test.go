package verify_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"tongka/internal/pgtest"
	"tongka/internal/store"
	"tongka/internal/verify"
)

// A row that cannot be read is a violation that says what is wrong, and everything else is still checked.
func TestUnreadableRows(t *testing.T) {
	t.Parallel()
	for driver, dsn := range map[string]string{
		"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "books.db"), "pgx": pgtest.DSN(t),
	} {
		whole(t, dsn)
		db, err := sql.Open(driver, strings.TrimPrefix(dsn, "sqlite:"))
		if err != nil {
			t.Fatal(err)
		}
		blob := map[string]string{"sqlite": "x'00'", "pgx": `'\x00'::bytea`}[driver]
		for _, c := range []struct {
			change, mend, want string
			others             int64 // entries that are still checked, at least
		}{
			{
				"UPDATE merchant SET zone = 'Mars/X' WHERE merchant = 1", "UPDATE merchant SET zone = 'UTC'",
				"merchant 1: its time zone is not known: set column zone", 90,
			},
			{
				"INSERT INTO guard (merchant, kind, subject, count, until, hash) VALUES (1, 1, 'broken', 1, 0, " + blob + ")",
				"DELETE FROM guard WHERE subject = 'broken'", "guard of kind 1 of merchant 1: its hash has 1 bytes, want 32", 90,
			},
			{
				"INSERT INTO request (merchant, name, kept) VALUES (1, " + blob + ", " + blob + ")",
				"DELETE FROM request WHERE length(name) = 1", "request for entry 0 of merchant 1: its name has 1 bytes, want 15",
				90,
			},
			{
				"UPDATE card SET tally = tally || ',x' WHERE ref = 4294967297",
				"UPDATE card SET tally = substr(tally, 1, length(tally) - 2) WHERE ref = 4294967297", "card 1 of merchant 1: ", 90,
			},
		} {
			if _, err := db.Exec(c.change); err != nil {
				t.Fatalf("%s: %v", c.change, err)
			}
			found, entries := "", int64(0)
			for _, r := range resultsOf(t, dsn) {
				found += strings.Join(r.Examples, "\n")
				if r.Invariant == 21 {
					entries = r.Rows
				}
			}
			if !strings.Contains(found, c.want) || entries < c.others {
				t.Errorf("%s: %s: %d entries looked at; found %s", driver, c.change, entries, found)
			}
			if _, err := db.Exec(c.mend); err != nil {
				t.Fatal(err)
			}
		}
		for _, r := range resultsOf(t, dsn) {
			if r.Violations > 0 {
				t.Errorf("%s: mended books: %v", driver, r.Examples)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func resultsOf(t *testing.T, dsn string) (results []verify.Result) {
	t.Helper()
	st, err := store.Open(t.Context(), dsn, store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	err = st.Snapshot(t.Context(), func(v *store.View) (err error) {
		results, _, err = verify.Run(t.Context(), v, st, func(int64, int64) {})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return results
}
