package command

import (
	"testing"
	"time"

	"pgregory.net/rapid"
	"tongka/internal/ledger"
)

// Whatever is asked of a card, never is less on it than is held (invariant 63).
func TestPropertyInvariant63NothingTakesWhatIsHeld(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := newMemStore(drawMerchant(t, 1))
		now := monday
		do := func(c Command) { _, _ = l.do(c, now) } // much of it is refused
		for _, n := range numbers[:2] {
			do(Open{Merchant: 1, Card: NewCard{Number: n, Level: 1, Holder: ledger.Holder{Name: "张三"}}})
			do(Recharge{Merchant: 1, Card: n, Amount: 900, PayType: 1})
		}
		for range rapid.IntRange(1, 30).Draw(t, "orders") {
			now = now.Add(max(0, drawStep(t)))
			d := newDrawing(t, l)
			d.merchant = 1
			do(rapid.SampledFrom([]func(*drawing) Command{
				drawHold, drawHold, drawCapture, drawConsume, drawRecharge, drawRefund, drawReversal, drawDetails,
				func(d *drawing) Command { return Withdraw{1, d.by, d.card(), d.fen(0, 700), d.paidOutBy()} },
				func(d *drawing) Command { return Transfer{1, d.by, "6001", "6002", d.fen(0, 700)} },
				func(d *drawing) Command { return Merge{1, d.by, "6001", "6002"} },
				func(d *drawing) Command { return Expire{1, d.by, d.card()} },
			}).Draw(t, "command")(d))
			for _, c := range l.cards {
				if held := c.HeldAt(now); held > 0 && c.Amount()+c.Details.Credit < held {
					t.Fatalf("%v is held of %v and a credit of %v", held, c.Amount(), c.Details.Credit)
				}
			}
		}
	})
}

// A hold that ended by itself is booked as released by nobody, whoever came by then: the journal would say that he
// released it.
func TestHoldEndsByNobody(t *testing.T) {
	t.Parallel()
	l := newMemStore(ledger.Merchant{ID: 1, Zone: time.UTC, Levels: []ledger.Level{{ID: 1, PayRate: ledger.Percent100}}})
	by := ledger.Caller{Agent: 7, Shop: 11, Operator: "till-3", Person: 3}
	do := func(c Command, at time.Time) Changes {
		t.Helper()
		ch, err := l.do(c, at)
		if err != nil {
			t.Fatal(err)
		}
		return ch
	}
	do(Open{Merchant: 1, Card: NewCard{
		Number: "6001", Level: 1, Principal: 100_00, Holder: ledger.Holder{Name: "张三"},
	}}, monday)
	do(Hold{Merchant: 1, By: by, Card: "6001", Amount: 70_00}, monday)
	ch := do(Consume{Merchant: 1, By: by, Card: "6001", Amount: 50_00}, monday.Add(25*time.Hour))
	if len(ch.Entries) != 2 || ch.Entries[0].Released != ledger.ByExpiry || ch.Entries[0].By != ledger.ByItself ||
		ch.Entries[1].By != by {
		t.Errorf("got %+v", ch.Entries)
	}
}
