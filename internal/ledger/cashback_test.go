package ledger

import "testing"

// Whole steps give cash back, and never more than was paid, however large the numbers are.
func TestCashBackOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		give       CashBack
		paid, want Fen
	}{
		{CashBack{}, 100_00, 0},
		{CashBack{Each: 10_00}, 100_00, 0},
		{CashBack{Back: 10_00}, 100_00, 0},
		{CashBack{10_00, 1_00}, 0, 0},
		{CashBack{10_00, 1_00}, 9_99, 0},
		{CashBack{10_00, 1_00}, 10_00, 1_00},
		{CashBack{10_00, 1_00}, 29_99, 2_00},
		{CashBack{10_00, 20_00}, 9_99, 0},
		{CashBack{10_00, 20_00}, 10_00, 10_00},
		{CashBack{1, 1}, MaxFen, MaxFen},
		{CashBack{1, MaxFen}, MaxFen, MaxFen},
		{CashBack{MaxFen, MaxFen}, MaxFen - 1, 0},
	} {
		if got := c.give.Of(c.paid); got != c.want {
			t.Errorf("%v of each %v, for %v: got %v, want %v", c.give.Back, c.give.Each, c.paid, got, c.want)
		}
	}
}

// Cash back is kept in proportion to what stays paid, rounded down.
func TestCashBackKept(t *testing.T) {
	t.Parallel()
	bill := Entry{Kind: Consumed, Principal: -20_00, Bonus: -10_00}
	for _, c := range []struct{ given, stays, want Fen }{
		{3_00, 30_00, 3_00}, {3_00, 29_99, 2_99}, {3_00, 10, 1}, {3_00, 9, 0}, {3_00, 0, 0}, {0, 30_00, 0}, {3_00, -1, 0},
	} {
		if got := bill.CashBackKept(c.given, c.stays); got != c.want {
			t.Errorf("of %v with %v paid: got %v, want %v", c.given, c.stays, got, c.want)
		}
	}
	if got := (&Entry{}).CashBackKept(3_00, 1); got != 0 {
		t.Errorf("of a bill of nothing: %v", got)
	}
}
