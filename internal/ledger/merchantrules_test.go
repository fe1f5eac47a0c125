package ledger_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"
	"tongka/internal/ledger"
)

var noon = time.Date(2026, time.January, 5, 12, 0, 0, 0, time.UTC)

// Recharging in parts gives no more percent bonus than at once (invariant 34).
func TestPropertyInvariant34SplittingARechargeDoesNotPay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := ledger.Merchant{Rules: []ledger.Rule{
			{ID: 1, Kind: ledger.Percent, AddRate: ledger.Rate(rapid.IntRange(0, 20_000).Draw(t, "rate"))},
			{ID: 2, Kind: ledger.Percent, AddRate: ledger.Rate(rapid.IntRange(0, 20_000).Draw(t, "other rate"))},
		}}
		a := ledger.Fen(rapid.Int64Range(1, int64(ledger.MaxFen)/4).Draw(t, "a"))
		b := ledger.Fen(rapid.Int64Range(1, int64(ledger.MaxFen)/4).Draw(t, "b"))
		bonus := func(f ledger.Fen) ledger.Fen {
			sum, _ := ledger.SumHits(m.RulesFor(f, noon))
			return sum
		}
		if bonus(a)+bonus(b) > bonus(a+b) {
			t.Fatalf("%v gives %v, %v gives %v, together %v", a, bonus(a), b, bonus(b), bonus(a+b))
		}
	})
}

// Whoever pays more gets at least as much bonus.
func TestRulesForIsMonotone(t *testing.T) {
	t.Parallel()
	m := ledger.Merchant{Rules: []ledger.Rule{
		{ID: 1, Kind: ledger.FromAmount, Threshold: 500, AddMoney: 80},
		{ID: 2, Kind: ledger.FromAmount, Threshold: 100, AddMoney: 10},
		{ID: 3, Kind: ledger.Percent, AddRate: 333},
		{ID: 4, Kind: ledger.EachTime, AddMoney: 5},
	}}
	var before ledger.Fen
	for paid := ledger.Fen(1); paid < 1000; paid++ {
		bonus, _ := ledger.SumHits(m.RulesFor(paid, noon))
		if bonus < before {
			t.Errorf("%v gives %v, a fen less gave %v", paid, bonus, before)
		}
		before = bonus
	}
	for paid, want := range map[ledger.Fen]ledger.Fen{99: 3 + 5, 100: 3 + 5 + 10, 499: 16 + 5 + 10, 500: 16 + 5 + 80} {
		if got, _ := ledger.SumHits(m.RulesFor(paid, noon)); got != want {
			t.Errorf("%v gives %v, want %v", paid, got, want)
		}
	}
}
