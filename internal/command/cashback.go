package command

import (
	"cmp"
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
	made := given.Parts[0]
	lot, found := c.Lot(made.Lot, made.GoodUntil)
	if !found && c.Behind(made) {
		return ledger.ShallowError{Card: c.Key()}
	}
	own := ledger.Part{Lot: made.Lot, GoodUntil: made.GoodUntil, Bonus: -min(amount, lot.Bonus)}
	others := *c
	others.AddLot(own)
	others.Bonus += own.Bonus
	parts, err := d.takeLiveFirst(&others, amount+own.Bonus)
	if err != nil {
		return err
	}
	if own.Bonus != 0 {
		parts = append(parts, own)
	}
	e := ledger.Entry{Kind: ledger.CashedBack, Of: bill.ID, Original: amount, Actual: amount, Parts: parts}
	if spent := amount + own.Bonus; spent > 0 {
		e.Forfeits, e.Version = []ledger.Forfeit{{Lot: made.Lot, GoodUntil: made.GoodUntil, Bonus: spent}}, ledger.EntryVersion
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
	parts := ledger.GiveBack(takenElsewhere(ledger.OfKind(posted, ledger.CashedBack), given.ID), amount, ledger.PrincipalFirst)
	if c.AnyBehind(parts) {
		return ledger.ShallowError{Card: c.Key()}
	}
	d.post(c, ledger.Entry{Kind: ledger.CashedBack, Of: given.Of, Original: amount, Actual: amount, Parts: parts})
	return d.forfeit(c)
}

// takenElsewhere is what of a bill's cash back was taken off other lots than its own and not put back yet, as
// positive amounts, with what is owed last.
func takenElsewhere(posted []*ledger.Entry, own ledger.EntryID) (taken []ledger.Part) {
	for _, e := range posted {
		for _, p := range e.Parts {
			if p.Lot == own {
				continue
			}
			i := slices.IndexFunc(taken, func(q ledger.Part) bool { return q.Lot == p.Lot && q.GoodUntil == p.GoodUntil })
			if i < 0 {
				i = len(taken)
				taken = append(taken, ledger.Part{Lot: p.Lot, GoodUntil: p.GoodUntil})
			}
			taken[i].Principal -= p.Principal
			taken[i].Bonus -= p.Bonus
		}
	}
	slices.SortStableFunc(taken, func(a, b ledger.Part) int { return cmp.Compare(b.Lot, 0) - cmp.Compare(a.Lot, 0) })
	return taken
}

// takeLiveFirst takes an amount from the lots, principal first, and from bonus that is over only what the
// others do not hold.
func (d *draft) takeLiveFirst(c *ledger.Card, amount ledger.Fen) ([]ledger.Part, error) {
	live := c.Settled(d.day)
	parts, err := ledger.Take(&live, min(amount, max(0, live.Amount())), ledger.PrincipalFirst)
	if err != nil {
		return nil, err
	}
	left := *c
	for _, p := range parts {
		amount += p.Principal + p.Bonus
		left.AddLot(p)
		left.Principal += p.Principal
		left.Bonus += p.Bonus
	}
	rest, err := ledger.Take(&left, amount, ledger.PrincipalFirst)
	return append(parts, rest...), err
}
