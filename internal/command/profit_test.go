package command

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
	"tongka/internal/ledger"
)

// wealth compares what a merchant's card holders got out of it with what they put in.
type wealth struct {
	paidIn, paidOut ledger.Fen // money over the counter
	goods           ledger.Fen // bought with cards, net of refunds
	given           ledger.Fen // bonus given, net of what expired, was taken back or forfeited
	brought, owed   ledger.Fen // from another system
	pointsMade      int64
	pointsUsed      int64
}

// count adds up what an entry states of the outside world, not what it did to the card.
func (w *wealth) count(e *ledger.Entry) {
	switch e.Kind {
	case ledger.Recharged:
		w.paidIn += e.Gross
		for _, r := range e.Rules {
			w.given += r.Money
		}
	case ledger.RechargeReversed:
		w.paidOut += e.Gross
		w.given -= e.Net - e.Gross
	case ledger.Withdrawn:
		w.paidOut += e.Net
		w.given += e.Bonus
	case ledger.CardReturned:
		w.paidOut += e.Net
		w.given += e.Bonus
	case ledger.Consumed:
		w.goods += e.Net - e.PaidElsewhere()
	case ledger.Renewed:
		w.goods += e.Net
	case ledger.ConsumeRefunded, ledger.RenewalReversed:
		w.goods -= e.Net
	case ledger.LotsExpired, ledger.ExpiryReversed, ledger.BonusForfeited:
		w.given += e.Bonus
	case ledger.CashedBack:
		w.given += e.Delta()
	case ledger.BonusGiven:
		w.given += e.Gross
	case ledger.BalanceOpened:
		w.brought += e.Net
		w.owed += e.Net - e.Delta()
	case ledger.OpeningReversed:
		w.brought -= e.Net
		w.owed -= e.Net + e.Delta()
	}
	w.pointsUsed -= e.ByPoints.Points
	if e.Kind == ledger.PointsUsed {
		w.pointsUsed -= e.Points
	} else {
		w.pointsMade += e.Earned()
	}
}

// No sequence of commands gets more out than was put in and given: what was bought, paid out and is left on the cards
// equals what was paid in, brought from another system and given as bonus, to the fen (invariants 12, 32). Points
// used equal points given.
func TestPropertyInvariant32NothingIsMadeOfNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		merchants, orders := drawChangingStory(t)
		l := newMemStore(merchants...)
		worlds := map[ledger.MerchantID]*wealth{1: {}, 2: {}}
		for _, o := range orders {
			l.change(o)
			ch, err := l.do(o.cmd, o.now)
			if err != nil || ch.Replay != nil {
				continue
			}
			for i := range ch.Entries {
				worlds[ch.Entries[i].Merchant].count(&ch.Entries[i])
			}
			if err := balanced(l, worlds); err != nil {
				t.Fatalf("%+v: %v", o.cmd, err)
			}
		}
	})
}

func balanced(l *memStore, worlds map[ledger.MerchantID]*wealth) error {
	for id, w := range worlds {
		var held ledger.Fen
		var points int64
		for ref, c := range l.cards {
			if ref.merchant == id {
				held += c.Amount()
				points += c.Points - c.PointsOwed
			}
		}
		if got, want := w.goods+w.paidOut+held, w.paidIn+w.given+w.brought-w.owed; got != want {
			return fmt.Errorf("got %v for %v: %+v, on cards %v", got, want, *w, held)
		}
		if w.paidOut > w.paidIn+w.brought {
			return fmt.Errorf("%v paid out, %v paid in", w.paidOut, w.paidIn+w.brought)
		}
		if w.pointsUsed+points != w.pointsMade {
			return fmt.Errorf("%d points used, %d on cards, %d made", w.pointsUsed, points, w.pointsMade)
		}
	}
	return nil
}

// Money that is paid out takes its bonus along: across cards and in several parts, nothing is left that was not paid
// for (invariants 12, 32).
func TestPropertyInvariant32NoBonusWithoutItsPrincipal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rate := ledger.Rate(rapid.IntRange(1, 20_000).Draw(t, "rate"))
		s := newShop(t, ledger.Merchant{
			Settings: ledger.Settings{BonusDays: rapid.IntRange(0, 1).Draw(t, "days")},
			Rules:    []ledger.Rule{{ID: 1, Kind: ledger.Percent, AddRate: rate}},
		})
		s.must(Open{Merchant: 1, Card: NewCard{Number: "6002", Level: 1, Holder: ledger.Holder{Name: "某人"}}})
		for range rapid.IntRange(1, 3).Draw(t, "recharges") {
			s.must(Recharge{
				Merchant: 1, Card: "6001", Amount: ledger.Fen(rapid.IntRange(1, 10_000).Draw(t, "paid")), PayType: 1,
			})
		}
		for s.cardNamed("6001").Principal+s.cardNamed("6002").Principal > 0 {
			from, to := "6001", "6002"
			if s.cardNamed(from).Principal == 0 || rapid.Bool().Draw(t, "other card") && s.cardNamed(to).Principal > 0 {
				from, to = to, from
			}
			all := s.cardNamed(from).Principal
			amount := max(1, min(all, ledger.Fen(rapid.Int64Range(1, int64(all)*2).Draw(t, "amount"))))
			if from == "6001" && rapid.Bool().Draw(t, "transfer") {
				s.must(Transfer{Merchant: 1, From: from, To: to, Amount: amount})
			} else {
				s.must(Withdraw{Merchant: 1, Card: from, Amount: amount})
			}
		}
		if left := s.cardNamed("6001").Bonus + s.cardNamed("6002").Bonus; left != 0 {
			t.Fatalf("%v of bonus are left for nothing", left)
		}
	})
}

