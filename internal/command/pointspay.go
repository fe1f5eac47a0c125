package command

import "tongka/internal/ledger"

// PointsOffered are points to pay of a bill with. The zero value is none. What the caller has told the
// holder of their worth must be so, or nothing is done.
type PointsOffered struct {
	Points int64       // how many
	Ratio  int64       // points for a yuan, as the caller reckons; 0 = it does not say
	Worth  *ledger.Fen // what they pay, as the caller reckons; nil = it does not say
}

// allowed refuses points nobody has, and those of which the caller reckons otherwise than the merchant.
func (o PointsOffered) allowed(s ledger.Settings) error {
	if o.Points < 0 {
		return ledger.Refuse(ledger.BadScore)
	}
	if o.Ratio != 0 && o.Ratio != s.PointsRatio {
		return ledger.Refuse(ledger.OtherPointsRatio)
	}
	if worth := s.WorthOf(o.Points); o.Worth != nil && *o.Worth != worth {
		return ledger.Refuse(ledger.OtherPointsWorth, worth.String())
	}
	return nil
}

// payWithPoints has points pay of a bill in the making, the soonest expiring first. They pay with all
// they are worth or not at all: nobody loses points that pay for nothing.
func (d *draft) payWithPoints(c *ledger.Card, e *ledger.Entry, points int64) error {
	if points == 0 {
		return nil
	}
	worth := d.m.Settings.WorthOf(points)
	if worth == 0 {
		return ledger.Refuse(ledger.PointsNoMoney)
	}
	if c.Points < points {
		return ledger.Refuse(ledger.ShortPoints, c.Number)
	}
	if worth > e.Net {
		return ledger.Refuse(ledger.TooManyPoints, e.Net.String())
	}
	e.ByPoints = ledger.PointPay{Points: -points, Worth: worth, Ratio: d.m.Settings.PointsRatio}
	e.PointAllocations = ledger.Spend(c, points)
	e.Net -= worth
	return nil
}
