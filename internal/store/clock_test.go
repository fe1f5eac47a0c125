package store_test

import (
	"path/filepath"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/pgtest"
	"tongka/internal/store"
)

// TestTimeKnown: a database returns what it knows of the time, and a PostgreSQL server on this machine does not
// count as a second clock.
func TestTimeKnown(t *testing.T) {
	t.Parallel()
	for name, dsn := range map[string]string{
		"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "books.db"), "postgres": pgtest.DSN(t),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			st, err := store.Open(ctx, dsn, store.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = st.Close() }()
			ask := func() store.TimeKnown {
				t.Helper()
				known, err := st.TimeKnown(ctx)
				if err != nil {
					t.Fatal(err)
				}
				return known
			}
			if k := ask(); !k.Newest.IsZero() || !k.Seen.IsZero() || !k.Accepted.IsZero() || k.Apart {
				t.Errorf("of new books: %+v", k)
			}
			if k := ask(); k.Server.IsZero() == (name == "postgres") || name == "postgres" &&
				time.Since(k.Server).Abs() > time.Minute {
				t.Errorf("the server's clock shows %v", k.Server)
			}
			if err := st.SaveMerchant(ctx, ledger.Merchant{
				ID: 1, GUID: "{1}", Zone: time.UTC, Levels: []ledger.Level{{ID: 1, PayRate: ledger.Percent100}},
			}); err != nil {
				t.Fatal(err)
			}
			at := time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)
			e := engine.New(st, engine.Config{Clock: func() time.Time { return at.Add(time.Minute) }})
			defer func() { _ = e.Close(ctx) }()
			for _, c := range []command.Command{
				command.AcceptTime{Merchant: 1, At: at},
				command.Open{Merchant: 1, Card: command.NewCard{Number: "6001", Level: 1, Holder: ledger.Holder{Name: "x"}}},
			} {
				if _, err := e.Do(ctx, c); err != nil {
					t.Fatal(err)
				}
			}
			if err := st.SaveSeen(ctx, at.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			if k := ask(); !k.Newest.Equal(at.Add(time.Minute)) || !k.Seen.Equal(at.Add(time.Hour)) || !k.Accepted.Equal(at) {
				t.Errorf("afterwards: %+v", k)
			}
		})
	}
}
