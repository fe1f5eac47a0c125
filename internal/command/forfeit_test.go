package command

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
	"tongka/internal/ledger"
)

// Bonus that was spent before its principal is forfeited when a refund brings it back after the principal was paid
// out: all of it, or the share of what was paid out (invariants 12, 32).
func TestInvariant12BonusComesBackForWhatStays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		rate   ledger.Rate
		bill   ledger.Fen
		out    func(recharge ledger.EntryID) Command
		lot    string // principal and bonus of the lot after the pay-out and the refund
		policy ledger.SpendOrder
	}{
		{"reversed", 1000, 10_00, reversal, "0.00 0.00", ledger.BonusFirst},
		{"reversed, all for the same again", ledger.Percent100, 100_00, reversal, "0.00 0.00", ledger.BonusFirst},
		{"withdrawn whole", ledger.Percent100, 100_00, withdrawal(100_00), "0.00 0.00", ledger.BonusFirst},
		{"withdrawn by half", ledger.Percent100, 100_00, withdrawal(50_00), "50.00 50.00", ledger.BonusFirst},
		{
			"withdrawn by half, a part was spent", ledger.Percent100, 60_00, withdrawal(50_00), "50.00 50.00", ledger.BonusFirst,
		},
		{"principal comes back too", ledger.Percent100, 150_00, reversal, "50.00 50.00", ledger.BonusFirst},
		{"sent to another card", ledger.Percent100, 100_00, sending(100_00), "0.00 0.00", ledger.BonusFirst},
		{"sent by half", ledger.Percent100, 60_00, sending(50_00), "50.00 50.00", ledger.BonusFirst},
		{"in proportion", ledger.Percent100, 100_00, withdrawal(50_00), "50.00 50.00", ledger.Proportional},
		{"principal first", ledger.Percent100, 50_00, withdrawal(50_00), "50.00 50.00", ledger.PrincipalFirst},
		{"principal first, reversed", 1000, 10_00, reversal, "10.00 0.00", ledger.PrincipalFirst},
		{"nothing was given", 0, 60_00, withdrawal(40_00), "60.00 0.00", ledger.BonusFirst},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				s := newShop(t, ledger.Merchant{
					Settings: ledger.Settings{SpendOrder: c.policy},
					Rules:    []ledger.Rule{{ID: 1, Kind: ledger.Percent, AddRate: c.rate}},
				})
				s.must(Open{Merchant: 1, Card: NewCard{Number: "6002", Level: 1, Holder: ledger.Holder{Name: "李四"}}})
				recharge := s.must(Recharge{Merchant: 1, Card: "6001", Amount: 100_00, PayType: 1}).Last().ID
				bill := s.must(Consume{Merchant: 1, Card: "6001", Amount: c.bill}).Last().ID
				s.must(c.out(recharge))
				back := s.must(RefundConsume{Merchant: 1, Card: "6001", Entry: bill}).Last()
				card := s.card6001()
				if got := fmt.Sprintf("%v %v", card.Principal, card.Bonus); got != c.lot || back.Net != c.bill {
					t.Fatalf("%v of the bill came back, and the card has %s, want %s", back.Net, got, c.lot)
				}
				if len(card.Forfeits) > 0 {
					t.Fatalf("still to be forfeited: %+v", card.Forfeits)
				}
				if err := s.check(); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

func reversal(recharge ledger.EntryID) Command {
	return ReverseRecharge{Merchant: 1, Card: "6001", Entry: recharge}
}

func withdrawal(amount ledger.Fen) func(ledger.EntryID) Command {
	return func(ledger.EntryID) Command { return Withdraw{Merchant: 1, Card: "6001", Amount: amount} }
}

func sending(amount ledger.Fen) func(ledger.EntryID) Command {
	return func(ledger.EntryID) Command { return Transfer{Merchant: 1, From: "6001", To: "6002", Amount: amount} }
}

// A bill paid after some principal had been paid out is undone exactly, even if earlier bills have bonus to be
// forfeited (invariant 11).
func TestInvariant11BillsAfterAPayOutAreUndoneExactly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newShop(t, ledger.Merchant{
			Settings: ledger.Settings{
				SpendOrder: rapid.SampledFrom([]ledger.SpendOrder{
					ledger.Proportional, ledger.BonusFirst, ledger.PrincipalFirst,
				}).Draw(t, "policy"),
			},
			Rules: []ledger.Rule{
				{ID: 1, Kind: ledger.Percent, AddRate: rapid.SampledFrom([]ledger.Rate{1000, ledger.Percent100}).Draw(t, "rate")},
			},
		})
		s.must(Recharge{Merchant: 1, Card: "6001", Amount: ledger.Fen(rapid.IntRange(1, 300).Draw(t, "paid")), PayType: 1})
		if spent := rapid.IntRange(0, int(s.card6001().Amount())).Draw(t, "spent before"); spent > 0 {
			s.must(Consume{Merchant: 1, Card: "6001", Amount: ledger.Fen(spent)})
		}
		if out := rapid.IntRange(0, int(s.card6001().Principal)).Draw(t, "out"); out > 0 {
			s.must(Withdraw{Merchant: 1, Card: "6001", Amount: ledger.Fen(out)})
		}
		before := s.card6001()
		if before.Amount() == 0 {
			return
		}
		bill := s.must(Consume{
			Merchant: 1, Card: "6001", Amount: ledger.Fen(rapid.IntRange(1, int(before.Amount())).Draw(t, "bill")),
		}).Last()
		s.must(RefundConsume{Merchant: 1, Card: "6001", Entry: bill.ID})
		if got, want := lotsAndPoints(s.card6001()), lotsAndPoints(before); got != want {
			t.Fatalf("after the refund\n%s\nbefore the bill\n%s", got, want)
		}
	})
}

