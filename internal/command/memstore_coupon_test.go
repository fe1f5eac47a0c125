package command

import (
	"errors"
	"fmt"

	"tongka/internal/ledger"
)

func (l *memStore) loadCoupons(merchant ledger.MerchantID, k Keys, r *Records) {
	for _, id := range k.Coupons {
		if c, there := l.coupons[row[ledger.CouponID]{merchant, id}]; there {
			r.Coupons = append(r.Coupons, c)
		}
	}
	for _, number := range k.Wallets {
		card, there := l.card(ledger.CardNamed(merchant, number), 0)
		for _, c := range l.coupons {
			if there && c.Merchant == merchant && c.Card == card.ID && c.State == ledger.Unused {
				r.Coupons = append(r.Coupons, c)
			}
		}
	}
	for _, number := range k.WalletSizes {
		card, there := l.card(ledger.CardNamed(merchant, number), 0)
		if !there {
			continue
		}
		size := ledger.WalletSize{Card: card.ID}
		for _, c := range l.coupons {
			if c.Merchant == merchant && c.Card == card.ID && c.State == ledger.Unused {
				size.Unused++
			}
		}
		r.WalletSizes = append(r.WalletSizes, size)
	}
	for _, id := range k.Entries {
		for _, c := range l.coupons {
			if c.Merchant == merchant && c.UsedBy == id && c.UsedBy != 0 {
				r.Coupons = append(r.Coupons, c)
			}
		}
	}
	for _, kind := range k.CouponKinds {
		if stock, there := l.stocks[row[ledger.CouponKindID]{merchant, kind}]; there {
			r.Stocks = append(r.Stocks, stock)
		}
	}
	for _, number := range k.CouponNumbers {
		if l.withNumber(merchant, number) > 0 {
			r.CouponNumbers = append(r.CouponNumbers, number)
		}
	}
}

// withNumber returns how many coupons have the number.
func (l *memStore) withNumber(merchant ledger.MerchantID, number string) (n int) {
	for _, c := range l.coupons {
		if c.Merchant == merchant && c.Number == number {
			n++
		}
	}
	return n
}

func (l *memStore) writeCoupons(ch Changes) error {
	for _, c := range ch.Coupons {
		l.coupons[row[ledger.CouponID]{c.Merchant, c.ID}] = c
		if l.withNumber(c.Merchant, c.Number) > 1 {
			return fmt.Errorf("coupon number %s is on two coupons", c.Number)
		}
	}
	for _, stock := range ch.Stocks {
		l.stocks[row[ledger.CouponKindID]{stock.Merchant, stock.Kind}] = stock
	}
	return nil
}

// coupons folds the coupons from the journal, checks every use against their terms, and the rows against the folded
// coupons (invariants 27–30).
func (b *books) coupons(entries []*ledger.Entry) error {
	folded, sent := map[ledger.CouponID]*ledger.Coupon{}, map[ledger.CouponKindID]int64{}
	for _, e := range entries {
		var used []ledger.Coupon
		var pays []ledger.Fen
		for _, p := range e.Coupons {
			c := folded[p.Coupon]
			if c == nil {
				c = &ledger.Coupon{}
				folded[p.Coupon] = c
			}
			if e.Kind == ledger.Consumed {
				used, pays = append(used, *c), append(pays, p.Pays)
				if day := ledger.DateOf(e.At.In(shanghai)); day < c.From || day > c.Until {
					return fmt.Errorf("invariant 27: coupon %d was used on %v", c.ID, day)
				}
			}
			if err := c.Fold(e, p); err != nil {
				return fmt.Errorf("invariants 27, 29, 30: entry %d: %w", e.ID, err)
			}
			if e.Kind == ledger.CouponSent {
				sent[c.Kind]++
			}
		}
		before := e.Net + e.ByCoupons() + e.ByPoints.Worth
		if err := ledger.Fit(used, e.By.Shop, before); err != nil {
			return fmt.Errorf("invariant 27: entry %d: %w", e.ID, err)
		}
		if got, want := fmt.Sprint(pays), fmt.Sprint(ledger.Worth(used, before)); len(used) > 0 && got != want {
			return fmt.Errorf("invariant 28: entry %d: coupons paid %s, want %s", e.ID, got, want)
		}
	}
	for kind, n := range sent {
		if got := b.l.stocks[row[ledger.CouponKindID]{b.merchant, kind}].Sent; got != n {
			return fmt.Errorf("invariant 29: %d coupons of kind %d are counted, %d were sent", got, kind, n)
		}
	}
	return b.couponRows(folded)
}

func (b *books) couponRows(folded map[ledger.CouponID]*ledger.Coupon) error {
	rows := 0
	for key, c := range b.l.coupons {
		if key.merchant != b.merchant {
			continue
		}
		rows++
		want := folded[key.key]
		if want == nil {
			return errors.New("invariant 29: a coupon nobody sent")
		}
		if got, want := fmt.Sprintf("%+v", c), fmt.Sprintf("%+v", *want); got != want {
			return fmt.Errorf("invariant 29: coupon %d is stored as\n%s\nits entries fold to\n%s", c.ID, got, want)
		}
		card := b.folded[c.Card]
		if (card.Status == ledger.Returned || card.Status == ledger.Replaced) && c.State == ledger.Unused {
			return fmt.Errorf("invariant 26: closed card %d holds coupon %d", c.Card, c.ID)
		}
	}
	if rows != len(folded) {
		return fmt.Errorf("invariant 29: %d coupons are stored, %d were sent", rows, len(folded))
	}
	return nil
}
