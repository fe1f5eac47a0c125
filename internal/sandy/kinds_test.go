package sandy

import (
	"testing"

	"tongka"
)

// TestDescribeBills: who reads the history sees the points that paid of a bill apart from those it
// earned, those that came back apart from those that were taken, and cash back either way. A discount is named
// only where it took something off.
func TestDescribeBills(t *testing.T) {
	t.Parallel()
	bill := tongka.Entry{
		Kind: tongka.Consumed, Discount: tongka.Whole, Original: 10_00, Actual: 8_50, Principal: -8_50, Points: -142,
		ByPoints: tongka.PointPay{Points: -150, Worth: 1_50, Ratio: 100},
	}
	back := tongka.Entry{
		Kind: tongka.ConsumeRefunded, Original: 8_50, Actual: 8_50, Principal: 8_50, Points: 145, PointsOwed: 3,
		ByPoints: tongka.PointPay{Points: 150, Worth: 1_50, Ratio: 100},
	}
	for _, c := range []struct {
		e    tongka.Entry
		want string
	}{
		{bill, "消费8.5,使用积分150抵扣1.5,获得积分8\n"},
		{tongka.Entry{Kind: tongka.Consumed, Discount: 8000, Original: 10_00, Discountable: 10_00, Actual: 8_00, Principal: -8_00}, "8折(0.8)<br/>消费8.0\n"},
		{tongka.Entry{Kind: tongka.Consumed, Discount: 8000, Original: 10_00, Actual: 10_00, Principal: -10_00}, "消费10.0\n"},
		{tongka.Entry{
			Kind: tongka.Consumed, Discount: 8000, Original: 10_00, Actual: 7_00, Principal: -7_00,
			Coupons: []tongka.CouponPart{{Coupon: 1, State: tongka.Used, Pays: 3_00}},
		}, "消费7.0,优惠券抵扣3.0\n"},
		{back, "消费退款8.5,退回积分150,收回积分5"},
		{tongka.Entry{ID: 9, Kind: tongka.CashedBack, Original: 10_00, Actual: 1_00, Bonus: 1_00, Parts: []tongka.Part{{Lot: 9}}}, "返现1.0"},
		{tongka.Entry{ID: 9, Kind: tongka.CashedBack, Original: 1_00, Actual: 1_00, Principal: 1_00, Parts: []tongka.Part{{Lot: 3}}}, "退回已扣返现1.0"},
		{tongka.Entry{Kind: tongka.BonusForfeited, Original: 50, Actual: 50, Bonus: -50}, "收回赠送金额0.5"},
		{tongka.Entry{Kind: tongka.CashedBack, Original: 50, Actual: 50, Principal: -20, Bonus: -30}, "收回返现0.5"},
	} {
		if got := describe(&c.e); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
