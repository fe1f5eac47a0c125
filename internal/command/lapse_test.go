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

// rulePointsShop returns a shop in which 20.00 paid in give 500 points, good through the next day and worth 5.00, with
// a second card.
func rulePointsShop(t *rapid.T) *shop {
	s := newShop(t, ledger.Merchant{
		Rules:    []ledger.Rule{{ID: 1, Name: "满送", Kind: ledger.FromAmount, Threshold: 20_00, AddPoints: 500}},
		Settings: ledger.Settings{PointsRatio: 100, PointsDays: 1},
	})
	s.must(Open{Merchant: 1, Card: NewCard{Number: "6002", Level: 1, Holder: ledger.Holder{Name: "李四"}}})
	return s
}

// A transfer settles both cards first. What expired of the other card's points there stays expired: it does not stand
// for points of this card that were spent.
func TestInvariant31NoOtherCardsPointsComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rulePointsShop(t)
		for _, card := range []string{"6001", "6002"} {
			s.must(Recharge{Merchant: 1, Card: card, Amount: 20_00, PayType: 1})
		}
		s.must(Consume{Merchant: 1, Card: "6001", Amount: 5_00, Points: PointsOffered{Points: 500}})
		s.now = s.now.AddDate(0, 0, rapid.IntRange(0, 4).Draw(t, "days"))
		amount := ledger.Fen(rapid.IntRange(16_01, 20_00).Draw(t, "amount"))
		if _, err := s.attempt(Transfer{Merchant: 1, From: "6001", To: "6002", Amount: amount}); reasonOf(err) !=
			ledger.PointsPledged {
			t.Fatalf("%v of a card whose points bought for 5.00 was sent: %v", amount, err)
		}
		s.must(Transfer{Merchant: 1, From: "6001", To: "6002", Amount: 16_00}) // 400 points are owed
		s.books()
	})
}

// In however many pieces the money is paid out that came with points of two last days, the same of them is owed as when
// it is paid out at once, but for the rounding of each piece: points that somebody else had given and that expired do
// not stand for those that were spent.
func TestInvariant31PiecesOweWhatTheWholeOwes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rulePointsShop(t)
		s.must(Recharge{Merchant: 1, Card: "6001", Amount: 20_00, PayType: 1})
		s.must(AdjustPoints{Merchant: 1, Card: "6002", Points: rapid.Int64Range(1, 1000).Draw(t, "given"), Note: "送"})
		s.now = s.now.AddDate(0, 0, 1)
		s.must(Recharge{Merchant: 1, Card: "6001", Amount: 20_00, PayType: 1})
		s.must(Transfer{Merchant: 1, From: "6001", To: "6002", Amount: 40_00})
		s.now = s.now.AddDate(0, 0, 1)
		s.must(Consume{Merchant: 1, Card: "6002", Amount: 5_00, Points: PointsOffered{Points: 500}}) // of the second day
		s.now = s.now.AddDate(0, 0, 4)
		pieces := 0
		var out ledger.Fen
		for range 60 {
			amount := min(35_00-out, ledger.Fen(rapid.IntRange(1_00, 20_00).Draw(t, "piece")))
			if amount <= 0 {
				break
			}
			if _, err := s.attempt(Withdraw{Merchant: 1, Card: "6002", Amount: amount}); err != nil {
				break
			}
			pieces, out = pieces+1, out+amount
			s.books()
		}
		owed := s.cardNamed("6002").PointsOwed
		exact := int64(out) * 500 / 40_00 // a half of the points was spent
		if owed < exact || owed > exact+2*int64(pieces) {
			t.Fatalf("%v paid out in %d pieces owes %d points, a half of what was given for it is %d", out, pieces, owed, exact)
		}
		if _, err := s.attempt(Withdraw{Merchant: 1, Card: "6002", Amount: 40_00 - out}); reasonOf(err) != ledger.PointsPledged {
			t.Fatalf("all is paid out, though points bought for 5.00: %v", err)
		}
	})
}
