package ledger

import (
	"fmt"
	"slices"
)

// When principal is paid out of lots or transferred to another card, a share of the bonus and of the points given for
// it and a share of the invoiceable amount leave with it. The entries that made the lots determine these shares.

// origin is a lot as it was when its entry made it.
type origin struct {
	principal, bonus Fen
	made             *Entry
}

// originOf returns the allocation's lot as entry made created it.
func (p Allocation) originOf(made *Entry) (origin, error) {
	if made == nil || made.ID != p.Lot {
		return origin{}, fmt.Errorf("no entry made lot %d", p.Lot)
	}
	for _, q := range made.Allocations {
		if q.SameLot(p) && q.Principal >= -p.Principal {
			return origin{q.Principal, q.Bonus, made}, nil
		}
	}
	return origin{}, fmt.Errorf("entry %d made no lot from which %v could be paid out", made.ID, -p.Principal)
}

// bonusFor returns the bonus that was given for that much of the principal, rounded up.
func (o origin) bonusFor(principal Fen) Fen { return shareUp(o.bonus, principal, o.principal) }

// invoiceableOf returns how much of that principal was paid in by invoiceable pay types, rounded up. For a recharge
// that is all or nothing; a transfer states how much of what it brought.
func (o origin) invoiceableOf(principal Fen) Fen {
	paid := o.made.Invoiceable
	if o.made.Kind == Recharged {
		paid = o.made.Invoice
	}
	return shareUp(paid, principal, o.made.Principal)
}

// pointsFor returns the points that were given for that much of the principal, rounded up: by the rules of a recharge,
// or of those whose money a transfer brought.
func (o origin) pointsFor(principal Fen) int64 {
	if o.made.Kind != Recharged && o.made.Kind != TransferredIn {
		return 0
	}
	return int64(shareUp(Fen(o.made.Earned()), principal, o.made.Principal))
}

// shareUp returns amount × part ÷ whole, rounded up; 0 if any of them is not positive.
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
	Points      []PointShare
	Invoiceable Fen  // how much of the principal is invoiceable; it may have been invoiced already
	invoiced    bool // part of it came from another card and was invoiced there
}

// PointShare is how many of the points that an entry gave leave with the principal for which it gave them.
type PointShare struct {
	Gave   *Entry
	Points int64
}

// ByDay returns which of these points were good through which day: of each day its share of what the entry gave,
// rounded down. In however many pieces money is paid out, together they take no more of a day than was given on it.
func (s PointShare) ByDay() (all []PointAllocation) {
	for _, p := range s.Gave.EarnedOn(nil) {
		if n := MulDiv(p.Points, s.Points, s.Gave.Earned(), 0); n > 0 {
			all = append(all, PointAllocation{p.GoodUntil, n})
		}
	}
	return all
}

// add adds what leaves with that principal besides bonus.
func (out *PayOut) add(o origin, principal Fen) {
	out.addInvoiceable(o, principal)
	if n := o.pointsFor(principal); n > 0 {
		out.Points = append(out.Points, PointShare{o.made, n})
	}
}

// AllPoints returns the sum of the points that leave.
func (out *PayOut) AllPoints() (n int64) {
	for _, s := range out.Points {
		n += s.Points
	}
	return n
}

// addInvoiceable adds the invoiceable share of that principal.
func (out *PayOut) addInvoiceable(o origin, principal Fen) {
	amount := o.invoiceableOf(principal)
	out.Invoiceable += amount
	out.invoiced = out.invoiced || amount > 0 && o.made.Kind == TransferredIn && o.made.Invoice < o.made.Invoiceable
}

// LessInvoiceable returns by how much the invoiceable amount falls when the money is paid out to the holder. Money
// that was invoiced cannot be paid out: the invoice must be reversed first, on the card that got it. Shares are
// rounded up, so if nothing was invoiced they may exceed what is left by a fen.
func (c *Card) LessInvoiceable(out PayOut) (Fen, error) {
	less := c.Uninvoiced(out)
	if out.Invoiceable > less && c.hasInvoiced(out) {
		return 0, Refuse(InvoicedMoney, (out.Invoiceable - less).String())
	}
	return less, nil
}

// hasInvoiced reports whether something of the card, or of what leaves it, was invoiced and is still.
func (c *Card) hasInvoiced(out PayOut) bool {
	return out.invoiced ||
		c.Tally.Count(Filter{Kinds: []Kind{Invoiced}}) > c.Tally.Count(Filter{Kinds: []Kind{InvoiceReversed}})
}

// Brings returns how much of what leaves the card for another one is invoiceable, and how much of that was not invoiced
// yet. Where nothing was invoiced both are the same: shares are rounded up, and what they exceed by was never there.
func (c *Card) Brings(out PayOut) (invoiceable, uninvoiced Fen) {
	uninvoiced = c.Uninvoiced(out)
	if c.hasInvoiced(out) {
		return out.Invoiceable, uninvoiced
	}
	return uninvoiced, uninvoiced
}

