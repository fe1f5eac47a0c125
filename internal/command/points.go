package command

import (
	"time"

	"tongka/internal/ledger"
)

// UsePoints takes points off a card in exchange for something.
type UsePoints struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	Points   int64  // more than 0
	Proof    *Proof // that the holder agrees; nil = the till cannot send one
}

// AdjustPoints adds points to a card or takes them off by hand.
type AdjustPoints struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	Points   int64 // negative takes
	Note     string
	Proof    *Proof // that the holder agrees, if points are taken; nil = the till cannot send one
}

// Keys names the card.
func (u UsePoints) Keys() Keys { return keysOf(u.Card) }

// Decide takes the points, soonest expiring first.
func (u UsePoints) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, u.Merchant, u.By)
	if err != nil {
		return Changes{}, err
	}
	return d.movePoints(u.Card, -u.Points, u.Proof, ledger.Entry{Kind: ledger.PointsUsed})
}

// Keys names the card.
func (a AdjustPoints) Keys() Keys { return keysOf(a.Card) }

// Decide adds the points as if they were earned today, or takes the soonest expiring ones.
func (a AdjustPoints) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, a.Merchant, a.By)
	if err != nil {
		return Changes{}, err
	}
	return d.movePoints(a.Card, a.Points, a.Proof, ledger.Entry{Kind: ledger.PointsAdjusted, Note: a.Note})
}

// movePoints adds points to a card, or takes them if the holder agrees.
func (d *draft) movePoints(number string, points int64, proof *Proof, e ledger.Entry) (Changes, error) {
	if points == 0 || points > ledger.MaxPoints || points < -ledger.MaxPoints ||
		(e.Kind == ledger.PointsUsed && points > 0) {
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
		e.PointAllocations, e.PointsOwed = ledger.AppendEarned(nil, c, points, d.pointsUntil())
	} else {
		if err := d.prove(c, proof, 0); err != nil {
			return d.no(err)
		}
		if c.Points < -points {
			return Changes{}, ledger.Refuse(ledger.ShortPoints, number)
		}
		e.PointAllocations = ledger.Spend(c, -points)
	}
	d.post(c, e)
	return d.finish()
}

// pointsUntil returns the last good day of points earned today.
func (d *draft) pointsUntil() ledger.Date { return ledger.GoodUntil(d.day, d.m.Settings.PointsDays) }
