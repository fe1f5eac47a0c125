package follow_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/follow"
	"tongka/internal/ledger"
	"tongka/internal/report"
	"tongka/internal/store/storetest"
)

// settle has a card charged at shop 1 and sent coupons there, which are used at shop 2 much later, and refunds a bill.
func (w *world) settle(id ledger.MerchantID, card string) {
	w.t.Helper()
	e := engine.New(w.store, engine.Config{Clock: w.clock})
	w.settleBy(e, id, card)
	w.must(e.Close(context.Background()))
}

func (w *world) settleBy(e *engine.Engine, id ledger.MerchantID, card string) {
	w.t.Helper()
	do := func(c command.Command) *ledger.Entry {
		w.t.Helper()
		w.sleep(5 * time.Hour)
		done, err := e.Do(w.t.Context(), c)
		w.must(err)
		return &done.Entries[0]
	}
	one, two := ledger.Caller{Shop: 1}, ledger.Caller{Shop: 2}
	do(command.Open{Merchant: id, By: one, Card: command.NewCard{
		Number: card, Kind: ledger.Common, Level: 1, Holder: ledger.Holder{Name: "某人"},
	}})
	do(command.Recharge{Merchant: id, By: one, Card: card, Amount: 100_00, PayType: 1})
	numbers := make([]string, 3)
	for i := range numbers {
		numbers[i] = fmt.Sprintf("%08d", 10_000_000+10_000*int64(id)+int64(10*len(w.journal(id))+i))
	}
	sent := do(command.SendCoupons{Merchant: id, By: one, Card: card, Kind: 4, Numbers: numbers})
	for range 4 {
		do(command.Consume{Merchant: id, By: one, Card: card, Amount: 1_00})
	}
	bill := do(command.Consume{
		Merchant: id, By: two, Card: card, Amount: 30_00, Coupons: []ledger.CouponID{sent.Coupons[0].Coupon},
	})
	do(command.Recharge{Merchant: id, By: two, Card: card, Amount: 50_00, PayType: 1})
	do(command.RefundConsume{Merchant: id, By: one, Card: card, Entry: bill.ID})
	do(command.Withdraw{Merchant: id, By: two, Card: card, Amount: 100_00})
}

// bill has a card pay once more.
func (w *world) bill(id ledger.MerchantID, card string) {
	w.t.Helper()
	e := engine.New(w.store, engine.Config{Clock: w.clock})
	defer func() { w.must(e.Close(context.Background())) }()
	one, two := ledger.Caller{Shop: 1}, ledger.Caller{Shop: 2}
	for _, c := range []command.Command{
		command.Recharge{Merchant: id, By: one, Card: card, Amount: 5_00, PayType: 1},
		command.Consume{Merchant: id, By: two, Card: card, Amount: 1_00},
	} {
		_, err := e.Do(w.t.Context(), c)
		w.must(err)
	}
}

func (w *world) journal(id ledger.MerchantID) (all []*ledger.Entry) {
	w.t.Helper()
	w.must(w.store.EachEntry(w.t.Context(), id, 0, func(e *ledger.Entry) error {
		all = append(all, e)
		return nil
	}))
	return all
}

