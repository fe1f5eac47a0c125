package report

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"tongka/internal/ledger"
)

// partJournal returns n entries over some days that make lots and send coupons, and move those of entries before.
func partJournal(r *rand.Rand, n int) (entries []*ledger.Entry) {
	at := time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)
	var lots []ledger.EntryID
	var coupons []ledger.CouponID
	for i := range n {
		at = at.Add(time.Duration(r.Int64N(int64(time.Hour))))
		e := &ledger.Entry{
			ID: ledger.EntryID(i + 1), At: at, By: ledger.Caller{Shop: ledger.ShopID(r.IntN(3))}, Kind: ledger.Consumed,
		}
		switch {
		case r.IntN(3) == 0 || len(lots) == 0:
			e.Kind = ledger.Recharged
			e.Allocations = []ledger.Allocation{{Lot: e.ID, Principal: 100, Bonus: 7}}
			lots = append(lots, e.ID)
		case r.IntN(3) == 0 || len(coupons) == 0:
			e.Kind = ledger.CouponSent
			e.Offer = &ledger.CouponOffer{CouponTerms: ledger.CouponTerms{Kind: ledger.CouponKindID(r.IntN(3))}}
			one := ledger.CouponID(e.ID)*ledger.CouponsAnEntry + 1
			e.Coupons = []ledger.CouponPart{{Coupon: one, State: ledger.Unused}}
			coupons = append(coupons, one)
		default:
			for range r.IntN(4) {
				lot := lots[r.IntN(len(lots))]
				e.Allocations = append(e.Allocations, ledger.Allocation{Lot: lot, Principal: -ledger.Fen(r.Int64N(50))})
			}
			e.Allocations = append(e.Allocations, ledger.DebtPart(-3))
			e.Coupons = []ledger.CouponPart{{Coupon: coupons[r.IntN(len(coupons))], State: ledger.Used, Pays: 5}}
		}
		entries = append(entries, e)
	}
	return entries
}

// A journal folded in any number of pieces, each told only of what it asks for, gives the same totals, and they add up
// to what its entries did.
func TestPropertyInvariant60PartsInPieces(t *testing.T) {
	t.Parallel()
	calendar := ledger.Calendar{Zone: time.FixedZone("", 8*3600)}
	for range 200 {
		seed := rand.Uint64()
		r := rand.New(rand.NewPCG(seed, 0))
		entries := partJournal(r, 1+r.IntN(200))
		whole := NewParts(calendar, NewOrigins())
		lots, coupons := map[ledger.LotKey]ledger.LotSums{}, map[ledger.CouponKey]ledger.CouponSums{}
		var want ledger.Fen
		for rest := entries; len(rest) > 0; {
			n := 1 + r.IntN(len(rest))
			piece := NewParts(calendar, NewOrigins())
			for _, id := range piece.Unknown(rest[:n]) {
				piece.Know(entries[id-1])
			}
			for _, e := range rest[:n] {
				if err := piece.Add(e); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				if err := whole.Add(e); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				want += ledger.MoneyOf(e.Allocations)
			}
			for _, total := range piece.Lots() {
				lots[total.LotKey] = lots[total.LotKey].Plus(total.LotSums)
			}
			for _, total := range piece.Coupons() {
				coupons[total.CouponKey] = coupons[total.CouponKey].Plus(total.CouponSums)
			}
			rest = rest[n:]
		}
		var got ledger.Fen
		for _, total := range whole.Lots() {
			got += total.Principal + total.Bonus
			if lots[total.LotKey] != total.LotSums {
				t.Fatalf("seed %d: %+v in pieces, %+v at once", seed, lots[total.LotKey], total)
			}
		}
		for _, total := range whole.Coupons() {
			if coupons[total.CouponKey] != total.CouponSums {
				t.Fatalf("seed %d: %+v in pieces, %+v at once", seed, coupons[total.CouponKey], total)
			}
		}
		if got != want || len(lots) != len(whole.Lots()) || len(coupons) != len(whole.Coupons()) {
			t.Fatalf("seed %d: totals add up to %v, entries to %v", seed, got, want)
		}
	}
}

