package command

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
	"tongka/internal/ledger"
)

// shop is a memStore of one merchant with one card, 6001, for properties of a few commands. Everything is done twice:
// on fresh records with all lots, and in a lane that keeps what it knows and loads only first lots.
type shop struct {
	t *rapid.T
	*memStore
	now  time.Time
	lane *memStore
	kept *State
}

func newShop(t *rapid.T, m ledger.Merchant) *shop {
	m.ID, m.Zone, m.PayTypes = 1, shanghai, []ledger.PayType{{ID: 1, Name: "现金"}}
	if m.Levels == nil {
		m.Levels = []ledger.Level{{ID: 1, PayRate: ledger.Percent100}}
	}
	s := &shop{t: t, memStore: newMemStore(m), now: monday, lane: newMemStore(m), kept: NewState(1)}
	s.lane.front = rapid.IntRange(1, 3).Draw(t, "lots loaded")
	s.must(Open{Merchant: 1, Card: NewCard{Number: "6001", Level: 1, Holder: ledger.Holder{Name: "张三"}}})
	return s
}

// choose changes the merchant's settings.
func (s *shop) choose(change func(*ledger.Merchant)) {
	m := s.merchants[1]
	change(&m)
	s.merchants[1], s.lane.merchants[1] = m, m
	s.kept = NewState(1)
}

// attempt carries a command out in both, which must leave the same state.
func (s *shop) attempt(cmd Command) (*Changes, error) {
	ch, err := s.do(cmd, s.now)
	var laneErr error
	broken := s.lane.batch(s.kept, []order{{cmd: cmd, now: s.now}}, func(_ order, _ Changes, err error) { laneErr = err })
	if broken != nil || !reflect.DeepEqual(err, laneErr) {
		s.t.Fatalf("%+v: %v; in the lane %v, %v", cmd, err, laneErr, broken)
	}
	if different := differOf(s.lane, s.memStore); different != "" {
		s.t.Fatalf("%+v on the first %d lots: %s", cmd, s.lane.front, different)
	}
	return &ch, err
}

func (s *shop) must(cmd Command) *Changes {
	ch, err := s.attempt(cmd)
	if err != nil {
		s.t.Fatalf("%+v: %v", cmd, err)
	}
	return ch
}

func (s *shop) card6001() *ledger.Card { return s.cardNamed("6001") }

func (s *shop) cardNamed(number string) *ledger.Card {
	c, _ := s.card(ledger.CardNamed(1, number), 0)
	return &c
}

// lotsAndPoints prints what must be as before after a bill was undone completely.
func lotsAndPoints(c *ledger.Card) string {
	return fmt.Sprintf("%+v %+v owes %d, consumed %v", c.Lots, c.PointLots, c.PointsOwed, c.SumConsume)
}

// A bill refunded in any parts that sum to it leaves the card as before: every lot, every last day of points,
// in every spend order (invariant 11). A refund never gives a lot more than the bill took from it; the books
// check that after each one.
func TestPropertyInvariant11RefundsRestoreExactly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := ledger.Merchant{
			Settings: ledger.Settings{
				SpendOrder: rapid.SampledFrom([]ledger.SpendOrder{
					ledger.Proportional, ledger.BonusFirst, ledger.PrincipalFirst,
				}).Draw(t, "policy"),
				PointsDays: rapid.IntRange(0, 2).Draw(t, "points days"),
			},
			Levels: []ledger.Level{{
				ID: 1, PayRate: ledger.Rate(rapid.IntRange(1, 10_000).Draw(t, "discount")),
				Earn: ledger.Rate(rapid.IntRange(0, 2_000_000).Draw(t, "earn")),
			}},
		}
		s := newShop(t, m)
		drawLots(s)
		before := s.card6001()
		amount := ledger.Fen(rapid.IntRange(1, int(before.Amount())).Draw(t, "bill"))
		bill := s.must(Consume{Merchant: 1, Card: "6001", Amount: amount}).Last()
		s.now = s.now.Add(drawStep(t) % time.Hour)
		for left := -bill.Delta(); left > 0; {
			more := RefundConsume{Merchant: 1, Card: "6001", Entry: bill.ID, Amount: left + 1}
			if _, err := s.attempt(more); reasonOf(err) != ledger.RefundTooMuch {
				t.Fatalf("refunding more than the %v that are left: %v", left, err)
			}
			piece := ledger.Fen(rapid.IntRange(0, int(left)).Draw(t, "piece"))
			e := s.must(RefundConsume{Merchant: 1, Card: "6001", Entry: bill.ID, Amount: piece}).Last()
			if piece != 0 && e.Delta() != piece {
				t.Fatalf("refund of %v gave %v", piece, e.Delta())
			}
			left -= e.Delta()
			if err := s.check(); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := lotsAndPoints(s.card6001()), lotsAndPoints(before); got != want {
			t.Fatalf("after the refunds\n%s\nbefore the bill\n%s", got, want)
		}
		want := ledger.AlreadyReversed
		if bill.Delta() == 0 {
			want = ledger.NotReversible // the card paid nothing
		}
		if _, err := s.attempt(RefundConsume{Merchant: 1, Card: "6001", Entry: bill.ID}); reasonOf(err) != want {
			t.Fatalf("refunding once more: %v, want %v", err, want)
		}
	})
}

