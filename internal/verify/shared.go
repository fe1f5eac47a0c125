package verify

import "tongka/internal/ledger"

// shares checks that the cards of one bill pay it one after the other, in one command (invariant 64). number is that of
// the entry's card; e is nil at the journal's end.
func (l *audit) shares(number string, e *ledger.Entry) {
	r, before := l.checks[64], l.goesOn
	if e != nil && e.Kind != ledger.Consumed && (before == nil || e.SameCommand(before)) {
		return // what follows a bill, or expired on the next card before it paid
	}
	l.goesOn = nil
	switch {
	case before == nil:
		if e != nil && e.PaysRest() {
			r.fail("entry %d pays the rest of bill %d, which left none to it", e.ID, e.RefersTo)
		}
	case e == nil || e.Kind != ledger.Consumed:
		r.fail("entry %d leaves its rest to another card, which paid nothing", before.ID)
	default:
		if err := e.GoesOn(before, number); err != nil {
			r.fail("%v", err)
		}
	}
	if e != nil && e.Kind == ledger.Consumed && e.Shared() {
		r.Rows++
		if e.OtherCard != "" {
			l.goesOn = e
		}
	}
}
