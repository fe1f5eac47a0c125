package command

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
	"tongka/internal/ledger"
)

// A bill that several cards share does what the same bills do one after the other: the first as it is, and each other
// for what the one before it left.
func TestPropertyInvariant64SharedBillIsBillsInTurn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l, d, last := afterStory(t)
		p := drawBillToShare(d, last)
		if rapid.Bool().Draw(t, "points on a part only") {
			on := d.fen(0, 500)
			p.Bill.EarnOn = &on
		}
		if !mayShare(l, &p, last) {
			return
		}
		inTurn := l.clone()
		want, wantErr := billsInTurn(inTurn, &p, last)
		got, err := l.do(p, last)
		if reasonOf(err) != reasonOf(wantErr) {
			t.Fatalf("%+v: %v, and in turn %v", p, err, wantErr)
		}
		if err != nil {
			return
		}
		if g, w := effectsOf(got.Entries), effectsOf(want); g != w {
			t.Fatalf("%+v: %s", p, firstDifference(g, w))
		}
		if err := l.check(); err != nil {
			t.Fatal(err)
		}
	})
}

// afterStory returns books as a story leaves them, and its last time.
func afterStory(t *rapid.T) (*memStore, *drawing, time.Time) {
	merchants, orders := drawStory(t)
	l := newMemStore(merchants...)
	for _, o := range orders {
		_, _ = l.do(o.cmd, o.now)
	}
	return l, newDrawing(t, l), orders[len(orders)-1].now
}

// drawBillToShare draws a bill of three different cards. Those of the story are mostly empty, lost or closed, so most
// are new ones with a little money.
func drawBillToShare(d *drawing, now time.Time) ConsumeShared {
	p := ConsumeShared{Bill: drawConsume(d).(Consume)}
	m := d.shadow.merchants[d.merchant]
	if rapid.IntRange(0, 3).Draw(d.t, "a plain bill") > 0 { // most others are refused
		p.Bill = Consume{Merchant: m.ID, By: d.by, Amount: d.fen(300, 1800), NoDiscount: d.fen(0, 300)}
		m.Settings.PartPayment, m.Settings.MaxAmount = true, 0
		d.shadow.merchants[m.ID] = m
	}
	for i, number := range rapid.Permutation(numbers[:3]).Draw(d.t, "cards that share") {
		if rapid.IntRange(0, 3).Draw(d.t, "a new card") > 0 {
			number = fmt.Sprint("700", i)
			level := ledger.LevelID(rapid.IntRange(1, 2).Draw(d.t, "level"))
			for _, cmd := range []Command{
				Open{Merchant: m.ID, Card: NewCard{Number: number, Level: 1, Holder: ledger.Holder{Name: "张三"}}},
				Recharge{Merchant: m.ID, Card: number, Amount: d.fen(1, 400), PayType: 1},
				ChangeLevel{Merchant: m.ID, Card: number, Level: level},
			} {
				_, _ = d.shadow.do(cmd, now)
			}
		}
		p.Cards = append(p.Cards, Payer{Card: number})
	}
	return p
}

// mayShare reports whether the cards are different ones that may pay.
func mayShare(l *memStore, p *ConsumeShared, now time.Time) bool {
	s := NewState(p.Bill.Merchant)
	l.teach(s, p.Keys())
	d, err := begin(s, now, p.Bill.Merchant, p.Bill.By)
	if err != nil {
		return false
	}
	_, err = p.payers(d)
	return err == nil
}

// billsInTurn pays the bills one by one, at a merchant that allows part payment except for the last one.
func billsInTurn(l *memStore, p *ConsumeShared, now time.Time) (all []ledger.Entry, err error) {
	m := l.merchants[p.Bill.Merchant]
	allowed := m.Settings.PartPayment
	bill := p.Bill
	for i, payer := range p.Cards {
		isLast := i == len(p.Cards)-1
		m.Settings.PartPayment = allowed || !isLast
		l.merchants[m.ID] = m
		bill.Card, bill.InFull = payer.Card, isLast && p.Bill.InFull
		ch, err := l.do(bill, now)
		if err != nil {
			return nil, err
		}
		all = append(all, ch.Entries...)
		paid := ch.Last()
		rest := paid.PaidElsewhere()
		if rest == 0 {
			break
		}
		bill = Consume{
			Merchant: bill.Merchant, By: bill.By, Amount: rest, NoDiscount: rest, EarnOn: bill.EarnOn,
			NoRewards: bill.NoRewards, Note: bill.Note,
		}
		if on := bill.EarnOn; on != nil {
			left := max(0, *on+paid.Delta())
			bill.EarnOn = &left
		}
	}
	return all, nil
}

