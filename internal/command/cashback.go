package command

import (
	"slices"

	"tongka/internal/ledger"
)

// giveCashBack posts what the level gives back of the bill that was just posted, as a lot of bonus.
func (d *draft) giveCashBack(c *ledger.Card, give ledger.CashBack) {
	bill := d.ch.Last()
	paid := -bill.CardMoney()
	back := give.Of(paid)
	if back == 0 {
		return
	}
	d.post(c, ledger.Entry{Kind: ledger.CashedBack, Of: bill.ID, Original: paid, Actual: back, Parts: []ledger.Part{d.lot(0, back)}})
}

// takeCashBack posts what is taken back of a bill's cash back when the card still pays so much of the
// bill. It comes off the lot that was given. What of that is spent has bought goods that are kept, and the bill
// that gave it is not: they are paid for with principal, as long as there is some, then with bonus, and last with
// bonus that the refund gave back although its day is over. The refund that was just posted has put at least as
// much on the card; where that was forfeited, what is not there is owed. The card remembers how much was taken
// elsewhere: when those goods come back too, it is put back there.
func (d *draft) takeCashBack(c *ledger.Card, bill *ledger.Entry, posted []*ledger.Entry, stays ledger.Fen) error {
	given, left := ledger.CashBackOf(posted)
	if given == nil {
		return nil
	}
	amount := left - bill.CashBackKept(given.Actual, stays)
	if amount == 0 {
		return nil
	}
	parts, elsewhere, err := c.TakeBack(given, amount, d.day)
	if err != nil {
		return err
	}
	e := ledger.Entry{Kind: ledger.CashedBack, Of: bill.ID, Original: amount, Actual: amount, Parts: parts}
	if elsewhere.Bonus > 0 {
		e.Forfeits, e.Version = []ledger.Forfeit{elsewhere}, ledger.EntryVersion
	}
	d.post(c, e)
	return nil
}

// putBack puts so much cash back, which was just forfeited because its bill is undone, back to where it was taken
// when it was spent.
func (d *draft) putBack(c *ledger.Card, given *ledger.Entry, amount ledger.Fen) error {
	posted := slices.Clip(d.s.undone[ledger.EntryKey{Merchant: d.m.ID, ID: given.Of}])
	for i := range d.ch.Entries {
		if e := &d.ch.Entries[i]; e.Of == given.Of {
			posted = append(posted, e)
		}
	}
	parts := ledger.GiveBack(ledger.TakenElsewhere(ledger.OfKind(posted, ledger.CashedBack), given.ID), amount, ledger.PrincipalFirst)
	if c.AnyBehind(parts) {
		return ledger.ShallowError{Card: c.Key()}
	}
	d.post(c, ledger.Entry{Kind: ledger.CashedBack, Of: given.Of, Original: amount, Actual: amount, Parts: parts})
	return d.forfeit(c)
}
