package command

import (
	"testing"

	"pgregory.net/rapid"
	"tongka/internal/ledger"
)

// Once everything that gave points is undone, in whatever parts and order and on whatever day, the card owes exactly
// the points that were spent: what expired unused is neither owed nor kept (invariants 31, 32).
func TestPropertyInvariant31OnlySpentPointsAreOwed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newShop(t, ledger.Merchant{
			Settings: ledger.Settings{PointsDays: rapid.IntRange(1, 2).Draw(t, "points days")},
			Levels:   []ledger.Level{{ID: 1, PayRate: ledger.Percent100, Earn: ledger.Percent100}},
			Rules:    []ledger.Rule{{ID: 1, Kind: ledger.Percent, AddPoints: 5}},
		})
		var bills, recharges []ledger.EntryID
		var spent int64
		for _, step := range rapid.SliceOfN(rapid.IntRange(0, 5), 1, 20).Draw(t, "steps") {
			switch step {
			case 0:
				recharges = append(recharges, s.must(Recharge{Merchant: 1, Card: "6001", Amount: 100_00, PayType: 1}).Last().ID)
			case 1:
				amount := ledger.Fen(rapid.IntRange(1, 60_00).Draw(t, "bill"))
				if ch, err := s.attempt(Consume{Merchant: 1, Card: "6001", Amount: amount}); err == nil {
					bills = append(bills, ch.Last().ID)
				}
			case 2:
				points := rapid.Int64Range(1, 60).Draw(t, "points")
				if _, err := s.attempt(UsePoints{Merchant: 1, Card: "6001", Points: points}); err == nil {
					spent += points
				}
			case 3:
				s.now = s.now.AddDate(0, 0, rapid.IntRange(1, 3).Draw(t, "days"))
			case 4:
				bills = s.undoSome(bills)
			case 5:
				_, _ = s.attempt(Expire{Merchant: 1, Card: "6001"})
			}
			s.books()
		}
		for len(bills) > 0 {
			bills = s.undoSome(bills)
		}
		for _, id := range recharges {
			s.must(ReverseRecharge{Merchant: 1, Card: "6001", Entry: id})
			s.books()
		}
		if c := s.card6001(); c.Points != 0 || c.PointsOwed != spent {
			t.Fatalf("%d points are left and %d owed, %d were spent", c.Points, c.PointsOwed, spent)
		}
	})
}

// undoSome refunds a part of one of the bills or all of it, and returns those that are not refunded as a whole.
func (s *shop) undoSome(bills []ledger.EntryID) []ledger.EntryID {
	if len(bills) == 0 {
		return nil
	}
	if rapid.Bool().Draw(s.t, "later") {
		s.now = s.now.AddDate(0, 0, rapid.IntRange(1, 3).Draw(s.t, "days"))
	}
	i := rapid.IntRange(0, len(bills)-1).Draw(s.t, "undone")
	if rapid.Bool().Draw(s.t, "in part") {
		_, _ = s.attempt(RefundConsume{
			Merchant: 1, Card: "6001", Entry: bills[i], Amount: ledger.Fen(rapid.IntRange(1, 30_00).Draw(s.t, "part")),
		})
	}
	if _, err := s.attempt(RefundConsume{Merchant: 1, Card: "6001", Entry: bills[i]}); err != nil &&
		reasonOf(err) != ledger.AlreadyReversed {
		s.t.Fatal(err)
	}
	s.books()
	return append(bills[:i:i], bills[i+1:]...)
}

// books checks the books.
func (s *shop) books() {
	if err := s.check(); err != nil {
		s.t.Fatal(err)
	}
}
