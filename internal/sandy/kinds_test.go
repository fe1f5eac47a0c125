package sandy

import (
	"testing"

	"tongka"
)

// TestDescribeBills: who reads the history sees the points that paid of a bill apart from those it
// earned, those that came back apart from those that were taken, and cash back either way.
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
		{back, "消费退款8.5,退回积分150,收回积分5"},
		{tongka.Entry{Kind: tongka.CashedBack, Original: 10_00, Actual: 1_00, Bonus: 1_00}, "返现1.0"},
		{tongka.Entry{Kind: tongka.BonusForfeited, Original: 50, Actual: 50, Bonus: -50}, "收回赠送金额0.5"},
		{tongka.Entry{Kind: tongka.CashedBack, Original: 50, Actual: 50, Principal: -20, Bonus: -30}, "收回返现0.5"},
	} {
		if got := describe(&c.e); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
