package command

import (
	"fmt"
	"slices"

	"tongka/internal/ledger"
)

// undone checks that no bill gives back more of a lot, or more points, than it took, and that no recharge is reversed
// twice (invariants 11, 13, 32).
func (b *books) undone(entries []*ledger.Entry) error {
	refunds := map[ledger.EntryID][]*ledger.Entry{}
	expired := map[ledger.EntryID]ledger.Fen{} // expired bonus of lots of bonus alone, by the entry that made them
	for _, e := range entries {
		switch {
		case e.Kind == ledger.LotsExpired:
			expired[e.RefersTo] -= e.Bonus
		case e.Kind == ledger.ExpiryReversed && e.Bonus > 0:
			expired[b.l.entries[row[ledger.EntryID]{b.merchant, e.RefersTo}].RefersTo] -= e.Bonus
		}
		if e.RefersTo != 0 && e.Kind != ledger.BonusForfeited && e.Kind != ledger.LotsExpired {
			refunds[e.RefersTo] = append(refunds[e.RefersTo], e)
		}
	}
	for of, undo := range refunds {
		done := b.l.entries[row[ledger.EntryID]{b.merchant, of}]
		switch done.Kind {
		case ledger.Recharged:
			if len(undo) > 1 {
				return fmt.Errorf("invariant 13: recharge %d is reversed %d times", of, len(undo))
			}
		case ledger.LotsExpired, ledger.CouponExpired, ledger.ConsumeRefunded:
			if err := b.expiryBack(&done, undo); err != nil {
				return err
			}
		case ledger.Invoiced, ledger.AccountCharged, ledger.Opened:
			if len(undo) > 1 {
				return fmt.Errorf("invariant 13: %v %d is taken back %d times", done.Kind, of, len(undo))
			}
		case ledger.Renewed:
			if back := undo[0]; len(undo) > 1 || back.Delta() != -done.Delta() || back.CardExpires != done.ExpiredAt {
				return fmt.Errorf("invariant 13: renewal %d is undone %d times, or not as it was", of, len(undo))
			}
		case ledger.AmountHeld:
			if err := heldOnce(&done, undo); err != nil {
				return err
			}
		case ledger.Consumed:
			undo, cashBack := ledger.OfKind(undo, ledger.ConsumeRefunded), ledger.OfKind(undo, ledger.CashedBack)
			if err := cashBackKept(&done, undo, cashBack, expired); err != nil {
				return err
			}
			for _, p := range ledger.StillTaken(&done, undo) {
				if p.Principal < 0 || p.Bonus < 0 {
					return fmt.Errorf("invariant 11: bill %d gave back more of lot %d than it took: %+v", of, p.Lot, p)
				}
			}
			kept, stays, paid := done.Earned(), ledger.Refundable(&done, undo), -done.Delta()
			for _, u := range undo {
				kept += u.Earned()
			}
			if err := pointsReturned(&done, undo); err != nil {
				return err
			}
			if kept < 0 || kept*int64(paid) > done.Earned()*int64(stays) {
				return fmt.Errorf("invariant 32: %d of %d points stay for %v of %v", kept, done.Earned(), stays, paid)
			}
		default:
			return fmt.Errorf("invariant 13: entry %d (%v) is undone", of, done.Kind)
		}
	}
	return nil
}

// heldOnce checks that no more is captured and released of a hold than it held.
func heldOnce(hold *ledger.Entry, took []*ledger.Entry) error {
	left := hold.Gross
	for _, e := range took {
		left -= e.Gross
	}
	if left < 0 {
		return fmt.Errorf("invariant 63: %v more was captured and released of hold %d than it held", -left, hold.ID)
	}
	return nil
}