// Buying in parts and refunding in parts never leaves more points than buying the kept goods at once (invariants 31,
// 32).
func TestPropertyInvariant31PiecesEarnNoMore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		level := ledger.Level{
			ID: 1, PayRate: ledger.Percent100, Earn: ledger.Rate(rapid.IntRange(0, 3_000_000).Draw(t, "earn")),
		}
		s := newShop(t, ledger.Merchant{Levels: []ledger.Level{level}})
		s.must(Recharge{Merchant: 1, Card: "6001", Amount: 10_000, PayType: 1})
		var kept ledger.Fen
		for range rapid.IntRange(1, 6).Draw(t, "bills") {
			amount := ledger.Fen(rapid.IntRange(1, 1000).Draw(t, "bill"))
			bill := s.must(Consume{Merchant: 1, Card: "6001", Amount: amount}).Last()
			kept += amount
			for range rapid.IntRange(0, 3).Draw(t, "refunds") {
				back := ledger.Fen(rapid.IntRange(1, 400).Draw(t, "back"))
				if _, err := s.attempt(RefundConsume{Merchant: 1, Card: "6001", Entry: bill.ID, Amount: back}); err == nil {
					kept -= back
				}
			}
		}
		if c := s.card6001(); c.Points-c.PointsOwed > level.PointsFor(kept) {
			t.Fatalf("%d points for %v, at once %d", c.Points-c.PointsOwed, kept, level.PointsFor(kept))
		}
	})
}

// Points buy no more than they are worth: whatever is bought with them and refunded, in whatever parts, the goods
// that stay are paid for by money, by points that were there, or by points earned on goods that stay (invariant 32).
func TestPropertyInvariant32PointsBuyWhatTheyAreWorth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		set := ledger.Settings{
			PointsRatio: rapid.SampledFrom([]int64{1, 3, 7, 100, 150, 1000}).Draw(t, "points for a yuan"),
			PointsDays:  rapid.SampledFrom([]int{0, 1, 3}).Draw(t, "points days"),
			SpendOrder: rapid.SampledFrom([]ledger.SpendOrder{
				ledger.Proportional, ledger.BonusFirst, ledger.PrincipalFirst,
			}).Draw(t, "policy"),
		}
		level := ledger.Level{
			ID: 1, PayRate: ledger.Percent100, Earn: ledger.Rate(rapid.IntRange(0, 300_000).Draw(t, "earn")),
		}
		s := newShop(t, ledger.Merchant{Settings: set, Levels: []ledger.Level{level}})
		s.must(Recharge{Merchant: 1, Card: "6001", Amount: 100_00, PayType: 1})
		brought := int64(rapid.IntRange(1, 500).Draw(t, "points"))
		s.must(AdjustPoints{Merchant: 1, Card: "6001", Points: brought})
		var goods ledger.Fen
		bills := map[ledger.EntryID]ledger.Fen{} // what of them is not refunded, points and money
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			s.now = s.now.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 0, 26}).Draw(t, "hours")) * time.Hour)
			if len(bills) == 0 || rapid.Bool().Draw(t, "buys") {
				bill := Consume{Merchant: 1, Card: "6001", Amount: ledger.Fen(rapid.IntRange(1, 900).Draw(t, "bill"))}
				if has := s.card6001().Points; has > 0 && rapid.Bool().Draw(t, "with points") {
					bill.Points.Points = int64(rapid.IntRange(1, int(has)).Draw(t, "points"))
				}
				if ch, err := s.attempt(bill); err == nil {
					bills[ch.Last().ID] = bill.Amount
					goods += bill.Amount
				}
				continue
			}
			id := rapid.SampledFrom(slices.Sorted(maps.Keys(bills))).Draw(t, "bill")
			ch, err := s.attempt(RefundConsume{
				Merchant: 1, Card: "6001", Entry: id, Amount: ledger.Fen(rapid.IntRange(0, 300).Draw(t, "back")),
			})
			if err != nil {
				continue
			}
			back := ch.Last().Net + ch.Last().ByPoints.Worth
			if bills[id] -= back; bills[id] < 0 {
				t.Fatalf("%v more came back of a bill than was paid for it", -bills[id])
			}
			goods -= back
		}
		c := s.card6001()
		byMoney := 100_00 - c.Amount()
		points := brought + level.PointsFor(byMoney) - (c.Points - c.PointsOwed)
		if most := byMoney + set.WorthOf(points); goods > most {
			t.Fatalf("%v of goods for %v of money and %d points, which are worth %v", goods, byMoney, points,
				set.WorthOf(points))
		}
	})
}