// A lot is of the shop that made it, what is on credit of the shop that gives it, and a coupon of the kind it was
// sent as.
func TestPartsBelongToWhereTheyCameFrom(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)
	coupon := ledger.CouponID(2)*ledger.CouponsAnEntry + 1
	sold := &ledger.Entry{ID: 1, Kind: ledger.Recharged, At: at, By: ledger.Caller{Shop: 11},
		Allocations: []ledger.Allocation{{Lot: 1, Principal: 100, Bonus: 10}}}
	sent := &ledger.Entry{ID: 2, Kind: ledger.CouponSent, At: at, By: ledger.Caller{Shop: 11},
		Offer:   &ledger.CouponOffer{CouponTerms: ledger.CouponTerms{Kind: 7}},
		Coupons: []ledger.CouponPart{{Coupon: coupon, State: ledger.Unused}}}
	bill := &ledger.Entry{ID: 3, Kind: ledger.Consumed, At: at, By: ledger.Caller{Shop: 12},
		Allocations: []ledger.Allocation{{Lot: 1, Principal: -30, Bonus: -3}, {Principal: -9}},
		Coupons:     []ledger.CouponPart{{Coupon: coupon, State: ledger.Used, Pays: 4}}}
	parts := NewParts(utc, NewOrigins())
	if err := parts.Add(bill); err == nil || len(parts.Lots()) > 0 || len(parts.Coupons()) > 0 {
		t.Errorf("a bill on a lot that is not known: %v, %+v", err, parts.Lots())
	}
	if got := parts.Unknown([]*ledger.Entry{bill}); !slices.Equal(got, []ledger.EntryID{1, 2}) {
		t.Errorf("unknown: %v", got)
	}
	if got := parts.Unknown([]*ledger.Entry{sold, sent, bill}); len(got) > 0 {
		t.Errorf("unknown, and among them: %v", got)
	}
	parts.Know(sold)
	parts.Know(sent)
	if err := parts.Add(bill); err != nil {
		t.Fatal(err)
	}
	key := ledger.LotKey{Day: 2026_03_05, Sold: 11, Shop: 12, Kind: ledger.Consumed}
	if got, _ := parts.TakeLots(key); got != (ledger.LotSums{Principal: -30, Bonus: -3}) {
		t.Errorf("of the lot: %+v", got)
	}
	key.Sold = 12
	if got, _ := parts.TakeLots(key); got != (ledger.LotSums{Principal: -9}) {
		t.Errorf("on credit: %+v", got)
	}
	used := ledger.CouponKey{Day: 2026_03_05, Shop: 12, Coupon: 7, Kind: ledger.Consumed, State: ledger.Used}
	if got, _ := parts.TakeCoupons(used); got != (ledger.CouponSums{Count: 1, Pays: 4}) {
		t.Errorf("of the coupon: %+v", got)
	}
	if _, ok := parts.TakeCoupons(used); ok || len(parts.Lots()) > 0 {
		t.Error("what was taken is still there")
	}
}

// What one shop owes another: what was spent of its lots there, less what was given back, and what was paid out.
func TestDues(t *testing.T) {
	t.Parallel()
	var d Dues
	for kind, sums := range map[ledger.Kind]ledger.LotSums{
		ledger.Consumed: {Principal: -100, Bonus: -20}, ledger.Renewed: {Principal: -10, Bonus: -1},
		ledger.ConsumeRefunded: {Principal: 30, Bonus: 5}, ledger.Withdrawn: {Principal: -7, Bonus: -4},
		ledger.CardReturned: {Principal: -2, Bonus: -3}, ledger.RechargeReversed: {Principal: -40, Bonus: -8},
		ledger.TransferredOut: {Principal: -3, Bonus: -2}, ledger.LotsExpired: {Bonus: -9},
		ledger.RenewalReversed: {Principal: 10, Bonus: 1}, ledger.BonusForfeited: {Bonus: -11},
		ledger.CashedBack: {Bonus: -6}, ledger.ExpiryReversed: {Bonus: 9},
	} {
		d = d.And(Dues{}.Plus(&ledger.LotTotal{LotKey: ledger.LotKey{Kind: kind}, LotSums: sums}))
	}
	if want := (Dues{Spent: 110, SpentBonus: 21, Back: 40, BackBonus: 6, Out: 52, OutBonus: 2}); d != want {
		t.Errorf("got %+v, want %+v", d, want)
	}
	if d.Principal() != 122 || d.Bonus() != 17 {
		t.Errorf("owed %v and %v", d.Principal(), d.Bonus())
	}
}

// Each step of a coupon counts once, and what is left of those sent are the unused ones.
func TestCouponUse(t *testing.T) {
	t.Parallel()
	var u CouponUse
	for _, one := range []struct {
		kind  ledger.Kind
		state ledger.CouponState
		sums  ledger.CouponSums
	}{
		{ledger.CouponSent, ledger.Unused, ledger.CouponSums{Count: 20}},
		{ledger.Consumed, ledger.Used, ledger.CouponSums{Count: 8, Pays: 800}},
		{ledger.ConsumeRefunded, ledger.Unused, ledger.CouponSums{Count: 2, Pays: 200}},
		{ledger.ConsumeRefunded, ledger.Expired, ledger.CouponSums{Count: 1, Pays: 100}},
		{ledger.CouponExpired, ledger.Expired, ledger.CouponSums{Count: 4}},
		{ledger.ExpiryReversed, ledger.Unused, ledger.CouponSums{Count: 1}},
		{ledger.CouponVoided, ledger.Void, ledger.CouponSums{Count: 2}},
		{ledger.CardReturned, ledger.Void, ledger.CouponSums{Count: 1}},
		{ledger.CardReturned, ledger.Expired, ledger.CouponSums{Count: 1}},
	} {
		u = u.Plus(&ledger.CouponTotal{CouponKey: ledger.CouponKey{Kind: one.kind, State: one.state}, CouponSums: one.sums})
	}
	if want := (CouponUse{Sent: 20, Used: 8, Back: 3, Expired: 5, Void: 3, Cost: 500}); u != want {
		t.Errorf("got %+v, want %+v", u, want)
	}
	if u.Left() != 7 { // 20 − 8 used + 2 and 1 back − 1 + 4 − 1 + 1 expired − 3 void
		t.Errorf("left %d", u.Left())
	}
}
