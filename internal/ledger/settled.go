package ledger

import (
	"slices"
	"time"
)

// ExpiredOn returns the allocations that take off what has expired on the card. Everything is good through its last day
// (invariant 48), and the bonus of the first lots stays beneath what is held: whole lots, as many as hold that much.
// Holds that have ended must be off the card. all is false if lots that are not loaded may have expired too.
func ExpiredOn(c *Card, today Date) (parts []Allocation, points []PointAllocation, all bool) {
	all = !c.MoreLots
	kept := c.Held()
	for _, l := range c.Lots { // in order of expiry
		if l.GoodUntil >= today {
			all = true
			break
		}
		if kept > 0 {
			kept -= l.keeps()
		} else if l.Bonus > 0 {
			parts = append(parts, Allocation{Lot: l.ID, GoodUntil: l.GoodUntil, Bonus: -l.Bonus})
		}
	}
	for _, l := range c.PointLots {
		if l.GoodUntil < today {
			points = append(points, PointAllocation{l.GoodUntil, -l.Points})
		}
	}
	return parts, points, all
}

// Settled returns the card as it may be used at a time, which is in today: without holds that have ended and without
// bonus and points that have expired, even if no entry has taken them off yet. It does not look at lots that are not
// loaded.
func (c *Card) Settled(now time.Time, today Date) Card {
	settled := *c
	if len(c.EndedHolds(now)) > 0 {
		settled.Holds = slices.DeleteFunc(slices.Clone(c.Holds), func(h Hold) bool { return h.Over(now) })
	}
	return settled.unexpired(today)
}

// unexpired returns the card without what has expired on it. Holds that have ended must be off it.
func (c *Card) unexpired(today Date) Card {
	settled := *c
	parts, points, _ := ExpiredOn(c, today)
	for _, p := range parts {
		settled.Bonus += p.Bonus
		settled.addLot(p)
	}
	for _, p := range points {
		settled.Points += p.Points
		settled.addPoints(p)
	}
	return settled
}

// pastLastDay reports whether the card's last good day had passed in every zone when the entry was made.
func (c *Card) pastLastDay(e *Entry) bool { return c.Expires != 0 && EarliestDay(e.At) > c.Expires }
