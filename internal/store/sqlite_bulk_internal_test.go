package store

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var indexesOf = define("indexes_of", "", `
	SELECT name FROM sqlite_schema WHERE type = 'index' AND name IN ('card_walk', 'card_phone') ORDER BY name`)

// The indexes that are left out while many cards are opened are there again afterwards, also if that failed, and if
// the program was killed before it could make them; and every commit is flushed again.
func TestSQLiteBulk(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	file := filepath.Join(t.TempDir(), "tongka.db")
	s, err := Open(ctx, "sqlite:"+file, Options{})
	if err != nil {
		t.Fatal(err)
	}
	db := s.backend.(*sqliteDB)
	has := func(db *sqliteDB) (names []string) {
		t.Helper()
		err := db.read(ctx, query{indexesOf, rowsFor(indexesOf, 0), func(r record) error {
			names = append(names, r.text())
			return nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	flushes := func() (level int64) {
		t.Helper()
		db.mu.Lock()
		defer db.mu.Unlock()
		err := db.writer.read(ctx, query{syncing, rowsFor(syncing, 0), func(r record) error {
			level = r.int()
			return nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		return level
	}
	all := []string{"card_phone", "card_walk"}
	broken := errors.New("broken")
	for range 2 {
		err = s.Bulk(ctx, 1000, func(bool) error {
			if names := has(db); len(names) != 0 || flushes() != 1 {
				t.Errorf("meanwhile there are %v, synchronous is %d", names, flushes())
			}
			return broken
		})
		if !errors.Is(err, broken) || !slices.Equal(has(db), all) || flushes() != 2 {
			t.Errorf("after %v there are %v, synchronous is %d", err, has(db), flushes())
		}
	}
	if err := db.runAll(dropLate...); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Open(ctx, "sqlite:"+file, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close() //nolint:errcheck // it was only read
	if names := has(again.backend.(*sqliteDB)); !slices.Equal(names, all) {
		t.Errorf("after the next start there are %v", names)
	}
}

// What keeps indexes from being sorted in files is logged if sorting in memory makes them, and returned if it does
// not.
func TestLateIndexesErrors(t *testing.T) {
	t.Parallel()
	noPlace, full := errors.New("no place for files"), errors.New("disk is full")
	for _, test := range []struct {
		files, memory error
		logged        bool
	}{{nil, nil, false}, {noPlace, nil, true}, {noPlace, full, false}, {nil, full, false}} {
		var log bytes.Buffer
		rounds := [][]string{}
		err := makeLateIndexes(func(statements ...string) error {
			rounds = append(rounds, statements)
			if statements[0] == sortInFiles {
				return test.files
			}
			return test.memory
		}, slog.New(slog.NewTextHandler(&log, nil)))
		if len(rounds) != 2 || rounds[1][0] != sortInMemory || !slices.Equal(rounds[0][1:], rounds[1][1:]) {
			t.Errorf("rounds: %q", rounds)
		}
		if failed := test.memory != nil; (err != nil) != failed || !errors.Is(err, test.memory) ||
			failed && test.files != nil && !errors.Is(err, test.files) {
			t.Errorf("%v, then %v: got %v", test.files, test.memory, err)
		}
		if logged := strings.Contains(log.String(), noPlace.Error()); logged != test.logged {
			t.Errorf("%v, then %v: the log says %q", test.files, test.memory, &log)
		}
	}
}
