package ledger_test

import (
	"testing"

	"tongka/internal/ledger"
)

// Only bills take a card below zero, and no further than its credit (invariant 05). Each row is an entry that
// Fold must accept or refuse.
func TestInvariant05FoldKeepsTheCredit(t *testing.T) {
	t.Parallel()
	owing := ledger.Card{
		Merchant: 1, ID: 1, Principal: -10, Bonus: 5, Details: ledger.Details{Credit: 30},
		Lots: []ledger.Lot{
			{ID: 0, Principal: -25},
			{ID: 3, GoodUntil: 2026_02_03, Bonus: 5},
			{ID: 2, GoodUntil: ledger.Forever, Principal: 15},
		},
	}
	for _, c := range []struct {
		name   string
		kind   ledger.Kind
		credit ledger.Fen
		parts  []ledger.Allocation
		want   bool
	}{
		{"a bill up to the credit", ledger.Consumed, 30, []ledger.Allocation{{Lot: 3, GoodUntil: 2026_02_03, Principal: 0, Bonus: -5}, {Lot: 2, GoodUntil: ledger.Forever, Principal: -15, Bonus: 0}, ledger.DebtPart(-5)}, true},
		{"a bill beyond it", ledger.Consumed, 30, []ledger.Allocation{{Lot: 3, GoodUntil: 2026_02_03, Principal: 0, Bonus: -5}, {Lot: 2, GoodUntil: ledger.Forever, Principal: -15, Bonus: 0}, ledger.DebtPart(-6)}, false},
		{"a bill after the credit was lowered", ledger.Consumed, 0, []ledger.Allocation{{Lot: 3, GoodUntil: 2026_02_03, Principal: 0, Bonus: -1}}, false},
		{"a bill of nothing then", ledger.Consumed, 0, nil, true},
		{"a refund of what was owed", ledger.ConsumeRefunded, 0, []ledger.Allocation{ledger.DebtPart(25)}, true},
		{"a refund of more", ledger.ConsumeRefunded, 30, []ledger.Allocation{ledger.DebtPart(26)}, false},
		{"bonus that is owed", ledger.Consumed, 30, []ledger.Allocation{{Bonus: -1}}, false},
		{"bonus that expires below", ledger.LotsExpired, 0, []ledger.Allocation{{Lot: 3, GoodUntil: 2026_02_03, Principal: 0, Bonus: -5}}, true},
		{"a recharge taken back", ledger.RechargeReversed, 0, []ledger.Allocation{{Lot: 2, GoodUntil: ledger.Forever, Principal: -15, Bonus: 0}}, true},
		{"a pay-out", ledger.Withdrawn, 30, []ledger.Allocation{{Lot: 2, GoodUntil: ledger.Forever, Principal: -1, Bonus: 0}}, false},
		{"a transfer", ledger.TransferredOut, 30, []ledger.Allocation{{Lot: 2, GoodUntil: ledger.Forever, Principal: -1, Bonus: 0}}, false},
		{"a return", ledger.CardReturned, 30, []ledger.Allocation{ledger.DebtPart(25), {Lot: 3, GoodUntil: 2026_02_03, Principal: 0, Bonus: -5}, {Lot: 2, GoodUntil: ledger.Forever, Principal: -15, Bonus: 0}}, true},
		{"a return that leaves it", ledger.CardReturned, 30, []ledger.Allocation{{Lot: 3, GoodUntil: 2026_02_03, Principal: 0, Bonus: -5}, {Lot: 2, GoodUntil: ledger.Forever, Principal: -15, Bonus: 0}}, false},
	} {
		card := owing
		card.Details.Credit, card.Seq = c.credit, 1
		e := ledger.Entry{
			Merchant:       1,
			Card:           1,
			Seq:            2,
			Kind:           c.kind,
			Allocations:    c.parts,
			PrincipalAfter: card.Principal,
			BonusAfter:     card.Bonus,
		}
		for _, p := range c.parts {
			e.Principal, e.PrincipalAfter = e.Principal+p.Principal, e.PrincipalAfter+p.Principal
			e.Bonus, e.BonusAfter = e.Bonus+p.Bonus, e.BonusAfter+p.Bonus
		}
		e.Tally = card.Tally.Plus(&e)
		if _, err := card.Fold(&e); (err == nil) != c.want {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
