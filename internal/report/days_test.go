package report

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"tongka/internal/ledger"
)

var utc = ledger.Calendar{Zone: time.UTC}

// journal returns n entries of random kinds, over some days.
func journal(r *rand.Rand, n int) (entries []ledger.Entry) {
	at := time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)
	amount := func() ledger.Fen { return ledger.Fen(r.Int64N(20_000) - 10_000) }
	for i := range n {
		at = at.Add(time.Duration(r.Int64N(int64(time.Hour))))
		entries = append(entries, ledger.Entry{
			ID: ledger.EntryID(i + 1), Kind: ledger.Kinds[r.IntN(len(ledger.Kinds))], At: at,
			By:      ledger.Caller{Shop: ledger.ShopID(r.IntN(3)), Operator: []string{"", "小王", "小李"}[r.IntN(3)]},
			PayType: ledger.PayTypeID(r.IntN(3)), Gross: amount(), Net: amount(), Principal: amount(), Bonus: amount(),
			Points: r.Int64N(100) - 50,
		})
	}
	return entries
}

// Cash back that was given with a bill and taken back with its refund is none.
func TestCashBackTakenBack(t *testing.T) {
	t.Parallel()
	days := NewDays(utc)
	at := time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)
	for _, e := range []ledger.Entry{
		{ID: 2, Kind: ledger.CashedBack, At: at, Gross: 6_00, Net: 6_00, Bonus: 6_00},
		{ID: 4, Kind: ledger.CashedBack, At: at, Gross: 6_00, Net: 6_00, Bonus: -6_00},
	} {
		days.Add(&e)
	}
	totals := days.Totals()
	if len(totals) != 1 || totals[0].DaySums != (ledger.DaySums{Count: 2}) {
		t.Errorf("got %+v", totals)
	}
}

// A bill that several cards pay is one bill: what it came to counts once, and what each card paid.
func TestSharedBillCountsOnce(t *testing.T) {
	t.Parallel()
	days := NewDays(utc)
	at := time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)
	for _, e := range []ledger.Entry{
		{ID: 2, Kind: ledger.Consumed, At: at, Gross: 100_00, Net: 80_00, Principal: -30_00, OtherCard: "6002"},
		{ID: 3, Kind: ledger.Consumed, At: at, Gross: 50_00, Net: 50_00, Principal: -50_00, RefersTo: 2},
	} {
		days.Add(&e)
	}
	kinds := Kinds{}
	for _, total := range days.Totals() {
		kinds.Add(&total)
	}
	if kinds.Billed() != 100_00 || kinds.Off() != 20_00 || kinds.ByCard() != 80_00 || kinds.Count(ledger.Consumed) != 2 {
		t.Errorf("billed %v, %v off, %v by card, %d entries", kinds.Billed(), kinds.Off(), kinds.ByCard(),
			kinds.Count(ledger.Consumed))
	}
}

// A journal folded in any number of parts gives the same totals, and they add up to what its entries did.
func TestPropertyInvariant60DaysInPieces(t *testing.T) {
	t.Parallel()
	calendar := ledger.Calendar{Zone: time.FixedZone("", 8*3600)}
	for range 200 {
		seed := rand.Uint64()
		r := rand.New(rand.NewPCG(seed, 0))
		entries := journal(r, 1+r.IntN(300))
		whole := NewDays(calendar)
		var want ledger.DaySums
		for i := range entries {
			e := &entries[i]
			whole.Add(e)
			gross, net := e.InTotal()
			want = want.Plus(ledger.DaySums{
				Count: 1, Gross: gross, Net: net, Principal: e.Principal, Bonus: e.Bonus, Points: e.Points,
			})
		}
		pieces := NewDays(calendar)
		for rest := entries; len(rest) > 0; {
			n := 1 + r.IntN(len(rest))
			piece := NewDays(calendar)
			for i := range rest[:n] {
				piece.Add(&rest[i])
			}
			for _, total := range piece.Totals() {
				pieces.Plus(total)
			}
			rest = rest[n:]
		}
		totals := whole.Totals()
		if !slices.Equal(pieces.Totals(), totals) {
			t.Fatalf("seed %d: in pieces there are other totals than at once", seed)
		}
		var got ledger.DaySums
		for _, total := range totals {
			got = got.Plus(total.DaySums)
		}
		if got != want {
			t.Fatalf("seed %d: totals add up to %+v, the entries to %+v", seed, got, want)
		}
	}
}

// Each entry is in exactly one total, that of its day, shop, operator, kind and pay type (invariant 49).
func TestInvariant49DaysPartitionTheJournal(t *testing.T) {
	t.Parallel()
	entries := journal(rand.New(rand.NewPCG(1, 2)), 500)
	days := NewDays(utc)
	for i := range entries {
		days.Add(&entries[i])
	}
	for i := range entries {
		e := &entries[i]
		k := ledger.DayKey{
			Day: utc.Day(e.At), Shop: e.By.Shop, Operator: e.By.Operator, Kind: e.Kind, PayType: e.PayType,
		}
		sums, ok := days.Take(k)
		if !ok {
			continue // taken with another entry of the same key
		}
		var want ledger.DaySums
		for j := range entries {
			o := &entries[j]
			if utc.Day(o.At) == k.Day && o.By.Shop == k.Shop && o.By.Operator == k.Operator && o.Kind == k.Kind &&
				o.PayType == k.PayType {
				gross, net := o.InTotal()
				want = want.Plus(ledger.DaySums{
					Count: 1, Gross: gross, Net: net, Principal: o.Principal, Bonus: o.Bonus, Points: o.Points,
				})
			}
		}
		if sums != want {
			t.Errorf("%+v: got %+v, want %+v", k, sums, want)
		}
	}
	if left := days.Totals(); len(left) > 0 {
		t.Errorf("totals of no entry: %+v", left)
	}
}
