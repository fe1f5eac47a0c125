package store_test

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/pgtest"
	"tongka/internal/store"
)

// TestDamagedFile: a database file that was cut short, anywhere, or in which pages were overwritten is told to be
// damaged, with what to do, by whoever opens it and by whoever reads what is damaged.
func TestDamagedFile(t *testing.T) {
	t.Parallel()
	whole := filepath.Join(t.TempDir(), "whole.db")
	s, err := store.Open(t.Context(), "sqlite:"+whole, store.Options{})
	must(t, err)
	must(t, s.Close())
	text, err := os.ReadFile(whole)
	must(t, err)
	const page = 4096
	zeros := func(from, to int) []byte {
		bad := append([]byte{}, text...)
		clear(bad[from:to])
		return bad
	}
	for name, bad := range map[string][]byte{
		"cut in the header": text[:50], "cut in the first page": text[:3000], "cut behind a page": text[:4*page],
		"cut in the last": text[:len(text)-page-1], "overwritten": zeros(100, page), "all but the first page": zeros(page, len(text)),
	} {
		for mode, opts := range map[string]store.Options{
			"read": {ReadOnly: true}, "beside": {Beside: true, Begun: true}, "serve": {},
		} {
			file := filepath.Join(t.TempDir(), "tongka.db")
			must(t, os.WriteFile(file, bad, 0o600))
			s, err := store.Open(t.Context(), "sqlite:"+file, opts)
			if err == nil {
				err = errors.Join(readAll(t.Context(), s), s.Close())
			}
			if err == nil || !strings.Contains(err.Error(), file+" is damaged or cut short (") ||
				!strings.Contains(err.Error(), "database disk image is malformed") ||
				!strings.Contains(err.Error(), "restore the newest backup") {
				t.Errorf("%s, %s: %v", name, mode, err)
			}
		}
	}
}

// readAll reads what every start reads, and cards.
func readAll(ctx context.Context, s *store.Store) error {
	_, err := s.Merchants(ctx)
	if err != nil {
		return err
	}
	if _, err = s.Card(ctx, ledger.CardKey{Merchant: 1, Number: "A0001"}); err != nil {
		return err
	}
	_, err = s.Load(ctx, command.Want{Merchant: 1, Keys: command.Keys{Head: true}})
	return err
}

// TestNotAllowedInATurn: the same is told where a save or a load takes a turn.
func TestNotAllowedInATurn(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	s, err := store.Open(t.Context(), dsn, store.Options{})
	must(t, err)
	must(t, s.SaveMerchant(t.Context(), ledger.Merchant{ID: 1, GUID: "1", Zone: time.UTC}))
	must(t, s.Close())
	u, err := url.Parse(dsn)
	must(t, err)
	user := "clerk_" + strings.TrimPrefix(u.Path, "/")
	sqlOn(t, dsn, "CREATE ROLE "+user+" LOGIN PASSWORD 'clerk'", "GRANT pg_read_all_data TO "+user,
		"GRANT UPDATE ON setting TO "+user)
	t.Cleanup(func() { sqlOn(t, dsn, "DROP OWNED BY "+user, "DROP ROLE "+user) })
	u.User = url.UserPassword(user, "clerk")
	s, err = store.Open(t.Context(), u.String(), store.Options{Beside: true})
	must(t, err)
	defer func() { must(t, s.Close()) }()
	want := command.Want{Merchant: 1, Keys: command.Keys{Head: true}}
	wantTold := func(err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), "give in --db the user who owns them") {
			t.Errorf("got %v", err)
		}
	}
	_, _, err = s.Turn(t.Context(), want)
	wantTold(err)
	sqlOn(t, dsn, "GRANT UPDATE ON head TO "+user) // to hold one, not to make one
	found, turn, err := s.Turn(t.Context(), want)
	must(t, err)
	wantTold(turn.Save(t.Context(), command.Changes{Head: &found[0].Head}))
}

// TestNotAllowed: what a user may not do in a PostgreSQL database is told with the user, the database and what to do.
func TestNotAllowed(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	u, err := url.Parse(dsn)
	must(t, err)
	database := strings.TrimPrefix(u.Path, "/")
	user := "guest_" + database
	sqlOn(t, dsn, "CREATE ROLE "+user+" LOGIN PASSWORD 'guest'")
	t.Cleanup(func() { sqlOn(t, dsn, "DROP OWNED BY "+user, "DROP ROLE "+user) })
	u.User = url.UserPassword(user, "guest")
	opened := func(opts store.Options, want string) {
		t.Helper()
		s, err := store.Open(t.Context(), u.String(), opts)
		if err == nil {
			err = errors.Join(readAll(t.Context(), s), s.Close())
		}
		if want == "" && err == nil {
			return
		}
		if err == nil || want == "" || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), user) ||
			strings.Contains(err.Error(), "migrate") {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	opened(store.Options{}, `OWNER TO "`+user+`")`)
	opened(
		store.Options{Beside: true},
		"make no tables in database \""+database+"\" (permission denied for schema public)",
	)
	sqlOn(t, dsn, "DROP SCHEMA public")
	opened(store.Options{}, "make one (CREATE SCHEMA public)")
	sqlOn(t, dsn, "CREATE SCHEMA public")
	s, err := store.Open(t.Context(), dsn, store.Options{})
	must(t, err)
	must(t, s.Close())
	sqlOn(t, dsn, "GRANT USAGE ON SCHEMA public TO "+user)
	opened(store.Options{}, "(permission denied for table schema_")
	opened(store.Options{ReadOnly: true}, "give in --db the user who owns them")
	sqlOn(t, dsn, "GRANT SELECT ON schema_version TO "+user)
	opened(store.Options{ReadOnly: true}, "(permission denied for table setting)")
	sqlOn(t, dsn, "GRANT SELECT ON setting TO "+user)
	opened(store.Options{ReadOnly: true}, "(permission denied for table merchant)")
	sqlOn(t, dsn, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO "+user)
	opened(store.Options{ReadOnly: true}, "") // to read, that is enough
	sqlOn(t, dsn, "ALTER ROLE "+user+" SET default_transaction_read_only = on")
	_, err = store.Open(t.Context(), u.String(), store.Options{})
	if line, ok := store.Unreachable(err); !ok || !strings.Contains(line, "default_transaction_read_only is on") {
		t.Errorf("a user who may only read: %v", err)
	}
	if _, ok := errors.AsType[*pgconn.PgError](err); ok {
		t.Errorf("raw: %v", err)
	}
}
