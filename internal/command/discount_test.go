package command

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
	"tongka/internal/ledger"
)

// rounded returns a × b ÷ c rounded half-up, computed with big.Rat.
func rounded(a, b, c int64) int64 {
	r := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(a), big.NewInt(b)), big.NewInt(c))
	r.Add(r, big.NewRat(1, 2))
	return new(big.Int).Div(r.Num(), r.Denom()).Int64()
}

// A bill is its discountable part at the level's rate, rounded half-up once, plus the rest: within half a fen of the
// exact value and never less for a bigger bill. A rate of 1 changes nothing (invariant 33). Every rate meets every
// remainder.
func TestInvariant33Discount(t *testing.T) {
	t.Parallel()
	for rate := range ledger.Percent100 + 1 {
		var before ledger.Fen
		for amount := ledger.Fen(1); amount <= 1_000_00; amount += 1 + amount/16 + ledger.Fen(rate)%7 {
			got := Consume{Amount: amount}.due(ledger.Level{PayRate: rate})
			if exact := 2 * (int64(amount)*int64(rate) - int64(got)*int64(ledger.Percent100)); exact < -int64(
				ledger.Percent100,
			) ||
				exact >= int64(ledger.Percent100) {
				t.Fatalf("%v at %v is %v, off by more than half a fen", amount, rate, got)
			}
			if got < before || got > amount || rate == ledger.Percent100 && got != amount {
				t.Fatalf("%v at %v is %v, a smaller bill %v", amount, rate, got, before)
			}
			before = got
		}
	}
	for _, rate := range []ledger.Rate{1, 3333, 5000, 7500, 8000, 8500, 8800, 9999, ledger.Percent100} {
		for amount := range ledger.Fen(100_000) {
			want := (int64(amount)*int64(rate) + int64(ledger.Percent100)/2) / int64(ledger.Percent100)
			if got := amount.HalfUp(rate); int64(got) != want {
				t.Fatalf("%v at %v is %v, want %v", amount, rate, got, ledger.Fen(want))
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		amount := ledger.Fen(rapid.Int64Range(1, int64(ledger.MaxFen)).Draw(t, "amount"))
		plain := ledger.Fen(rapid.Int64Range(0, int64(amount)).Draw(t, "no discount"))
		rate := ledger.Rate(rapid.Int64Range(0, int64(ledger.Percent100)).Draw(t, "rate"))
		want := plain + ledger.Fen(rounded(int64(amount-plain), int64(rate), int64(ledger.Percent100)))
		if got := (Consume{Amount: amount, NoDiscount: plain}).due(ledger.Level{PayRate: rate}); got != want {
			t.Fatalf("%v, %v of it plain, at %v is %v, want %v", amount, plain, rate, got, want)
		}
	})
}
