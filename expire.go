package tongka

import "time"

// Expire takes the bonus and the points off a card whose last good day has passed. Commands that move
// money do the same first, so this is for cards nobody uses.
type Expire struct {
	Merchant MerchantID
	By       Caller
	Card     string
}

// Keys names the card.
func (x Expire) Keys() Keys { return keysOf(x.Merchant, x.Card) }

// Decide takes what has expired.
func (x Expire) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, x.Merchant, x.By)
	if err != nil {
		return Changes{}, err
	}
	c, err := d.cardIn(x.Card, Active, Lost, Stopped)
	if err != nil {
		return Changes{}, err
	}
	before := c.Seq
	if err := d.settle(c); err != nil {
		return Changes{}, err
	}
	if c.Seq == before {
		return Changes{}, refuse(NothingExpired, x.Card)
	}
	return d.finish(c), nil
}

// settle posts what has expired on the card, if anything.
func (d *draft) settle(c *Card) error {
	parts, points, all := expired(c, d.day)
	if !all {
		return ShallowError{c.Key()}
	}
	if len(parts) > 0 || len(points) > 0 {
		d.post(c, Entry{Kind: LotsExpired, Parts: parts, PointParts: points})
	}
	return nil
}

// expired is what of the card is good no more: usable through the last day, never after (invariant
// 48). all is false when lots that are not loaded may have expired too.
func expired(c *Card, today Date) (parts []Part, points []PointPart, all bool) {
	all = !c.MoreLots
	for _, l := range c.Lots { // in order of expiry
		if l.GoodUntil >= today {
			all = true
			break
		}
		if l.Bonus > 0 {
			parts = append(parts, Part{Lot: l.ID, GoodUntil: l.GoodUntil, Bonus: -l.Bonus})
		}
	}
	for _, l := range c.PointLots {
		if l.GoodUntil < today {
			points = append(points, PointPart{l.GoodUntil, -l.Points})
		}
	}
	return parts, points, all
}

// Settled is the card as it may be used today: without the bonus and the points that have expired,
// even when nobody has taken them off yet. Of a card with more lots than are loaded, what lies behind
// the loaded ones is not looked at.
func (c *Card) Settled(today Date) Card {
	settled := *c
	parts, points, _ := expired(c, today)
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
