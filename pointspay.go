package tongka

// PointPay is how points paid of a bill; the zero value is not at all.
type PointPay struct {
	Points int64 // added to the card: negative on the bill, positive where a refund gave them back
	Worth  Fen   // what they pay of the bill; on a refund, what they had paid
	Ratio  int64 // points that stood for a yuan when the bill was paid
}

// PointsOffered are points to pay of a bill with. The zero value is none. What the caller has told the
// holder of their worth must be so, or nothing is done.
type PointsOffered struct {
	Points int64 // how many
	Ratio  int64 // points for a yuan, as the caller reckons; 0 = it does not say
	Worth  *Fen  // what they pay, as the caller reckons; nil = it does not say
}

// WorthOf is what so many points pay of a bill, rounded down to the fen (invariant 32): 0 where points
// are no money. Negative points are worth nothing, and more than MaxPoints no more than MaxPoints.
func (s Settings) WorthOf(points int64) Fen { return worthOf(points, s.PointsRatio) }

func worthOf(points, ratio int64) Fen {
	if points <= 0 || ratio <= 0 {
		return 0
	}
	return Fen(mulDiv(min(points, MaxPoints), 100, ratio, 0))
}

// allowed refuses points nobody has, and those of which the caller reckons otherwise than the merchant.
func (o PointsOffered) allowed(s Settings) error {
	if o.Points < 0 {
		return refuse(BadScore)
	}
	if o.Ratio != 0 && o.Ratio != s.PointsRatio {
		return refuse(OtherPointsRatio)
	}
	if worth := s.WorthOf(o.Points); o.Worth != nil && *o.Worth != worth {
		return refuse(OtherPointsWorth, worth.String())
	}
	return nil
}

// payWithPoints has points pay of a bill in the making, the soonest expiring first. They pay with all
// they are worth or not at all: nobody loses points that pay for nothing.
func (d *draft) payWithPoints(c *Card, e *Entry, points int64) error {
	if points == 0 {
		return nil
	}
	worth := d.m.Settings.WorthOf(points)
	if worth == 0 {
		return refuse(PointsNoMoney)
	}
	if c.Points < points {
		return refuse(ShortPoints, c.Number)
	}
	if worth > e.Actual {
		return refuse(TooManyPoints, e.Actual.String())
	}
	e.ByPoints = PointPay{Points: -points, Worth: worth, Ratio: d.m.Settings.PointsRatio}
	e.PointParts = spend(c, points)
	e.Actual -= worth
	return nil
}

// returnPoints gives back what points paid of a bill: the same points, to the same days, be they over.
func (e *Entry) returnPoints(c *Card, bill *Entry) error {
	points := -bill.ByPoints.Points
	if points == 0 {
		return nil
	}
	if err := roomForPoints(c, points); err != nil {
		return err
	}
	e.ByPoints = bill.ByPoints
	e.ByPoints.Points = points
	for _, p := range bill.PointParts {
		if p.Points < 0 {
			e.PointParts = append(e.PointParts, PointPart{p.GoodUntil, -p.Points})
		}
	}
	return nil
}

// pointsAddUp tells whether the points that paid of a bill were taken from the card, and are worth what
// they paid (invariant 32). What a refund gave back of them is looked at beside its bill.
func (e *Entry) pointsAddUp() bool {
	var taken int64
	for _, p := range e.PointParts {
		taken += min(p.Points, 0)
	}
	pay := e.ByPoints
	if pay == (PointPay{}) {
		return taken == 0
	}
	return pay.Points < 0 && pay.Points == taken && pay.Worth > 0 && pay.Worth == worthOf(-pay.Points, pay.Ratio)
}
