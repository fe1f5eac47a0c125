package command

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
	"tongka/internal/ledger"
)

// TestCashBackOfABillRefundedInWrongTime: cash back that expired by a wrong clock, and whose bill was refunded then, is
// not there again when the time is taken back; of one that was refunded in part, what is kept is.
func TestCashBackOfABillRefundedInWrongTime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ refund, bonus ledger.Fen }{{0, 5_00}, {50_00, 0}, {20_00, 3_00}} {
		l := newMemStore(cashBackFor30Days())
		l.mustAt(t, monday, Open{
			Merchant: 1, Card: NewCard{Number: "6001", Level: 1, Holder: ledger.Holder{Name: "张三"}, Principal: 100_00},
		})
		bill := l.mustAt(t, monday, Consume{Merchant: 1, Card: "6001", Amount: 50_00})[0].ID
		wrong, right := monday.AddDate(0, 0, 40), monday.Add(time.Minute)
		gone := l.mustAt(t, wrong, Expire{Merchant: 1, Card: "6001"})
		if c.refund > 0 {
			l.mustAt(t, wrong, RefundConsume{Merchant: 1, Card: "6001", Entry: bill, Amount: c.refund})
		}
		l.mustAt(t, wrong, TakeBackTime{Merchant: 1, At: right})
		for _, e := range ledger.OfKind([]*ledger.Entry{&gone[0], &gone[1]}, ledger.LotsExpired) {
			_, err := l.do(ReverseExpiry{Merchant: 1, Card: "6001", Entry: e.ID}, right)
			if err := l.check(); err != nil {
				t.Fatal(err)
			}
			if nothing := c.bonus == 0 && e.Bonus != 0; (err != nil) != nothing && e.Bonus != 0 {
				t.Errorf("refunded %v: reversing %d: %v", c.refund, e.ID, err)
			}
		}
		if card, _ := l.card(ledger.CardKey{Merchant: 1, Number: "6001"}, 0); card.Bonus != c.bonus || card.PointsOwed != 0 {
			t.Errorf("refunded %v: %+v, want %v of bonus", c.refund, card, c.bonus)
		}
		if c.refund < 50_00 {
			l.mustAt(t, right, RefundConsume{Merchant: 1, Card: "6001", Entry: bill})
		}
	}
	billPaidWithCashBack(t)
}

// billPaidWithCashBack refunds, in the wrong time and in two parts, a bill that was paid with another's cash back: what
// it puts back of that expires too, by an entry of its own.
func billPaidWithCashBack(t *testing.T) {
	t.Helper()
	l := newMemStore(cashBackFor30Days())
	l.mustAt(t, monday, Open{Merchant: 1, Card: NewCard{Number: "6001", Level: 1, Holder: ledger.Holder{Name: "张三"}}})
	l.mustAt(t, monday, Recharge{Merchant: 1, Card: "6001", Amount: 100_00, PayType: 1})
	l.mustAt(t, monday, Consume{Merchant: 1, Card: "6001", Amount: 130_00}) // gives 13.00
	bill := l.mustAt(t, monday, Consume{Merchant: 1, Card: "6001", Amount: 10_00})[0].ID
	wrong, right := monday.AddDate(0, 0, 40), monday.Add(time.Minute)
	l.mustAt(t, wrong, Expire{Merchant: 1, Card: "6001"})
	for _, part := range []ledger.Fen{1, 0} {
		l.mustAt(t, wrong, RefundConsume{Merchant: 1, Card: "6001", Entry: bill, Amount: part})
	}
	l.mustAt(t, wrong, TakeBackTime{Merchant: 1, At: right})
	for _, e := range ledger.OfKind(l.entriesOf(1), ledger.LotsExpired) {
		_, _ = l.do(ReverseExpiry{Merchant: 1, Card: "6001", Entry: e.ID}, right) // of some nothing stays
		if err := l.check(); err != nil {
			t.Fatal(err)
		}
	}
	if card, _ := l.card(ledger.CardNamed(1, "6001"), 0); card.Bonus != 13_00 {
		t.Errorf("of cash back of 13.00 that nobody has spent in the end %v is there", card.Bonus)
	}
}

