package ledger

// ExpiredOn is what of the card is good no more: usable through the last day, never after (invariant
// 48). all is false when lots that are not loaded may have expired too.
func ExpiredOn(c *Card, today Date) (parts []Allocation, points []PointAllocation, all bool) {
	all = !c.MoreLots
	for _, l := range c.Lots { // in order of expiry
		if l.GoodUntil >= today {
			all = true
			break
		}
		if l.Bonus > 0 {
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

// Settled is the card as it may be used today: without the bonus and the points that have expired,
// even when nobody has taken them off yet. Of a card with more lots than are loaded, what lies behind
// the loaded ones is not looked at.
func (c *Card) Settled(today Date) Card {
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

// pastLastDay reports whether the card's last good day had passed for certain when the entry was made.
func (c *Card) pastLastDay(e *Entry) bool { return c.Expires != 0 && earliestDay(e.At) > c.Expires }
