package ledger

import "cmp"

// pointsOfYuan is how many points count as a yuan where points cannot pay, and have no worth of their own.
const pointsOfYuan = 100

// AtStake returns what an entry gives away for no sale: what is given back of a bill, a recharge, a renewal or a signed
// bill, what is paid out, bonus that is given by hand, what points are worth that are given or taken so, and a credit
// that is raised. 0 for all others. credit is the card's before the entry. Each entry counts by itself.
func (s *Settings) AtStake(credit Fen, e *Entry) Fen {
	switch e.Kind {
	case ConsumeRefunded, RechargeReversed, RenewalReversed, ChargeRefunded, Withdrawn, CardReturned, BonusGiven:
		return e.Gross
	case PointsAdjusted:
		given := e.Earned()
		return worthOf(max(given, -given), cmp.Or(s.PointsRatio, pointsOfYuan))
	case DetailsChanged:
		if e.Details != nil && e.Details.Credit > credit {
			return e.Details.Credit
		}
	}
	return 0
}

// TakesTwo reports whether an entry by a person is above the merchant's limit, so that one person must have proposed it
// and another confirmed it (invariant 62). Tills are no people, and have no such limit.
func (s *Settings) TakesTwo(credit Fen, e *Entry) bool {
	return s.SecondPerson > 0 && e.By.Person != 0 && s.AtStake(credit, e) > s.SecondPerson
}

// TakesTwoFor reports whether what a person brings into the books with the cards of a file, money and points together,
// is above the limit. Its entries do not count by themselves, as any sum can be divided over many cards.
func (s *Settings) TakesTwoFor(money Fen, points int64) bool {
	return s.SecondPerson > 0 && money+worthOf(points, cmp.Or(s.PointsRatio, pointsOfYuan)) > s.SecondPerson
}

// Two reports whether two different people stand behind a command: who proposed it, and who confirmed it.
func (c *Caller) Two() bool { return c.Person != 0 && c.Proposer != 0 && c.Person != c.Proposer }

// Twice reports whether a caller names a proposer who is no other person.
func (c *Caller) Twice() bool { return c.Proposer != 0 && !c.Two() }
