package tongka

import (
	"fmt"
	"slices"
	"strconv"
)

// stateReasons is why a coupon of each state may not be used.
var stateReasons = map[CouponState]Reason{Used: CouponIsUsed, Void: CouponIsVoid, Expired: CouponIsExpired}

// coupon is a copy of a coupon that is on the card.
func (d *draft) coupon(c *Card, id CouponID) (Coupon, error) {
	known := d.s.coupon(CouponKey{d.m.ID, id})
	if known == nil || known.Card != c.ID {
		return Coupon{}, refuse(CouponNotFound, strconv.FormatInt(int64(id), 10))
	}
	return *known, nil
}

// unused refuses a coupon that is no longer so.
func (c *Coupon) unused() error {
	if c.State != Unused {
		return refuse(stateReasons[c.State], c.Masked())
	}
	return nil
}

// couponsFor are the coupons with which a card is to pay: each once, unused, and good today.
func (d *draft) couponsFor(c *Card, ids []CouponID) ([]Coupon, error) {
	if len(ids) > MaxSend {
		return nil, refuse(TooManyCoupons)
	}
	var coupons []Coupon
	for i, id := range ids {
		one, err := d.coupon(c, id)
		if err != nil {
			return nil, err
		}
		if slices.Contains(ids[:i], id) {
			return nil, refuse(CouponTwice, one.Masked())
		}
		if err := one.unused(); err != nil {
			return nil, err
		}
		if one.Over(d.day) {
			return nil, refuse(CouponIsExpired, one.Until.String())
		}
		if d.day < one.From {
			return nil, refuse(CouponNotYet, one.From.String())
		}
		coupons = append(coupons, one)
	}
	return coupons, nil
}

// payWith is how coupons pay of a bill, after the level's discount.
func (d *draft) payWith(coupons []Coupon, amount Fen) ([]CouponPart, error) {
	if err := Fit(coupons, d.by.Shop, amount); err != nil {
		return nil, err
	}
	var parts []CouponPart
	for i, pays := range Worth(coupons, amount) {
		parts = append(parts, CouponPart{Coupon: coupons[i].ID, State: Used, Pays: pays})
	}
	return parts, nil
}

// couponsBack is how the coupons of a bill come back. One whose last day has passed comes back expired,
// or good again for the days its terms grant.
func (d *draft) couponsBack(bill *Entry) []CouponPart {
	var parts []CouponPart
	for _, p := range bill.Coupons {
		c := d.s.coupon(CouponKey{d.m.ID, p.Coupon})
		back := CouponPart{Coupon: p.Coupon, State: Unused, Pays: p.Pays}
		switch {
		case !c.Over(d.day):
		case c.Grace > 0:
			back.Until = d.day.AddDays(c.Grace - 1)
		default:
			back.State = Expired
		}
		parts = append(parts, back)
	}
	return parts
}

// wallet are the card's unused coupons, by id.
func (d *draft) wallet(c *Card) []*Coupon { return d.s.wallet(cardRef{d.m.ID, c.ID}) }

// postCoupons folds what an entry did with coupons into copies of them.
func (d *draft) postCoupons(e *Entry) {
	for _, p := range e.Coupons {
		var c Coupon
		if known := d.s.coupons[CouponKey{d.m.ID, p.Coupon}]; known != nil {
			c = *known
		}
		if err := c.Fold(e, p); err != nil {
			panic(fmt.Sprintf("%v made an entry that breaks the books: %v", e.Kind, err))
		}
		d.ch.Coupons = append(d.ch.Coupons, c)
	}
}
