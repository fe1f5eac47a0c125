package storetest

import (
	"cmp"
	"errors"
	"slices"
	"testing"

	"tongka/internal/ledger"
)

// parts returns a merchant's totals of lots and coupons of the days from first to last.
func (b *books) parts(id ledger.MerchantID, first, last ledger.Date) (
	lots []ledger.LotTotal, coupons []ledger.CouponTotal,
) {
	b.t.Helper()
	b.must(b.s.EachLotTotal(b.ctx, id, first, last, func(t *ledger.LotTotal) error {
		lots = append(lots, *t)
		return nil
	}))
	b.must(b.s.EachCouponTotal(b.ctx, id, first, last, func(t *ledger.CouponTotal) error {
		coupons = append(coupons, *t)
		return nil
	}))
	return lots, coupons
}

func lotTotal(day ledger.Date, sold ledger.ShopID, n int64) ledger.LotTotal {
	return ledger.LotTotal{
		LotKey:  ledger.LotKey{Day: day, Sold: sold, Shop: 3, Kind: ledger.Consumed},
		LotSums: ledger.LotSums{Principal: ledger.Fen(-70 * n), Bonus: ledger.Fen(-20 * n)},
	}
}

func couponTotal(day ledger.Date, state ledger.CouponState, n int64) ledger.CouponTotal {
	return ledger.CouponTotal{
		CouponKey:  ledger.CouponKey{Day: day, Shop: 3, Coupon: 5, Kind: ledger.ConsumeRefunded, State: state},
		CouponSums: ledger.CouponSums{Count: n, Pays: ledger.Fen(10 * n)},
	}
}

// Totals of lots and of coupons are added in the same commit as their cursor or not at all, and are read in the order
// of their keys. A cursor set back to entry 0 drops both, of that merchant only, and no day totals.
func testPartTotals(t *testing.T, b *books) {
	b.must(b.s.SaveMerchant(b.ctx, merchant(2)))
	at := func(id ledger.MerchantID, version int64, entry ledger.EntryID) ledger.Cursor {
		return ledger.Cursor{Merchant: id, Follower: ledger.PartTotals, Version: version, Entry: entry, Calendar: "UTC"}
	}
	b.must(b.s.SaveDayTotals(b.ctx, ledger.Cursor{Merchant: 1, Follower: ledger.DayTotals, Version: 1, Entry: 3},
		[]ledger.DayTotal{total(20260305, "", 1)}))
	b.must(b.s.SavePartTotals(b.ctx, at(1, 1, 3),
		[]ledger.LotTotal{lotTotal(20260306, 4, 1), lotTotal(20260305, 4, 2), lotTotal(20260305, 0, 4)},
		[]ledger.CouponTotal{couponTotal(20260305, ledger.Expired, 1), couponTotal(20260305, ledger.Unused, 2)}))
	b.must(b.s.SavePartTotals(b.ctx, at(2, 1, 5), []ledger.LotTotal{lotTotal(20260305, 4, 5)},
		[]ledger.CouponTotal{couponTotal(20260305, ledger.Unused, 5)}))
	b.must(b.s.SavePartTotals(b.ctx, at(1, 2, 10), []ledger.LotTotal{lotTotal(20260305, 4, 7)}, nil))
	b.must(b.s.SavePartTotals(b.ctx, at(1, 3, 11), nil, []ledger.CouponTotal{couponTotal(20260305, ledger.Unused, 3)}))
	b.must(b.s.SavePartTotals(b.ctx, at(1, 4, 12), nil, nil))
	wantLots := []ledger.LotTotal{lotTotal(20260305, 0, 4), lotTotal(20260305, 4, 9), lotTotal(20260306, 4, 1)}
	wantCoupons := []ledger.CouponTotal{
		couponTotal(20260305, ledger.Unused, 5), couponTotal(20260305, ledger.Expired, 1),
	}
	check := func(what string, first, last ledger.Date, lots []ledger.LotTotal, coupons []ledger.CouponTotal) {
		t.Helper()
		gotLots, gotCoupons := b.parts(1, first, last)
		same(t, what+", lots", gotLots, lots)
		same(t, what+", coupons", gotCoupons, coupons)
	}
	check("all", 0, 0, wantLots, wantCoupons)
	check("of a day", 20260305, 20260305, wantLots[:2], wantCoupons)
	check("from a day", 20260306, 0, wantLots[2:], nil)
	check("up to a day", 0, 20260304, nil, nil)
	wantStale(t, b.s.SavePartTotals(b.ctx, at(1, 4, 13), wantLots, wantCoupons))
	wantStale(t, b.s.SavePartTotals(b.ctx, at(1, 4, 0), nil, nil))
	wantStale(t, b.s.SavePartTotals(b.ctx, at(77, 1, 1), wantLots, wantCoupons))
	check("after stale saves", 0, 0, wantLots, wantCoupons)
	if err := b.s.SavePartTotals(b.ctx, at(1, 5, 0), nil, wantCoupons); err == nil {
		t.Error("totals of no entry were saved")
	}
	b.must(b.s.SavePartTotals(b.ctx, at(1, 5, 0), nil, nil))
	check("forgotten", 0, 0, nil, nil)
	if days := b.totals(1, 0, 0); len(days) != 1 {
		t.Errorf("day totals were forgotten along with them: %+v", days)
	}
	lots, coupons := b.parts(2, 0, 0)
	same(t, "the other merchant's lots", lots, []ledger.LotTotal{lotTotal(20260305, 4, 5)})
	same(t, "the other merchant's coupons", coupons, []ledger.CouponTotal{couponTotal(20260305, ledger.Unused, 5)})
}

