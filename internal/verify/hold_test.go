package verify

import (
	"strings"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// holding is a card on which something is held: one hold is captured in part, one kept for another capture, one
// released.
func holding() []command.Command {
	return []command.Command{
		command.Open{Merchant: 1, Card: command.NewCard{
			Number: "A0001", Level: 2, Holder: ledger.Holder{Name: "某人"}, Principal: 200_00,
		}},
		command.Hold{Merchant: 1, Card: "A0001", Amount: 60_00},
		command.Hold{Merchant: 1, Card: "A0001", Amount: 30_00, Note: "八点"},
		command.Hold{Merchant: 1, Card: "A0001", Amount: 15_00},
		command.Capture{Merchant: 1, Card: "A0001", Hold: 3, Amount: 45_00},
		command.Capture{Merchant: 1, Card: "A0001", Hold: 4, Amount: 10_00, KeepRest: true},
		command.ReleaseHold{Merchant: 1, Card: "A0001", Hold: 5, Note: "取消"},
		command.Consume{Merchant: 1, Card: "A0001", Amount: 100_00},
	}
}

// The books of holds are sound, and any other fact of their entries is found even if all that follows from it was made
// anew; but for the end of a hold that nobody waited for (invariant 63).
func TestInvariant63HoldsAreExact(t *testing.T) {
	t.Parallel()
	for _, missed := range missedFacts(t, soundOf(t, holding()), ledger.AmountHeld, ledger.HoldReleased) {
		_, fact, _ := strings.Cut(missed, ".")
		top, _, _ := strings.Cut(fact, ".")
		if free["*."+top] == "" && missed != "hold.HeldUntil" {
			t.Errorf("%s: another was not found", missed)
		}
	}
}

// A hold that is captured twice, a bill that takes what is held, and holds that the card does not have, or keeps, are
// found.
func TestTamperedHoldsAreFound(t *testing.T) {
	t.Parallel()
	held := func(t *testing.T) *books {
		t.Helper()
		return soundOf(t, holding())
	}
	bill := func(b *books) *ledger.Entry { return &b.entries[len(b.entries)-2] } // and its cash back
	findTamperingIn(t, held, []tampering{
		{63, "a bill that takes what is held", func(b *books) {
			e := bill(b)
			more := b.cards[0].Principal
			e.Gross, e.Discountable, e.Net = e.Gross+more, e.Discountable+more, e.Net+more
			e.Principal, e.PrincipalAfter = e.Principal-more, e.PrincipalAfter-more
			e.Allocations[len(e.Allocations)-1].Principal -= more // of the card's principal
		}},
		{63, "a bill out of a hold that is gone", func(b *books) {
			bill(b).RefersTo, bill(b).Released = 3, ledger.ByCapture
		}},
		{63, "a bill of more than is held", func(b *books) {
			bill(b).RefersTo, bill(b).Released = 4, ledger.ByCapture
		}},
		{63, "a release of a hold that is gone", func(b *books) {
			for i := range b.entries {
				if e := &b.entries[i]; e.Released == ledger.ByCaller {
					e.RefersTo = 3
				}
			}
		}},
		{56, "a rest without its capture", func(b *books) {
			for i := range b.entries {
				if e := &b.entries[i]; e.Kind == ledger.HoldReleased && e.Released == ledger.ByCapture {
					b.entries[i+1].RefersTo, b.entries[i+1].Released = 0, 0
				}
			}
		}},
		{57, "a hold that ends too late", func(b *books) {
			e := b.entry(ledger.AmountHeld)
			e.HeldUntil = e.At.Add(ledger.HoldLongest + time.Hour)
		}},
		{57, "a release for no reason", func(b *books) { b.entry(ledger.HoldReleased).Released = 9 }},
		{3, "a hold that is gone", func(b *books) { b.cards[0].Holds = nil }},
		{3, "a hold of more", func(b *books) { b.cards[0].Holds[0].Amount++ }},
		{3, "a hold for longer", func(b *books) { b.cards[0].Holds[0].Until = noon.AddDate(0, 0, 9) }},
		{57, "another day on which a hold is looked for", func(b *books) {
			b.derive = func(c *ledger.StoredCard) { c.HoldUntil = noon }
		}},
	})
}
