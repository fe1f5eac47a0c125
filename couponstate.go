package tongka

import (
	"cmp"
	"maps"
	"slices"
)

// What a State knows of coupons. All of it is forgotten when a batch was saved: the next one asks for
// what it needs.

func (s *State) learnCoupons(k Keys, r Records) {
	for _, key := range k.Coupons {
		s.coupons[key] = nil
	}
	for _, key := range k.Wallets {
		s.wallets[key] = true
	}
	for _, key := range k.CouponKinds {
		s.stocks[key] = CouponStock{Merchant: key.Merchant, Kind: key.Kind}
	}
	for _, key := range k.CouponNumbers {
		s.couponNumbers[key] = false
	}
	for i := range r.Coupons {
		s.coupons[r.Coupons[i].Key()] = &r.Coupons[i]
	}
	for _, stock := range r.Stocks {
		s.stocks[stock.Key()] = stock
	}
	for _, key := range r.CouponNumbers {
		s.couponNumbers[key] = true
	}
}

func (s *State) applyCoupons(ch Changes) {
	for i := range ch.Coupons {
		c := &ch.Coupons[i]
		s.coupons[c.Key()], s.pending.coupons[c.Key()] = c, c
		number := CouponNumberKey{c.Merchant, c.Number}
		if _, asked := s.couponNumbers[number]; asked {
			s.couponNumbers[number] = true
		}
	}
	for _, stock := range ch.Stocks {
		s.stocks[stock.Key()], s.pending.stocks[stock.Key()] = stock, stock
	}
}

func (s *State) forgetCoupons() {
	clear(s.coupons)
	clear(s.wallets)
	clear(s.stocks)
	clear(s.couponNumbers)
}

// coupon is a known coupon; nil when there is none. The caller must not change it.
func (s *State) coupon(key CouponKey) *Coupon { return known(s.coupons, key, "coupon") }

func (s *State) stock(key CouponKindKey) CouponStock {
	stock, ok := s.stocks[key]
	if !ok {
		panic("kind of coupon was not named in Keys")
	}
	return stock
}

func (s *State) couponNumberTaken(key CouponNumberKey) bool {
	taken, ok := s.couponNumbers[key]
	if !ok {
		panic("coupon number was not named in Keys")
	}
	return taken
}

// wallet are the unused coupons of a card whose wallet was asked for, by id.
func (s *State) wallet(ref cardRef) []*Coupon {
	var found []*Coupon
	for _, c := range s.coupons {
		if c != nil && c.State == Unused && (cardRef{c.Merchant, c.Card}) == ref {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b *Coupon) int { return cmp.Compare(a.ID, b.ID) })
	return found
}

func (s *State) pendingCoupons() []Coupon {
	if len(s.pending.coupons) == 0 {
		return nil
	}
	coupons := make([]Coupon, 0, len(s.pending.coupons))
	for _, c := range s.pending.coupons {
		coupons = append(coupons, *c)
	}
	slices.SortFunc(coupons, compareCoupons)
	return coupons
}

func (s *State) pendingStocks() []CouponStock {
	return slices.SortedFunc(maps.Values(s.pending.stocks), func(a, b CouponStock) int {
		return cmp.Or(cmp.Compare(a.Merchant, b.Merchant), cmp.Compare(a.Kind, b.Kind))
	})
}
