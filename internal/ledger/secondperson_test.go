package ledger_test

import (
	"testing"

	"tongka/internal/ledger"
)

// Each row is an entry by a person at a merchant whose limit is 500.00, and whether it takes another person (invariant
// 62).
func TestTakesTwo(t *testing.T) {
	t.Parallel()
	credit := func(limit ledger.Fen) *ledger.Details { return &ledger.Details{Credit: limit} }
	for _, c := range []struct {
		name  string
		ratio int64
		had   ledger.Fen // credit before
		e     ledger.Entry
		want  bool
	}{
		{"a refund of the limit", 0, 0, ledger.Entry{Kind: ledger.ConsumeRefunded, Gross: 500_00}, false},
		{"a refund above it", 0, 0, ledger.Entry{Kind: ledger.ConsumeRefunded, Gross: 500_01}, true},
		{"a reversed recharge", 0, 0, ledger.Entry{Kind: ledger.RechargeReversed, Gross: 500_01}, true},
		{"a refunded signed bill", 0, 0, ledger.Entry{Kind: ledger.ChargeRefunded, Gross: 500_01}, true},
		{"a withdrawal", 0, 0, ledger.Entry{Kind: ledger.Withdrawn, Gross: 500_01}, true},
		{"a returned card", 0, 0, ledger.Entry{Kind: ledger.CardReturned, Gross: 500_01}, true},
		{"a returned card that is empty", 0, 0, ledger.Entry{Kind: ledger.CardReturned}, false},
		{"a bonus of the limit", 0, 0, ledger.Entry{Kind: ledger.BonusGiven, Gross: 500_00}, false},
		{"a bonus above it", 0, 0, ledger.Entry{Kind: ledger.BonusGiven, Gross: 500_01}, true},
		{"a merged card", 0, 0, ledger.Entry{Kind: ledger.MergedOut, Net: 900_00}, false},
		{"a sale", 0, 0, ledger.Entry{Kind: ledger.Consumed, Gross: 900_00}, false},
		{"a recharge", 0, 0, ledger.Entry{Kind: ledger.Recharged, Gross: 900_00}, false},
		{"a transfer", 0, 0, ledger.Entry{Kind: ledger.TransferredOut, Gross: 900_00}, false},
		{"points worth the limit", 10, 0, ledger.Entry{Kind: ledger.PointsAdjusted, Points: 5000}, false},
		{"points worth more", 10, 0, ledger.Entry{Kind: ledger.PointsAdjusted, Points: 5001}, true},
		{"points taken", 10, 0, ledger.Entry{Kind: ledger.PointsAdjusted, Points: -5001}, true},
		{"points given that were owed", 10, 0, ledger.Entry{Kind: ledger.PointsAdjusted, PointsOwed: -5001}, true},
		{"points that cannot pay", 0, 0, ledger.Entry{Kind: ledger.PointsAdjusted, Points: 50_000}, false},
		{"more of them", 0, 0, ledger.Entry{Kind: ledger.PointsAdjusted, Points: 50_001}, true},
		{"points used", 10, 0, ledger.Entry{Kind: ledger.PointsUsed, Points: -9000}, false},
		{"a credit", 0, 0, ledger.Entry{Kind: ledger.DetailsChanged, Details: credit(500_01)}, true},
		{"a credit raised a little", 0, 500_00, ledger.Entry{Kind: ledger.DetailsChanged, Details: credit(500_01)}, true},
		{"a credit that was there", 0, 500_01, ledger.Entry{Kind: ledger.DetailsChanged, Details: credit(500_01)}, false},
		{"a credit lowered", 0, 900_00, ledger.Entry{Kind: ledger.DetailsChanged, Details: credit(600_00)}, false},
	} {
		s := ledger.Settings{SecondPerson: 500_00, PointsRatio: c.ratio}
		c.e.By.Person = 1
		if got := s.TakesTwo(c.had, &c.e); got != c.want {
			t.Errorf("%s: takes two: %t", c.name, got)
		}
		c.e.By.Person = 0
		if s.TakesTwo(c.had, &c.e) {
			t.Errorf("%s by a till takes two", c.name)
		}
		c.e.By.Person, s.SecondPerson = 1, 0
		if s.TakesTwo(c.had, &c.e) {
			t.Errorf("%s takes two where there is no limit", c.name)
		}
	}
}

// Two people are two only if they are not the same.
func TestTwo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		person, proposer ledger.PersonID
		two, twice       bool
	}{{0, 0, false, false}, {1, 0, false, false}, {1, 2, true, false}, {1, 1, false, true}, {0, 2, false, true}} {
		by := ledger.Caller{Person: c.person, Proposer: c.proposer}
		if by.Two() != c.two || by.Twice() != c.twice {
			t.Errorf("%+v: two %t, twice %t", c, by.Two(), by.Twice())
		}
	}
}
