package verify

import (
	"testing"
	"time"

	"tongka/internal/ledger"
)

// TestInvariant30GraceOnce: a coupon is given its days of grace once, and expires when it comes back after them.
func TestInvariant30GraceOnce(t *testing.T) {
	t.Parallel()
	back := func(day int) *ledger.Entry {
		return &ledger.Entry{Kind: ledger.ConsumeRefunded, At: time.Date(2026, 1, day, 12, 0, 0, 0, time.UTC)}
	}
	good := ledger.CouponPart{State: ledger.Unused}
	graced := func(until ledger.Date) ledger.CouponPart {
		return ledger.CouponPart{State: ledger.Unused, Until: until}
	}
	expired := ledger.CouponPart{State: ledger.Expired}
	c := coupon{folded: ledger.Coupon{Until: 20260105, CouponTerms: ledger.CouponTerms{Grace: 3}}}
	for _, step := range []struct {
		day  int
		part ledger.CouponPart
		want bool
	}{
		{5, good, true},
		{10, good, false},
		{10, expired, false}, // it has its grace still
		{10, graced(20260112), true},
		{12, good, true},
		{16, graced(20260118), false},
		{16, expired, true},
	} {
		if got := c.cameBackInTime(back(step.day), step.part); got != step.want {
			t.Errorf("on the %dth as %v through %v: got %v", step.day, step.part.State, step.part.Until, got)
		}
		if step.want && step.part.Until != 0 {
			c.folded.Until = step.part.Until
		}
	}
}
