package ledger

import (
	"fmt"
	"slices"
)

// What goes with the principal that is paid out of lots, or sent to another card, follows from what these
// were made of: so much of the bonus that was given for it, and so much of what may be invoiced.

// origin is what a lot was when its entry made it.
type origin struct {
	principal, bonus Fen
	made             *Entry
}

// originOf finds the lot of a part in the entry that made it.
func (p Allocation) originOf(made *Entry) (origin, error) {
	if made == nil || made.ID != p.Lot {
		return origin{}, fmt.Errorf("no entry made lot %d", p.Lot)
	}
	for _, q := range made.Allocations {
		if q.Lot == p.Lot && q.GoodUntil == p.GoodUntil && q.Principal >= -p.Principal {
			return origin{q.Principal, q.Bonus, made}, nil
		}
	}
	return origin{}, fmt.Errorf("entry %d made no lot from which %v could be paid out", made.ID, -p.Principal)
}

// bonusFor is the bonus that was given for so much of the principal, rounded up.
func (o origin) bonusFor(principal Fen) Fen { return shareUp(o.bonus, principal, o.principal) }

// invoiceableOf is how much of so much of the principal was paid in by pay types that may be invoiced, rounded
// up. That is all of a recharge or nothing; a transfer says how much of what it brought.
func (o origin) invoiceableOf(principal Fen) Fen {
	paid := o.made.Invoiceable
	if o.made.Kind == Recharged {
		paid = o.made.Invoice
	}
	return shareUp(paid, principal, o.made.Principal)
}

// shareUp is what part is of whole, of an amount, rounded up; 0 of nothing.
func shareUp(amount, part, whole Fen) Fen {
	if amount <= 0 || part <= 0 || whole <= 0 {
		return 0
	}
	return Fen(MulDiv(int64(amount), int64(part), int64(whole), int64(whole)-1))
}

// PayOut is what leaves a card.
type PayOut struct {
	Allocations []Allocation
	Forfeits    []Forfeit
	Invoiceable Fen  // of the principal; it may have been invoiced
	invoiced    bool // some of it came from another card, where it was
}

// addInvoiceable adds what of so much principal may be invoiced.
func (out *PayOut) addInvoiceable(o origin, principal Fen) {
	amount := o.invoiceableOf(principal)
	out.Invoiceable += amount
	out.invoiced = out.invoiced || amount > 0 && o.made.Kind == TransferredIn && o.made.Invoice < o.made.Invoiceable
}

// LessInvoiceable is how much less may be invoiced when the money is paid out to the holder. Money that was invoiced is
// not: its invoice must be taken back first, on the card that got it. Shares are rounded up, so where nothing was
// invoiced there may be a fen less left than they say.
func (c *Card) LessInvoiceable(out PayOut) (Fen, error) {
	less := c.Uninvoiced(out)
	if out.Invoiceable > less &&
		(out.invoiced ||
			c.Tally.Count(Filter{Kinds: []Kind{Invoiced}}) > c.Tally.Count(Filter{Kinds: []Kind{InvoiceReversed}})) {
		return 0, Refuse(InvoicedMoney, (out.Invoiceable - less).String())
	}
	return less, nil
}

// Uninvoiced is how much of what leaves the card may be invoiced still.
func (c *Card) Uninvoiced(out PayOut) Fen { return min(out.Invoiceable, max(0, c.Invoiceable)) }

// PayOut completes the parts by which principal leaves the card: with the bonus that was given for it, as far
// as that is there; what is not is forfeited when it comes back. made are the entries that made the lots.
func (c *Card) PayOut(parts []Allocation, made []*Entry) (PayOut, error) {
	out := PayOut{Allocations: parts}
	for i := range parts {
		p := &parts[i]
		o, err := p.originOf(made[i])
		if err != nil {
			return PayOut{}, err
		}
		lot, _ := c.Lot(p.Lot, p.GoodUntil)
		bound := o.bonusFor(-p.Principal)
		p.Bonus = -min(bound, lot.Bonus)
		if short := bound + p.Bonus; short > 0 {
			out.Forfeits = append(out.Forfeits, Forfeit{p.Lot, p.GoodUntil, short})
		}
		out.addInvoiceable(o, -p.Principal)
	}
	return out, nil
}

