package storetest

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// totals returns a merchant's totals of the days from first to last.
func (b *books) totals(id ledger.MerchantID, first, last ledger.Date) (all []ledger.DayTotal) {
	b.t.Helper()
	b.must(b.s.EachDayTotal(b.ctx, id, first, last, func(t *ledger.DayTotal) error {
		all = append(all, *t)
		return nil
	}))
	return all
}

// cursors returns the cursors at merchant 1.
func (b *books) cursors() []ledger.Cursor {
	b.t.Helper()
	found, err := b.s.CursorsOf(b.ctx, 1)
	b.must(err)
	return found
}

func total(day ledger.Date, operator string, n int64) ledger.DayTotal {
	return ledger.DayTotal{
		DayKey: ledger.DayKey{Day: day, Shop: 3, Operator: operator, Kind: ledger.Consumed, PayType: 2},
		DaySums: ledger.DaySums{
			Count: n, Gross: ledger.Fen(n * 100), Net: ledger.Fen(n * 90), Principal: ledger.Fen(-n * 70),
			Bonus: ledger.Fen(-n * 20), Points: n * 9,
		},
	}
}

// wantStale fails the test unless err is ErrStale.
func wantStale(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, command.ErrStale) {
		t.Errorf("got %v, want ErrStale", err)
	}
}

// A cursor comes back as it was saved. A save must carry the stored version plus one; with any other it is stale and
// changes nothing, and so is one at a merchant that is not there.
func testCursors(t *testing.T, b *books) {
	b.must(b.s.SaveMerchant(b.ctx, merchant(2)))
	if found := b.cursors(); len(found) != 0 {
		t.Errorf("cursors in a new store: %+v", found)
	}
	first := ledger.Cursor{
		Merchant: 1, Follower: "b <b>&\"'\\", Version: 1, Entry: 7, Calendar: "Asia/Shanghai", Holder: 1<<63 - 1,
		Until: b.now,
	}
	wantStale(t, b.s.SaveCursor(b.ctx, ledger.Cursor{Merchant: 1, Follower: first.Follower, Version: 2}))
	b.must(b.s.SaveCursor(b.ctx, first))
	wantStale(t, b.s.SaveCursor(b.ctx, first))
	same(t, "cursors", b.cursors(), []ledger.Cursor{first})
	second := ledger.Cursor{Merchant: 1, Follower: first.Follower, Version: 2, Entry: 9}
	b.must(b.s.SaveCursor(b.ctx, second))
	for _, version := range []int64{1, 2, 4} {
		again := second
		again.Version, again.Entry = version, 99
		wantStale(t, b.s.SaveCursor(b.ctx, again))
	}
	other := ledger.Cursor{Merchant: 1, Follower: "a", Version: 1, Entry: 1}
	elsewhere := ledger.Cursor{Merchant: 2, Follower: first.Follower, Version: 1, Entry: 3}
	b.must(b.s.SaveCursor(b.ctx, other))
	b.must(b.s.SaveCursor(b.ctx, elsewhere))
	same(t, "by name", b.cursors(), []ledger.Cursor{other, second})
	found, err := b.s.Cursors(b.ctx, first.Follower)
	b.must(err)
	same(t, "by merchant", found, []ledger.Cursor{second, elsewhere})
	b.unchanged(func() {
		nowhere := ledger.Cursor{Merchant: 77, Follower: first.Follower, Version: 1, Entry: 1}
		wantStale(t, b.s.SaveCursor(b.ctx, nowhere))
		wantStale(t, b.s.SaveDayTotals(b.ctx, nowhere, []ledger.DayTotal{total(20260305, "", 1)}))
	})
	found, err = b.s.CursorsOf(b.ctx, 77)
	b.must(err)
	same(t, "at no merchant", found, nil)
}

