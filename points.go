package tongka

import "time"

// earn adds points to an entry in the making. What the card owes is paid first.
func (d *draft) earn(c *Card, e *Entry, points int64) {
	owed := min(points, c.PointsOwed)
	e.PointsOwed = -owed
	if rest := points - owed; rest > 0 {
		e.PointParts = append(e.PointParts, PointPart{goodUntil(d.day, d.m.Settings.PointsDays), rest})
	}
}

// clawBack takes points back that an undone entry had earned, and what the card owes besides: from the
// days that entry gave first, then from the others. What is not there any more is owed. Points that e
// gives back count as there, but for those whose day is over.
func (d *draft) clawBack(c *Card, e *Entry, points int64, earned []PointPart) {
	has := *c
	for _, p := range e.PointParts {
		if p.GoodUntil >= d.day {
			has.addPoints(p)
		}
	}
	given := map[Date]bool{}
	for _, p := range earned {
		given[p.GoodUntil] = given[p.GoodUntil] || p.Points > 0
	}
	left := points + c.PointsOwed
	for _, own := range []bool{true, false} {
		for _, l := range has.PointLots {
			if n := min(left, l.Points); n > 0 && given[l.GoodUntil] == own {
				e.PointParts = append(e.PointParts, PointPart{l.GoodUntil, -n})
				left -= n
			}
		}
	}
	e.PointsOwed = left - c.PointsOwed
}

// spend takes points from a card, the soonest expiring first. There must be as many.
func spend(c *Card, points int64) (parts []PointPart) {
	for _, l := range c.PointLots {
		if n := min(points, l.Points); n > 0 {
			parts = append(parts, PointPart{l.GoodUntil, -n})
			points -= n
		}
	}
	return parts
}

// pointsFor is what a level gives for an amount paid: rounded down (invariant 31).
func (l Level) pointsFor(paid Fen) int64 {
	return mulDiv(int64(paid), int64(l.Earn), int64(Whole)*100, 0)
}

// UsePoints takes points off a card for something given.
type UsePoints struct {
	Merchant MerchantID
	By       Caller
	Card     string
	Points   int64  // more than 0
	Proof    *Proof // that the holder agrees; nil = the till has no way to send one
}

// AdjustPoints adds points to a card or takes them off, by hand.
type AdjustPoints struct {
	Merchant MerchantID
	By       Caller
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
	return d.movePoints(u.Card, -u.Points, u.Proof, Entry{Kind: PointsUsed})
}

// Keys names the card.
func (a AdjustPoints) Keys() Keys { return keysOf(a.Merchant, a.Card) }

// Decide adds the points as if they were earned today, or takes the soonest expiring.
func (a AdjustPoints) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, a.Merchant, a.By)
	if err != nil {
		return Changes{}, err
	}
	return d.movePoints(a.Card, a.Points, a.Proof, Entry{Kind: PointsAdjusted, Note: a.Note})
}

// movePoints adds points to a card, or takes them where the holder agrees.
func (d *draft) movePoints(number string, points int64, proof *Proof, e Entry) (Changes, error) {
	if points == 0 || points > MaxPoints || points < -MaxPoints || (e.Kind == PointsUsed && points > 0) {
		return Changes{}, refuse(BadScore)
	}
	c, err := d.usableCard(number)
	if err != nil {
		return Changes{}, err
	}
	if points > 0 {
		if err := roomForPoints(c, points); err != nil {
			return Changes{}, err
		}
		d.earn(c, &e, points)
	} else {
		if err := d.prove(c, proof, 0); err != nil {
			return d.no(err)
		}
		if c.Points < -points {
			return Changes{}, refuse(ShortPoints, number)
		}
		e.PointParts = spend(c, -points)
	}
	d.post(c, e)
	return d.finish(c), nil
}
