package verify

import (
	"context"
	"maps"
	"slices"
	"time"

	"tongka/internal/ledger"
)

// levelOf checks that there is the level of a card that is not closed for good: once only closed ones have a level, it
// may be removed.
func (l *audit) levelOf(c *ledger.Card) {
	if !l.levels[c.Merchant][c.Level] && c.Status != ledger.Returned && c.Status != ledger.Replaced {
		l.checks[derived].fail("card %d: the merchant has no level %d", c.ID, c.Level)
	}
}

// card compares a stored card with the one its entries describe.
func (l *audit) card(stored *ledger.StoredCard) error {
	begun := time.Now()
	c := &stored.Card
	l.checks[derived].Rows++
	if what := stored.Derived(); what != "" {
		l.checks[derived].fail("card %d: %s is wrong", c.ID, what)
	}
	l.levelOf(c)
	folds, sums, status := l.checks[3], l.checks[25], l.checks[26]
	sums.Rows++
	l.held(c)
	a := l.accounts[c.ID]
	if a == nil {
		folds.fail("card %d has no entries", c.ID)
		return nil
	}
	a.stored = true
	if a.broken {
		return nil
	}
	f := a.folded()
	if field := differs(c, f); field != "" {
		folds.fail("card %d: %s is not what its entries add up to", c.ID, field)
	}
	if c.SumRecharge != f.SumRecharge || c.SumConsume != f.SumConsume {
		sums.fail("card %d: its sums are not those of its entries", c.ID)
	}
	if f.MustForfeit() {
		l.checks[57].fail("card %d got bonus back that was to be forfeited", c.ID)
	}
	closed := c.Status == ledger.Returned || c.Status == ledger.Replaced
	if closed && (c.Amount() != 0 || c.Points != 0 || len(c.Lots) > 0) {
		status.fail("card %d is closed and holds something", c.ID)
	}
	folds.Took += time.Since(begun)
	return nil
}

// differs names the first field in which a stored card differs from the folded one; "" if none does.
func differs(c, f *ledger.Card) string {
	for _, d := range []struct {
		field string
		same  bool
	}{
		{"number", c.Number == f.Number || c.Number == f.DistinctNumber()},
		{"kind", c.Kind == f.Kind},
		{"opening", c.OpenedAt.Equal(f.OpenedAt) && c.OpenedShop == f.OpenedShop},
		{"status", c.Status == f.Status},
		{"level", c.Level == f.Level},
		{"expiry", c.Expires == f.Expires},
		{"holder", c.Holder == f.Holder},
		{"details", c.Details == f.Details},
		{"principal", c.Principal == f.Principal},
		{"bonus", c.Bonus == f.Bonus},
		{"points", c.Points == f.Points && c.PointsOwed == f.PointsOwed},
		{"signed bills", c.Charges == f.Charges},
		{"invoiceable sum", c.Invoiceable == f.Invoiceable},
		{"forfeits", slices.Equal(c.Forfeits, f.Forfeits)},
		{"holds", slices.EqualFunc(c.Holds, f.Holds, ledger.Hold.Same)},
		{"lots", c.LotsApart == f.LotsApart && slices.Equal(c.Lots, f.Lots)},
		{"points lots", slices.Equal(c.PointLots, f.PointLots)},
		{"newest entry", c.Seq == f.Seq && c.Hash == f.Hash && c.Last.Equal(f.Last)},
		{"last use", c.Used.Equal(f.Used)},
		{"tally", slices.Equal(c.Tally, f.Tally)},
	} {
		if !d.same {
			return d.field
		}
	}
	return ""
}

// held adds what the card holds to what all cards hold, which must equal what the journal gave them (invariant 02).
func (l *audit) held(c *ledger.Card) {
	l.holds = l.holds.Plus(Held{Cards: 1, Principal: c.Principal, Bonus: c.Bonus, Points: c.Points})
	for account, posting := range map[ledger.Account]ledger.Posting{
		ledger.CardPrincipal: {Money: c.Principal},
		ledger.CardBonus:     {Money: c.Bonus},
		ledger.CardPoints:    {Points: c.Points - c.PointsOwed},
	} {
		sum := l.stored[account]
		sum.Money += posting.Money
		sum.Points += posting.Points
		l.stored[account] = sum
	}
}

// end checks what only the whole journal shows.
func (l *audit) end(h ledger.Head) {
	begun := time.Now()
	all := l.checks[2]
	all.Rows += int64(len(l.sums))
	var money ledger.Fen
	var points int64
	for _, sum := range l.sums {
		money += sum.Money
		points += sum.Points
	}
	if money != 0 || points != 0 {
		all.fail("merchant %d: accounts add up to %v and %d points", h.Merchant, money, points)
	}
	for _, account := range []ledger.Account{ledger.CardPrincipal, ledger.CardBonus, ledger.CardPoints} {
		if l.sums[account] != l.stored[account] {
			all.fail("merchant %d: cards hold other sums than the journal gave them", h.Merchant)
		}
	}
	all.Took += time.Since(begun)
	l.ownChain(h)
	for id, a := range l.accounts {
		if !a.stored {
			l.checks[3].fail("card %d has entries and no record", id)
		}
	}
	if l.next != h.LastEntry+1 {
		l.checks[21].fail("merchant %d: the journal ends at %d, %d were written", h.Merchant, l.next-1, h.LastEntry)
	}
}

