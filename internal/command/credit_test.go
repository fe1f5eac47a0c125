package command

import (
	"testing"
	"time"

	"pgregory.net/rapid"
	"tongka/internal/ledger"
)

// A bill is paid if and only if the card's balance and its credit suffice, whatever was recharged, refunded, paid
// out and lowered before (invariant 05). A card that owes nothing in the end can be returned, and a card that
// owes cannot be paid out.
func TestPropertyInvariant05Credit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newShop(t, ledger.Merchant{
			Settings: ledger.Settings{
				SpendOrder: rapid.SampledFrom([]ledger.SpendOrder{ledger.Proportional, ledger.BonusFirst, ledger.PrincipalFirst}).Draw(t, "policy"),
				BonusDays:  rapid.SampledFrom([]int{0, 1, 3}).Draw(t, "bonus days"),
			},
			Levels: []ledger.Level{{
				ID: 1, PayRate: ledger.Percent100, Rights: ledger.Rights{CashBack: ledger.CashBack{Each: 50, Back: 7}},
			}},
			Rules: []ledger.Rule{{ID: 1, Kind: ledger.Percent, AddRate: rapid.SampledFrom([]ledger.Rate{0, 3000}).Draw(t, "bonus")}},
		})
		var paidIn, paidOut ledger.Fen
		var bills []ledger.EntryID
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			s.now = s.now.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 0, 26}).Draw(t, "hours")) * time.Hour)
			amount := ledger.Fen(rapid.IntRange(1, 200).Draw(t, "amount"))
			before := s.card6001().Settled(s.now, ledger.DateOf(s.now.In(shanghai)))
			switch rapid.SampledFrom([]string{"credit", "recharge", "buy", "buy", "buy", "refund", "withdraw"}).Draw(t, "step") {
			case "credit":
				amount -= amount % 50
				s.must(ModifyDetails{Merchant: 1, Card: "6001", Credit: &amount})
			case "recharge":
				s.must(Recharge{Merchant: 1, Card: "6001", Amount: amount, PayType: 1})
				paidIn += amount
			case "buy":
				ch, err := s.attempt(Consume{Merchant: 1, Card: "6001", Amount: amount})
				if may := amount <= max(0, before.Amount()+before.Details.Credit); may != (err == nil) {
					t.Fatalf("a bill of %v on %v with a credit of %v: %v", amount, before.Amount(), before.Details.Credit, err)
				}
				if err == nil {
					bills = append(bills, ch.Last().ID)
				}
			case "refund":
				if len(bills) > 0 {
					_, _ = s.attempt(RefundConsume{Merchant: 1, Card: "6001", Entry: rapid.SampledFrom(bills).Draw(t, "bill"), Amount: amount})
				}
			case "withdraw":
				_, err := s.attempt(Withdraw{Merchant: 1, Card: "6001", Amount: amount})
				if (err == nil) != (amount <= before.Principal) {
					t.Fatalf("%v out of %v: %v", amount, before.Principal, err)
				}
				if err == nil {
					paidOut += amount
				}
			}
			if err := s.check(); err != nil {
				t.Fatal(err)
			}
		}
		owes := s.card6001().Principal < 0
		ch, err := s.attempt(Return{Merchant: 1, Card: "6001"})
		if owes != (reasonOf(err) == ledger.CardOwes) || !owes && err != nil {
			t.Fatalf("a return of a card with %v: %v", s.card6001().Principal, err)
		}
		if !owes && paidOut+ch.Last().Net > paidIn {
			t.Fatalf("%v out for %v", paidOut+ch.Last().Net, paidIn)
		}
	})
}