// Totals are added in the same commit as their cursor or not at all, and are read in the order of their keys. A
// cursor set back to entry 0 drops the merchant's totals, so that they can be added up again.
func testDayTotals(t *testing.T, b *books) {
	b.must(b.s.SaveMerchant(b.ctx, merchant(2)))
	b.do(open("10001"))
	heads, err := b.s.Heads(b.ctx)
	b.must(err)
	if len(heads) != 3 || heads[1].LastEntry != 1 || heads[2].LastEntry != 0 {
		t.Errorf("heads %+v", heads)
	}
	at := func(id ledger.MerchantID, version int64, entry ledger.EntryID) ledger.Cursor {
		return ledger.Cursor{Merchant: id, Follower: ledger.DayTotals, Version: version, Entry: entry}
	}
	b.must(b.s.SaveDayTotals(b.ctx, at(1, 1, 3), []ledger.DayTotal{
		total(20260306, "小王", 1), total(20260305, "小王", 2), total(20260305, "", 4),
	}))
	b.must(b.s.SaveDayTotals(b.ctx, at(2, 1, 5), []ledger.DayTotal{total(20260305, "", 5)}))
	b.must(b.s.SaveDayTotals(b.ctx, at(1, 2, 10), []ledger.DayTotal{
		total(20260305, "小王", 7), {DayKey: ledger.DayKey{Day: 20260304}, DaySums: ledger.DaySums{Count: 1}},
	}))
	want := []ledger.DayTotal{
		{DayKey: ledger.DayKey{Day: 20260304}, DaySums: ledger.DaySums{Count: 1}},
		total(20260305, "", 4), total(20260305, "小王", 9), total(20260306, "小王", 1),
	}
	same(t, "totals", b.totals(1, 0, 0), want)
	same(t, "of a day", b.totals(1, 20260305, 20260305), want[1:3])
	same(t, "from a day", b.totals(1, 20260305, 0), want[1:])
	same(t, "up to a day", b.totals(1, 0, 20260305), want[:3])
	wantStale(t, b.s.SaveDayTotals(b.ctx, at(1, 2, 11), []ledger.DayTotal{total(20260305, "", 1)}))
	wantStale(t, b.s.SaveDayTotals(b.ctx, at(1, 4, 11), []ledger.DayTotal{total(20260305, "", 1)}))
	wantStale(t, b.s.SaveDayTotals(b.ctx, at(1, 2, 0), nil))
	same(t, "after stale saves", b.totals(1, 0, 0), want)
	same(t, "cursor", b.cursors(), []ledger.Cursor{at(1, 2, 10)})
	if err := b.s.SaveDayTotals(b.ctx, at(1, 3, 0), want); err == nil {
		t.Error("totals of no entry were saved")
	}
	b.must(b.s.SaveDayTotals(b.ctx, at(1, 3, 0), nil))
	if left := b.totals(1, 0, 0); len(left) != 0 {
		t.Errorf("forgotten, and left: %+v", left)
	}
	same(t, "the other merchant's", b.totals(2, 0, 0), []ledger.DayTotal{total(20260305, "", 5)})
}

// There are more totals here than a store reads in one page, and none is skipped or returned twice where a page
// ends.
func testManyDayTotals(t *testing.T, b *books) {
	var want []ledger.DayTotal
	for day := range 50 {
		for shop := range 90 {
			one := total(ledger.Date(20260000+day), "", 1)
			one.Shop = ledger.ShopID(shop - 1)
			want = append(want, one)
		}
	}
	b.must(b.s.SaveDayTotals(b.ctx, ledger.Cursor{Merchant: 1, Follower: ledger.DayTotals, Version: 1, Entry: 1}, want))
	same(t, "totals", b.totals(1, 0, 0), want)
}

