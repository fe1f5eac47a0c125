package verify

import (
	"slices"
	"time"

	"tongka/internal/ledger"
)

// inTime checks that the journal goes back in time only where time was taken back, and that an entry dated before the
// one before it on its card names the newest such entry.
func (l *audit) inTime(r *Result, before standing, e *ledger.Entry) {
	newest := ledger.TimeBack{}
	if n := len(l.backs); n > 0 {
		newest = l.backs[n-1]
	}
	earlier := e.At.Before(before.at) && e.Kind != ledger.ClockTakenBack
	switch {
	case e.At.Before(l.latest) && e.Kind != ledger.ClockTakenBack:
		r.fail("entry %d is older than the one before it", e.ID)
	case earlier && (e.Back != newest.Entry || newest.Entry <= before.id):
		r.fail("entry %d is older than the one before it on its card", e.ID)
	case !earlier && e.Back != 0:
		r.fail("entry %d goes back to entry %d and need not", e.ID, e.Back)
	}
	l.latest = e.At
	if e.Kind == ledger.ClockAccepted || e.Kind == ledger.ClockTakenBack {
		l.then.clock = e.ID
	}
	if e.Kind == ledger.ClockTakenBack {
		l.backs = append(l.backs, ledger.TimeBack{Entry: e.ID, At: e.At})
	}
}

// expiryBack checks that what came back had expired in time that was taken back, came back once, and is still good.
func (l *audit) expiryBack(e *ledger.Entry, b *bill) {
	r := l.checks[13]
	r.Rows++
	if len(b.by) == 0 {
		return
	}
	back := b.by[0]
	wrongly := slices.ContainsFunc(l.backs, func(t ledger.TimeBack) bool {
		return e.ID < t.Entry && t.Entry < back.ID && e.At.After(t.At)
	})
	if !wrongly || b.times > 1 {
		r.fail("entry %d: what it expired came back %d times, and its time was never taken back: %v", e.ID, b.times, !wrongly)
	}
	if e.Kind != ledger.LotsExpired && len(back.Allocations)+len(back.PointAllocations) > 0 {
		r.fail("entry %d: a %v expires nothing that can come back so", e.ID, e.Kind)
	}
	l.cameBack(e, back)
}

// cameBack checks that everything that came back is something that expired and is still good.
func (l *audit) cameBack(e, back *ledger.Entry) {
	r := l.checks[13]
	earliest := ledger.DateOf(back.At.Add(-farthestZone))
	for _, p := range back.Allocations {
		taken := ledger.Allocation{Lot: p.Lot, GoodUntil: p.GoodUntil, Bonus: -p.Bonus}
		if p.Principal != 0 || p.GoodUntil < earliest || !slices.Contains(e.Allocations, taken) {
			r.fail("entry %d gave back what entry %d did not take, or what is no longer good", back.ID, e.ID)
		}
	}
	for _, p := range back.PointAllocations {
		if p.GoodUntil < earliest ||
			!slices.Contains(e.PointAllocations, ledger.PointAllocation{GoodUntil: p.GoodUntil, Points: -p.Points}) {
			r.fail("entry %d gave back points that entry %d did not take, or that are no longer good", back.ID, e.ID)
		}
	}
	for _, p := range back.Coupons {
		if !slices.ContainsFunc(e.Coupons, func(q ledger.CouponPart) bool {
			return q.Coupon == p.Coupon &&
				q.State == ledger.Expired
		}) {
			r.fail("entry %d gave back coupon %d, which entry %d did not expire", back.ID, p.Coupon, e.ID)
		}
	}
}

// ownChain checks that the head names the merchant's own newest entries of each sort.
func (l *audit) ownChain(h ledger.Head) {
	begun := time.Now()
	r := l.checks[3]
	var own, back ledger.EntryID
	if a := l.accounts[0]; a != nil {
		a.stored, own = true, a.last.id // card 0 is not a card and has no row
	}
	if n := len(l.backs); n > 0 {
		back = l.backs[n-1].Entry
	}
	if h.Own != own || h.TakenBack != back || h.Clock != l.then.clock || h.Settings != l.then.entry {
		r.fail("merchant %d: its own newest entries are %d, %d, %d and %d, the head names %d, %d, %d and %d", h.Merchant,
			own, back, l.then.clock, l.then.entry, h.Own, h.TakenBack, h.Clock, h.Settings)
	}
	l.settled(h.Merchant)
	r.Took += time.Since(begun)
}