// FilledParts are the principals of all lots, as they are taken.
func (c *Card) FilledParts() (parts []Allocation) {
	for _, l := range c.Filled() {
		parts = append(parts, Allocation{Lot: l.ID, GoodUntil: l.GoodUntil, Principal: -l.Principal})
	}
	return parts
}

// Emptied is all that the card has: the principal is paid out, less what is owed. All lots must be loaded; made
// are the entries that made those which are filled.
func (c *Card) Emptied(made []*Entry) (out PayOut, err error) {
	for i, p := range c.FilledParts() {
		o, err := p.originOf(made[i])
		if err != nil {
			return PayOut{}, err
		}
		out.addInvoiceable(o, -p.Principal)
	}
	out.Invoiceable = min(out.Invoiceable, c.Principal)
	for _, l := range c.Lots {
		out.Allocations = append(out.Allocations, Allocation{
			Lot: l.ID, GoodUntil: l.GoodUntil, Principal: -l.Principal, Bonus: -l.Bonus,
		})
	}
	return out, nil
}

// Reversal is what leaves the card where what is left of a recharge is reversed by the parts.
func (c *Card) Reversal(recharge *Entry, parts []Allocation) PayOut {
	out := PayOut{Allocations: parts, Forfeits: c.reversed(recharge)}
	if recharge.Invoice != 0 {
		for _, p := range parts {
			out.Invoiceable -= p.Principal
		}
	}
	return out
}

// reversed is what is forfeited when it comes back, where what is left of a recharge is reversed.
func (c *Card) reversed(recharge *Entry) []Forfeit {
	made := recharge.Allocations[0]
	left, _ := c.Lot(made.Lot, made.GoodUntil)
	short := origin{principal: made.Principal, bonus: made.Bonus}.bonusFor(left.Principal) - left.Bonus
	if short <= 0 {
		return nil
	}
	return []Forfeit{{made.Lot, made.GoodUntil, short}}
}

// PaidOut reports why something else left the card, as it was before the entry, than goes with that principal;
// nil when it is so. All of the card's lots must be loaded. made is the entry that made a lot, nil when there is
// none; in is the other side of a transfer.
func (c *Card) PaidOut(e *Entry, in *Entry, made func(EntryID) *Entry) error {
	out, err := c.goesOut(e, made)
	if err != nil {
		return fmt.Errorf("entry %d: %w", e.ID, err)
	}
	invoice := c.Uninvoiced(out)
	if e.Kind == TransferredOut {
		if in != nil && in.Invoiceable != out.Invoiceable {
			return fmt.Errorf("entry %d brings %v that may be invoiced, which should be %v", in.ID, in.Invoiceable,
				out.Invoiceable)
		}
	} else if _, err := c.LessInvoiceable(out); err != nil {
		return fmt.Errorf("entry %d pays out money that was invoiced: %w", e.ID, err)
	}
	if !slices.Equal(e.Allocations, out.Allocations) || !slices.Equal(e.Forfeits, out.Forfeits) || e.Invoice != -invoice {
		return fmt.Errorf("entry %d takes %+v, has %+v forfeited and %v invoiced, which should be %+v, %+v and %v",
			e.ID, e.Allocations, e.Forfeits, e.Invoice, out.Allocations, out.Forfeits, -invoice)
	}
	return nil
}

// goesOut is what leaves the card with the principal that an entry takes.
func (c *Card) goesOut(e *Entry, made func(EntryID) *Entry) (PayOut, error) {
	makers := func(parts []Allocation) (all []*Entry) {
		for _, p := range parts {
			all = append(all, made(p.Lot))
		}
		return all
	}
	switch e.Kind {
	case RechargeReversed:
		recharge := made(e.RefersTo)
		if recharge == nil || len(recharge.Allocations) != 1 {
			return PayOut{}, fmt.Errorf("it reverses entry %d, which is no recharge", e.RefersTo)
		}
		return c.Reversal(recharge, e.Allocations), nil
	case CardReturned:
		return c.Emptied(makers(c.FilledParts()))
	default:
		parts, err := TakeCash(c, -e.Principal)
		if err != nil {
			return PayOut{}, err
		}
		return c.PayOut(parts, makers(parts))
	}
}
