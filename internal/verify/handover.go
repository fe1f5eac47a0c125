package verify

import (
	"context"
	"errors"
	"time"

	"tongka/internal/ledger"
	"tongka/internal/report"
)

// shifts are the hand-overs of a merchant, by the guard that counts them, in their order.
type shifts map[ledger.GuardKey][]*shift

// shift is a hand-over, and what its entries add up to.
type shift struct {
	ledger.HandOver
	entry ledger.EntryID
	till  report.Till
}

// handedOver notes a hand-over, and checks that it begins where the one before ended.
func (l *audit) handedOver(e *ledger.Entry) {
	if e.Kind != ledger.HandedOver {
		return
	}
	r := l.checks[49]
	r.Rows++
	of, err := ledger.ParseHandOver(e.Settings)
	if err != nil {
		r.fail("entry %d: %v", e.ID, err)
		return
	}
	if of.Shop != e.By.Shop || of.After < 0 || of.UpTo <= of.After || of.UpTo >= e.ID || of.Counted < 0 {
		r.fail("entry %d closes a shift that cannot be: %+v", e.ID, of)
		return
	}
	before := l.shifts[of.GuardKey()]
	if n := len(before); n > 0 && before[n-1].UpTo != of.After {
		r.fail("entry %d closes a shift from entry %d on, and the one before ended with entry %d", e.ID, of.After,
			before[n-1].UpTo)
		return
	}
	l.shifts[of.GuardKey()] = append(before, &shift{of, e.ID, report.Till{}})
}

// shiftBooks adds up what was taken in each shift, and holds the hand-overs against it.
func (l *audit) shiftBooks(ctx context.Context, books Books, merchant ledger.MerchantID) error {
	if len(l.shifts) == 0 {
		return nil
	}
	r, begun := l.checks[49], time.Now()
	if err := l.shifts.addUp(ctx, books, merchant); err != nil {
		return err
	}
	for _, all := range l.shifts {
		for _, s := range all {
			of := s.HandOver
			of.Takings = s.till.Takings()
			if of.Text() != s.Text() {
				r.fail("entry %d says that other sums were taken than entries %d to %d say", s.entry, s.After+1, s.UpTo)
			}
		}
	}
	r.Took += time.Since(begun)
	return nil
}

// addUp reads the entries from the first shift to the end of the last one once.
func (all shifts) addUp(ctx context.Context, books Books, merchant ledger.MerchantID) error {
	open := map[ledger.GuardKey][]*shift{}
	first, last := ledger.EntryID(1<<63-1), ledger.EntryID(0)
	for key, of := range all {
		open[key] = of
		first, last = min(first, of[0].After), max(last, of[len(of)-1].UpTo)
	}
	err := books.EachEntryInBrief(ctx, merchant, first, func(e *ledger.Entry) error {
		if e.ID > last {
			return errEnough
		}
		if e.TakesMoney() {
			for _, operator := range []string{"", e.By.Operator} {
				of := ledger.HandOver{Shop: e.By.Shop, Operator: operator}
				key := of.GuardKey()
				for len(open[key]) > 0 && open[key][0].UpTo < e.ID {
					open[key] = open[key][1:]
				}
				if len(open[key]) > 0 && open[key][0].Concerns(e) {
					open[key][0].till.Add(e)
				}
				if e.By.Operator == "" {
					break
				}
			}
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// closedUpTo reports whether a guard of shifts counts as far as they were closed.
func (all shifts) closedUpTo(g *ledger.Guard) bool {
	of := all[g.GuardKey]
	return len(of) > 0 && int64(of[len(of)-1].UpTo) == g.Count
}