// What is owed at the end of a day is the sum of the totals up to it, of that merchant only.
func testOwed(t *testing.T, b *books) {
	b.must(b.s.SaveMerchant(b.ctx, merchant(2)))
	owed := func(id ledger.MerchantID, last ledger.Date) ledger.Owed {
		t.Helper()
		got, err := b.s.OwedThrough(b.ctx, id, last)
		b.must(err)
		return got
	}
	same(t, "owed in a new store", owed(1, 0), ledger.Owed{})
	for id := ledger.MerchantID(1); id <= 2; id++ {
		one := total(20260305, "小王", int64(id))
		paid := total(20260304, "", 1)
		paid.Kind, paid.Principal, paid.Bonus, paid.Points = ledger.Recharged, 1<<50, 3, -5
		c := ledger.Cursor{Merchant: id, Follower: ledger.DayTotals, Version: 1, Entry: 1}
		b.must(b.s.SaveDayTotals(b.ctx, c, []ledger.DayTotal{one, paid}))
	}
	all := ledger.Owed{Principal: 1<<50 - 70, Bonus: 3 - 20, Points: -5 + 9}
	for last, want := range map[ledger.Date]ledger.Owed{
		20260303: {}, 20260304: {Principal: 1 << 50, Bonus: 3, Points: -5}, 20260305: all, 0: all,
	} {
		same(t, "owed after "+last.String(), owed(1, last), want)
	}
	same(t, "the other merchant's", owed(2, 0), ledger.Owed{Principal: 1<<50 - 140, Bonus: 3 - 40, Points: -5 + 18})
	same(t, "at no merchant", owed(77, 0), ledger.Owed{})
}

// Of several that save the same version of a cursor at once exactly one succeeds; the others are stale and add
// nothing.
func testCursorRace(t *testing.T, b *books) {
	for version := range int64(5) {
		var saved atomic.Int64
		var savers sync.WaitGroup
		for i := range 8 {
			savers.Go(func() {
				c := ledger.Cursor{
					Merchant: 1, Follower: ledger.DayTotals, Version: version + 1, Entry: ledger.EntryID(version + 1),
					Holder: int64(i), Until: b.now.Add(time.Hour),
				}
				switch err := b.s.SaveDayTotals(b.ctx, c, []ledger.DayTotal{total(20260305, "", 1)}); {
				case err == nil:
					saved.Add(1)
				case !errors.Is(err, command.ErrStale):
					t.Error(err)
				}
			})
		}
		savers.Wait()
		if n := saved.Load(); n != 1 {
			t.Errorf("version %d was saved %d times", version+1, n)
		}
	}
	same(t, "totals", b.totals(1, 0, 0), []ledger.DayTotal{total(20260305, "", 5)})
}

// An entry read in brief has the same fields for day totals as one read whole, and no others.
func testEntriesInBrief(t *testing.T, b *books) {
	b.do(open("10001"), recharge("10001", 100_00), consume("10001", 30_00))
	b.do(command.UsePoints{Merchant: 1, By: clerk, Card: "10001", Points: 3})
	held := b.do(command.Hold{Merchant: 1, By: clerk, Card: "10001", Amount: 20_00}).Entries[0].ID
	b.do(command.Capture{Merchant: 1, By: clerk, Card: "10001", Hold: held, Amount: 5_00})
	var want, got []ledger.Entry
	captured := 0
	for _, e := range b.journal()[1:] {
		brief := ledger.Entry{
			Merchant: 1, ID: e.ID, Kind: e.Kind, At: e.At, Card: e.Card,
			By:      ledger.Caller{Agent: e.By.Agent, Shop: e.By.Shop, Operator: e.By.Operator},
			PayType: e.PayType, RefersTo: e.RefersTo, Asked: e.Asked,
			Principal: e.Principal, Bonus: e.Bonus, Points: e.Points, Gross: e.Gross, Net: e.Net,
		}
		if e.Captures() {
			brief.Released = ledger.ByCapture
			captured++
		}
		want = append(want, brief)
	}
	if captured != 1 {
		t.Errorf("%d bills are paid by a hold, want 1", captured)
	}
	b.must(b.s.EachEntryInBrief(b.ctx, 1, 1, func(e *ledger.Entry) error {
		got = append(got, *e)
		return nil
	}))
	same(t, "in brief", got, want)
	enough := errors.New("enough")
	if err := b.s.EachEntryInBrief(b.ctx, 1, 0, func(*ledger.Entry) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("an error of fn: got %v", err)
	}
}
