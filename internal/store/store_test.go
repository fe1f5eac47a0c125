package store_test

import (
	"context"
	"path/filepath"
	"testing"

	"tongka/internal/pgtest"
	"tongka/internal/store"
	"tongka/internal/store/storetest"
)

// open opens a database, and closes it when the test has ended.
func open(t *testing.T, dsn string) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), dsn, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func sqliteDSN(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "tongka.db") }

func TestSQLite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Store { return open(t, sqliteDSN(t)) })
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Store { return open(t, pgtest.DSN(t)) })
}

func TestSQLiteFaults(t *testing.T) {
	t.Parallel()
	storetest.RunFaults(t, func(t *testing.T) func() storetest.Store { return shelve(t, sqliteDSN(t)) })
}

func TestPostgresFaults(t *testing.T) {
	t.Parallel()
	storetest.RunFaults(t, func(t *testing.T) func() storetest.Store { return shelve(t, pgtest.DSN(t)) })
}

// shelve returns a function that opens the database, and closes it first if it is open.
func shelve(t *testing.T, dsn string) func() storetest.Store {
	var s *store.Store
	put := func() {
		if s == nil {
			return
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(put)
	return func() storetest.Store {
		put()
		var err error
		if s, err = store.Open(context.Background(), dsn, store.Options{}); err != nil {
			t.Fatal(err)
		}
		return s
	}
}
