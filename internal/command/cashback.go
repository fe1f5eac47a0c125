package command

import (
	"slices"

	"tongka/internal/ledger"
)

// giveCashBack posts the level's cash back on the bill that was just posted, as a lot of bonus.
func (d *draft) giveCashBack(c *ledger.Card, give ledger.CashBack) {
	bill := d.ch.Last()
	paid := -bill.Delta()
	back := give.Of(paid)
	if back == 0 {
		return
	}
	d.post(c, ledger.Entry{
		Kind: ledger.CashedBack, RefersTo: bill.ID, Gross: paid, Net: back, Allocations: []ledger.Allocation{d.lot(0, back)},
	})
}

// takeCashBack posts what is taken back of a bill's cash back when a refund reduces what the card pays of the bill
// from paid to stays. It is taken off the lot that was given. The part of it that has expired was never used, so it
// is not taken. The part that was spent bought goods that are kept while the bill that gave it is not: it is taken
// from other lots, principal first, then bonus, and last from bonus that the refund put back past its last day. The
// refund has put at least that much on the card; if part of it was forfeited, the rest is owed. The entry's Forfeits
// record how much was taken elsewhere: if those goods come back too, it is put back there.
func (d *draft) takeCashBack(c *ledger.Card, bill *ledger.Entry, posted []*ledger.Entry, paid, stays ledger.Fen) error {
	given, left := ledger.CashBackOf(posted)
	if given == nil {
		return nil
	}
	kept := bill.CashBackKept(given.Net, paid)
	amount := kept - bill.CashBackKept(given.Net, stays)
	if amount == 0 {
		return nil
	}
	has, err := c.Has(given.Allocations[0])
	if err != nil {
		return err
	}
	own := min(amount, has)
	spent := amount - own
	if spent > 0 {
		expired, err := d.expiredOf(given)
		if err != nil {
			return err
		}
		expired -= left - kept // already allowed for by earlier refunds
		spent -= min(spent, max(0, expired))
	}
	if amount = own + spent; amount == 0 {
		return nil
	}
	made := given.Allocations[0]
	parts, err := c.TakeBack(made, own, spent, d.day)
	if err != nil {
		return err
	}
	e := ledger.Entry{Kind: ledger.CashedBack, RefersTo: bill.ID, Gross: amount, Net: amount, Allocations: parts}
	if spent > 0 {
		e.Forfeits, e.Version = []ledger.Forfeit{
			{Lot: made.Lot, GoodUntil: made.GoodUntil, Bonus: spent},
		}, ledger.EntryVersion
	}
	d.post(c, e)
	return nil
}

// expiredOf returns how much of the bonus an entry gave has expired, except what was given back because the time was
// wrong.
func (d *draft) expiredOf(given *ledger.Entry) (sum ledger.Fen, err error) {
	expiries, err := d.entriesOf(given.ID)
	if err != nil {
		return 0, err
	}
	for _, e := range ledger.OfKind(expiries, ledger.LotsExpired) {
		sum -= e.Bonus
		if d.head.TakenBack < e.ID {
			continue // no time was taken back since
		}
		reversed, err := d.entriesOf(e.ID)
		if err != nil {
			return 0, err
		}
		for _, r := range ledger.OfKind(reversed, ledger.ExpiryReversed) {
			sum -= r.Bonus
		}
	}
	return sum, nil
}

// entriesOf returns the entries that refer to an entry, this draft's included. It asks for them if they are unknown.
func (d *draft) entriesOf(id ledger.EntryID) ([]*ledger.Entry, error) {
	if !d.s.entries.knows(id) {
		return nil, NeedRecords{Keys{Entries: []ledger.EntryID{id}}}
	}
	all := slices.Clip(d.s.undone.get(id))
	for i := range d.ch.Entries {
		if e := &d.ch.Entries[i]; e.RefersTo == id {
			all = append(all, e)
		}
	}
	return all, nil
}

// putBack puts cash back that was just forfeited, because its bill is undone, back into the lots it was taken from
// when it was spent.
func (d *draft) putBack(c *ledger.Card, given *ledger.Entry, amount ledger.Fen) error {
	posted, err := d.entriesOf(given.RefersTo)
	if err != nil {
		return err
	}
	parts := ledger.GiveBack(ledger.TakenElsewhere(ledger.OfKind(posted, ledger.CashedBack), given.ID), amount,
		ledger.PrincipalFirst)
	if c.AnyBehind(parts) {
		return ledger.NeedLots{Card: c.Key()}
	}
	d.post(c, ledger.Entry{
		Kind: ledger.CashedBack, RefersTo: given.RefersTo, Gross: amount, Net: amount, Allocations: parts,
	})
	return d.forfeit(c)
}
