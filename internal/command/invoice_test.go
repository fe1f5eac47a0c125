package command

import (
	"testing"

	"pgregory.net/rapid"
	"tongka/internal/ledger"
)

// The invoiceable amount follows the money: a transfer takes it along, and a pay-out reduces it on whichever card
// (invariant 56).
func TestInvariant56InvoicesGoWithTheMoney(t *testing.T) {
	t.Parallel()
	recharge := func(card string, pay ledger.PayTypeID) Command {
		return Recharge{Merchant: 1, Card: card, Amount: 100_00, PayType: pay}
	}
	send := func(amount ledger.Fen) Command {
		return Transfer{Merchant: 1, From: "6001", To: "6002", Amount: amount}
	}
	out := func(card string, amount ledger.Fen) Command { return Withdraw{Merchant: 1, Card: card, Amount: amount} }
	invoice := func(card string, amount ledger.Fen) Command { return Invoice{Merchant: 1, Card: card, Amount: amount} }
	buy := func(amount ledger.Fen) Command { return Consume{Merchant: 1, Card: "6001", Amount: amount} }
	for _, c := range []struct {
		name  string
		steps []Command
		a, b  ledger.Fen // what may be invoiced on each card
	}{
		{"sent", []Command{recharge("6001", 2), send(100_00)}, 0, 100_00},
		{"sent and paid out", []Command{recharge("6001", 2), send(100_00), out("6002", 100_00)}, 0, 0},
		{"half of it", []Command{recharge("6001", 2), send(50_00), out("6002", 30_00)}, 50_00, 20_00},
		{"what was spent stays", []Command{recharge("6001", 2), buy(60_00), send(40_00)}, 60_00, 40_00},
		{"money of another kind goes first", []Command{recharge("6001", 1), recharge("6001", 2), send(100_00)}, 100_00, 0},
		{"and then the other", []Command{recharge("6001", 1), recharge("6001", 2), send(150_00)}, 50_00, 50_00},
		{"invoiced before", []Command{recharge("6001", 2), invoice("6001", 100_00), send(100_00)}, 0, 0},
		{
			"invoiced in part, and the rest paid out",
			[]Command{recharge("6001", 2), invoice("6001", 70_00), out("6001", 30_00)}, 0, 0,
		},
		{"a part was invoiced", []Command{recharge("6001", 2), invoice("6001", 70_00), send(50_00)}, 0, 30_00},
		{
			"sent back",
			[]Command{recharge("6001", 2), send(100_00), Transfer{Merchant: 1, From: "6002", To: "6001", Amount: 100_00}},
			100_00, 0,
		},
		{"returned", []Command{recharge("6001", 2), buy(60_00), Return{Merchant: 1, Card: "6001"}}, 60_00, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := newMemStore(ledger.Merchant{
				ID: 1, Zone: shanghai, Levels: []ledger.Level{{ID: 1, PayRate: ledger.Percent100}},
				PayTypes: []ledger.PayType{{ID: 1}, {ID: 2, Invoiceable: true}},
			})
			for _, number := range []string{"6001", "6002"} {
				l.mustAt(t, monday, Open{Merchant: 1, Card: NewCard{Number: number, Level: 1, Holder: ledger.Holder{Name: "张三"}}})
			}
			for _, cmd := range c.steps {
				l.mustAt(t, monday, cmd)
			}
			a, _ := l.card(ledger.CardKey{Merchant: 1, Number: "6001"}, 0)
			b, _ := l.card(ledger.CardKey{Merchant: 1, Number: "6002"}, 0)
			if a.Invoiceable != c.a || b.Invoiceable != c.b {
				t.Fatalf("%v and %v may be invoiced, want %v and %v", a.Invoiceable, b.Invoiceable, c.a, c.b)
			}
			if _, err := l.do(Invoice{Merchant: 1, Card: "6001", Amount: max(0, a.InvoiceBalance()) + 1}, monday); err == nil {
				t.Fatal("more was invoiced")
			}
		})
	}
}

