package verify

import (
	"testing"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// sentOn returns books in which money left cards by each road, with the points that a rule gave for it.
func sentOn(t *testing.T) *books {
	t.Helper()
	later := noon.AddDate(0, 0, 40)
	open := func(number string) command.Open {
		return command.Open{Merchant: 1, Card: command.NewCard{Number: number, Level: 1, Holder: ledger.Holder{Name: "某人"}}}
	}
	b := written(t, []at{
		{noon, open("A0001")},
		{noon, open("A0002")},
		{noon, command.Recharge{Merchant: 1, Card: "A0001", Amount: 100_00, PayType: 1}},                 // 3: 5 points
		{noon, command.Withdraw{Merchant: 1, Card: "A0001", Amount: 20_00}},                              // 4: 1 point
		{noon, command.Transfer{Merchant: 1, From: "A0001", To: "A0002", Amount: 40_00}},                 // 5, 6: 2 points
		{noon, command.UsePoints{Merchant: 1, Card: "A0002", Points: 1}},                                 // 7
		{noon, command.ReverseRecharge{Merchant: 1, Card: "A0001", Entry: 3}},                            // 8: 2 points
		{later, command.Withdraw{Merchant: 1, Card: "A0002", Amount: 39_99}},                             // 9 to 11: 2 points
		{later.AddDate(0, 0, 1), command.AdjustPoints{Merchant: 1, Card: "A0002", Points: 2, Note: "送"}}, // 12
	}...)
	if n := len(b.entries); n != 12 || b.entries[4].Points != -2 || b.entries[10].Points != -1 ||
		b.entries[10].PointsOwed != 1 {
		t.Fatalf("%d entries, the fifth %+v, the eleventh %+v", n, b.entries[4], b.entries[n-2])
	}
	return b
}

// TestGivenPointsLeaveWithTheMoney: points that rules gave leave with the money for which they gave them, and books in
// which they stay, or in which others leave, do not hold.
func TestGivenPointsLeaveWithTheMoney(t *testing.T) {
	t.Parallel()
	for number, r := range run(t, sentOn(t)) {
		if r.Violations != 0 {
			t.Errorf("invariant %02d: %v", number, r.Examples)
		}
	}
	points := func(e *ledger.Entry, n int64) { e.PointAllocations[0].Points, e.Points = n, n }
	none := func(e *ledger.Entry) { e.PointAllocations, e.Points, e.PointsOwed = nil, 0, 0 }
	for _, c := range []struct {
		invariant int
		name      string
		change    func(*books)
	}{
		{12, "a withdrawal that leaves them", func(b *books) { none(&b.entries[3]) }},
		{12, "a withdrawal that takes more", func(b *books) { points(&b.entries[3], -2) }},
		{12, "a transfer that leaves them", func(b *books) { none(&b.entries[4]); none(&b.entries[5]) }},
		{56, "a transfer that brings more than it took", func(b *books) { points(&b.entries[5], 3) }},
		{56, "a transfer that brings none", func(b *books) { none(&b.entries[5]) }},
		{56, "a transfer that brings them for longer", func(b *books) { b.entries[5].PointAllocations[0].GoodUntil++ }},
		{12, "a reversal that takes fewer", func(b *books) { points(&b.entries[7], -1) }},
		{12, "a withdrawal that lets the spent ones go", func(b *books) { b.entries[10].PointsOwed = 0 }},
		{13, "expired ones that nothing takes off", func(b *books) { none(&b.entries[10]) }},
		{12, "an entry by older rules", func(b *books) { none(&b.entries[4]); none(&b.entries[5]); b.entries[4].Version = 1 }},
	} {
		b := sentOn(t)
		c.change(b)
		b.redo()
		if r := run(t, b)[c.invariant]; r.Violations == 0 {
			t.Errorf("%s: invariant %02d holds", c.name, c.invariant)
		}
	}
}