// undone compares what was given back with the entries it was given back from.
func (l *audit) undone(ctx context.Context, books Books, h ledger.Head) error {
	begun := time.Now()
	ids := slices.Sorted(maps.Keys(l.bills))
	found := 0
	for some := range slices.Chunk(ids, chunkSize) {
		err := books.EachOf(ctx, h.Merchant, some, func(e *ledger.Entry) error {
			found++
			l.compare(e, l.bills[e.ID])
			return nil
		})
		if err != nil {
			return err
		}
	}
	if found < len(ids) {
		l.checks[11].fail("%d entries were undone and are not there", len(ids)-found)
	}
	l.cashBackStays()
	l.checks[11].Took += time.Since(begun)
	return nil
}

// compare checks an entry against the entries that undid it.
func (l *audit) compare(e *ledger.Entry, b *bill) {
	defer l.checks[11].recovered(e)
	if e.Card != b.card || b.mixed || !b.kind.Undoes(e.Kind) {
		l.checks[57].fail("entry %d, a %v, was undone on another card, or by entries that cannot undo it", e.ID, e.Kind)
	}
	switch b.kind {
	case ledger.ExpiryReversed:
		l.expiryBack(e, b)
	case ledger.ConsumeRefunded:
		l.refundedRight(e, b)
	case ledger.RechargeReversed:
		l.reversedRight(e, b)
	case ledger.InvoiceReversed, ledger.ChargeRefunded:
		l.takenBackRight(e, b)
	case ledger.RenewalReversed:
		l.renewalBack(e, b)
	case ledger.OpeningReversed:
		l.checks[13].Rows++
		if b.times > 1 { // that it took all there was is checked with the kind
			l.checks[13].fail("entry %d was taken back %d times", e.ID, b.times)
		}
	default:
		l.checks[11].fail("entry %d was undone by a %v", e.ID, b.kind)
	}
}

// refundedRight checks a bill against its refunds.
func (l *audit) refundedRight(e *ledger.Entry, b *bill) {
	r := l.checks[11]
	switch {
	case e.Kind != ledger.Consumed || b.principal > -e.Principal || b.bonus > -e.Bonus:
		r.fail("entry %d: more was given back than was taken", e.ID)
	case !sameLots(e.Allocations, b.parts):
		r.fail("entry %d: it was given back to other lots than it was taken from", e.ID)
	}
	whole := b.principal+b.bonus == -e.Delta()
	if b.coupons != (whole && len(e.Coupons) > 0) {
		l.checks[30].fail("entry %d: its coupons and its money did not come back together", e.ID)
	}
	l.pointsBack(e, b.points, whole)
	l.earnedKept(e, b)
	l.cashBackTaken(e, b.principal+b.bonus)
	l.lapsedRight(e)
}

// reversedRight checks a recharge against its reversal.
func (l *audit) reversedRight(e *ledger.Entry, b *bill) {
	r := l.checks[13]
	r.Rows++
	if e.Kind != ledger.Recharged || b.times > 1 || -b.principal > e.Principal || -b.bonus > e.Bonus {
		r.fail("entry %d was reversed %d times, or by more than it gave", e.ID, b.times)
	}
	if e.Invoice == 0 && b.invoice != 0 || e.Invoice != 0 && b.invoice < b.principal {
		r.fail("entry %d: what may be invoiced was not reversed with it", e.ID)
	}
	if b.payType != e.PayType {
		r.fail("entry %d was paid by another pay type than was reversed", e.ID)
	}
	l.lapsedRight(e)
	if want := -e.Earned(); b.earned < want || b.version < 2 && b.earned != want { // from 2 on, a share: see paidOut
		r.fail("entry %d gave %d points, and %d were reversed with it", e.ID, e.Earned(), -b.earned)
	}
}

// takenBackRight checks an invoice or a signed bill against its reversal.
func (l *audit) takenBackRight(e *ledger.Entry, b *bill) {
	r := l.checks[13]
	r.Rows++
	right := b.times <= 1 && b.kind.Undoes(e.Kind)
	if e.Kind == ledger.Invoiced {
		right = right && b.invoice == -e.Invoice
	} else {
		right = right && b.original == e.Gross && b.signedTo == e.ChargedTo
	}
	if !right {
		r.fail("entry %d was taken back %d times, or for another amount or bill", e.ID, b.times)
	}
}

// renewalBack checks a renewal against its reversal: all of the money came back, and the card was good through the day
// that the renewal had set, and then through the one of before it.
func (l *audit) renewalBack(e *ledger.Entry, b *bill) {
	r := l.checks[13]
	r.Rows++
	if b.times > 1 || b.principal != -e.Principal || b.bonus != -e.Bonus || !sameLots(e.Allocations, b.parts) {
		r.fail("entry %d was undone %d times, or its money went to other lots than it came from", e.ID, b.times)
	}
	if b.from != e.CardExpires || e.ExpiredAt == 0 || b.until != e.ExpiredAt {
		r.fail("entry %d moved a last good day from %v to %v, and was undone from %v to %v", e.ID, e.ExpiredAt, e.CardExpires,
			b.from, b.until)
	}
}

// sameLots reports whether no lot was given back more than was taken from it.
func sameLots(taken, back []ledger.Allocation) bool {
	type lot struct {
		id        ledger.EntryID
		goodUntil ledger.Date
	}
	left := map[lot]ledger.Allocation{}
	for _, p := range slices.Concat(taken, back) {
		sum := left[lot{p.Lot, p.GoodUntil}]
		sum.Principal += p.Principal
		sum.Bonus += p.Bonus
		left[lot{p.Lot, p.GoodUntil}] = sum
	}
	for _, sum := range left {
		if sum.Principal > 0 || sum.Bonus > 0 {
			return false
		}
	}
	return true
}
