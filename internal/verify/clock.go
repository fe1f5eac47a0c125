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

// expiryBack checks what came back of what an entry expired: each part once, after its time was taken back; and points
// at any time, if the next entry undoes what gave them and takes them off again.
func (l *audit) expiryBack(e *ledger.Entry, b *bill) {
	r := l.checks[13]
	r.Rows++
	left := *e
	left.Allocations, left.PointAllocations = slices.Clone(e.Allocations), slices.Clone(e.PointAllocations)
	for _, back := range b.by {
		if undone := l.lapses.undone[back.ID]; !undone {
			if !l.datedWrongly(e, back) || b.times > len(b.by) {
				r.fail("entry %d: what it expired came back by entry %d, and its time was never taken back", e.ID, back.ID)
			}
		}
		if e.Kind != ledger.LotsExpired && len(back.Allocations)+len(back.PointAllocations) > 0 {
			r.fail("entry %d: a %v expires nothing that can come back so", e.ID, e.Kind)
		}
		l.cameBack(&left, back)
	}
}

// datedWrongly reports whether the time of an entry was taken back before another.
func (l *audit) datedWrongly(e, back *ledger.Entry) bool {
	return slices.ContainsFunc(l.backs, func(t ledger.TimeBack) bool {
		return e.ID < t.Entry && t.Entry < back.ID && e.At.After(t.At)
	})
}

// cameBack checks that everything that came back is something that expired, and all that is left of it in e; and that
// it is still good, unless it is points that are taken off again. It takes what came back off e.
func (l *audit) cameBack(e, back *ledger.Entry) {
	earliest := ledger.EarliestDay(back.At)
	l.bonusCameBack(e, back, earliest)
	l.pointsCameBack(e, back, earliest)
	for _, p := range back.Coupons {
		if !slices.ContainsFunc(e.Coupons, func(q ledger.CouponPart) bool {
			return q.Coupon == p.Coupon && q.State == ledger.Expired
		}) {
			l.checks[13].fail("entry %d gave back coupon %d, which entry %d did not expire", back.ID, p.Coupon, e.ID)
		}
	}
}

// bonusCameBack is cameBack for bonus. earliest is the first day that back may have been on.
func (l *audit) bonusCameBack(e, back *ledger.Entry, earliest ledger.Date) {
	for _, p := range back.Allocations {
		_, cashBack := l.given[p.Lot] // a refund may have left some because it had expired
		i := slices.IndexFunc(e.Allocations, func(q ledger.Allocation) bool {
			return q.Lot == p.Lot && q.GoodUntil == p.GoodUntil && (p.Bonus == -q.Bonus || cashBack && p.Bonus < -q.Bonus)
		})
		if p.Principal != 0 || p.GoodUntil < earliest || i < 0 {
			l.checks[13].fail("entry %d gave back what entry %d did not take, or what is no longer good", back.ID, e.ID)
			continue
		}
		e.Allocations = slices.Delete(e.Allocations, i, i+1)
	}
}

// pointsCameBack is cameBack for points.
func (l *audit) pointsCameBack(e, back *ledger.Entry, earliest ledger.Date) {
	undone := l.lapses.undone[back.ID]
	for _, p := range back.PointAllocations {
		i := slices.IndexFunc(e.PointAllocations, func(q ledger.PointAllocation) bool { return q.GoodUntil == p.GoodUntil })
		if i < 0 || !undone && (p.GoodUntil < earliest || p.Points != -e.PointAllocations[i].Points) ||
			p.Points > -e.PointAllocations[i].Points {
			l.checks[13].fail("entry %d gave back points that entry %d did not take, or that are no longer good", back.ID, e.ID)
			continue
		}
		e.PointAllocations[i].Points += p.Points
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
