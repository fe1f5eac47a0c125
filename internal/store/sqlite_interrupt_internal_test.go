package store

import (
	"context"
	"errors"
	"testing"
	"time"
)

// TestInterrupt proves that a query without end stops when its context ends, again and again on one connection, and
// that the connection still works, also within the same transaction.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	_, db, _ := openFile(t)
	c, err := db.connect()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.close(); err != nil {
			t.Error(err)
		}
	})
	forEver := define("for_ever", "",
		"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n")
	three := define("three", "", "SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3")
	none := func(record) error { return nil }
	for range 3 {
		err := c.transaction(beginRead, func() error {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
			defer cancel()
			if err := c.read(ctx, query{forEver, rowsFor(forEver, 0), none}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want that the time is over", err)
			}
			if err := c.read(ctx, query{three, rowsFor(three, 0), none}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want that the time was over before", err)
			}
			rows := 0
			count := func(record) error { rows++; return nil }
			err := c.read(t.Context(), query{three, rowsFor(three, 0), count})
			if rows != 3 {
				t.Errorf("read %d rows, want 3", rows)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestCopyEnds proves that a copy stops when its context ends, and leaves the connection as it was.
func TestCopyEnds(t *testing.T) {
	t.Parallel()
	s, db, file := openFile(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := db.withReader(t.Context(), func(c *sqliteConn) error {
		return c.transaction(beginRead, func() error {
			cancel()
			return c.copyTo(ctx, file+".copy", nil)
		})
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was canceled", err)
	}
	if err := s.Backup(t.Context(), file+".backup"); err != nil {
		t.Error(err)
	}
}
