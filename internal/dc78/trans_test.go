package dc78

import (
	"bytes"
	"testing"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// What is kept of an answer of mb_trans makes the same bytes again, without the request that it answered.
func TestTransactedAgain(t *testing.T) {
	t.Parallel()
	bill := ledger.Entry{
		ID: 7, Card: 3, Kind: ledger.Consumed, Gross: 40_00, Net: 38_00,
		Principal: -38_00, PrincipalAfter: 60_00, PointsAfter: 12,
		Coupons: []ledger.CouponPart{{Coupon: 1, Pays: 2_00}}, ByPoints: ledger.PointPay{Points: 5, Worth: 50, Ratio: 10},
	}
	back := ledger.Entry{ID: 8, Card: 3, Kind: ledger.CashedBack, RefersTo: 7, PrincipalAfter: 60_00, BonusAfter: 2_00}
	ch := command.Changes{
		Cards: []ledger.Card{{ID: 9, Number: "x"}, {ID: 3, Number: "Vip-6001"}}, Entries: []ledger.Entry{bill, back},
	}
	for kind, info := range map[string]string{".consume": billPaid, ".recharge": recharged} {
		for _, pay := range []bool{false, true} {
			for _, ref := range []string{"", "POS-1", "a\nb", "单号"} {
				l := transacted(receipt{ref: ref, info: info, payID: pay})[0]
				first := l.Answer(ch)
				want := receipt{number: "Vip-6001", ref: ref, info: info, payID: pay}.write(&bill, &back)
				again := transLayouts(kind)[0]
				got := again.Write(l.Rest(ch), &bill, &back)
				if !bytes.Equal(first, want) || !bytes.Equal(got, first) || again.Version != l.Version {
					t.Errorf("%s %q: first %s, again %s, want %s", kind, ref, first, got, want)
				}
			}
		}
	}
	if transLayouts(".sign") != nil {
		t.Error("what a card has signed in all is no fact of an entry, and its answer is kept whole")
	}
}
