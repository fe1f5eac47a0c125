package verify

import (
	"slices"
	"strings"
	"testing"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// takingBack is an import of cards with all that a card can bring: money with bonus, points, a debt, coupons, an inner
// code, a last good day that has passed, a loss. All but one are taken back, and the numbers are used again.
func takingBack() []command.Command {
	rich := command.NewCard{
		Number: "A0001", Level: 1, Holder: ledger.Holder{Name: "某人"}, Details: ledger.Details{ExtID: "101"},
		Principal: 100_00, Bonus: 20_00, Points: 30, Owes: 35_00,
		Coupons: []command.BroughtCoupons{{Kind: 1, Numbers: []string{"28000001", "28000002"}, Until: 2026_12_30}},
	}
	over := command.NewCard{
		Number: "A0002", Level: 1, Holder: ledger.Holder{Name: "某人"}, Status: ledger.Lost, Expires: 2020_01_01, Points: 3,
	}
	used := command.NewCard{Number: "A0003", Level: 1, Holder: ledger.Holder{Name: "某人"}, Principal: 5_00}
	again := rich
	again.Coupons, again.Owes = nil, 0
	return []command.Command{
		command.Import{Merchant: 1, Cards: []command.NewCard{rich, over, used}},
		command.Recharge{Merchant: 1, Card: "A0003", Amount: 10_00, PayType: 1},
		command.ReverseOpenings{Merchant: 1, Cards: []command.BroughtCard{
			{Number: "A0001", First: 1, Last: 3}, {Number: "A0002", First: 4, Last: 7}, {Number: "A0003", First: 8, Last: 9},
		}},
		command.Import{Merchant: 1, Cards: []command.NewCard{again, over}},
	}
}

// The books of an import that was taken back are sound, and any other fact of what took it back is found even if all
// that follows from it was made anew (invariant 57).
func TestInvariant57ReversedOpeningsAreExact(t *testing.T) {
	t.Parallel()
	b := soundOf(t, takingBack())
	back := b.entry(ledger.OpeningReversed)
	if back.Principal != -65_00 || back.Bonus != -20_00 || back.Points != -30 || len(back.Coupons) != 2 {
		t.Fatalf("the story shows too little: %+v", back)
	}
	if n := len(slices.DeleteFunc(slices.Clone(b.entries), func(e ledger.Entry) bool {
		return e.Kind != ledger.OpeningReversed
	})); n != 2 {
		t.Fatalf("%d cards were taken back, want 2", n)
	}
	for _, missed := range missedFacts(t, b, ledger.OpeningReversed) {
		_, fact, _ := strings.Cut(missed, ".")
		top, _, _ := strings.Cut(fact, ".")
		if free["*."+top] == "" {
			t.Errorf("%s: another was not found", missed)
		}
	}
}

// What is taken back of a card that was used, or less or more than all of it, is found.
func TestTamperedReversedOpeningsAreFound(t *testing.T) {
	t.Parallel()
	takenBack := func(t *testing.T) *books {
		t.Helper()
		b := hostedOf(t, soundOf(t, takingBack()))
		b.fold()
		return b
	}
	for number, r := range checked(t, newAudit(), takenBack(t)) {
		if r.Violations > 0 {
			t.Errorf("invariant %02d: %v", number, r.Examples)
		}
	}
	reversed := func(b *books) *ledger.Entry { return b.entry(ledger.OpeningReversed) }
	findTamperingIn(t, takenBack, []tampering{
		{57, "a number that stays taken", func(b *books) { reversed(b).Number = "A0009" }},
		{57, "of a card that was used", func(b *books) { reversed(b).RefersTo = 8 }},
		{9, "more than there was", func(b *books) { reversed(b).Gross++ }},
		{26, "a card that is used on", func(b *books) { reversed(b).Status = ledger.Active }},
		{26, "coupons that stayed", func(b *books) { reversed(b).Coupons = nil }},
		{3, "a card that kept its number", func(b *books) { b.cards[0].Number = "A0001" }},
		{3, "a card that kept its inner code", func(b *books) { b.cards[0].Details.ExtID = "101" }},
		{9, "a debt as money", func(b *books) { b.entry(ledger.BalanceOpened).Gross -= 35_00 }},
		{29, "coupons that expired before their day", func(b *books) { reversed(b).Coupons[0].State = ledger.Expired }},
		{28, "coupons with other terms than their kind's", func(b *books) { b.entry(ledger.CouponSent).Offer.Face++ }},
	})
}
