package verify

import (
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// sharing are three cards that share a bill, one of which gets its part back, and a bill of one card after it.
func sharing() []command.Command {
	var all []command.Command
	for _, number := range []string{"S0001", "S0002", "S0003"} {
		all = append(all, command.Open{Merchant: 1, Card: command.NewCard{
			Number: number, Level: 2, Holder: ledger.Holder{Name: "某人"}, Principal: 50_00,
		}})
	}
	payers := []command.Payer{{Card: "S0001"}, {Card: "S0002", Most: 20_00}, {Card: "S0003"}}
	return append(all,
		command.ConsumeShared{Bill: command.Consume{Merchant: 1, Amount: 90_00}, Cards: payers},
		command.RefundShared{Merchant: 1, Cards: []string{"S0002", "S0003"}, Entry: sharedBill, Amount: 15_00},
		command.Consume{Merchant: 1, Card: "S0003", Amount: 5_00},
	)
}

// sharedBill is the first entry of the bill, after each card was opened and got its money.
const sharedBill = 7

// The parts of a bill that cards share stand as they were made, and each change of them is found, whatever the hashes
// say.
func TestTamperedSharedBillsAreFound(t *testing.T) {
	t.Parallel()
	shared := func(t *testing.T) *books {
		t.Helper()
		return soundOf(t, sharing())
	}
	for number, r := range run(t, shared(t)) {
		if r.Violations != 0 || number == 64 && r.Rows != 3 {
			t.Errorf("invariant %02d: %d rows, %v", number, r.Rows, r.Examples)
		}
	}
	second := func(b *books) *ledger.Entry { return nthPart(b, 2) }
	third := func(b *books) *ledger.Entry { return nthPart(b, 3) }
	findTamperingIn(t, shared, []tampering{
		{64, "a part of another bill", func(b *books) { second(b).RefersTo-- }},
		{64, "a part that names another first one", func(b *books) { third(b).RefersTo = second(b).ID }},
		{64, "a part that is of no bill", func(b *books) { second(b).RefersTo = 0 }},
		{64, "a rest that no card pays", func(b *books) { third(b).OtherCard = "S0001" }},
		{64, "a rest that another card pays", func(b *books) { second(b).OtherCard = "S0001" }},
		{64, "a rest of another amount", func(b *books) { third(b).Gross += 100 }},
		{64, "a part that was paid later", func(b *books) { second(b).At = second(b).At.Add(1e6) }},
		{64, "a part by somebody else", func(b *books) { second(b).By.Operator = "x" }},
		{64, "a first part that leaves nothing to another", func(b *books) { nthPart(b, 1).OtherCard = "" }},
		{57, "a part with a discount", func(b *books) { third(b).Discountable = 100 }},
	})
}

// nthPart returns the nth entry of the bill.
func nthPart(b *books, n int) *ledger.Entry {
	for i := range b.entries {
		if b.entries[i].Kind == ledger.Consumed {
			if n--; n == 0 {
				return &b.entries[i]
			}
		}
	}
	panic("there is no such part")
}

// A hold that ends on a later card just as the bill comes to it stands between two parts of the bill, and nobody asked
// for it.
func TestSharedBillPassesOverAHoldThatEnded(t *testing.T) {
	t.Parallel()
	until := noon.Add(10 * time.Minute)
	all := append(sharing()[:3:3],
		command.Hold{Merchant: 1, Card: "S0002", Amount: 10_00, Until: until},
		delayed{command.ConsumeShared{
			Bill:  command.Consume{Merchant: 1, By: ledger.Caller{Shop: 10}, Amount: 80_00},
			Cards: []command.Payer{{Card: "S0001"}, {Card: "S0002"}},
		}, 11 * time.Minute},
	)
	b := soundOf(t, all)
	if e := b.entry(ledger.HoldReleased); e.Released != ledger.ByExpiry {
		t.Fatalf("the hold was released by %v", e.Released)
	}
	for number, r := range run(t, b) {
		if r.Violations != 0 {
			t.Errorf("invariant %02d: %v", number, r.Examples)
		}
	}
}