// Money that was invoiced cannot be paid out while the invoice stands, on any card and by any command (invariant 56).
func TestInvariant56InvoicedMoneyIsNotPaidOut(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newShop(t, ledger.Merchant{})
		s.choose(func(m *ledger.Merchant) {
			m.PayTypes = []ledger.PayType{{ID: 1, Name: "现金"}, {ID: 2, Name: "微信", Invoiceable: true}}
		})
		s.must(Open{Merchant: 1, Card: NewCard{Number: "6002", Level: 1, Holder: ledger.Holder{Name: "李四"}}})
		recharge := s.must(Recharge{Merchant: 1, Card: "6001", Amount: 100_00, PayType: 2}).Last()
		invoice := s.must(Invoice{Merchant: 1, Card: "6001", Amount: 100_00}).Last()
		refused := func(cmds ...Command) {
			t.Helper()
			for _, cmd := range cmds {
				if _, err := s.attempt(cmd); reasonOf(err) != ledger.InvoicedMoney {
					t.Fatalf("%+v: %v", cmd, err)
				}
			}
		}
		refused(
			ReverseRecharge{Merchant: 1, Card: "6001", Entry: recharge.ID}, Return{Merchant: 1, Card: "6001"},
			Withdraw{Merchant: 1, Card: "6001", Amount: 1},
		)
		s.must(Transfer{Merchant: 1, From: "6001", To: "6002", Amount: 60_00})
		refused(Withdraw{Merchant: 1, Card: "6002", Amount: 1}, Return{Merchant: 1, Card: "6002"})
		s.must(ReverseInvoice{Merchant: 1, Card: "6001", Entry: invoice.ID})
		s.must(Withdraw{Merchant: 1, Card: "6001", Amount: 40_00})
		refused(Withdraw{Merchant: 1, Card: "6002", Amount: 1})
		s.must(Transfer{Merchant: 1, From: "6002", To: "6001", Amount: 60_00})
		s.must(Return{Merchant: 1, Card: "6001"})
		if c := s.card6001(); c.Invoiceable != 0 {
			t.Fatalf("%v may be invoiced, and all was paid out", c.Invoiceable)
		}
		if err := s.check(); err != nil {
			t.Fatal(err)
		}
	})
}

