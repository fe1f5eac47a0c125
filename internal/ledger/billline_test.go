package ledger_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tongka/internal/ledger"
)

// Shares add up, none is above its weight, and none is a whole fen or more from its exact part.
func TestShares(t *testing.T) {
	t.Parallel()
	if got := ledger.Shares(100, []ledger.Fen{1000, 1000, 1000}); !slices.Equal(got, []ledger.Fen{34, 33, 33}) {
		t.Errorf("100 over three: %v", got)
	}
	if got := ledger.Shares(0, []ledger.Fen{0, 0}); !slices.Equal(got, []ledger.Fen{0, 0}) {
		t.Errorf("nothing over nothing: %v", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Map(rapid.Int64Range(0, int64(ledger.MaxFen)/100), fen), 1, 100).Draw(t, "weights")
		var sum, shared ledger.Fen
		for _, w := range weights {
			sum += w
		}
		amount := fen(rapid.Int64Range(0, int64(sum)).Draw(t, "amount"))
		for i, share := range ledger.Shares(amount, weights) {
			shared += share
			if share < 0 || share > weights[i] {
				t.Fatalf("share %d of %d", share, weights[i])
			}
			exact := float64(amount) / float64(max(sum, 1)) * float64(weights[i])
			if diff := float64(share) - exact; diff > 1.001 || diff < -1.001 {
				t.Fatalf("share %d, exactly %f", share, exact)
			}
		}
		if shared != amount && sum > 0 {
			t.Fatalf("%d was shared as %d", amount, shared)
		}
	})
}

func fen(n int64) ledger.Fen { return ledger.Fen(n) }

// The shares of a bill's lines add up to the bill, and those of a line to the line.
func TestShareBill(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lines := make([]ledger.BillLine, rapid.IntRange(1, 30).Draw(t, "lines"))
		var gross, discountable ledger.Fen
		for i := range lines {
			lines[i] = ledger.BillLine{
				Gross: fen(rapid.Int64Range(0, 1_000_00).Draw(t, "gross")), Discounted: rapid.Bool().Draw(t, "discounted"),
			}
			gross += lines[i].Gross
			if lines[i].Discounted {
				discountable += lines[i].Gross
			}
		}
		part := func(of ledger.Fen, name string) ledger.Fen { return fen(rapid.Int64Range(0, int64(of)).Draw(t, name)) }
		discount := part(discountable, "discount")
		coupons := part(gross-discount, "coupons")
		points := part(gross-discount-coupons, "points")
		net := gross - discount - coupons - points
		card := part(net, "card")
		bill := &ledger.Entry{
			Kind: ledger.Consumed, Gross: gross, Discountable: discountable, Net: net, Principal: -card,
			Coupons: []ledger.CouponPart{{Pays: coupons}}, ByPoints: ledger.PointPay{Worth: points},
		}
		var sum ledger.LineShare
		for i, s := range ledger.ShareBill(bill, lines) {
			if s.Gross != lines[i].Gross || s.Discount+s.Coupons+s.Points+s.Card+s.Due != s.Gross {
				t.Fatalf("line %d of %d: %+v", i, lines[i].Gross, s)
			}
			if !lines[i].Discounted && s.Discount != 0 {
				t.Fatalf("a line without discount: %+v", s)
			}
			sum.Discount, sum.Coupons, sum.Points = sum.Discount+s.Discount, sum.Coupons+s.Coupons, sum.Points+s.Points
			sum.Card, sum.Due = sum.Card+s.Card, sum.Due+s.Due
		}
		want := ledger.LineShare{Discount: discount, Coupons: coupons, Points: points, Card: card, Due: net - card}
		if sum != want {
			t.Fatalf("the lines add up to %+v, the bill is %+v", sum, want)
		}
	})
}
