package verify

import (
	"fmt"

	"tongka/internal/ledger"
)

// shares checks that the cards of one bill pay it one after the other, in one command (invariant 64). number is that of
// the entry's card; e is nil at the journal's end.
func (l *audit) shares(number string, e *ledger.Entry) {
	r, before := l.checks[64], l.goesOn
	if e != nil && e.Kind != ledger.Consumed && (before == nil || e.SameCommand(before) || e.Released == ledger.ByExpiry) {
		return // what follows a bill, or expired or ended on the next card before it paid
	}
	l.goesOn = nil
	if err := goesOn(before, number, e); err != nil {
		r.fail("%v", err)
	}
	if e == nil || !e.Shared() {
		return
	}
	r.Rows++
	if e.OtherCard != "" {
		l.goesOn = e
	}
}

// goesOn returns an error unless e pays what the bill before it left to its card, and nothing if none did; before is
// nil if none did.
func goesOn(before *ledger.Entry, number string, e *ledger.Entry) error {
	switch {
	case before == nil && e != nil && e.PaysRest():
		return fmt.Errorf("entry %d pays the rest of bill %d, which left none to it", e.ID, e.RefersTo)
	case before == nil:
		return nil
	case e == nil || e.Kind != ledger.Consumed:
		return fmt.Errorf("entry %d leaves its rest to another card, which paid nothing", before.ID)
	}
	return e.GoesOn(before, number)
}