// expiryBack checks that what expired comes back only after its time was taken back, or as points that the
// same command takes off again, and never more of it than expired (invariant 13).
func (b *books) expiryBack(done *ledger.Entry, undo []*ledger.Entry) error {
	left := map[ledger.Date]int64{}
	for _, p := range done.PointAllocations {
		left[p.GoodUntil] -= p.Points
	}
	for _, back := range undo {
		if back.Kind != ledger.ExpiryReversed {
			return fmt.Errorf("invariant 13: %v %d is undone by a %v", done.Kind, done.ID, back.Kind)
		}
		if !b.takenOff(back) {
			if !slices.ContainsFunc(b.backs, func(t ledger.TimeBack) bool {
				return done.ID < t.Entry && t.Entry < back.ID && done.At.After(t.At)
			}) {
				return fmt.Errorf("invariant 13: the time of %v %d was never taken back", done.Kind, done.ID)
			}
		}
		for _, p := range back.Allocations {
			if !slices.ContainsFunc(done.Allocations, func(q ledger.Allocation) bool {
				return q.Lot == p.Lot && q.GoodUntil == p.GoodUntil &&
					(p.Bonus == -q.Bonus || done.RefersTo == p.Lot && p.Bonus < -q.Bonus)
			}) || p.Principal != 0 {
				return fmt.Errorf("invariant 13: %+v comes back of %+v", p, done.Allocations)
			}
		}
		for _, p := range back.PointAllocations {
			if left[p.GoodUntil] -= p.Points; p.Points <= 0 || left[p.GoodUntil] < 0 {
				return fmt.Errorf("invariant 13: %+v comes back of %+v", p, done.PointAllocations)
			}
		}
	}
	return nil
}

// takenOff reports whether the entry after one that brings points back, and others like it, takes them off again: it
// undoes what gave them (invariant 31).
func (b *books) takenOff(back *ledger.Entry) bool {
	all := []*ledger.Entry{back}
	for id := back.ID + 1; ; id++ {
		next, there := b.l.entries[row[ledger.EntryID]{b.merchant, id}]
		switch {
		case !there || next.Card != back.Card:
			return false
		case next.Kind != ledger.ExpiryReversed:
			return next.BroughtBack(all)
		}
		all = append(all, &next)
	}
}

// cashBackKept checks that the cash back left of a bill is in proportion to what is still paid: it is given once, by
// the entry directly after the bill, and taken back in proportion (invariant 32). What has expired of it may be left
// too.
func cashBackKept(done *ledger.Entry, refunds, cashBack []*ledger.Entry, expired map[ledger.EntryID]ledger.Fen) error {
	given, left := ledger.CashBackOf(cashBack)
	if given == nil {
		if len(cashBack) > 0 {
			return fmt.Errorf("invariant 32: bill %d gave no cash back, and some was taken", done.ID)
		}
		return nil
	}
	if given.ID != done.ID+1 || given.Card != done.Card || given.Gross != -done.Delta() {
		return fmt.Errorf("invariant 32: cash back %d is not of the bill before it", given.ID)
	}
	stays := ledger.Refundable(done, refunds)
	if (left-expired[given.ID])*-done.Delta() > given.Net*stays || (left+1)*-done.Delta() <= given.Net*stays {
		return fmt.Errorf("invariant 32: %v of the cash back %v of bill %d is left while %v of it is paid", left, given.Net,
			done.ID, stays)
	}
	return nil
}

// pointsReturned checks that the points which paid for a bill come back all at once, with their last days, together
// with the last of its money and not before (invariants 11, 32).
func pointsReturned(done *ledger.Entry, refunds []*ledger.Entry) error {
	back := map[ledger.Date]int64{}
	var points int64
	for _, r := range refunds {
		points += r.ByPoints.Points
		for _, p := range r.PointAllocations {
			back[p.GoodUntil] += max(p.Points, 0)
		}
	}
	if want := -done.ByPoints.Points; points != 0 && points != want || points != want &&
		ledger.Refundable(done, refunds) == 0 {
		return fmt.Errorf("invariant 32: bill %d was paid by %d points and %d came back", done.ID, want, points)
	}
	if points > 0 && ledger.Refundable(done, refunds) > 0 {
		return fmt.Errorf("invariant 32: bill %d is not all refunded and gave back its points", done.ID)
	}
	for _, p := range done.PointAllocations {
		if points > 0 && p.Points < 0 {
			back[p.GoodUntil] += p.Points
		}
	}
	for day, n := range back {
		if n != 0 {
			return fmt.Errorf("invariant 11: bill %d gave back %d points of %v too many", done.ID, n, day)
		}
	}
	return nil
}
