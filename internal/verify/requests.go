package verify

import (
	"tongka/internal/ledger"
)

// asked holds, for each entry, the mark of the request that asked for it: 8 bytes an entry. Requests are checked
// against it; a mark left at the end has lost its request.
type asked []int64

// farGap is how many entries may be missing before a mark is no longer kept, because a forged id may be very large.
const farGap = 1 << 20

// note stores the mark of an entry, the seen-th of the journal.
func (a *asked) note(e *ledger.Entry, seen int64) {
	if e.Asked == 0 || e.ID < 1 || int64(e.ID) > seen+farGap {
		return
	}
	if missing := int(e.ID) - len(*a); missing > 0 {
		*a = append(*a, make(asked, missing)...)
	}
	(*a)[e.ID-1] = e.Asked
}

// at returns the mark of an entry; 0 = none.
func (a asked) at(id ledger.EntryID) int64 {
	if id < 1 || int64(id) > int64(len(a)) {
		return 0
	}
	return a[id-1]
}

// answer removes the marks of an entry and of its neighbours that the same request asked for.
func (a asked) answer(id ledger.EntryID) {
	mark := a.at(id)
	for i := id; a.at(i) == mark && mark != 0; i++ {
		a[i-1] = 0
	}
	for i := id - 1; a.at(i) == mark && mark != 0; i-- {
		a[i-1] = 0
	}
}

// request checks a request against the entry it names (invariant 19). One that names none may be of a command that
// found nothing to do; only package command knows which those are, and answers others by no such request.
func (l *audit) request(r *ledger.Request) {
	check := l.checks[19]
	check.Rows++
	mark := l.asked.at(r.Entry)
	switch {
	case r.Entry < 0 || r.Entry >= l.next:
		check.fail("request %x names entry %d, which does not exist", r.Name, r.Entry)
	case r.Proof != 0 && r.Proof != r.Evidence():
		check.fail("request %x that names entry %d was changed", r.Name, r.Entry)
	case r.Entry == 0 && writtenOut(r):
		check.fail("request %x names no entry, and its answer is written out of one", r.Name)
	case r.Entry > 0 && mark != 0 && (mark != r.Mark() || r.Proof == 0):
		check.fail("request %x names entry %d, which another one asked for", r.Name, r.Entry)
	case r.Entry > 0 && mark == 0 && r.Proof != 0:
		check.fail("request %x names entry %d, which none asked for, or which two name", r.Name,
			r.Entry)
	case r.Proof == 0:
		check.Unknown++
	}
	l.asked.answer(r.Entry)
}

// writtenOut reports whether a request's answer is written out of entries.
func writtenOut(r *ledger.Request) bool { return r.Layout != 0 || r.Sum != 0 }

// unanswered reports the entries whose request is gone.
func (l *audit) unanswered() {
	for i, mark := range l.asked {
		if mark == 0 {
			continue
		}
		id := ledger.EntryID(i + 1)
		l.checks[19].fail("entry %d was asked for by a request that is missing", id)
		l.asked.answer(id)
	}
}
