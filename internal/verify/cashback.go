package verify

import (
	"slices"

	"tongka/internal/ledger"
)

// cashBack is what became of the cash back of a bill.
type cashBack struct {
	card        ledger.CardID
	lot         ledger.EntryID // the lot it was given as
	given, left ledger.Fen
	expired     ledger.Fen      // from the lot
	paid, stays ledger.Fen      // of the bill: what the card paid, and what no refund has given back so far
	moved       []*ledger.Entry // the entries that took it back or put it back
	// Cash back was taken where none was given or from another card, was given twice, or more was put back than taken.
	odd bool
}

// expiry is an entry by which cash back expired.
type expiry struct {
	bill   ledger.EntryID
	amount ledger.Fen
}

// putBack is cash back that was forfeited because it had been spent and its bill was undone. It must be put back into
// the lots it was taken from.
type putBack struct {
	bill      ledger.EntryID
	amount    ledger.Fen
	forfeited *ledger.Entry
}

// cashedBack collects the cash back of bills. It must be given once, by the entry directly after the bill.
func (l *audit) cashedBack(e *ledger.Entry) {
	l.putsBack(e)
	l.expires(e)
	if e.Kind == ledger.Consumed {
		l.newestBill = e
	}
	if e.Kind != ledger.CashedBack {
		return
	}
	r := l.checks[32]
	r.Rows++
	b, there := l.cashBacks[e.RefersTo]
	switch {
	case e.GivesCashBack():
		b.odd = b.odd || there
		b.card, b.lot, b.given = e.Card, e.ID, e.Delta()
		b.paid, b.stays = e.Gross, e.Gross
		l.given[e.ID] = e.RefersTo
		b.left += e.Delta()
		bill := l.newestBill
		if bill == nil || bill.ID != e.RefersTo || e.ID != bill.ID+1 || e.Card != bill.Card || e.Gross != -bill.Delta() {
			r.fail("entry %d is cash back of another bill than the one before it", e.ID)
		}
	case e.PutsBack():
		b.moved = append(b.moved, e)
		more := func(p ledger.Allocation) bool { return p.Principal < 0 || p.Bonus < 0 } // more was put back than taken
		b.odd = b.odd || slices.ContainsFunc(ledger.TakenElsewhere(b.moved, b.lot), more)
	default:
		b.left += e.Delta()
		l.takenElsewhere(r, &b, e)
	}
	b.odd = b.odd || b.card != e.Card
	l.cashBacks[e.RefersTo] = b
}

// takenElsewhere checks what was taken for cash back that had been spent. Entries without a version do not
// state how much that was.
func (l *audit) takenElsewhere(r *Result, b *cashBack, e *ledger.Entry) {
	b.moved = append(b.moved, e)
	switch {
	case len(ledger.TakenElsewhere([]*ledger.Entry{e}, b.lot)) == 0 && len(e.Forfeits) == 0:
		return
	case e.Version == 0 && l.version == 0:
		r.Unknown++
		return
	case e.Version < l.version:
		r.fail("entry %d follows older rules than the entries before it", e.ID)
	case len(e.Forfeits) != 1 || e.Forfeits[0].Lot != b.lot:
		r.fail("entry %d takes cash back elsewhere than from its lot %d, and does not state it", e.ID, b.lot)
	}
	l.version = max(l.version, e.Version)
}

// putsBack checks that cash back which is forfeited because it was spent is put back into the lots it was taken from,
// by the next entries of the same command, and that nothing else is put back.
func (l *audit) putsBack(e *ledger.Entry) {
	r := l.checks[32]
	switch {
	case e.PutsBack():
		i := slices.IndexFunc(l.due, func(d putBack) bool { return d.bill == e.RefersTo && d.amount == e.Delta() })
		if i < 0 || l.due[i].forfeited.Card != e.Card || !e.SameCommand(l.due[i].forfeited) {
			r.fail("entry %d puts back %v, which was not forfeited before it", e.ID, e.Delta())
			return
		}
		l.due = slices.Delete(l.due, i, i+1)
	case e.Kind == ledger.BonusForfeited:
		for _, p := range e.Allocations {
			if bill, cashBack := l.given[p.Lot]; cashBack {
				l.due = append(l.due, putBack{bill, -p.Bonus, e})
			}
		}
	case len(l.due) > 0:
		l.nothingDue()
	}
}

// nothingDue reports what should have been put back by now and was not.
func (l *audit) nothingDue() {
	for _, d := range l.due {
		l.checks[32].fail("entry %d forfeits %v of cash back, which is not put back", d.forfeited.ID, d.amount)
	}
	l.due = nil
}

// expires counts how much of the cash back expired, because a refund does not take that back, and how much of the bill
// stays paid.
func (l *audit) expires(e *ledger.Entry) {
	bill := e.RefersTo
	switch e.Kind {
	case ledger.LotsExpired:
		bill = l.given[e.RefersTo]
		if bill != 0 {
			l.expiries[e.ID] = expiry{bill, -e.Bonus}
		}
	case ledger.ExpiryReversed:
		bill = l.expiries[e.RefersTo].bill
	}
	b, there := l.cashBacks[bill]
	switch {
	case !there:
		return
	case e.Kind == ledger.ConsumeRefunded:
		b.stays -= e.Delta()
	case e.Kind == ledger.LotsExpired, e.Kind == ledger.ExpiryReversed:
		if e.Bonus > 0 {
			l.keptCameBack(e, &b)
		}
		b.expired -= e.Bonus
	}
	l.cashBacks[bill] = b
}

// keptCameBack checks that all comes back of cash back that had expired but what refunds would have taken of it.
func (l *audit) keptCameBack(e *ledger.Entry, b *cashBack) {
	bill := ledger.Entry{Principal: -b.paid} // who paid makes no difference
	want := min(l.expiries[e.RefersTo].amount, b.expired-(b.left-bill.CashBackKept(b.given, b.stays)))
	if e.Bonus != want {
		l.checks[32].fail("entry %d gives %v of expired cash back back, and should %v", e.ID, e.Bonus, want)
	}
}

// cashBackTaken checks that the cash back left of a refunded bill is what its part that stays paid brings, plus
// at most what has expired.
func (l *audit) cashBackTaken(bill *ledger.Entry, refunded ledger.Fen) {
	b := l.cashBacks[bill.ID]
	delete(l.cashBacks, bill.ID)
	if more := b.left - bill.CashBackKept(b.given, -bill.Delta()-refunded); b.odd || more < 0 || more > b.expired {
		l.checks[32].fail("entry %d: of its cash back of %v, %v is left", bill.ID, b.given, b.left)
	}
}

// cashBackStays checks that nothing was taken of the cash back of bills that were not refunded.
func (l *audit) cashBackStays() {
	l.nothingDue()
	for bill, b := range l.cashBacks {
		if b.odd || b.left != b.given {
			l.checks[32].fail("entry %d: of its cash back of %v, %v is left", bill, b.given, b.left)
		}
	}
}