// There are more totals here than a store reads in one page, and none is skipped or returned twice where a page ends.
func testManyPartTotals(t *testing.T, b *books) {
	var wantLots []ledger.LotTotal
	var wantCoupons []ledger.CouponTotal
	for day := range ledger.Date(30) {
		for shop := range ledger.ShopID(60) {
			lot, coupon := lotTotal(20260000+day, 3, 1), couponTotal(20260000+day, ledger.Unused, 1)
			lot.Shop, coupon.Shop = shop-1, shop-1
			wantLots, wantCoupons = append(wantLots, lot), append(wantCoupons, coupon)
		}
	}
	b.must(b.s.SavePartTotals(b.ctx, ledger.Cursor{Merchant: 1, Follower: ledger.PartTotals, Version: 1, Entry: 1},
		wantLots, wantCoupons))
	lots, coupons := b.parts(1, 0, 0)
	same(t, "lots", lots, wantLots)
	same(t, "coupons", coupons, wantCoupons)
}

// Entries are found by their ids, those of other merchants and ids without an entry are not.
func testEntriesOfIDs(t *testing.T, b *books) {
	b.must(b.s.SaveMerchant(b.ctx, merchant(2)))
	b.do(open("10001"), recharge("10001", 100_00), consume("10001", 30_00))
	want := b.journal()
	var got []ledger.Entry
	take := func(e *ledger.Entry) error {
		got = append(got, *e)
		return nil
	}
	b.must(b.s.EachOf(b.ctx, 1, []ledger.EntryID{want[2].ID, want[0].ID, 77, -1}, take))
	slices.SortFunc(got, func(a, b ledger.Entry) int { return cmp.Compare(a.ID, b.ID) })
	same(t, "entries", got, []ledger.Entry{want[0], want[2]})
	got = nil
	b.must(b.s.EachOf(b.ctx, 2, []ledger.EntryID{want[0].ID}, take))
	b.must(b.s.EachOf(b.ctx, 1, nil, take))
	same(t, "of another merchant, and none", got, nil)
	enough := errors.New("enough")
	err := b.s.EachOf(b.ctx, 1, []ledger.EntryID{want[0].ID, want[1].ID}, func(*ledger.Entry) error { return enough })
	if !errors.Is(err, enough) {
		t.Errorf("an error of fn: got %v", err)
	}
}
