package ledger

import "slices"

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
	return AppendBrought(parts, c, []PointAllocation{{until, points}})
}

// AppendBrought is AppendEarned for points with several last days. What the card owes is paid with those at the end.
func AppendBrought(parts []PointAllocation, c *Card, brought []PointAllocation) (all []PointAllocation, owed int64) {
	sum := PointsOf(brought)
	owed = min(sum, c.PointsOwed)
	left := sum - owed
	for _, p := range brought {
		if n := min(left, p.Points); n > 0 {
			parts = append(parts, PointAllocation{p.GoodUntil, n})
			left -= n
		}
	}
	return parts, -owed
}

// Merged returns which points a card gets that owes so many when another is merged into it by out, and by how much more
// it owes then. What the other card owed comes along, and what it had pays what both owe.
func Merged(owes int64, out *Entry) (parts []PointAllocation, owed int64) {
	var brought []PointAllocation
	for _, p := range out.PointAllocations {
		brought = append(brought, PointAllocation{p.GoodUntil, -p.Points})
	}
	parts, paid := AppendBrought(nil, &Card{PointsOwed: owes - out.PointsOwed}, brought)
	return parts, paid - out.PointsOwed
}

// PointsOf returns the sum of the points.
func PointsOf(parts []PointAllocation) (sum int64) {
	for _, p := range parts {
		sum += p.Points
	}
	return sum
}

// Sent returns which points a transfer moves to the other card, at most so many: those that e takes off and whose last
// day has not passed.
func (e *Entry) Sent(points int64, today Date) (parts []PointAllocation) {
	for _, p := range e.PointAllocations {
		if n := min(points, -p.Points); n > 0 && p.GoodUntil >= today {
			parts = append(parts, PointAllocation{p.GoodUntil, n})
			points -= n
		}
	}
	return parts
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

// FirstPoints returns the first of the parts, so many points of them.
func FirstPoints(parts []PointAllocation, points int64) (first []PointAllocation) {
	for _, p := range parts {
		if p.Points = min(p.Points, points); p.Points > 0 {
			first = append(first, p)
			points -= p.Points
		}
	}
	return first
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
	return e.Kind == ConsumeRefunded || e.Kind.PaysOut()
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

// AppendClawedBack appends to the parts of a new entry what takes back points that were earned by what is undone or
// paid out, and what the card owes besides: first of each last day as many as were earned on it, then from the same
// days, then from the others. What is no longer there is owed, and is the entry's PointsOwed. Points that the parts
// give back count as there unless their last day has passed.
func AppendClawedBack(
	parts []PointAllocation, c *Card, points int64, earned []PointAllocation, today Date,
) (all []PointAllocation, owed int64) {
	has := *c
	for _, p := range parts {
		if p.GoodUntil >= today {
			has.addPoints(p)
		}
	}
	given := map[Date]int64{}
	for _, p := range earned {
		given[p.GoodUntil] += max(0, p.Points)
	}
	left := points + c.PointsOwed
	lots := slices.Clone(has.PointLots)
	var taken []PointAllocation
	for _, most := range []func(PointLot) int64{
		func(l PointLot) int64 { return given[l.GoodUntil] },
		func(l PointLot) int64 { return l.Points * min(1, given[l.GoodUntil]) },
		func(l PointLot) int64 { return l.Points },
	} {
		for i := range lots {
			l := &lots[i]
			if n := min(left, l.Points, most(*l)); n > 0 {
				taken = takeMore(taken, PointAllocation{l.GoodUntil, -n})
				l.Points -= n
				left -= n
			}
		}
	}
	return append(parts, taken...), left - c.PointsOwed
}

// takeMore adds points of one last day to what is taken, each day once.
func takeMore(taken []PointAllocation, p PointAllocation) []PointAllocation {
	for i := range taken {
		if taken[i].GoodUntil == p.GoodUntil {
			taken[i].Points += p.Points
			return taken
		}
	}
	return append(taken, p)
}
