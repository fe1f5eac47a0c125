package verify

import (
	"slices"
	"strings"
	"testing"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// merging are two cards of which one is merged into the other, with all that a card can have: principal with bonus and
// points bound to it, some of which was invoiced, bonus and points bound to none, a debt that it can pay off, and
// coupons.
func merging() []command.Command {
	open := func(number string, principal ledger.Fen) command.Open {
		return command.Open{Merchant: 1, Card: command.NewCard{
			Number: number, Level: 1, Holder: ledger.Holder{Name: "某人"}, Principal: principal,
		}}
	}
	credit := ledger.Fen(50_00)
	return []command.Command{
		open("A0001", 0), open("A0002", 5_00),
		command.ModifyDetails{Merchant: 1, Card: "A0001", Credit: &credit},
		command.Consume{Merchant: 1, Card: "A0001", Amount: 10_00},
		command.Recharge{Merchant: 1, Card: "A0001", Amount: 100_00, PayType: 2},
		command.Invoice{Merchant: 1, Card: "A0001", Amount: 10_00},
		command.GiveBonus{Merchant: 1, Card: "A0001", Amount: 8_00, Until: 2026_12_31, Note: "致歉"},
		command.AdjustPoints{Merchant: 1, Card: "A0001", Points: 40},
		command.SendCoupons{Merchant: 1, Card: "A0001", Kind: 1, Numbers: []string{"28000001", "28000002"}},
		command.Consume{Merchant: 1, Card: "A0001", Amount: 20_00},
		command.Merge{Merchant: 1, From: "A0001", To: "A0002"},
	}
}

// The books of a merge are sound, and any other fact of its entries, or of a bonus that was given by hand, is found
// even if all that follows from it was made anew; but for the last day of that bonus, which the giver chooses
// (invariant 57).
func TestInvariant57MergesAreExact(t *testing.T) {
	t.Parallel()
	b := soundOf(t, merging())
	out := b.entry(ledger.MergedOut)
	if out.Bonus != -8_80 || out.Points >= 0 || out.Invoice >= 0 || len(out.Coupons) != 2 ||
		!slices.ContainsFunc(out.Allocations, func(p ledger.Allocation) bool { return p.IsDebt() }) {
		t.Fatalf("the story shows too little: %+v", out)
	}
	for _, missed := range missedFacts(t, b, ledger.MergedOut, ledger.MergedIn, ledger.BonusGiven) {
		_, fact, _ := strings.Cut(missed, ".")
		top, _, _ := strings.Cut(fact, ".")
		if free["*."+top] == "" && missed != "give-bonus.Allocations.GoodUntil" {
			t.Errorf("%s: another was not found", missed)
		}
	}
}

// A merge by which more comes than went, or on which coupons stay behind, is found.
func TestTamperedMergesAreFound(t *testing.T) {
	t.Parallel()
	merged := func(t *testing.T) *books {
		t.Helper()
		return soundOf(t, merging())
	}
	findTamperingIn(t, merged, []tampering{
		{56, "bonus that comes for longer", func(b *books) { b.entry(ledger.MergedIn).Allocations[0].GoodUntil++ }},
		{56, "points that come for longer", func(b *books) { b.entry(ledger.MergedIn).PointAllocations[0].GoodUntil++ }},
		{56, "a coupon that did not come", func(b *books) {
			e := b.entry(ledger.MergedIn)
			e.Coupons = e.Coupons[1:]
		}},
		{26, "coupons that stayed", func(b *books) { b.entry(ledger.MergedIn).Coupons = nil }},
		{56, "another card than it names", func(b *books) { b.entry(ledger.MergedIn).OtherCard = "A0009" }},
		{26, "a merged card that is still used", func(b *books) { b.entry(ledger.MergedOut).Status = ledger.Active }},
		{29, "a coupon that went to nobody", func(b *books) { b.coupons[0].Card = 1 }},
	})
}
