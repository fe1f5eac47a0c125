package sandy

import (
	"testing"

	"tongka/internal/ledger"
)

// TestDescribeBills: the history shows the points that paid on a bill apart from those it earned, returned points
// apart from those clawed back, and cash back in both directions. A discount is named only if it took something
// off.
func TestDescribeBills(t *testing.T) {
	t.Parallel()
	bill := ledger.Entry{
		Kind: ledger.Consumed, PayRate: ledger.Percent100, Gross: 10_00, Net: 8_50, Principal: -8_50, Points: -142,
		ByPoints: ledger.PointPay{Points: -150, Worth: 1_50, Ratio: 100},
	}
	back := ledger.Entry{
		Kind: ledger.ConsumeRefunded, Gross: 8_50, Net: 8_50, Principal: 8_50, Points: 145, PointsOwed: 3,
		ByPoints: ledger.PointPay{Points: 150, Worth: 1_50, Ratio: 100},
	}
	for _, c := range []struct {
		e    ledger.Entry
		want string
	}{
		{bill, "消费8.5,使用积分150抵扣1.5,获得积分8\n"},
		{
			ledger.Entry{Kind: ledger.Consumed, PayRate: 8000, Gross: 10_00, Discountable: 10_00, Net: 8_00, Principal: -8_00},
			"8折(0.8)<br/>消费8.0\n",
		},
		{ledger.Entry{Kind: ledger.Consumed, PayRate: 8000, Gross: 10_00, Net: 10_00, Principal: -10_00}, "消费10.0\n"},
		{ledger.Entry{
			Kind: ledger.Consumed, PayRate: 8000, Gross: 10_00, Net: 7_00, Principal: -7_00,
			Coupons: []ledger.CouponPart{{Coupon: 1, State: ledger.Used, Pays: 3_00}},
		}, "消费7.0,优惠券抵扣3.0\n"},
		{back, "消费退款8.5,退回积分150,收回积分5"},
		{
			ledger.Entry{
				ID: 9, Kind: ledger.CashedBack, Gross: 10_00, Net: 1_00, Bonus: 1_00, Allocations: []ledger.Allocation{{Lot: 9}},
			}, "返现1.0",
		},
		{
			ledger.Entry{
				ID: 9, Kind: ledger.CashedBack, Gross: 1_00, Net: 1_00, Principal: 1_00, Allocations: []ledger.Allocation{{Lot: 3}},
			}, "退回已扣返现1.0",
		},
		{ledger.Entry{Kind: ledger.BonusForfeited, Gross: 50, Net: 50, Bonus: -50}, "收回赠送金额0.5"},
		{ledger.Entry{Kind: ledger.BonusGiven, Gross: 5_00, Net: 5_00, Bonus: 5_00, Note: "致歉<b>"}, "赠送金额5.0:致歉&lt;b&gt;"},
		{ledger.Entry{
			Kind: ledger.MergedOut, Net: 50, Bonus: -50, Points: -7, OtherCard: "6002", Coupons: make([]ledger.CouponPart, 2),
		}, "并入6002,赠送金额0.5,积分7,优惠券2"},
		{ledger.Entry{Kind: ledger.AmountHeld, Gross: 60_00, Net: 60_00, Note: "八点<b>"}, "预留60.0:八点&lt;b&gt;"},
		{ledger.Entry{Kind: ledger.HoldReleased, Gross: 5_00, Net: 5_00, RefersTo: 3}, "解除预留5.0"},
		{ledger.Entry{Kind: ledger.MergedIn, Points: 7, OtherCard: "6001"}, "6001并入,积分7"},
		{ledger.Entry{Kind: ledger.CashedBack, Gross: 50, Net: 50, Principal: -20, Bonus: -30}, "收回返现0.5"},
	} {
		if got := describe(&c.e); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
