package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tongka/internal/ledger"
)

// openBesideServer returns a store that serves a file, one that works beside it, and the file.
func openBesideServer(t *testing.T) (server, beside *Store, file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "books.db")
	open := func(opts Options) *Store {
		s, err := Open(t.Context(), "sqlite:"+file, opts)
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
	server = open(Options{})
	return server, open(Options{Beside: true}), file
}

func sqliteOf(t *testing.T, s *Store) *sqliteDB {
	t.Helper()
	db, ok := s.backend.(*sqliteDB)
	if !ok {
		t.Fatalf("the backend is %T", s.backend)
	}
	return db
}

// A commit beside a server does not copy the server's log into the database: the server would wait as long as that
// takes.
func TestSaveBesideCopiesNoLog(t *testing.T) {
	t.Parallel()
	server, beside, file := openBesideServer(t)
	if err := sqliteOf(t, server).stopCheckpointer(); err != nil {
		t.Fatal(err)
	}
	const pages = 2000 // by default SQLite copies a log of 1000
	for size := int64(0); size < pages<<12; {
		if err := server.SaveMerchant(t.Context(), someMerchant); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(file + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		size = info.Size()
	}
	before, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := beside.SaveMerchant(t.Context(), someMerchant); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("the database was of %d bytes, written at %v, and is of %d, written at %v", before.Size(),
			before.ModTime(), after.Size(), after.ModTime())
	}
}

// A writer asks every millisecond for a file that another process has locked, rather than sleep longer and longer as
// SQLite does.
func TestWriterInsists(t *testing.T) {
	t.Parallel()
	server, beside, _ := openBesideServer(t)
	waits := func(s *Store) (ms int64) {
		ask := define("", "", "PRAGMA busy_timeout")
		err := sqliteOf(t, s).writer.query(query{ask, rowsFor(ask, 0), func(r record) error {
			ms = r.int()
			return nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		return ms
	}
	for name, s := range map[string]*Store{"server": server, "beside it": beside} {
		if ms := waits(s); ms != 0 {
			t.Errorf("%s: SQLite waits for up to %d ms", name, ms)
		}
	}
	other, err := sqliteOf(t, server).connect()
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := other.close(); err != nil {
			t.Error(err)
		}
	}()
	for name, s := range map[string]*Store{"server": server, "beside it": beside} {
		if err := other.run(beginWrite); err != nil {
			t.Fatal(err)
		}
		saved := make(chan error, 1)
		go func() { saved <- s.SaveMerchant(context.Background(), someMerchant) }()
		select {
		case err := <-saved:
			t.Fatalf("%s: saved while another had the file locked: %v", name, err)
		case <-time.After(20 * turnEvery):
		}
		if err := other.run(commit); err != nil {
			t.Fatal(err)
		}
		if err := <-saved; err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever reads all of the books rests between its pages, also in a snapshot, and ends if the rest returns an
// error. Reading a few records does not rest.
func TestStandBack(t *testing.T) {
	t.Parallel()
	s, _, file := openFile(t)
	if err := s.SaveMerchant(t.Context(), someMerchant); err != nil {
		t.Fatal(err)
	}
	enough := errors.New("enough")
	rests, ends := 0, error(nil)
	s.StandBack(func(context.Context, time.Duration) error { rests++; return ends })
	all := func(v *View) error {
		return v.EachEntry(t.Context(), 1, 0, func(*ledger.Entry) error { return nil })
	}
	copies := 0
	works := map[string]func() error{
		"a walk":     func() error { return all(&s.View) },
		"a snapshot": func() error { return s.Snapshot(t.Context(), all) },
		"a backup": func() error {
			copies++
			return s.Backup(t.Context(), fmt.Sprintf("%s.%d", file, copies))
		},
	}
	for name, work := range works {
		for _, ends = range []error{nil, enough} {
			rests = 0
			if err := work(); !errors.Is(err, ends) || rests == 0 {
				t.Errorf("%s: %v after %d rests, want %v", name, err, rests, ends)
			}
		}
	}
	if _, err := os.Stat(fmt.Sprintf("%s.%d", file, copies)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("half a copy is left: %v", err)
	}
	rests = 0
	if _, err := s.Merchants(t.Context()); err != nil || rests > 0 {
		t.Errorf("a look at the merchants: %v, %d rests", err, rests)
	}
}
