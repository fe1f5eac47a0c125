package verify

import (
	"testing"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// lapsed returns books in which points expired unused and came back, because the bills and the recharge that gave them
// were undone.
func lapsed(t *testing.T) *books {
	t.Helper()
	later := noon.AddDate(0, 0, 40)
	b := written(t, []at{
		{
			noon, command.Open{Merchant: 1, Card: command.NewCard{Number: "A0001", Level: 1, Holder: ledger.Holder{Name: "某人"}}},
		},
		{noon, command.Recharge{Merchant: 1, Card: "A0001", Amount: 100_00, PayType: 1}}, // 2: 5 points
		{noon, command.Consume{Merchant: 1, Card: "A0001", Amount: 50_00}},               // 3: 40 points
		{noon, command.Consume{Merchant: 1, Card: "A0001", Amount: 10_00}},               // 4: 8 points
		{noon, command.UsePoints{Merchant: 1, Card: "A0001", Points: 3}},                 // 5
		{
			later,
			command.RefundConsume{Merchant: 1, Card: "A0001", Entry: 3, Amount: 20_00},
		}, // 6, 7, 8: 20 points
		{
			later,
			command.RefundConsume{Merchant: 1, Card: "A0001", Entry: 3},
		}, // 9, 10, 11: 20 more
		{later, command.ReverseRecharge{Merchant: 1, Card: "A0001", Entry: 2}},                           // 12, 13, 14
		{later.AddDate(0, 0, 1), command.AdjustPoints{Merchant: 1, Card: "A0001", Points: 1, Note: "送"}}, // 15
	}...)
	if n := len(b.entries); n != 15 || b.entries[6].Kind != ledger.ExpiryReversed || b.entries[6].Points != 20 {
		t.Fatalf("%d entries, the seventh %+v", n, b.entries[6])
	}
	return b
}

// TestLapsedPointsHold: expired points that come back to be taken off again are no violation.
func TestLapsedPointsHold(t *testing.T) {
	t.Parallel()
	for number, r := range run(t, lapsed(t)) {
		if r.Violations != 0 {
			t.Errorf("invariant %02d: %v", number, r.Examples)
		}
	}
}

// TestLapsedPointsForged: points come back only after they expired, no more than did, for what gave them, and only if
// they are taken off at once.
func TestLapsedPointsForged(t *testing.T) {
	t.Parallel()
	const day = ledger.Date(2026_06_03)
	points := func(e *ledger.Entry, n int64) {
		e.PointAllocations = []ledger.PointAllocation{{GoodUntil: day, Points: n}}
	}
	for _, c := range []struct {
		invariant int
		name      string
		change    func(*books)
	}{
		{13, "points that nothing takes off", func(b *books) { b.entries[6].By.Operator = "别人" }},
		{13, "points that are taken off in part", func(b *books) { points(&b.entries[7], -19) }},
		{13, "more than had expired", func(b *books) { points(&b.entries[9], 46); points(&b.entries[10], -46) }},
		{13, "of another day", func(b *books) {
			b.entries[9].PointAllocations[0].GoodUntil++
			b.entries[10].PointAllocations[0].GoodUntil++
		}},
		{31, "more than the bill gave", func(b *books) { points(&b.entries[9], 25); points(&b.entries[10], -25) }},
		{31, "more than the recharge gave", func(b *books) { points(&b.entries[12], 6); points(&b.entries[13], -6) }},
		{57, "points of a bill", func(b *books) { b.entries[9].RefersTo = 4 }},
	} {
		b := lapsed(t)
		c.change(b)
		b.rehash()
		if r := run(t, b)[c.invariant]; r.Violations == 0 {
			t.Errorf("%s: invariant %02d holds", c.name, c.invariant)
		}
	}
}
