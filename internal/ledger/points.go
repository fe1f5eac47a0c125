package ledger

// RoomForPoints refuses points that would take the card above MaxPoints.
func RoomForPoints(c *Card, points int64) error {
	if c.Points > MaxPoints-points {
		return Refuse(BalanceTooHigh, c.Number)
	}
	return nil
}

// Spend returns the allocations that take points off a card, soonest expiring first. The card must have enough.
func Spend(c *Card, points int64) (parts []PointAllocation) {
	for _, l := range c.PointLots {
		if n := min(points, l.Points); n > 0 {
			parts = append(parts, PointAllocation{l.GoodUntil, -n})
			points -= n
		}
	}
	return parts
}

// PointsReturned returns how a refund gives back what points paid of a bill: as many, with the same last days, even if
// those have passed.
func PointsReturned(c *Card, bill *Entry) (pay PointPay, parts []PointAllocation, err error) {
	points := -bill.ByPoints.Points
	if points == 0 {
		return PointPay{}, nil, nil
	}
	if err := RoomForPoints(c, points); err != nil {
		return PointPay{}, nil, err
	}
	pay = bill.ByPoints
	pay.Points = points
	for _, p := range bill.PointAllocations {
		if p.Points < 0 {
			parts = append(parts, PointAllocation{p.GoodUntil, -p.Points})
		}
	}
	return pay, parts, nil
}

// pointsAddUp reports whether the points that paid for a bill were taken off the card and are worth what they paid
// (invariant 32). Points that a refund gives back are checked against its bill.
func (e *Entry) pointsAddUp() bool {
	var taken int64
	for _, p := range e.PointAllocations {
		taken += min(p.Points, 0)
	}
	pay := e.ByPoints
	if pay == (PointPay{}) {
		return taken == 0
	}
	return pay.Points < 0 && pay.Points == taken && pay.Worth > 0 && pay.Worth == worthOf(-pay.Points, pay.Ratio)
}

// AppendEarned appends to the parts of a new entry the points it gives to a card, good through a day. Points the card
// owes are paid off first: owed is the entry's PointsOwed, 0 or below.
func AppendEarned(parts []PointAllocation, c *Card, points int64, until Date) (all []PointAllocation, owed int64) {
	owed = min(points, c.PointsOwed)
	if rest := points - owed; rest > 0 {
		parts = append(parts, PointAllocation{until, rest})
	}
	return parts, -owed
}

// Lapse reports whether points expired by the entry, or came back after they had.
func (e *Entry) Lapse() bool {
	return (e.Kind == LotsExpired || e.Kind == ExpiryReversed) && e.Points != 0
}

// EarnedOn returns, by last day, what is left of the points that an entry gave after the entries that took some of
// them back. What had to pay points that were owed is not among it.
func (e *Entry) EarnedOn(undone []*Entry) (left []PointAllocation) {
	for _, p := range e.PointAllocations {
		for _, u := range undone {
			for _, q := range u.PointAllocations {
				if q.GoodUntil == p.GoodUntil {
					p.Points += min(0, q.Points)
				}
			}
		}
		if p.Points > 0 {
			left = append(left, p)
		}
	}
	return left
}

// BroughtBack reports whether an entry that undoes another took off again the expired points that entries directly
// before it brought back for that.
func (e *Entry) BroughtBack(back []*Entry) bool {
	left := map[Date]int64{}
	for _, p := range e.PointAllocations {
		left[p.GoodUntil] += min(0, p.Points) // it may also give back points that paid
	}
	for _, b := range back {
		if b.Card != e.Card || !b.SameCommand(e) {
			return false
		}
		for _, p := range b.PointAllocations {
			if left[p.GoodUntil] += p.Points; left[p.GoodUntil] > 0 {
				return false
			}
		}
	}
	return e.Kind == ConsumeRefunded || e.Kind == RechargeReversed
}

// Lapsed returns how many of the points that were good through a day expired by an entry and have not come back.
// lapses are entries of its card, with all that brought back what it had expired.
func (e *Entry) Lapsed(day Date, lapses []*Entry) (left int64) {
	for _, l := range lapses {
		for _, p := range l.PointAllocations {
			if p.GoodUntil == day && (l.ID == e.ID || l.Kind == ExpiryReversed && l.RefersTo == e.ID) {
				left -= p.Points
			}
		}
	}
	return left
}

// AppendClawedBack appends to the parts of a new entry what takes back points that an undone entry had earned, and what
// the card owes besides: first from the last days that entry gave points to, then from the others. What is no longer
// there is owed, and is the entry's PointsOwed. Points that the parts give back count as there unless their last day
// has passed.
func AppendClawedBack(
	parts []PointAllocation, c *Card, points int64, earned []PointAllocation, today Date,
) (all []PointAllocation, owed int64) {
	has := *c
	for _, p := range parts {
		if p.GoodUntil >= today {
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
				parts = append(parts, PointAllocation{l.GoodUntil, -n})
				left -= n
			}
		}
	}
	return parts, left - c.PointsOwed
}