// Uninvoiced returns how much of what leaves the card may still be invoiced.
func (c *Card) Uninvoiced(out PayOut) Fen { return min(out.Invoiceable, max(0, c.Invoiceable)) }

// PayOut adds to allocations that take principal off the card the bonus that was given for it, as far as it is still
// there. What is not there is forfeited when it comes back. made are the entries that made the lots, in the same order.
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
		out.add(o, -p.Principal)
	}
	return out, nil
}

// FilledParts returns allocations that take the principal of all lots, in the order in which lots are taken.
func (c *Card) FilledParts() (parts []Allocation) {
	for _, l := range c.Filled() {
		parts = append(parts, Allocation{Lot: l.ID, GoodUntil: l.GoodUntil, Principal: -l.Principal})
	}
	return parts
}

// Emptied returns all that the card has. Its principal less its debt is paid out. All lots must be loaded; made are
// the entries that made those of FilledParts, in the same order.
func (c *Card) Emptied(made []*Entry) (out PayOut, err error) {
	for i, p := range c.FilledParts() {
		o, err := p.originOf(made[i])
		if err != nil {
			return PayOut{}, err
		}
		out.add(o, -p.Principal)
	}
	out.Invoiceable, out.Allocations = min(out.Invoiceable, c.Principal), c.AllParts()
	return out, nil
}

// AllParts returns allocations that empty all lots and pay off the debt out of them. All lots must be loaded.
func (c *Card) AllParts() (parts []Allocation) {
	for _, l := range c.Lots {
		parts = append(parts, Allocation{Lot: l.ID, GoodUntil: l.GoodUntil, Principal: -l.Principal, Bonus: -l.Bonus})
	}
	return parts
}

// Reversal returns what leaves the card if the rest of a recharge is reversed by those allocations.
func (c *Card) Reversal(recharge *Entry, parts []Allocation) PayOut {
	out := PayOut{Allocations: parts, Forfeits: c.reversed(recharge)}
	for _, p := range parts {
		if n := (origin{made: recharge}).pointsFor(-p.Principal); n > 0 {
			out.Points = append(out.Points, PointShare{recharge, n})
		}
	}
	if recharge.Invoice != 0 {
		for _, p := range parts {
			out.Invoiceable -= p.Principal
		}
	}
	return out
}

// reversed returns the bonus to be forfeited when it comes back, after the rest of a recharge was reversed.
func (c *Card) reversed(recharge *Entry) []Forfeit {
	made := recharge.Allocations[0]
	left, _ := c.Lot(made.Lot, made.GoodUntil)
	short := origin{principal: made.Principal, bonus: made.Bonus}.bonusFor(left.Principal) - left.Bonus
	if short <= 0 {
		return nil
	}
	return []Forfeit{{made.Lot, made.GoodUntil, short}}
}

// PaidOut returns an error if an entry took something else off the card than must leave with that principal. c is the
// card before the entry, with all its lots loaded. made returns the entry that made a lot, nil if there is none; in
// is the other side of a transfer.
func (c *Card) PaidOut(e *Entry, in *Entry, made func(EntryID) *Entry) error {
	out, err := c.goesOut(e, made)
	if err != nil {
		return fmt.Errorf("entry %d: %w", e.ID, err)
	}
	brings, invoice := c.Brings(out)
	if e.Kind == TransferredOut {
		// Before, what the shares exceed by was stated too.
		if in != nil && in.Invoiceable != brings && in.Invoiceable != out.Invoiceable {
			return fmt.Errorf("entry %d brings %v that may be invoiced, which should be %v", in.ID, in.Invoiceable, brings)
		}
	} else if _, err := c.LessInvoiceable(out); err != nil {
		return fmt.Errorf("entry %d pays out money that was invoiced: %w", e.ID, err)
	}
	if !slices.Equal(e.Allocations, out.Allocations) || !slices.Equal(e.Forfeits, out.Forfeits) || e.Invoice != -invoice {
		return fmt.Errorf("entry %d takes %+v, has %+v forfeited and %v invoiced, which should be %+v, %+v and %v",
			e.ID, e.Allocations, e.Forfeits, e.Invoice, out.Allocations, out.Forfeits, -invoice)
	}
	return out.tookPoints(e)
}

// tookPoints returns an error if an entry took other points off the card than left with the principal. Before version
// 2 only a reversal took any: all that the recharge gave. What a returned card still has is forfeited.
func (out *PayOut) tookPoints(e *Entry) error {
	want := out.AllPoints()
	switch {
	case e.Kind == CardReturned:
		return nil
	case e.Version < 2 && e.Kind == RechargeReversed:
		return nil // what it undoes is checked with it
	case e.Version < 2:
		want = 0
	}
	if e.Earned() != -want {
		return fmt.Errorf("entry %d takes %d points, and %d were given for what it pays out", e.ID, -e.Earned(), want)
	}
	return nil
}

// goesOut returns what must leave the card with the principal that an entry takes.
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