// Bonus that expired by a wrong clock and comes back after its principal was paid out is forfeited too.
func TestInvariant12ReversedExpiryBringsNoBonus(t *testing.T) {
	t.Parallel()
	l := dated(t)
	wrong, right := monday.AddDate(0, 0, 40), monday.Add(time.Minute)
	gone := l.mustAt(t, wrong, Expire{Merchant: 1, Card: "6001"})[0]
	l.mustAt(t, wrong, TakeBackTime{Merchant: 1, At: right})
	l.mustAt(t, right, Withdraw{Merchant: 1, Card: "6001", Amount: 50_00})
	back := l.mustAt(t, right, ReverseExpiry{Merchant: 1, Card: "6001", Entry: gone.ID})
	c, _ := l.card(ledger.CardKey{Merchant: 1, Number: "6001"}, 0)
	if c.Bonus != 5_00 || len(back) != 2 || back[1].Kind != ledger.BonusForfeited || back[1].RefersTo != back[0].ID {
		t.Fatalf("half of the principal is there, and %v of a bonus of 10.00; %+v", c.Bonus, back)
	}
}

// Nobody can cash bonus out. Whatever the spend order, and whatever is recharged, bought, refunded, reversed,
// transferred, withdrawn and expires: if all goods are given back in the end, what was paid in was paid out or is
// there as principal, to the fen, with no more bonus than its rate (invariants 12, 32). A transfer rounds the bonus
// that goes along up, so there may be a fen more for each lot transferred.
func TestPropertyInvariant32NoBonusIsCashedOut(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.SampledFrom([]ledger.Rate{500, 1000, 5000, ledger.Percent100, 2 * ledger.Percent100}).Draw(t, "rate")
		s := newShop(t, ledger.Merchant{
			Settings: ledger.Settings{
				SpendOrder: rapid.SampledFrom([]ledger.SpendOrder{
					ledger.Proportional, ledger.BonusFirst, ledger.PrincipalFirst,
				}).Draw(t, "policy"),
				BonusDays: rapid.SampledFrom([]int{0, 0, 1}).Draw(t, "bonus days"),
			},
			Levels: []ledger.Level{{ID: 1, PayRate: ledger.Percent100, Rights: ledger.Rights{CashBack: drawCashBack(t)}}},
			Rules:  []ledger.Rule{{ID: 1, Kind: ledger.Percent, AddRate: rate}},
		})
		s.must(Open{Merchant: 1, Card: NewCard{Number: "6002", Level: 1, Holder: ledger.Holder{Name: "李四"}}})
		w := cashier{shop: s, bills: map[ledger.EntryID]string{}, recharges: map[ledger.EntryID]string{}}
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			s.now = s.now.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 0, 26}).Draw(t, "hours")) * time.Hour)
			w.step()
			if err := s.check(); err != nil {
				t.Fatal(err)
			}
		}
		for _, id := range slices.Sorted(maps.Keys(w.bills)) {
			_, err := s.attempt(RefundConsume{Merchant: 1, Card: w.bills[id], Entry: id})
			if err != nil && reasonOf(err) != ledger.AlreadyReversed {
				t.Fatal(err)
			}
		}
		a, b := s.cardNamed("6001"), s.cardNamed("6002")
		principal, bonus := a.Principal+b.Principal, a.Bonus+b.Bonus
		if w.out+principal != w.in {
			t.Fatalf("paid in %v, paid out %v, left %v", w.in, w.out, principal)
		}
		if most := principal.Floor(rate) + w.sent; bonus > most {
			t.Fatalf("%v of bonus are left with %v of principal at %v", bonus, principal, rate)
		}
	})
}

