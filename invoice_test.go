package tongka

import (
	"testing"

	"pgregory.net/rapid"
)

// What may be invoiced is what was paid in by pay types that are, less what was reversed and what was
// invoiced, whatever the order; no invoice is for more than that, and it is never shown below zero.
func TestPropertyInvoices(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newShop(t, Merchant{Rules: []Rule{{ID: 1, Kind: Percent, AddRate: 1000}}})
		s.choose(func(m *Merchant) {
			m.PayTypes = []PayType{{ID: 1, Name: "现金"}, {ID: 2, Name: "微信", Invoiceable: true}}
		})
		var want Fen
		var recharges, invoices []EntryID
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			amount := Fen(rapid.IntRange(1, 1000).Draw(t, "amount"))
			switch rapid.IntRange(0, 5).Draw(t, "step") {
			case 0, 1:
				pay := PayTypeID(rapid.IntRange(1, 2).Draw(t, "pay type"))
				recharges = append(recharges, s.must(Recharge{Merchant: 1, Card: "6001", Amount: amount, PayType: pay}).Last().ID)
				if pay == 2 {
					want += amount
				}
			case 2:
				_, _ = s.attempt(Consume{Merchant: 1, Card: "6001", Amount: amount})
			case 3:
				if len(recharges) == 0 {
					continue
				}
				id := rapid.SampledFrom(recharges).Draw(t, "recharge")
				before := s.entries[EntryKey{1, id}]
				if ch, err := s.attempt(ReverseRecharge{Merchant: 1, Card: "6001", Entry: id}); err == nil && before.PayType == 2 {
					want += ch.Last().Principal
				}
			case 4:
				ch, err := s.attempt(Invoice{Merchant: 1, Card: "6001", Amount: amount})
				if (err == nil) != (amount <= want) {
					t.Fatalf("an invoice of %v where %v is left: %v", amount, want, err)
				}
				if err == nil {
					want -= amount
					invoices = append(invoices, ch.Last().ID)
				}
			case 5:
				if len(invoices) == 0 {
					continue
				}
				id := rapid.SampledFrom(invoices).Draw(t, "invoice")
				if ch, err := s.attempt(ReverseInvoice{Merchant: 1, Card: "6001", Entry: id}); err == nil {
					want += ch.Last().Original
				}
			}
			if c := s.card6001(); c.Invoiceable != want || c.InvoiceBalance() != max(0, want) {
				t.Fatalf("%v may be invoiced, %v is shown, want %v", c.Invoiceable, c.InvoiceBalance(), want)
			}
			if err := s.check(); err != nil {
				t.Fatal(err)
			}
		}
		s.must(Return{Merchant: 1, Card: "6001"})
		if c := s.card6001(); c.InvoiceBalance() != 0 {
			t.Fatalf("%v of a returned card are shown", c.InvoiceBalance())
		}
	})
}