// drawLots puts lots on the card: with and without bonus, good for different numbers of days, some of them partly used.
func drawLots(s *shop) {
	policy := s.merchants[1].Settings.SpendOrder
	s.choose(func(m *ledger.Merchant) {
		m.Settings.SpendOrder = rapid.SampledFrom([]ledger.SpendOrder{
			ledger.Proportional, ledger.BonusFirst, ledger.PrincipalFirst,
		}).Draw(s.t, "policy before")
	})
	for range rapid.IntRange(1, 8).Draw(s.t, "lots") {
		if rapid.Bool().Draw(s.t, "other rules") {
			s.choose(func(m *ledger.Merchant) {
				m.Settings.BonusDays = rapid.IntRange(0, 4).Draw(s.t, "bonus days")
				m.Rules = []ledger.Rule{
					{ID: 1, Kind: ledger.EachTime, AddMoney: ledger.Fen(rapid.IntRange(0, 300).Draw(s.t, "bonus"))},
				}
			})
		}
		s.must(Recharge{Merchant: 1, Card: "6001", Amount: ledger.Fen(rapid.IntRange(1, 300).Draw(s.t, "paid")), PayType: 1})
		if spent := rapid.IntRange(0, int(s.card6001().Amount())/2).Draw(s.t, "spent before"); spent > 0 {
			s.must(Consume{Merchant: 1, Card: "6001", Amount: ledger.Fen(spent)})
		}
	}
	s.choose(func(m *ledger.Merchant) { m.Settings.SpendOrder = policy })
}

// A recharge that was not used is reversed without a trace except in the journal, and only once (invariants 08, 13).
func TestPropertyInvariant13ReversalIsExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := drawMerchant(t, 1)
		m.Settings.MaxAmount, m.Settings.MaxBalance = 0, 0
		s := newShop(t, m)
		s.must(Recharge{Merchant: 1, Card: "6001", Amount: 500, PayType: 1})
		before := s.card6001()
		paid := ledger.Fen(rapid.IntRange(1, 2000).Draw(t, "paid"))
		e := s.must(Recharge{Merchant: 1, Card: "6001", Amount: paid, PayType: 1}).Last()
		undo := ReverseRecharge{Merchant: 1, Card: "6001", Entry: e.ID}
		s.must(undo)
		after := s.card6001()
		if got, want := lotsAndPoints(after), lotsAndPoints(before); got != want || after.SumRecharge != before.SumRecharge {
			t.Fatalf("after the reversal\n%s\nbefore the recharge\n%s", got, want)
		}
		if _, err := s.attempt(undo); reasonOf(err) != ledger.AlreadyReversed {
			t.Fatalf("reversing once more: %v", err)
		}
		if err := s.check(); err != nil {
			t.Fatal(err)
		}
	})
}
