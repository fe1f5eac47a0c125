package engine_test

import (
	"fmt"
	"testing"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

// As many cards as may share a bill do, whatever has to be loaded for it: each has a password, more lots than are
// loaded with a card, and gets all of its part back. A quotation needs the same.
func TestManyCardsShareABill(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	m := merchant(shop)
	saveMerchant(t, s, m)
	right := &command.Proof{From: "10.0.0.1", Password: func(kept string) bool { return kept == "right" }}
	p := command.ConsumeShared{Bill: command.Consume{Merchant: shop, Amount: 8 * 15_00}}
	var numbers []string
	for i := range ledger.MaxPayers {
		numbers = append(numbers, fmt.Sprint("600", i))
		p.Cards = append(p.Cards, command.Payer{Card: numbers[i], Proof: right})
	}
	e := engine.New(s, quiet())
	for _, number := range numbers {
		must(t, e, command.Open{Merchant: shop, Card: command.NewCard{
			Number: number, Level: 1, Kind: ledger.StoredValue, Holder: ledger.Holder{Name: "张三"},
			Details: ledger.Details{Password: "right"},
		}})
		for range 30 {
			must(t, e, command.Recharge{Merchant: shop, Card: number, Amount: 50, PayType: cash, NoBonus: true})
		}
	}
	closeNow(t, e)

	quoted, err := engine.Quote(t.Context(), s, p, begun)
	if err != nil || len(quoted.Cards) != ledger.MaxPayers {
		t.Fatalf("quoted %d cards, %v", len(quoted.Cards), err)
	}
	e = engine.New(s, quiet())
	paid := must(t, e, p)
	closeNow(t, e)
	if len(paid.Cards) != ledger.MaxPayers {
		t.Fatalf("%d cards paid", len(paid.Cards))
	}
	refund := command.RefundShared{Merchant: shop, Cards: numbers, Entry: paid.Last().ID}
	if _, err := engine.Quote(t.Context(), s, refund, begun); err != nil {
		t.Fatal(err)
	}
	e = engine.New(s, quiet())
	back := must(t, e, refund)
	closeNow(t, e)
	for i := range back.Cards {
		if back.Cards[i].Amount() != 15_00 {
			t.Errorf("card %s has %v", back.Cards[i].Number, back.Cards[i].Amount())
		}
	}
	audit(t, s)
}