// effectsOf prints entries without what says that they are of one bill.
func effectsOf(entries []ledger.Entry) (all string) {
	for _, e := range entries {
		if e.Kind == ledger.Consumed {
			e.RefersTo, e.OtherCard = 0, ""
		}
		e.Hash = [32]byte{}
		all += dumpEntry(e) + "\n"
	}
	return all
}

// A refused card is named by its place, and nothing of the bill is kept but a wrong password that counts. What the
// cards before it were proved by is not used up.
func TestSharedBillIsAllOrNothing(t *testing.T) {
	t.Parallel()
	l := quotedBooks(t)
	for _, number := range []string{"7001", "7002"} {
		l.mustAt(t, monday, Open{Merchant: 1, Card: NewCard{
			Number: number, Kind: ledger.StoredValue, Level: 1, Holder: ledger.Holder{Name: "张三"},
			Details: ledger.Details{Password: "right " + number},
		}})
		l.mustAt(t, monday, Recharge{Merchant: 1, Card: number, Amount: 10_00, PayType: 1})
	}
	typed := func(password string) *Proof {
		return &Proof{Password: func(kept string) bool { return kept == password }}
	}
	bill := ConsumeShared{Bill: Consume{Merchant: 1, Amount: 15_00}, Cards: []Payer{
		{Card: "7001", Proof: typed("right 7001")}, {Card: "7002", Proof: typed("wrong")},
	}}
	entries, guards := len(l.entries), len(l.guards)
	_, err := l.do(bill, monday)
	refused, inRow := errors.AsType[RowRefusal](err)
	if !inRow || refused.Index != 1 || refused.Refusal.Reason != ledger.PasswordWrong {
		t.Fatalf("got %v, want card 2 refused for its password", err)
	}
	if len(l.entries) != entries {
		t.Errorf("%d entries were made", len(l.entries)-entries)
	}
	for key := range l.guards {
		if c, _ := l.card(ledger.CardKey{Merchant: 1, Number: "7001"}, 0); key.key.Subject == fmt.Sprint(c.ID)+"/0" {
			t.Errorf("guard %v of the card that was right is kept", key.key)
		}
	}
	if len(l.guards) == guards {
		t.Error("the wrong password does not count")
	}
	bill.Cards[1].Proof = typed("right 7002")
	ch, err := l.do(bill, monday)
	if err != nil {
		t.Fatal(err)
	}
	kinds := []ledger.Kind{ledger.Consumed, ledger.Consumed}
	if got := slices.Collect(func(yield func(ledger.Kind) bool) {
		for _, e := range ch.Entries {
			yield(e.Kind)
		}
	}); !slices.Equal(got, kinds) {
		t.Errorf("got %v, want %v", got, kinds)
	}
}

// However the parts of a bill are refunded, by the bill or card by card, no more comes back than was paid, and what
// comes back of the whole bill is what its refunds by card would be, the last card before the first.
func TestPropertyInvariant64RefundsInTurn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l, d, now := afterStory(t)
		_, _ = l.do(drawBillToShare(d, now), now)
		r, shared := drawSharedRefund(d).(RefundShared)
		if !shared {
			return
		}
		r.Request = ledger.RequestKey{}
		inTurn := l.clone()
		got, err := l.do(r, now)
		if err != nil {
			return
		}
		var want []ledger.Entry
		before, sum := ledger.EntryID(1<<62), ledger.Fen(0)
		for i := range got.Entries {
			e := &got.Entries[i]
			if e.Kind != ledger.ConsumeRefunded {
				continue
			}
			if e.RefersTo >= before {
				t.Fatalf("%+v: entry %d was refunded after %d", r, e.RefersTo, before)
			}
			before, sum = e.RefersTo, sum+e.Gross
			ch, err := inTurn.do(RefundConsume{
				Merchant: r.Merchant, By: r.By, Entry: e.RefersTo, Amount: e.Gross, Note: r.Note,
				Card: l.cards[row[ledger.CardID]{r.Merchant, e.Card}].Number,
			}, now)
			if err != nil {
				t.Fatalf("%+v: entry %d in turn: %v", r, e.RefersTo, err)
			}
			want = append(want, ch.Entries...)
		}
		if r.Amount > 0 && sum != r.Amount {
			t.Fatalf("%+v: %v came back", r, sum)
		}
		if g, w := effectsOf(got.Entries), effectsOf(want); g != w {
			t.Fatalf("%+v: %s", r, firstDifference(g, w))
		}
		if err := l.check(); err != nil {
			t.Fatal(err)
		}
	})
}
