package ledger

// RoomForPoints refuses when the card would hold more points than can be counted.
func RoomForPoints(c *Card, points int64) error {
	if c.Points > MaxPoints-points {
		return Refuse(BalanceTooHigh, c.Number)
	}
	return nil
}

// Spend takes points from a card, the soonest expiring first. There must be as many.
func Spend(c *Card, points int64) (parts []PointAllocation) {
	for _, l := range c.PointLots {
		if n := min(points, l.Points); n > 0 {
			parts = append(parts, PointAllocation{l.GoodUntil, -n})
			points -= n
		}
	}
	return parts
}

// ReturnPoints gives back what points paid of a bill: the same points, to the same days, be they over.
func (e *Entry) ReturnPoints(c *Card, bill *Entry) error {
	points := -bill.ByPoints.Points
	if points == 0 {
		return nil
	}
	if err := RoomForPoints(c, points); err != nil {
		return err
	}
	e.ByPoints = bill.ByPoints
	e.ByPoints.Points = points
	for _, p := range bill.PointAllocations {
		if p.Points < 0 {
			e.PointAllocations = append(e.PointAllocations, PointAllocation{p.GoodUntil, -p.Points})
		}
	}
	return nil
}

// pointsAddUp reports whether the points that paid of a bill were taken from the card, and are worth what
// they paid (invariant 32). What a refund gave back of them is looked at beside its bill.
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

// Earn adds points that are good through a day to an entry in the making. What the card owes is paid first.
func (e *Entry) Earn(c *Card, points int64, until Date) {
	owed := min(points, c.PointsOwed)
	e.PointsOwed = -owed
	if rest := points - owed; rest > 0 {
		e.PointAllocations = append(e.PointAllocations, PointAllocation{until, rest})
	}
}

// ClawBack takes points back that an undone entry had earned, and what the card owes besides: from the
// days that entry gave first, then from the others. What is not there any more is owed. Points that e
// gives back count as there, but for those whose day is over.
func (e *Entry) ClawBack(c *Card, points int64, earned []PointAllocation, today Date) {
	has := *c
	for _, p := range e.PointAllocations {
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
				e.PointAllocations = append(e.PointAllocations, PointAllocation{l.GoodUntil, -n})
				left -= n
			}
		}
	}
	e.PointsOwed = left - c.PointsOwed
}