// Whatever is paid in, bought, transferred, paid out and invoiced on two cards: the amounts invoiced and still
// invoiceable sum to no more than what was paid in by invoiceable pay types and not paid out. If all pay types are
// invoiceable, they sum to exactly that.
func TestPropertyInvariant56NoInvoiceForMoneyPaidOut(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newShop(t, ledger.Merchant{Rules: []ledger.Rule{{ID: 1, Kind: ledger.Percent, AddRate: 1000}}})
		mixed := rapid.Bool().Draw(t, "other pay types too")
		s.choose(func(m *ledger.Merchant) {
			m.PayTypes = []ledger.PayType{{ID: 1, Name: "现金", Invoiceable: !mixed}, {ID: 2, Name: "微信", Invoiceable: true}}
		})
		s.must(Open{Merchant: 1, Card: NewCard{Number: "6002", Level: 1, Holder: ledger.Holder{Name: "李四"}}})
		w := cashier{shop: s, bills: map[ledger.EntryID]string{}, recharges: map[ledger.EntryID]string{}}
		var invoiced, invoiceable ledger.Fen // by holders, net; paid in by invoiceable pay types, net of reversals
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			before := len(s.entries)
			if rapid.IntRange(0, 3).Draw(t, "invoices") == 0 {
				card := rapid.SampledFrom([]string{"6001", "6002"}).Draw(t, "card")
				_, _ = s.attempt(Invoice{Merchant: 1, Card: card, Amount: ledger.Fen(rapid.IntRange(1, 600).Draw(t, "amount"))})
			} else {
				w.pay = ledger.PayTypeID(rapid.IntRange(1, 2).Draw(t, "pay type"))
				w.step()
			}
			for id := ledger.EntryID(before + 1); id <= ledger.EntryID(len(s.entries)); id++ {
				switch e := s.entries[row[ledger.EntryID]{1, id}]; e.Kind {
				case ledger.Invoiced:
					invoiced += e.Gross
				case ledger.Recharged, ledger.RechargeReversed:
					invoiceable += e.Invoice
				}
			}
			left := s.cardNamed("6001").Invoiceable + s.cardNamed("6002").Invoiceable
			if least := min(s.cardNamed("6001").Invoiceable, s.cardNamed("6002").Invoiceable); least < 0 {
				t.Fatalf("%v may be invoiced", least)
			}
			switch kept := w.in - w.out; {
			case invoiced+left > invoiceable:
				t.Fatalf("%v were invoiced and %v may be, of %v that was paid in so", invoiced, left, invoiceable)
			case invoiced+left > kept, !mixed && invoiced+left != kept:
				t.Fatalf("%v were invoiced and %v may be, %v was paid in and not out", invoiced, left, kept)
			}
			if err := s.check(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// The invoiceable amount is what was paid in by invoiceable pay types, less what was reversed, paid out and invoiced,
// in whatever order. No invoice exceeds it, and it is never shown below zero.
func TestPropertyInvoices(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newShop(t, ledger.Merchant{Rules: []ledger.Rule{{ID: 1, Kind: ledger.Percent, AddRate: 1000}}})
		s.choose(func(m *ledger.Merchant) {
			m.PayTypes = []ledger.PayType{{ID: 1, Name: "现金"}, {ID: 2, Name: "微信", Invoiceable: true}}
		})
		var want ledger.Fen
		var recharges, invoices []ledger.EntryID
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			amount := ledger.Fen(rapid.IntRange(1, 1000).Draw(t, "amount"))
			switch rapid.IntRange(0, 6).Draw(t, "step") {
			case 0, 1:
				pay := ledger.PayTypeID(rapid.IntRange(1, 2).Draw(t, "pay type"))
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
				before := s.entries[row[ledger.EntryID]{1, id}]
				if ch, err := s.attempt(ReverseRecharge{Merchant: 1, Card: "6001", Entry: id}); err == nil && before.PayType == 2 {
					want += ch.Last().Invoice
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
			case 6:
				_, err := s.attempt(Withdraw{Merchant: 1, Card: "6001", Amount: amount})
				if err == nil {
					want += s.entries[row[ledger.EntryID]{1, ledger.EntryID(len(s.entries))}].Invoice
				}
			case 5:
				if len(invoices) == 0 {
					continue
				}
				id := rapid.SampledFrom(invoices).Draw(t, "invoice")
				if ch, err := s.attempt(ReverseInvoice{Merchant: 1, Card: "6001", Entry: id}); err == nil {
					want += ch.Last().Gross
				}
			}
			if c := s.card6001(); c.Invoiceable != want || c.InvoiceBalance() != max(0, want) {
				t.Fatalf("%v may be invoiced, %v is shown, want %v", c.Invoiceable, c.InvoiceBalance(), want)
			}
			if err := s.check(); err != nil {
				t.Fatal(err)
			}
		}
		s.returnsWithoutInvoice()
	})
}

// returnsWithoutInvoice returns the card, if it may be returned, and checks that nothing on it is invoiceable.
func (s *shop) returnsWithoutInvoice() {
	if _, err := s.attempt(Return{Merchant: 1, Card: "6001"}); err != nil && reasonOf(err) != ledger.InvoicedMoney {
		s.t.Fatal(err)
	}
	if c := s.card6001(); c.Status == ledger.Returned && c.InvoiceBalance() != 0 {
		s.t.Fatalf("%v of a returned card are shown", c.InvoiceBalance())
	}
}