// Cash back gains nothing beyond its rate: whatever is bought with it, refunded and bought again, the goods that stay
// and the card's balance sum to what was paid in plus the rate's share of those goods (invariant 32). Money that is
// paid out takes none of it along.
func TestPropertyInvariant32CashBackIsNoMoreThanItsRate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		give := ledger.CashBack{
			Each: ledger.Fen(rapid.IntRange(1, 300).Draw(t, "each")), Back: ledger.Fen(rapid.IntRange(1, 300).Draw(t, "back")),
		}
		s := newShop(t, ledger.Merchant{
			Settings: ledger.Settings{
				BonusDays: rapid.SampledFrom([]int{0, 1, 3}).Draw(t, "bonus days"),
				SpendOrder: rapid.SampledFrom([]ledger.SpendOrder{
					ledger.Proportional, ledger.BonusFirst, ledger.PrincipalFirst,
				}).Draw(t, "policy"),
			},
			Levels: []ledger.Level{{ID: 1, PayRate: ledger.Percent100, Rights: ledger.Rights{CashBack: give}}},
			Rules: []ledger.Rule{
				{ID: 1, Kind: ledger.Percent, AddRate: rapid.SampledFrom([]ledger.Rate{0, 1000}).Draw(t, "bonus")},
			},
		})
		given := s.must(Recharge{Merchant: 1, Card: "6001", Amount: 20_00, PayType: 1}).Last().Net
		var bills []ledger.EntryID
		var paidOut ledger.Fen
		for range rapid.IntRange(1, 15).Draw(t, "steps") {
			s.now = s.now.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 0, 26}).Draw(t, "hours")) * time.Hour)
			switch rapid.SampledFrom([]string{"buy", "buy", "refund", "refund", "withdraw"}).Draw(t, "step") {
			case "buy":
				if ch, err := s.attempt(Consume{
					Merchant: 1, Card: "6001", Amount: ledger.Fen(rapid.IntRange(1, 900).Draw(t, "bill")),
				}); err == nil {
					bills = append(bills, ch.Last().ID)
				}
			case "withdraw":
				amount := ledger.Fen(rapid.IntRange(1, 200).Draw(t, "out"))
				if _, err := s.attempt(Withdraw{Merchant: 1, Card: "6001", Amount: amount}); err == nil {
					paidOut += amount
				}
			default:
				if len(bills) > 0 {
					_, err := s.attempt(RefundConsume{
						Merchant: 1, Card: "6001", Entry: rapid.SampledFrom(bills).Draw(t, "bill"),
						Amount: ledger.Fen(rapid.IntRange(0, 300).Draw(t, "back")),
					})
					if _, refused := errors.AsType[ledger.Refusal](err); err != nil && !refused {
						t.Fatal(err)
					}
				}
			}
		}
		c := s.card6001()
		gain := c.SumConsume + c.Amount() + paidOut - given
		if rate := min(give.Back, give.Each); gain*give.Each > c.SumConsume*rate {
			t.Fatalf("%v for nothing: %v of goods bring %v of each %v", gain, c.SumConsume, rate, give.Each)
		}
		if err := s.check(); err != nil {
			t.Fatal(err)
		}
	})
}

// Cash back that was spent cannot be kept by having its bill's bonus forfeited: what is not on the card is owed.
func TestInvariant32SpentCashBackOfForfeitedBonusIsOwed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newShop(t, ledger.Merchant{
			Settings: ledger.Settings{SpendOrder: ledger.BonusFirst},
			Levels: []ledger.Level{
				{ID: 1, PayRate: ledger.Percent100, Rights: ledger.Rights{CashBack: ledger.CashBack{Each: 10_00, Back: 1_00}}},
			},
			Rules: []ledger.Rule{{ID: 1, Kind: ledger.Percent, AddRate: ledger.Percent100}},
		})
		recharge := s.must(Recharge{Merchant: 1, Card: "6001", Amount: 100_00, PayType: 1}).Last()
		bill := s.must(Consume{Merchant: 1, Card: "6001", Amount: 100_00}).Last()
		s.must(Consume{Merchant: 1, Card: "6001", Amount: 9_99}) // from the 10.00 cash back; it gives no cash back itself
		s.must(ReverseRecharge{Merchant: 1, Card: "6001", Entry: recharge.ID})
		back := s.must(RefundConsume{Merchant: 1, Card: "6001", Entry: bill.ID})
		if c := s.card6001(); c.Amount() != -9_99 || back.Last().Kind != ledger.ConsumeRefunded {
			t.Fatalf("100.00 came in and went out, goods of 9.99 are kept, and the card has %v", c.Amount())
		}
		if err := s.check(); err != nil {
			t.Fatal(err)
		}
	})
}
