package store

import (
	"context"
	"fmt"
	"testing"

	"tongka/internal/pgtest"
)

// TestPanicWhileReading proves that a bug in what takes a row affects only the caller that asked, and no later read.
// Before, a SQLite connection was given back with its transaction open, and every later read on that connection
// failed.
func TestPanicWhileReading(t *testing.T) {
	t.Parallel()
	test := func(t *testing.T, dsn string) {
		t.Parallel()
		s, err := Open(t.Context(), dsn, Options{Readers: 2})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		if err := s.SaveMerchant(t.Context(), someMerchant); err != nil {
			t.Fatal(err)
		}
		heads := func(each func(record) error) query { return query{allHeads, rowsFor(allHeads, 0), each} }
		bug := func(record) error { panic("a bug") }
		for what, read := range map[string]func(context.Context, ...query) error{
			"some at once": s.backend.read,
			"snapshot": func(ctx context.Context, queries ...query) error {
				return s.backend.snapshot(ctx, func(q querier) error { return q.read(ctx, queries...) })
			},
			"for change": s.backend.forChange().read,
		} {
			for range 5 { // more than there are readers
				if got := panicked(func() { _ = read(t.Context(), heads(bug), heads(bug)) }); got != "a bug" {
					t.Errorf("%s: panicked with %q", what, got)
				}
			}
			for range 5 {
				n := 0
				count := func(record) error { n++; return nil }
				// Each query reads the merchant's head and the host's.
				if err := read(t.Context(), heads(count), heads(count)); err != nil || n != 4 {
					t.Errorf("%s: read %d heads, want 4: %v", what, n, err)
				}
			}
		}
		if err := s.SaveMerchant(t.Context(), someMerchant); err != nil {
			t.Errorf("a write after the panics: %v", err)
		}
	}
	t.Run("SQLite", func(t *testing.T) { test(t, "sqlite:"+t.TempDir()+"/tongka.db") })
	t.Run("Postgres", func(t *testing.T) { test(t, pgtest.DSN(t)) })
}

// TestPanicWhileWriting proves the same of a write: it is rolled back, and the next one is saved.
func TestPanicWhileWriting(t *testing.T) {
	t.Parallel()
	s, db, _ := openFile(t)
	stock := func(n int) write {
		r := rowsFor(putStock, 1)
		r.int(1).int(int64(n)).int(1)
		return write{putStock, r}
	}
	broken := stock(8)
	broken.args.n = 2 // but it has only one
	if got := panicked(func() { _ = db.write(t.Context(), []write{stock(7), broken}) }); got == "" {
		t.Fatal("a write with a row that is not there does not panic")
	}
	if err := db.write(t.Context(), []write{stock(9)}); err != nil {
		t.Fatal(err)
	}
	stocks, err := s.Stocks(t.Context(), 1)
	if err != nil || len(stocks) != 1 || stocks[0].Kind != 9 {
		t.Errorf("got %v, %v, want the stock that was written last", stocks, err)
	}
}

// panicked returns what fn panics with, as text; "" if it does not panic.
func panicked(fn func()) (with string) {
	defer func() {
		if p := recover(); p != nil {
			with = fmt.Sprint(p)
		}
	}()
	fn()
	return ""
}
