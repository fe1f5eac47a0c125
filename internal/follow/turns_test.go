package follow_test

import (
	"context"
	"testing"
	"time"

	"tongka/internal/follow"
	"tongka/internal/ledger"
	"tongka/internal/store/storetest"
)

// slowSaves are books in which each save of a follower takes a while by the clock.
type slowSaves struct {
	books
	w    *world
	took time.Duration
}

func (s slowSaves) SaveCursor(ctx context.Context, c ledger.Cursor) error {
	s.w.sleep(s.took)
	return s.books.SaveCursor(ctx, c)
}

func (s slowSaves) SaveDayTotals(ctx context.Context, c ledger.Cursor, add []ledger.DayTotal) error {
	s.w.sleep(s.took)
	return s.books.SaveDayTotals(ctx, c, add)
}

// With so many merchants that a lease ends before their next turn, each turn still folds a page.
func TestLeaseShorterThanTurns(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.NewMemStore())
	for id := range ledger.MerchantID(3) {
		w.sell(id+1, "6001", 5)
	}
	w.store = slowSaves{w.store, w, 11 * time.Second} // three of them in 33 s, like three thousand of 11 ms
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	w.must(w.runner(follow.NewDays(w.store), follow.Config{}).Round(ctx))
	if ctx.Err() != nil {
		t.Fatalf("the round does not end: cursor %+v", w.cursor(1))
	}
	for id := range ledger.MerchantID(3) {
		w.wantTotals(id+1, "Asia/Shanghai")
	}
}

// busy is a follower that sells something at merchant 2 while it handles pages of merchant 1.
type busy struct {
	follow.Follower
	pages int // of merchant 1
	sell  func()
	taken []int // number of pages of merchant 1 before each turn of merchant 2
}

func (b *busy) Take(ctx context.Context, c ledger.Cursor, entries []*ledger.Entry) error {
	if c.Merchant != 1 {
		b.taken = append(b.taken, b.pages)
	} else if b.pages++; b.pages == 10 {
		b.sell()
	}
	return b.Follower.Take(ctx, c, entries)
}

// While one merchant is far behind, new entries of another are counted meanwhile.
func TestFarBehindKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.NewMemStore())
	w.sell(1, "6001", 199)
	w.sell(2, "6001", 1)
	f := &busy{Follower: follow.NewDays(w.store), sell: func() { w.sell(2, "6002", 1) }}
	w.round(w.runner(f, follow.Config{Page: 2, Gather: time.Nanosecond}))
	if n := len(f.taken); n < 2 || f.taken[n-1] > 12 {
		t.Errorf("merchant 2 sold after 10 pages of merchant 1, of %d, and had its turns after %v", f.pages, f.taken)
	}
	w.wantTotals(1, "Asia/Shanghai")
	w.wantTotals(2, "Asia/Shanghai")
}
