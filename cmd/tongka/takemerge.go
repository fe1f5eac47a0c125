package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// merges are the cards that were merged in time that was taken back. What had expired on them by the wrong time did not
// go along, and cannot be restored: they are closed.
type merges struct {
	gone map[ledger.CardID]*expiredOf // of all cards, as far as one has looked
	all  []*expiredOf                 // of those that were merged
}

// expiredOf is what expired on a card by the wrong time, would be good at the right time, and did not come back.
type expiredOf struct {
	from    ledger.CardID
	to      string
	bonus   ledger.Fen
	points  int64
	coupons map[ledger.CouponID]ledger.CouponState // the last that was made of each
}

// add notes what an entry of the wrong time did. right is a day at the right time.
func (m *merges) add(e *ledger.Entry, right ledger.Date) {
	of := m.gone[e.Card]
	if of == nil {
		of = &expiredOf{from: e.Card, coupons: map[ledger.CouponID]ledger.CouponState{}}
		m.gone[e.Card] = of
	}
	for _, p := range e.Coupons {
		of.coupons[p.Coupon] = p.State
	}
	switch e.Kind {
	case ledger.LotsExpired, ledger.ExpiryReversed:
		for _, p := range e.Allocations {
			if p.GoodUntil >= right {
				of.bonus -= p.Bonus
			}
		}
		for _, p := range e.PointAllocations {
			if p.GoodUntil >= right {
				of.points -= p.Points
			}
		}
	case ledger.MergedOut:
		of.to = e.OtherCard
		m.all = append(m.all, of)
	}
}

// toldMerges returns a line for each card that was merged without what had expired by the wrong time.
func (b *books) toldMerges(ctx context.Context, merchant ledger.MerchantID, w *wrongTime) (lines []string, err error) {
	for _, of := range w.merges.all {
		coupons, err := b.goodCoupons(ctx, merchant, of, w.right)
		if err != nil {
			return nil, err
		}
		if of.bonus == 0 && of.points == 0 && coupons == 0 {
			continue
		}
		cards, err := b.Find(ctx, ledger.FindQuery{Merchant: merchant, ID: of.from})
		if err != nil || len(cards) == 0 {
			return nil, errors.Join(err, errOnlyIf(err == nil, "a card is not there"))
		}
		lines = append(lines, fmt.Sprintf("merchant %d, card %s: what had expired did not go along when the card was merged "+
			"into card %s: bonus %v, %d points, %d coupons", merchant, cards[0].Number, of.to, of.bonus, of.points, coupons))
	}
	return lines, nil
}

// goodCoupons returns how many of a card's coupons are expired and would be good at the right time.
func (b *books) goodCoupons(
	ctx context.Context, merchant ledger.MerchantID, of *expiredOf, right ledger.Date,
) (n int, err error) {
	maps.DeleteFunc(of.coupons, func(_ ledger.CouponID, s ledger.CouponState) bool { return s != ledger.Expired })
	if len(of.coupons) == 0 {
		return 0, nil
	}
	records, err := b.Load(ctx, command.Want{
		Merchant: merchant, Keys: command.Keys{Coupons: slices.Collect(maps.Keys(of.coupons))},
	})
	if err != nil {
		return 0, err
	}
	for _, coupon := range records[0].Coupons {
		if coupon.Until >= right {
			n++
		}
	}
	return n, nil
}
