package command

import (
	"time"

	"tongka/internal/ledger"
)

// earn adds points to an entry in the making. What the card owes is paid first.
func (d *draft) earn(c *ledger.Card, e *ledger.Entry, points int64) {
	owed := min(points, c.PointsOwed)
	e.PointsOwed = -owed
	if rest := points - owed; rest > 0 {
		e.PointParts = append(e.PointParts, ledger.PointPart{GoodUntil: ledger.GoodUntil(d.day, d.m.Settings.PointsDays), Points: rest})
	}
}

// clawBack takes points back that an undone entry had earned, and what the card owes besides: from the
// days that entry gave first, then from the others. What is not there any more is owed. Points that e
// gives back count as there, but for those whose day is over.
func (d *draft) clawBack(c *ledger.Card, e *ledger.Entry, points int64, earned []ledger.PointPart) {
	has := *c
	for _, p := range e.PointParts {
		if p.GoodUntil >= d.day {
			has.AddPoints(p)
		}
	}
	given := map[ledger.Date]bool{}
	for _, p := range earned {
		given[p.GoodUntil] = given[p.GoodUntil] || p.Points > 0
	}
	left := points + c.PointsOwed
	for _, own := range []bool{true, false} {
		for _, l := range has.PointLots {
			if n := min(left, l.Points); n > 0 && given[l.GoodUntil] == own {
				e.PointParts = append(e.PointParts, ledger.PointPart{GoodUntil: l.GoodUntil, Points: -n})
				left -= n
			}
		}
	}
	e.PointsOwed = left - c.PointsOwed
}

// UsePoints takes points off a card for something given.
type UsePoints struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	Points   int64  // more than 0
	Proof    *Proof // that the holder agrees; nil = the till has no way to send one
}

// AdjustPoints adds points to a card or takes them off, by hand.
type AdjustPoints struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	Points   int64 // negative takes
	Note     string
	Proof    *Proof // that the holder agrees, where points are taken; nil = the till has no way to send one
}

// Keys names the card.
func (u UsePoints) Keys() Keys { return keysOf(u.Merchant, u.Card) }

// Decide takes the points, the soonest expiring first.
func (u UsePoints) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, u.Merchant, u.By)
	if err != nil {
		return Changes{}, err
	}
	return d.movePoints(u.Card, -u.Points, u.Proof, ledger.Entry{Kind: ledger.PointsUsed})
}

// Keys names the card.
func (a AdjustPoints) Keys() Keys { return keysOf(a.Merchant, a.Card) }

// Decide adds the points as if they were earned today, or takes the soonest expiring.
func (a AdjustPoints) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, a.Merchant, a.By)
	if err != nil {
		return Changes{}, err
	}
	return d.movePoints(a.Card, a.Points, a.Proof, ledger.Entry{Kind: ledger.PointsAdjusted, Note: a.Note})
}

// movePoints adds points to a card, or takes them where the holder agrees.
func (d *draft) movePoints(number string, points int64, proof *Proof, e ledger.Entry) (Changes, error) {
	if points == 0 || points > ledger.MaxPoints || points < -ledger.MaxPoints || (e.Kind == ledger.PointsUsed && points > 0) {
		return Changes{}, ledger.Refuse(ledger.BadScore)
	}
	c, err := d.usableCard(number)
	if err != nil {
		return Changes{}, err
	}
	if points > 0 {
		if err := ledger.RoomForPoints(c, points); err != nil {
			return Changes{}, err
		}
		d.earn(c, &e, points)
	} else {
		if err := d.prove(c, proof, 0); err != nil {
			return d.no(err)
		}
		if c.Points < -points {
			return Changes{}, ledger.Refuse(ledger.ShortPoints, number)
		}
		e.PointParts = ledger.Spend(c, -points)
	}
	d.post(c, e)
	return d.finish(c), nil
}
