package command

import "tongka/internal/ledger"

// PointsOffered are points to pay part of a bill with; the zero value means none. If the caller states what they are
// worth, for instance because it told the holder, the command is refused unless that is right.
type PointsOffered struct {
	Points int64
	Ratio  int64       // points per yuan according to the caller; 0 = not stated
	Worth  *ledger.Fen // what they pay according to the caller; nil = not stated
}

// allowed refuses negative points, and a ratio or worth that is not the merchant's.
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

// payWithPoints lets points pay part of a new bill, soonest expiring first. They pay with all they are worth or not
// at all, so that nobody loses points that pay for nothing.
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
