package verify

import "tongka/internal/ledger"

// lapses are points that had expired unused and came back because what gave them was undone.
type lapses struct {
	newest []*ledger.Entry // the entries just before that brought points back
	undone map[ledger.EntryID]bool
	given  map[ledger.EntryID]map[ledger.Date]int64 // by the entry that gave the points, and by last day
}

// note collects the entries that bring points back, directly before an entry that takes them off again.
func (a *lapses) note(e *ledger.Entry) {
	switch {
	case e.Kind == ledger.ExpiryReversed && e.Points > 0:
		if len(a.newest) > 0 && !a.newest[0].SameCommand(e) {
			a.newest = nil
		}
		a.newest = append(a.newest, e)
		return
	case len(a.newest) > 0 && e.BroughtBack(a.newest):
		a.add(e.RefersTo)
	}
	a.newest = nil
}

func (a *lapses) add(gave ledger.EntryID) {
	if a.undone == nil {
		a.undone, a.given = map[ledger.EntryID]bool{}, map[ledger.EntryID]map[ledger.Date]int64{}
	}
	if a.given[gave] == nil {
		a.given[gave] = map[ledger.Date]int64{}
	}
	for _, b := range a.newest {
		a.undone[b.ID] = true
		for _, p := range b.PointAllocations {
			a.given[gave][p.GoodUntil] += p.Points
		}
	}
}

// lapsedRight checks that no more points came back for an undone entry than it had given.
func (l *audit) lapsedRight(e *ledger.Entry) {
	for day, n := range l.lapses.given[e.ID] {
		for _, p := range e.PointAllocations {
			if p.GoodUntil == day {
				n -= max(0, p.Points)
			}
		}
		if n > 0 {
			l.checks[31].fail("entry %d: %d points more than it gave through %v came back", e.ID, n, day)
		}
	}
}