// drawCashBack draws no cash back or a part of each bill.
func drawCashBack(t *rapid.T) ledger.CashBack {
	return rapid.SampledFrom([]ledger.CashBack{{}, {Each: 10, Back: 1}, {Each: 3, Back: 1}, {Each: 1, Back: 1}}).Draw(t,
		"cash back")
}

// Goods bought with cash back are paid for when the bill that gave it is undone, in every spend order: whoever
// withdraws his money has not got them for nothing (invariant 32). If they are given back too, in whatever order, the
// card is as before (invariant 11).
func TestInvariant32GoodsBoughtWithCashBackArePaidFor(t *testing.T) {
	t.Parallel()
	for _, policy := range []ledger.SpendOrder{ledger.Proportional, ledger.BonusFirst, ledger.PrincipalFirst} {
		for _, rate := range []ledger.Rate{0, 1000, ledger.Percent100} {
			rapid.Check(t, func(t *rapid.T) {
				s := newShop(t, ledger.Merchant{
					Settings: ledger.Settings{SpendOrder: policy},
					Levels: []ledger.Level{
						{ID: 1, PayRate: ledger.Percent100, Rights: ledger.Rights{CashBack: ledger.CashBack{Each: 10_00, Back: 1_00}}},
					},
					Rules: []ledger.Rule{{ID: 1, Kind: ledger.Percent, AddRate: rate}},
				})
				s.must(Recharge{Merchant: 1, Card: "6001", Amount: 100_00, PayType: 1})
				before := s.card6001()
				bill := s.must(Consume{Merchant: 1, Card: "6001", Amount: before.Amount()}).Last().ID
				bought := s.card6001().Bonus - 1_00
				goods := s.must(Consume{Merchant: 1, Card: "6001", Amount: bought}).Last().ID
				refunds := []Command{
					RefundConsume{Merchant: 1, Card: "6001", Entry: bill},
					RefundConsume{Merchant: 1, Card: "6001", Entry: goods},
				}
				s.must(refunds[0])
				if c := s.card6001(); c.Principal != 100_00-bought ||
					c.Bonus != before.Bonus+(ledger.CashBack{Each: 10_00, Back: 1_00}).Of(bought) {
					t.Fatalf("%v were bought with cash back, and the card has %v and %v of bonus", bought, c.Principal, c.Bonus)
				}
				s.must(refunds[1])
				if got, want := lotsAndPoints(s.card6001()), lotsAndPoints(before); got != want || len(s.card6001().Forfeits) > 0 {
					t.Fatalf("after all was given back\n%s\nbefore\n%s", got, want)
				}
				if err := s.check(); err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}

// With two of the spend orders, bills on one lot are paid with different shares of bonus. Whoever gives back the bill
// that principal paid, keeps the one that bonus paid and withdraws the principal gets goods for bonus: never for more
// bonus than was given, and with the proportional order for none (decision 0009).
func TestInvariant32OnlyInProportionBonusStaysWithItsPrincipal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		policy  ledger.SpendOrder
		refund  int        // which of two bills is refunded, each as large as the principal
		nothing ledger.Fen // goods that nobody paid for
	}{
		{ledger.Proportional, 0, 0},
		{ledger.Proportional, 1, 0},
		{ledger.PrincipalFirst, 0, 100_00},
		{ledger.PrincipalFirst, 1, 0},
		{ledger.BonusFirst, 0, 0},
		{ledger.BonusFirst, 1, 100_00},
	} {
		rapid.Check(t, func(t *rapid.T) {
			s := newShop(t, ledger.Merchant{
				Settings: ledger.Settings{SpendOrder: c.policy},
				Rules:    []ledger.Rule{{ID: 1, Kind: ledger.Percent, AddRate: ledger.Percent100}},
			})
			s.must(Recharge{Merchant: 1, Card: "6001", Amount: 100_00, PayType: 1})
			var bills []ledger.EntryID
			for range 2 {
				bills = append(bills, s.must(Consume{Merchant: 1, Card: "6001", Amount: 100_00}).Last().ID)
			}
			s.must(RefundConsume{Merchant: 1, Card: "6001", Entry: bills[c.refund]})
			out := s.card6001().Principal
			if out > 0 {
				s.must(Withdraw{Merchant: 1, Card: "6001", Amount: out})
			}
			card := s.card6001()
			// The bonus is as much as the principal, so money that stays is worth twice its amount in goods and bonus.
			if got := card.SumConsume + card.Bonus - 2*(100_00-out); got != c.nothing {
				t.Fatalf("%v, bill %d given back: %v of goods for nothing, want %v", c.policy, c.refund, got, c.nothing)
			}
			if err := s.check(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// Nobody gets goods for nothing. Whatever is recharged, bought, refunded, reversed, transferred and withdrawn: if
// all that is left is paid out in the end, the goods that are kept were paid for with money that stayed, with bonus
// of no more than its rate, and with no more cash back than their own (invariant 32). With bonus_first or
// principal_first they may also have been paid for with the bonus of money that was paid out. Each lot and each
// step may round by a fen.
func TestPropertyInvariant32NoGoodsForNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.SampledFrom([]ledger.Rate{0, 1000, 5000, ledger.Percent100}).Draw(t, "rate")
		policy := rapid.SampledFrom([]ledger.SpendOrder{
			ledger.Proportional, ledger.BonusFirst, ledger.PrincipalFirst,
		}).Draw(t, "policy")
		back := drawCashBack(t)
		s := newShop(t, ledger.Merchant{
			Settings: ledger.Settings{SpendOrder: policy},
			Levels:   []ledger.Level{{ID: 1, PayRate: ledger.Percent100, Rights: ledger.Rights{CashBack: back}}},
			Rules:    []ledger.Rule{{ID: 1, Kind: ledger.Percent, AddRate: rate}},
		})
		s.must(Open{Merchant: 1, Card: NewCard{Number: "6002", Level: 1, Holder: ledger.Holder{Name: "李四"}}})
		w := cashier{shop: s, bills: map[ledger.EntryID]string{}, recharges: map[ledger.EntryID]string{}}
		steps := rapid.IntRange(1, 20).Draw(t, "steps")
		for range steps {
			w.step()
		}
		for _, card := range []string{"6001", "6002"} {
			if has := s.cardNamed(card).Principal; has > 0 {
				w.out += s.must(Withdraw{Merchant: 1, Card: card, Amount: has}).Last().Net
			}
		}
		a, b := s.cardNamed("6001"), s.cardNamed("6002")
		goods, kept := a.SumConsume+b.SumConsume, w.in-w.out
		paid := kept + kept.Floor(rate) + ledger.Fen(steps*steps)
		if policy != ledger.Proportional {
			paid += w.out.Floor(rate)
		}
		if back.Each > 0 {
			paid += goods * back.Back / back.Each
		}
		if goods > paid {
			t.Fatalf("%v of goods for %v of money at %v and %+v", goods, kept, rate, back)
		}
	})
}

// cashier draws what happens to two cards, and keeps count of the money over the counter.
type cashier struct {
	*shop
	bills, recharges map[ledger.EntryID]string // the cards, by entry
	in, out, sent    ledger.Fen                // sent is the number of lots transferred
	pay              ledger.PayTypeID
}

func (w *cashier) step() {
	t := w.t
	card := rapid.SampledFrom([]string{"6001", "6001", "6002"}).Draw(t, "card")
	amount := ledger.Fen(rapid.IntRange(1, 600).Draw(t, "amount"))
	switch rapid.SampledFrom([]string{"recharge", "buy", "buy", "refund", "refund", "reverse", "send", "withdraw"}).Draw(t,
		"step") {
	case "recharge":
		w.recharges[w.must(Recharge{Merchant: 1, Card: card, Amount: amount, PayType: max(1, w.pay)}).Last().ID] = card
		w.in += amount
	case "buy":
		c := w.cardNamed(card)
		m := w.merchants[1]
		settled := c.Settled(w.now, m.Today(w.now))
		if has := settled.Amount(); has > 0 {
			w.bills[w.must(Consume{Merchant: 1, Card: card, Amount: min(amount, has)}).Last().ID] = card
		}
	case "refund":
		if len(w.bills) > 0 {
			id := rapid.SampledFrom(slices.Sorted(maps.Keys(w.bills))).Draw(t, "bill")
			back := rapid.SampledFrom([]ledger.Fen{amount / 4, 0}).Draw(t, "back") // 0 = all that is left
			_, _ = w.attempt(RefundConsume{Merchant: 1, Card: w.bills[id], Entry: id, Amount: back})
		}
	case "reverse":
		if len(w.recharges) > 0 {
			id := rapid.SampledFrom(slices.Sorted(maps.Keys(w.recharges))).Draw(t, "recharge")
			if ch, err := w.attempt(ReverseRecharge{Merchant: 1, Card: w.recharges[id], Entry: id}); err == nil {
				w.out += ch.Last().Gross
			}
		}
	case "send":
		if has := w.cardNamed(card).Principal; has > 0 {
			other := map[string]string{"6001": "6002", "6002": "6001"}[card]
			w.sent += ledger.Fen(len(w.must(Transfer{
				Merchant: 1, From: card, To: other, Amount: min(amount, has),
			}).Entries[0].Allocations))
		}
	case "withdraw":
		if has := w.cardNamed(card).Principal; has > 0 {
			ch, err := w.attempt(Withdraw{Merchant: 1, Card: card, Amount: min(amount, has)})
			switch {
			case err == nil:
				w.out += ch.Last().Net
			case reasonOf(err) != ledger.InvoicedMoney:
				t.Fatal(err)
			}
		}
	}
}
