package command

import (
	"slices"
	"time"

	"tongka/internal/ledger"
)

// Expire takes expired bonus and points off a card, and holds that have ended. Commands that move money do so first, so
// this is for cards that are not used.
type Expire struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
}

// Keys names the card.
func (x Expire) Keys() Keys { return keysOf(x.Card) }

// Decide takes off what has expired.
func (x Expire) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, x.Merchant, x.By)
	if err != nil {
		return Changes{}, err
	}
	c, err := d.cardIn(x.Card, ledger.Active, ledger.Lost, ledger.Stopped)
	if err != nil {
		return Changes{}, err
	}
	before := c.Seq
	if err := d.settle(c); err != nil {
		return Changes{}, err
	}
	if c.Seq == before {
		return Changes{}, ledger.Refuse(ledger.NothingExpired, x.Card)
	}
	return d.finish()
}

// settle posts which holds of the card have ended, and what has expired on it, if anything. A lot of bonus alone, such
// as cash back, gets an entry of its own that refers to the entry that made the lot, so that a refund can find out how
// much of it was never spent.
func (d *draft) settle(c *ledger.Card) error {
	d.endHolds(c)
	parts, points, all := ledger.ExpiredOn(c, d.day)
	if !all {
		return ledger.NeedLots{Card: c.Key()}
	}
	alone := func(p ledger.Allocation) bool {
		lot, _ := c.Lot(p.Lot, p.GoodUntil)
		return lot.Principal == 0
	}
	with := slices.DeleteFunc(slices.Clone(parts), alone)
	if len(with) > 0 || len(points) > 0 {
		d.post(c, ledger.Entry{Kind: ledger.LotsExpired, Allocations: with, PointAllocations: points})
	}
	for i, p := range parts {
		if alone(p) {
			d.post(c, ledger.Entry{Kind: ledger.LotsExpired, RefersTo: p.Lot, Allocations: parts[i : i+1 : i+1]})
		}
	}
	return nil
}
