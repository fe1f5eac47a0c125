package storetest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

func (b *book) loadCoupons(keys *command.Keys, r *command.Records) {
	for _, id := range keys.Coupons {
		if c, ok := b.coupons[id]; ok {
			r.Coupons = append(r.Coupons, cloneCoupon(c))
		}
	}
	for _, number := range keys.Wallets {
		if card := b.find(number); card != nil {
			r.Coupons = append(r.Coupons, b.unusedOf(card.ID)...)
		}
	}
	for _, number := range keys.WalletSizes {
		if card := b.find(number); card != nil {
			r.WalletSizes = append(r.WalletSizes, ledger.WalletSize{Card: card.ID, Unused: len(b.unusedOf(card.ID))})
		}
	}
	for _, id := range keys.Entries {
		r.Coupons = append(r.Coupons, b.someCoupons(func(c *ledger.Coupon) bool { return c.UsedBy == id && id != 0 })...)
	}
	for _, kind := range keys.CouponKinds {
		if stock, ok := b.stocks[kind]; ok {
			r.Stocks = append(r.Stocks, stock)
		}
	}
	for _, number := range keys.CouponNumbers {
		if b.numbered[number] != 0 {
			r.CouponNumbers = append(r.CouponNumbers, number)
		}
	}
}

// unusedOf returns the unused coupons of a card, by id.
func (b *book) unusedOf(card ledger.CardID) []ledger.Coupon {
	return b.someCoupons(func(c *ledger.Coupon) bool { return c.Card == card && c.State == ledger.Unused })
}

// someCoupons returns copies of the merchant's coupons for which fits returns true, by id.
func (b *book) someCoupons(fits func(*ledger.Coupon) bool) []ledger.Coupon {
	var found []ledger.Coupon
	for _, id := range slices.Sorted(maps.Keys(b.coupons)) {
		if c := b.coupons[id]; fits(&c) {
			found = append(found, cloneCoupon(c))
		}
	}
	return found
}

// checkCoupons returns ErrStale if two coupons would have one number.
func (b *book) checkCoupons(ch *command.Changes) error {
	claimed := map[string]bool{}
	for i := range ch.Coupons {
		c := &ch.Coupons[i]
		has := b.numbered[c.Number]
		if claimed[c.Number] || has != 0 && has != c.ID {
			return fmt.Errorf("coupon number: %w", command.ErrStale)
		}
		claimed[c.Number] = true
	}
	return nil
}

func (b *book) putCoupon(c ledger.Coupon) {
	b.coupons[c.ID] = cloneCoupon(c)
	b.numbered[c.Number] = c.ID
}

func cloneCoupon(c ledger.Coupon) ledger.Coupon {
	c.Shops = slices.Clone(c.Shops)
	return c
}

// Coupons returns at most q.Limit coupons of a card, by id.
func (s *MemStore) Coupons(_ context.Context, q ledger.CouponQuery) ([]ledger.Coupon, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.books[q.Merchant]
	if !ok {
		return nil, nil
	}
	found := b.someCoupons(func(c *ledger.Coupon) bool {
		return c.Card == q.Card && c.ID > q.After && (!q.Unused || c.State == ledger.Unused)
	})
	return found[:min(len(found), q.Limit)], nil
}

// Wallet returns a card and its unused coupons, by id; a nil card if there is no such card.
func (s *MemStore) Wallet(_ context.Context, key ledger.CardKey) (*ledger.Card, []ledger.Coupon, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.find(key)
	if known == nil {
		return nil, nil, nil
	}
	card := cloneCard(known)
	return &card, s.books[key.Merchant].unusedOf(card.ID), nil
}

// DueCoupons returns the cards that have unused coupons which were good only through a day before the given one,
// each card once. It looks at no more than limit such coupons, those first that were over first, so there may be
// fewer cards than limit although more are due.
func (s *MemStore) DueCoupons(
	_ context.Context, merchant ledger.MerchantID, before ledger.Date, limit int,
) ([]ledger.CardKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.books[merchant]
	if !ok {
		return nil, nil
	}
	due := b.someCoupons(func(c *ledger.Coupon) bool { return c.State == ledger.Unused && c.Over(before) })
	slices.SortFunc(due, func(x, y ledger.Coupon) int {
		return cmp.Or(cmp.Compare(x.Until, y.Until), cmp.Compare(x.ID, y.ID))
	})
	var keys []ledger.CardKey
	for _, c := range due[:min(limit, len(due))] {
		if key := b.cards[c.Card].Key(); !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// EachCoupon calls fn with every coupon of the merchant, by id, and returns the first error of fn.
func (s *MemStore) EachCoupon(_ context.Context, merchant ledger.MerchantID, fn func(*ledger.Coupon) error) error {
	var coupons []ledger.Coupon
	s.mu.Lock()
	if b, ok := s.books[merchant]; ok {
		coupons = b.someCoupons(func(*ledger.Coupon) bool { return true })
	}
	s.mu.Unlock()
	for i := range coupons {
		if err := fn(&coupons[i]); err != nil {
			return err
		}
	}
	return nil
}

// Stocks returns how many coupons of each of the merchant's kinds have been sent, by kind.
func (s *MemStore) Stocks(_ context.Context, merchant ledger.MerchantID) ([]ledger.CouponStock, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var stocks []ledger.CouponStock
	if b, ok := s.books[merchant]; ok {
		for _, kind := range slices.Sorted(maps.Keys(b.stocks)) {
			stocks = append(stocks, b.stocks[kind])
		}
	}
	return stocks, nil
}