// wantParts checks that a merchant's totals of lots and coupons are those of its whole journal, and that the totals of
// lots add up to the day totals of the same entries.
func (w *world) wantParts(id ledger.MerchantID, calendar string) {
	w.t.Helper()
	m := shop(id, calendar)
	parts, days := report.NewParts(m.Calendar(), report.NewOrigins()), report.NewDays(m.Calendar())
	for _, e := range w.journal(id) {
		w.must(parts.Add(e))
		days.Add(e)
	}
	var lots []ledger.LotTotal
	var coupons []ledger.CouponTotal
	w.must(w.store.EachLotTotal(w.t.Context(), id, 0, 0, func(t *ledger.LotTotal) error {
		lots = append(lots, *t)
		return nil
	}))
	w.must(w.store.EachCouponTotal(w.t.Context(), id, 0, 0, func(t *ledger.CouponTotal) error {
		coupons = append(coupons, *t)
		return nil
	}))
	if want := parts.Lots(); len(want) == 0 || !slices.Equal(lots, want) {
		w.t.Errorf("merchant %d, lots\n got %+v\nwant %+v", id, lots, want)
	}
	if want := parts.Coupons(); len(want) == 0 || !slices.Equal(coupons, want) {
		w.t.Errorf("merchant %d, coupons\n got %+v\nwant %+v", id, coupons, want)
	}
	type key struct {
		day  ledger.Date
		shop ledger.ShopID
		kind ledger.Kind
	}
	left := map[key]ledger.LotSums{}
	for _, t := range lots {
		k := key{t.Day, t.Shop, t.Kind}
		left[k] = left[k].Plus(t.LotSums)
	}
	for _, t := range days.Totals() {
		k := key{t.Day, t.Shop, t.Kind}
		left[k] = left[k].Plus(ledger.LotSums{Principal: -t.Principal, Bonus: -t.Bonus})
	}
	for k, sums := range left {
		if sums != (ledger.LotSums{}) {
			w.t.Errorf("merchant %d: lots and days differ at %+v by %+v", id, k, sums)
		}
	}
}

// Totals of lots and coupons are those of the journal, however much it grows between two looks and however small the
// pages are: what a lot or a coupon came from may be pages before.
func TestInvariant60PartTotals(t *testing.T) {
	t.Parallel()
	stores(t, func(w *world) {
		r := w.runner(follow.NewParts(w.store), follow.Config{Page: 2})
		for i := range 3 {
			w.settle(1, fmt.Sprint("600", i))
			w.settle(2, fmt.Sprint("600", i))
			w.round(r)
			w.wantParts(1, "Asia/Shanghai")
			w.wantParts(2, "Asia/Shanghai")
		}
	})
}

// counted counts the entries that are read one by one.
type counted struct {
	books
	read *int
}

func (c counted) EachOf(
	ctx context.Context, id ledger.MerchantID, ids []ledger.EntryID, fn func(*ledger.Entry) error,
) error {
	*c.read += len(ids)
	return c.books.EachOf(ctx, id, ids, fn)
}

// A bill names a lot of an entry that may be long ago. That entry is read once, as long as one process follows and
// knows not too much; of what another one took meanwhile nothing is presumed.
func TestPartsAreReadOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.NewMemStore())
	w.settle(1, "6001")
	var read int
	one, another := follow.NewParts(counted{w.store, &read}), follow.NewParts(w.store)
	r, of := w.runner(one, follow.Config{Page: 3}), w.runner(another, follow.Config{Page: 3})
	round := func(r *follow.Runner, want int) {
		t.Helper()
		read = 0
		w.round(r)
		w.wantParts(1, "Asia/Shanghai")
		if read != want {
			t.Errorf("%d entries were read one by one, want %d", read, want)
		}
	}
	bill := func() { w.bill(1, "6001") }
	round(r, 0) // all are in its pages
	bill()
	round(r, 0)
	w.sleep(time.Minute) // until the lease is over
	bill()
	round(of, 0)
	w.sleep(time.Minute)
	bill()
	round(r, 1)
	bill()
	round(r, 0)
	one.KnowAtMost(0)
	bill()
	round(r, 0)
	bill()
	round(r, 1)
}

// When a merchant's calendar changes, all of its parts are folded again.
func TestPartsOfAnotherCalendar(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.NewMemStore())
	w.settle(1, "6001")
	r := w.runner(follow.NewParts(w.store), follow.Config{Page: 4})
	w.round(r)
	w.must(w.store.SaveMerchant(t.Context(), shop(1, "America/Lima 23:00")))
	w.round(r)
	w.wantParts(1, "America/Lima 23:00")
}
