package verify

import (
	"context"
	"time"

	"tongka/internal/ledger"
	"tongka/internal/report"
)

// foldedParts are the totals of lots and coupons, folded again.
type foldedParts struct {
	*report.Parts                // nil = none are stored
	upTo          ledger.EntryID // the last entry in them
}

// parts folds the totals of lots and coupons again.
func (l *audit) parts(entries []*ledger.Entry) {
	p := l.followed.parts
	if p.Parts == nil {
		return
	}
	r, begun := l.checks[60], time.Now()
	for _, e := range entries {
		if e.ID > p.upTo {
			break
		}
		if err := p.Add(e); err != nil {
			r.fail("%v", err)
		}
	}
	r.Took += time.Since(begun)
}

// partTotals checks the stored totals of lots and coupons against the folded ones.
func (l *audit) partTotals(ctx context.Context, books Books, merchant ledger.MerchantID) error {
	p, r := l.followed.parts, l.checks[60]
	if p.Parts == nil {
		p.Parts = report.NewParts(ledger.Calendar{Zone: time.UTC}, report.NewOrigins())
	}
	err := books.EachLotTotal(ctx, merchant, 0, 0, func(t *ledger.LotTotal) error {
		r.Rows++
		if sums, ok := p.TakeLots(t.LotKey); !ok || sums != t.LotSums {
			r.fail("merchant %d: a total of lots of shop %d by %v of day %v is not what entries up to entry %d add up to",
				merchant, t.Sold, t.Kind, t.Day, p.upTo)
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = books.EachCouponTotal(ctx, merchant, 0, 0, func(t *ledger.CouponTotal) error {
		r.Rows++
		if sums, ok := p.TakeCoupons(t.CouponKey); !ok || sums != t.CouponSums {
			r.fail("merchant %d: a total of coupons of kind %d by %v of day %v is not what entries up to entry %d add up to",
				merchant, t.Coupon, t.Kind, t.Day, p.upTo)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, t := range p.Lots() {
		r.fail("merchant %d: the total of lots of shop %d by %v of day %v is missing", merchant, t.Sold, t.Kind, t.Day)
	}
	for _, t := range p.Coupons() {
		r.fail("merchant %d: the total of coupons of kind %d by %v of day %v is missing", merchant, t.Coupon, t.Kind, t.Day)
	}
	return nil
}
