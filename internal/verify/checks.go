package verify

import (
	"tongka/internal/ledger"
)

// The checks of one entry against the standing of its card before it.

func follows(r *Result, before standing, e *ledger.Entry) {
	switch {
	case e.Seq != before.seq+1:
		r.fail("card %d: entry %d follows entry %d", e.Card, e.Seq, before.seq)
	case e.PrincipalAfter != before.principal+e.Principal || e.BonusAfter != before.bonus+e.Bonus:
		r.fail("entry %d: balance after is not the one before plus its amounts", e.ID)
	case e.PointsAfter != before.points+e.Points || e.OwedAfter != before.owed+e.PointsOwed:
		r.fail("entry %d: points after are not those before plus its own", e.ID)
	}
}

func notNegative(r *Result, before standing, e *ledger.Entry) {
	after := before.after(e)
	switch {
	case e.PrincipalAfter+after.debt < 0 || e.BonusAfter < 0 || e.PointsAfter < 0 || e.OwedAfter < 0 || after.debt < 0:
		r.fail("entry %d leaves a balance below zero", e.ID)
	case e.Kind.TakesInOrder() && e.Delta() < 0 && e.AmountAfter() < -after.credit:
		r.fail("entry %d goes beyond the card's credit", e.ID)
	}
}

func inRange(r *Result, _ standing, e *ledger.Entry) {
	for _, f := range []ledger.Fen{e.Principal, e.Bonus, e.Gross, e.Discountable, e.Net, e.Invoice, e.AmountAfter()} {
		if f > ledger.MaxFen || f < -ledger.MaxFen {
			r.fail("entry %d: %v is out of range", e.ID, f)
		}
	}
}

func billAddsUp(r *Result, _ standing, e *ledger.Entry) {
	if !e.BillAddsUp() {
		r.fail("entry %d: the bill of this %v does not add up", e.ID, e.Kind)
	}
}

func earnedByCard(r *Result, _ standing, e *ledger.Entry) {
	if !e.EarnedAddsUp() {
		r.fail("entry %d: this %v of %v by the card earned %d points", e.ID, e.Kind, -e.Delta(), e.Earned())
	}
}

func bonusStays(r *Result, _ standing, e *ledger.Entry) {
	switch e.Kind {
	case ledger.Withdrawn, ledger.CardReturned, ledger.RechargeReversed, ledger.TransferredOut:
		if e.Gross != -e.Principal || e.Bonus > 0 {
			r.fail("entry %d paid out %v for a principal of %v", e.ID, e.Gross, -e.Principal)
		}
	case ledger.TransferredIn:
		if e.Gross != e.Principal {
			r.fail("entry %d made %v of a principal of %v", e.ID, e.Principal, e.Gross)
		}
	}
}

func chained(r *Result, before standing, e *ledger.Entry) {
	if e.Chain(before.hash) != e.Hash {
		r.fail("entry %d of card %d has a wrong hash", e.Seq, e.Card)
	}
}

// statusAllowed checks changes of a card's status against the table of kinds (invariant 26).
func statusAllowed(r *Result, before standing, e *ledger.Entry) {
	if !e.Kind.Takes(before.status, e.Status) {
		r.fail("entry %d: a %v took the card from status %d to %d", e.ID, e.Kind, before.status, e.Status)
	}
}