func cashBackFor30Days() ledger.Merchant {
	return ledger.Merchant{
		ID: 1, Zone: time.UTC, Settings: ledger.Settings{BonusDays: 30, PointsDays: 30},
		PayTypes: []ledger.PayType{{ID: 1}},
		Rules:    []ledger.Rule{{ID: 1, Kind: ledger.Percent, AddRate: 3000, AddPoints: 5}},
		Levels: []ledger.Level{{
			ID: 1, PayRate: ledger.Percent100, Earn: ledger.Percent100,
			Rights: ledger.Rights{CashBack: ledger.CashBack{Each: 10_00, Back: 1_00}},
		}},
	}
}

// What is undone while the clock is 40 days ahead leaves the card, when the time is taken back and what expired is
// reversed, as if it had been undone at the right time (invariant 58).
func TestPropertyInvariant58UndoneInWrongTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		wrong, right := newMemStore(cashBackFor30Days()), newMemStore(cashBackFor30Days())
		both := func(cmd Command, at time.Time) (*Changes, error) {
			ch, err := wrong.do(cmd, at)
			_, rightly := right.do(cmd, monday)
			if reasonOf(err) != reasonOf(rightly) {
				t.Fatalf("%+v: %v in the wrong time, %v in the right one", cmd, err, rightly)
			}
			if err := wrong.check(); err != nil {
				t.Fatal(err)
			}
			return &ch, err
		}
		_, _ = both(Open{Merchant: 1, Card: NewCard{Number: "6001", Level: 1, Holder: ledger.Holder{Name: "张三"}}}, monday)
		var bills []ledger.EntryID
		for range rapid.IntRange(1, 6).Draw(t, "before") {
			if rapid.Bool().Draw(t, "recharge") {
				_, _ = both(Recharge{Merchant: 1, Card: "6001", Amount: 100_00, PayType: 1}, monday)
				continue
			}
			// Cash back is given for each 10.00, so large bills must not be rare.
			tens, less := rapid.IntRange(1, 13).Draw(t, "tens"), rapid.IntRange(0, 9_99).Draw(t, "less")
			amount := ledger.Fen(tens*10_00 - less)
			if ch, err := both(Consume{Merchant: 1, Card: "6001", Amount: amount}, monday); err == nil {
				bills = append(bills, ch.Last().ID)
			}
		}
		ahead := monday.AddDate(0, 0, 40)
		_, _ = wrong.do(Expire{Merchant: 1, Card: "6001"}, ahead)
		undo := func(most int, at time.Time) {
			for range rapid.IntRange(0, most).Draw(t, "undone") {
				if len(bills) > 0 && rapid.Bool().Draw(t, "a bill") {
					i := rapid.IntRange(0, len(bills)-1).Draw(t, "which")
					part := ledger.Fen(rapid.SampledFrom([]int{0, 1, 7_00}).Draw(t, "part"))
					_, _ = both(RefundConsume{Merchant: 1, Card: "6001", Entry: bills[i], Amount: part}, at)
				}
			}
		}
		undo(4, ahead)
		if _, err := wrong.do(TakeBackTime{Merchant: 1, At: monday}, ahead); err != nil {
			t.Fatal(err)
		}
		undo(2, monday) // before what expired is given back
		for _, e := range ledger.OfKind(wrong.entriesOf(1), ledger.LotsExpired) {
			_, _ = wrong.do(ReverseExpiry{Merchant: 1, Card: "6001", Entry: e.ID}, monday)
			if err := wrong.check(); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := standing(wrong), standing(right); got != want {
			t.Fatalf("undone in the wrong time:\n%s\nin the right one:\n%s", got, want)
		}
	})
}

// standing prints what a holder has.
func standing(l *memStore) string {
	c, _ := l.card(ledger.CardNamed(1, "6001"), 0)
	return fmt.Sprintf("%+v %+v owes %d, to be forfeited %+v", c.Lots, c.PointLots, c.PointsOwed, c.Forfeits)
}
