package store_test

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tongka/internal/pgtest"
	"tongka/internal/store"
)

// Begun makes nothing in the database it asks about, on SQLite and PostgreSQL.
func TestBegun(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "books.db")
	hollow := filepath.Join(t.TempDir(), "hollow.db")
	must(t, os.WriteFile(hollow, nil, 0o600))
	for _, dsn := range []string{"sqlite:" + file, "sqlite:" + hollow, pgtest.DSN(t)} {
		for _, want := range []bool{false, false, true} {
			if want {
				s, err := store.Open(t.Context(), dsn, store.Options{})
				must(t, err)
				must(t, s.Close())
			}
			begun, err := store.Begun(t.Context(), dsn)
			if err != nil || begun != want {
				t.Errorf("%s: %v, %v, want %v", dsn, begun, err, want)
			}
		}
	}
	if _, err := store.Begun(t.Context(), "postgres://u:hidden@127.0.0.1:1/x"); err == nil {
		t.Error("nobody is there, and begun all the same")
	}
}

// The reason why PostgreSQL cannot be connected to is given once, however many ways the driver tried, and with what
// to do.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	with := func(change func(*url.URL)) string {
		u, err := url.Parse(dsn)
		must(t, err)
		change(u)
		return u.String()
	}
	for _, c := range []struct{ dsn, want, once string }{
		{
			"postgres://u:hidden@127.0.0.1:1/x",
			"PostgreSQL cannot be reached (127.0.0.1:1: connection refused): see that it runs, and that --db has its address",
			"127.0.0.1",
		},
		{
			"postgres://u:hidden@127.0.0.1:1,127.0.0.1:2/x", "PostgreSQL cannot be reached (127.0.0.1:",
			"127.0.0.1:1: connection refused",
		},
		// No name server is asked: the name is too long.
		{
			"postgres://u:hidden@" + strings.Repeat("x", 64) + ".example/x", "PostgreSQL cannot be reached (lookup xxx",
			"no such host",
		},
		{with(func(u *url.URL) { u.Path = "/nowhere" }), `PostgreSQL has no database "nowhere" (`, "make it with createdb"},
		{
			with(func(u *url.URL) { u.User = url.UserPassword("nobody", "hidden") }),
			`PostgreSQL does not let user "nobody" in (`, "pg_hba.conf",
		},
	} {
		_, err := store.Open(context.Background(), c.dsn, store.Options{ReadOnly: true})
		if err == nil {
			t.Errorf("%s: opened", c.dsn)
			continue
		}
		line, ok := store.Unreachable(err)
		if !ok || !strings.HasPrefix(line, c.want) || strings.Count(line, c.once) != 1 ||
			strings.ContainsAny(line, "\n\t`") || strings.Contains(line, "hidden") {
			t.Errorf("%s: %v, %q", c.want, ok, line)
		}
	}
	if line, ok := store.Unreachable(context.Canceled); ok {
		t.Error(line)
	}
}
