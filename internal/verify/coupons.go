package verify

import (
	"context"
	"time"

	"tongka/internal/ledger"
)

// coupon is a coupon as its entries describe it.
type coupon struct {
	folded ledger.Coupon
	broken bool // an entry did not follow, so later ones prove nothing
	stored bool // a row was found
	spared bool // it was given its days of grace
}

// couponCheck returns the check that fails if a coupon does not follow an entry of that kind.
func couponCheck(k ledger.Kind) int {
	switch k {
	case ledger.Consumed:
		return 27
	case ledger.ConsumeRefunded:
		return 30
	}
	return 29
}

// foldCoupons checks what one entry did to coupons.
func (l *audit) foldCoupons(e *ledger.Entry) {
	begun := time.Now()
	r := l.checks[couponCheck(e.Kind)]
	defer r.recovered(e)
	var used []ledger.Coupon
	sound := true
	for _, p := range e.Coupons {
		c := l.coupons[p.Coupon]
		if c == nil {
			c = &coupon{}
			l.coupons[p.Coupon] = c
		}
		used = append(used, c.folded)
		r.Rows++
		if c.broken {
			sound = false
			continue
		}
		if !c.cameBackInTime(e, p) {
			r.fail("entry %d: coupon %d, good through %v, came back %v through %v", e.ID, p.Coupon, c.folded.Until, p.State,
				p.Until)
		}
		if !c.droppedInTime(e, p) {
			r.fail("entry %d: coupon %d, good through %v, became %v", e.ID, p.Coupon, c.folded.Until, p.State)
		}
		if err := c.folded.Fold(e, p); err != nil {
			c.broken, sound = true, false
			r.fail("entry %d: %v", e.ID, err)
			continue
		}
		if e.Kind == ledger.CouponSent {
			l.sent[c.folded.Kind]++
		}
	}
	if e.Kind == ledger.Consumed && sound {
		l.usedByTerms(e, used)
	}
	r.Took += time.Since(begun)
}

// cameBackInTime reports whether a coupon was given back as it may be. What expired by a wrong clock comes back while
// it is good. A refund gives it back as its terms say: unchanged, or if its last day had passed, expired or, once, good
// for its days of grace from then on.
func (k *coupon) cameBackInTime(e *ledger.Entry, p ledger.CouponPart) bool {
	c, spared := &k.folded, k.spared
	earliest, latest := ledger.EarliestDay(e.At), ledger.LatestDay(e.At)
	switch {
	case e.Kind == ledger.ExpiryReversed:
		return !c.Over(earliest)
	case e.Kind != ledger.ConsumeRefunded:
		return true
	case p.Until != 0:
		k.spared = true
		inTime := p.Until >= earliest.AddDays(c.Grace-1) && p.Until <= latest.AddDays(c.Grace-1)
		return !spared && c.Grace > 0 && c.Over(latest) && inTime
	case p.State == ledger.Expired:
		return (c.Grace == 0 || spared) && c.Over(latest)
	}
	return !c.Over(earliest)
}

// droppedInTime reports whether a coupon that expired, or was on a card that was closed, became what it had to: expired
// if its last day had passed, and otherwise void.
func (k *coupon) droppedInTime(e *ledger.Entry, p ledger.CouponPart) bool {
	switch e.Kind {
	case ledger.CouponExpired, ledger.CardReturned, ledger.OpeningReversed:
		return ledger.OnSomeDay(e.At, func(day ledger.Date) bool {
			return k.folded.Over(day) == (p.State == ledger.Expired)
		})
	}
	return true
}

// usedByTerms checks a bill against the terms of its coupons as they were before it.
func (l *audit) usedByTerms(e *ledger.Entry, used []ledger.Coupon) {
	before := e.Net + e.ByCoupons() + e.ByPoints.Worth
	if err := ledger.Fit(used, e.By.Shop, before); err != nil {
		l.checks[27].fail("entry %d: %v", e.ID, err)
	}
	earliest, latest := ledger.EarliestDay(e.At), ledger.LatestDay(e.At)
	for i := range used {
		if c := &used[i]; latest < c.From || c.Over(earliest) {
			l.checks[27].fail("entry %d: coupon %d was good %v to %v", e.ID, c.ID, c.From, c.Until)
		}
	}
	r := l.checks[28]
	r.Rows++
	if before < 0 || before > ledger.MaxFen {
		r.fail("entry %d: coupons paid of a bill of %v", e.ID, before)
		return
	}
	for i, pays := range ledger.Worth(used, before) {
		if e.Coupons[i].Pays != pays || pays < 0 {
			r.fail("entry %d: coupon %d paid %v, its terms say %v", e.ID, used[i].ID, e.Coupons[i].Pays, pays)
		}
	}
}

// couponBooks compares the stored coupons and stocks with what the journal says.
func (l *audit) couponBooks(ctx context.Context, books Books, merchant ledger.MerchantID) error {
	begun := time.Now()
	r := l.checks[29]
	err := books.EachCoupon(ctx, merchant, func(c *ledger.Coupon) error {
		r.Rows++
		known := l.coupons[c.ID]
		if known == nil {
			r.fail("coupon %d was never sent", c.ID)
			return nil
		}
		known.stored = true
		if field := couponDiffers(c, &known.folded); field != "" && !known.broken {
			r.fail("coupon %d: %s is not what its entries say", c.ID, field)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for id, c := range l.coupons {
		if !c.stored {
			r.fail("coupon %d has entries and no record", id)
		}
		l.onOpenCard(c)
	}
	stocks, err := books.Stocks(ctx, merchant)
	if err != nil {
		return err
	}
	for _, stock := range stocks {
		r.Rows++
		if stock.Sent != l.sent[stock.Kind] {
			r.fail("%d coupons of kind %d are counted, %d were sent", stock.Sent, stock.Kind, l.sent[stock.Kind])
		}
		delete(l.sent, stock.Kind)
	}
	for kind, n := range l.sent {
		r.fail("%d coupons of kind %d were sent and are not counted", n, kind)
	}
	r.Took += time.Since(begun)
	return nil
}

// onOpenCard checks that a closed card has no usable coupon (invariant 26).
func (l *audit) onOpenCard(c *coupon) {
	a := l.accounts[c.folded.Card]
	if a == nil || a.broken || c.broken || c.folded.State != ledger.Unused {
		return
	}
	if s := a.last.status; s == ledger.Returned || s == ledger.Replaced {
		l.checks[26].fail("card %d is closed and has coupon %d", c.folded.Card, c.folded.ID)
	}
}

// couponDiffers names the first field in which a stored coupon differs from the folded one; "" if none does.
func couponDiffers(c, f *ledger.Coupon) string {
	for _, d := range []struct {
		field string
		same  bool
	}{
		{"card", c.Card == f.Card},
		{"number", c.Number == f.Number},
		{"terms", c.Same(&f.CouponTerms)},
		{"validity", c.From == f.From && c.Until == f.Until},
		{"state", c.State == f.State},
		{"sending", c.Sent.Equal(f.Sent) && c.Subject == f.Subject},
		{"bill", c.UsedBy == f.UsedBy && c.Paid == f.Paid},
	} {
		if !d.same {
			return d.field
		}
	}
	return ""
}
