package command

import (
	"cmp"
	"slices"

	"tongka/internal/ledger"
)

// What a State knows of coupons. All of it is forgotten after a batch is saved; the next batch asks for what it needs.

func (s *State) learnCoupons(k Keys, r Records) {
	s.coupons.asked(s.coupons.missing(k.Coupons))
	s.wallets.asked(k.Wallets)
	s.sized.asked(k.WalletSizes)
	for _, size := range r.WalletSizes {
		s.sizes.learn(size.Card, size.Unused)
	}
	for _, kind := range k.CouponKinds {
		s.stocks.learn(kind, ledger.CouponStock{Merchant: s.id, Kind: kind})
	}
	s.couponNumbers.asked(k.CouponNumbers)
	for i := range r.Coupons {
		s.index(&r.Coupons[i])
		s.coupons.learn(r.Coupons[i].ID, &r.Coupons[i])
	}
	for _, stock := range r.Stocks {
		s.stocks.learn(stock.Kind, stock)
	}
	for _, number := range r.CouponNumbers {
		s.couponNumbers.learn(number, true)
	}
}

func (s *State) applyCoupons(ch Changes) {
	for i := range ch.Coupons {
		c := &ch.Coupons[i]
		s.sizeWallet(c)
		s.index(c)
		s.coupons.change(c.ID, c)
		s.couponNumbers.update(c.Number, true)
	}
	for _, stock := range ch.Stocks {
		s.stocks.change(stock.Kind, stock)
	}
}

// index adds a coupon that is about to become known to its card's coupons. If its card was merged into another, it is
// taken off those of the first.
func (s *State) index(c *ledger.Coupon) {
	before := s.coupons.records[c.ID]
	if before != nil && before.Card == c.Card {
		return
	}
	if before != nil {
		s.ofCard.learn(before.Card, slices.DeleteFunc(slices.Clone(s.ofCard.records[before.Card]),
			func(id ledger.CouponID) bool { return id == c.ID }))
	}
	s.ofCard.learn(c.Card, append(s.ofCard.records[c.Card], c.ID))
}

// sizeWallet adjusts the numbers of unused coupons on cards for a coupon that is about to change to c.
func (s *State) sizeWallet(c *ledger.Coupon) {
	if before := s.coupons.records[c.ID]; before != nil && before.State == ledger.Unused {
		s.resizeWallet(before.Card, -1)
	}
	if c.State == ledger.Unused {
		s.resizeWallet(c.Card, 1)
	}
}

func (s *State) resizeWallet(card ledger.CardID, by int) {
	if size, known := s.sizes.records[card]; known {
		s.sizes.learn(card, size+by)
	}
}

// walletSize returns the number of unused coupons on a card whose WalletSize or Wallet was named in Keys. If the card
// got its number in this batch, it was named under its old one.
func (s *State) walletSize(card ledger.CardID) int {
	if n, known := s.sizes.records[card]; known {
		return n
	}
	return len(s.wallet(card))
}

// wallet returns the unused coupons of a card whose Wallet was named in Keys, by id.
func (s *State) wallet(card ledger.CardID) []*ledger.Coupon {
	var found []*ledger.Coupon
	for _, id := range s.ofCard.records[card] {
		if c := s.coupons.records[id]; c.State == ledger.Unused {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b *ledger.Coupon) int { return cmp.Compare(a.ID, b.ID) })
	return found
}
