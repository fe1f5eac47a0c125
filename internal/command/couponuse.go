package command

import (
	"fmt"
	"slices"
	"strconv"

	"tongka/internal/ledger"
)

// coupon returns a copy of a coupon, which must be on the card.
func (d *draft) coupon(c *ledger.Card, id ledger.CouponID) (ledger.Coupon, error) {
	known := d.s.coupons.get(id)
	if known == nil || known.Card != c.ID {
		return ledger.Coupon{}, ledger.Refuse(ledger.CouponNotFound, strconv.FormatInt(int64(id), 10))
	}
	return *known, nil
}

// couponsFor returns the coupons the card is to pay with: each named once, unused, and good today.
func (d *draft) couponsFor(c *ledger.Card, ids []ledger.CouponID) ([]ledger.Coupon, error) {
	if len(ids) > ledger.MaxSend {
		return nil, ledger.Refuse(ledger.TooManyCoupons)
	}
	var coupons []ledger.Coupon
	for i, id := range ids {
		one, err := d.coupon(c, id)
		if err != nil {
			return nil, err
		}
		if slices.Contains(ids[:i], id) {
			return nil, ledger.Refuse(ledger.CouponTwice, one.Masked())
		}
		if err := one.CheckUnused(); err != nil {
			return nil, err
		}
		if one.Over(d.day) {
			return nil, ledger.Refuse(ledger.CouponIsExpired, one.Until.String())
		}
		if d.day < one.From {
			return nil, ledger.Refuse(ledger.CouponNotYet, one.From.String())
		}
		coupons = append(coupons, one)
	}
	return coupons, nil
}

// payWith returns what coupons pay of a bill after the level's discount.
func (d *draft) payWith(coupons []ledger.Coupon, amount ledger.Fen) ([]ledger.CouponPart, error) {
	if err := ledger.Fit(coupons, d.by.Shop, amount); err != nil {
		return nil, err
	}
	var parts []ledger.CouponPart
	for i, pays := range ledger.Worth(coupons, amount) {
		parts = append(parts, ledger.CouponPart{Coupon: coupons[i].ID, State: ledger.Used, Pays: pays})
	}
	return parts, nil
}

// couponsBack returns how the coupons of a bill come back. A coupon past its last day comes back expired, or, the
// first time, good again for the days of its Grace: otherwise bills that are refunded could keep it for ever.
func (d *draft) couponsBack(bill *ledger.Entry) ([]ledger.CouponPart, error) {
	if err := d.needSenders(bill); err != nil {
		return nil, err
	}
	var parts []ledger.CouponPart
	for _, p := range bill.Coupons {
		c := d.s.coupons.get(p.Coupon)
		back := ledger.CouponPart{Coupon: p.Coupon, State: ledger.Unused, Pays: p.Pays}
		switch {
		case !c.Over(d.day):
		case d.hasGrace(c):
			back.Until = d.day.AddDays(c.Grace - 1)
		default:
			back.State = ledger.Expired
		}
		parts = append(parts, back)
	}
	return parts, nil
}

// needSenders asks for the entries that hasGrace looks at.
func (d *draft) needSenders(bill *ledger.Entry) error {
	var senders []ledger.EntryID
	for _, p := range bill.Coupons {
		c, sender := d.s.coupons.get(p.Coupon), p.Coupon.Sender()
		if c.Grace == 0 || !c.Over(d.day) || slices.Contains(senders, sender) {
			continue
		}
		if !d.s.entries.knows(sender) {
			senders = append(senders, sender)
		} else if sent := d.s.entries.get(sender); sent == nil || sent.Offer == nil {
			return &ledger.UnreadableError{Err: fmt.Errorf("entry %d, which sent coupon %d, is gone", sender, c.ID)}
		}
	}
	if len(senders) > 0 {
		return NeedRecords{Keys{Entries: senders}}
	}
	return nil
}

// hasGrace reports whether a coupon has days of grace that it was not given yet: its last day is still the one it was
// sent with.
func (d *draft) hasGrace(c *ledger.Coupon) bool {
	return c.Grace > 0 && c.Until == d.s.entries.get(c.ID.Sender()).Offer.Until
}

// wallet returns the card's unused coupons, by id.
func (d *draft) wallet(c *ledger.Card) []*ledger.Coupon { return d.s.wallet(c.ID) }

// postCoupons folds what an entry did to coupons into copies of them.
func (d *draft) postCoupons(e *ledger.Entry) {
	for _, p := range e.Coupons {
		var c ledger.Coupon
		if known := d.s.coupons.records[p.Coupon]; known != nil {
			c = *known
		}
		if err := c.Fold(e, p); err != nil {
			panic(fmt.Sprintf("%v made an entry that breaks the books: %v", e.Kind, err))
		}
		d.ch.Coupons = append(d.ch.Coupons, c)
	}
}
