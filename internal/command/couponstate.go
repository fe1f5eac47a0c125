package command

import (
	"cmp"
	"maps"
	"slices"

	"tongka/internal/ledger"
)

// What a State knows of coupons. All of it is forgotten when a batch was saved: the next one asks for
// what it needs.

func (s *State) learnCoupons(k Keys, r Records) {
	for _, key := range k.Coupons {
		if _, known := s.coupons[key]; !known {
			s.coupons[key] = nil
		}
	}
	for _, key := range k.Wallets {
		s.wallets[key] = true
	}
	for _, key := range k.WalletSizes {
		s.sized[key] = true
	}
	for _, size := range r.WalletSizes {
		s.sizes[cardRef{size.Merchant, size.Card}] = size.Unused
	}
	for _, key := range k.CouponKinds {
		s.stocks[key] = ledger.CouponStock{Merchant: key.Merchant, Kind: key.Kind}
	}
	for _, key := range k.CouponNumbers {
		s.couponNumbers[key] = false
	}
	for i := range r.Coupons {
		s.putCoupon(&r.Coupons[i])
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
		s.sizeWallet(c)
		s.putCoupon(c)
		s.pending.coupons[c.Key()] = c
		number := ledger.CouponNumberKey{Merchant: c.Merchant, Number: c.Number}
		if _, asked := s.couponNumbers[number]; asked {
			s.couponNumbers[number] = true
		}
	}
	for _, stock := range ch.Stocks {
		s.stocks[stock.Key()], s.pending.stocks[stock.Key()] = stock, stock
	}
}

// putCoupon makes a coupon known as it stands now. A coupon stays with its card for good.
func (s *State) putCoupon(c *ledger.Coupon) {
	if s.coupons[c.Key()] == nil {
		ref := cardRef{c.Merchant, c.Card}
		s.ofCard[ref] = append(s.ofCard[ref], c.ID)
	}
	s.coupons[c.Key()] = c
}

// sizeWallet counts a coupon that is about to be put as it stands now.
func (s *State) sizeWallet(c *ledger.Coupon) {
	ref := cardRef{c.Merchant, c.Card}
	if _, known := s.sizes[ref]; !known {
		return
	}
	if before := s.coupons[c.Key()]; before != nil && before.State == ledger.Unused {
		s.sizes[ref]--
	}
	if c.State == ledger.Unused {
		s.sizes[ref]++
	}
}

// walletSize returns how many unused coupons a card has of which that, or the wallet, was asked for. A
// card that got its number in this batch was asked for under the one it had.
func (s *State) walletSize(ref cardRef) int {
	if n, known := s.sizes[ref]; known {
		return n
	}
	return len(s.wallet(ref))
}

func (s *State) forgetCoupons() {
	clear(s.coupons)
	clear(s.ofCard)
	clear(s.wallets)
	clear(s.sized)
	clear(s.sizes)
	clear(s.stocks)
	clear(s.couponNumbers)
}

// coupon is a known coupon; nil when there is none. The caller must not change it.
func (s *State) coupon(key ledger.CouponKey) *ledger.Coupon { return known(s.coupons, key, "coupon") }

func (s *State) stock(key ledger.CouponKindKey) ledger.CouponStock {
	stock, ok := s.stocks[key]
	if !ok {
		panic("kind of coupon was not named in Keys")
	}
	return stock
}

func (s *State) couponNumberTaken(key ledger.CouponNumberKey) bool {
	taken, ok := s.couponNumbers[key]
	if !ok {
		panic("coupon number was not named in Keys")
	}
	return taken
}

// wallet are the unused coupons of a card whose wallet was asked for, by id.
func (s *State) wallet(ref cardRef) []*ledger.Coupon {
	var found []*ledger.Coupon
	for _, id := range s.ofCard[ref] {
		if c := s.coupons[ledger.CouponKey{Merchant: ref.merchant, ID: id}]; c.State == ledger.Unused {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b *ledger.Coupon) int { return cmp.Compare(a.ID, b.ID) })
	return found
}

func (s *State) pendingCoupons() []ledger.Coupon {
	if len(s.pending.coupons) == 0 {
		return nil
	}
	coupons := make([]ledger.Coupon, 0, len(s.pending.coupons))
	for _, c := range s.pending.coupons {
		coupons = append(coupons, *c)
	}
	slices.SortFunc(coupons, ledger.CompareCoupons)
	return coupons
}

func (s *State) pendingStocks() []ledger.CouponStock {
	return slices.SortedFunc(maps.Values(s.pending.stocks), func(a, b ledger.CouponStock) int {
		return cmp.Or(cmp.Compare(a.Merchant, b.Merchant), cmp.Compare(a.Kind, b.Kind))
	})
}
