package tongka

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
func (p Part) originOf(made *Entry) (origin, error) {
	if made == nil || made.ID != p.Lot {
		return origin{}, fmt.Errorf("no entry made lot %d", p.Lot)
	}
	for _, q := range made.Parts {
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
	return Fen(mulDiv(int64(amount), int64(part), int64(whole), int64(whole)-1))
}

// payOut is what leaves a card.
type payOut struct {
	parts       []Part
	forfeits    []Forfeit
	invoiceable Fen  // of the principal; it may have been invoiced
	invoiced    bool // some of it came from another card, where it was
}

// addInvoiceable adds what of so much principal may be invoiced.
func (out *payOut) addInvoiceable(o origin, principal Fen) {
	amount := o.invoiceableOf(principal)
	out.invoiceable += amount
	out.invoiced = out.invoiced || amount > 0 && o.made.Kind == TransferredIn && o.made.Invoice < o.made.Invoiceable
}

// lessInvoiceable is how much less may be invoiced when the money is paid out to the holder. Money that was invoiced is
// not: its invoice must be taken back first, on the card that got it. Shares are rounded up, so where nothing was
// invoiced there may be a fen less left than they say.
func (c *Card) lessInvoiceable(out payOut) (Fen, error) {
	left := max(0, c.Invoiceable)
	if out.invoiceable > left && (out.invoiced || c.Tally.Count(Filter{Kinds: []Kind{Invoiced}}) > c.Tally.Count(Filter{Kinds: []Kind{InvoiceReversed}})) {
		return 0, refuse(InvoicedMoney, (out.invoiceable - left).String())
	}
	return min(out.invoiceable, left), nil
}

// payOut completes the parts by which principal leaves the card: with the bonus that was given for it, as far
// as that is there; what is not is forfeited when it comes back. made are the entries that made the lots.
func (c *Card) payOut(parts []Part, made []*Entry) (payOut, error) {
	out := payOut{parts: parts}
	for i := range parts {
		p := &parts[i]
		o, err := p.originOf(made[i])
		if err != nil {
			return payOut{}, err
		}
		lot, _ := c.lot(p.Lot, p.GoodUntil)
		bound := o.bonusFor(-p.Principal)
		p.Bonus = -min(bound, lot.Bonus)
		if short := bound + p.Bonus; short > 0 {
			out.forfeits = append(out.forfeits, Forfeit{p.Lot, p.GoodUntil, short})
		}
		out.addInvoiceable(o, -p.Principal)
	}
	return out, nil
}

// makers are the entries that made the lots of some parts, in their order. A command cannot name them before
// it knows the lots. When it asks, it asks for those of the lots behind them too: others may take of the
// card until it is decided again.
func (d *draft) makers(c *Card, parts []Part) ([]*Entry, error) {
	made := make([]*Entry, len(parts))
	known := true
	for i, p := range parts {
		e, there := d.s.entries[EntryKey{d.m.ID, p.Lot}]
		made[i], known = e, known && there
	}
	if known {
		return made, nil
	}
	var k Keys
	for _, p := range parts {
		k.Entries = append(k.Entries, EntryKey{d.m.ID, p.Lot})
	}
	for i, lots := 0, c.filled(); i < min(len(lots), FrontLots); i++ {
		if key := (EntryKey{d.m.ID, lots[i].ID}); !slices.Contains(k.Entries, key) {
			k.Entries = append(k.Entries, key)
		}
	}
	return nil, MissingError{k}
}

// cash is how so much principal is taken off a usable card, with what goes with it.
func (d *draft) cash(c *Card, amount Fen) (payOut, error) {
	if c.Principal < amount {
		return payOut{}, refuse(ShortBalance, c.Number)
	}
	parts, err := takeCash(c, amount)
	if err != nil {
		return payOut{}, err
	}
	made, err := d.makers(c, parts)
	if err != nil {
		return payOut{}, err
	}
	return c.payOut(parts, made)
}

// filledParts are the principals of all lots, as they are taken.
func (c *Card) filledParts() (parts []Part) {
	for _, l := range c.filled() {
		parts = append(parts, Part{Lot: l.ID, GoodUntil: l.GoodUntil, Principal: -l.Principal})
	}
	return parts
}

// emptied is all that the card has: the principal is paid out, less what is owed. All lots must be loaded; made
// are the entries that made those which are filled.
func (c *Card) emptied(made []*Entry) (out payOut, err error) {
	for i, p := range c.filledParts() {
		o, err := p.originOf(made[i])
		if err != nil {
			return payOut{}, err
		}
		out.addInvoiceable(o, -p.Principal)
	}
	out.invoiceable = min(out.invoiceable, c.Principal)
	for _, l := range c.Lots {
		out.parts = append(out.parts, Part{Lot: l.ID, GoodUntil: l.GoodUntil, Principal: -l.Principal, Bonus: -l.Bonus})
	}
	return out, nil
}

// reversal is what leaves the card where what is left of a recharge is reversed by the parts.
func (c *Card) reversal(recharge *Entry, parts []Part) payOut {
	out := payOut{parts: parts, forfeits: c.reversed(recharge)}
	if recharge.Invoice != 0 {
		for _, p := range parts {
			out.invoiceable -= p.Principal
		}
	}
	return out
}

// reversed is what is forfeited when it comes back, where what is left of a recharge is reversed.
func (c *Card) reversed(recharge *Entry) []Forfeit {
	made := recharge.Parts[0]
	left, _ := c.lot(made.Lot, made.GoodUntil)
	short := origin{principal: made.Principal, bonus: made.Bonus}.bonusFor(left.Principal) - left.Bonus
	if short <= 0 {
		return nil
	}
	return []Forfeit{{made.Lot, made.GoodUntil, short}}
}

// PaysOut reports whether principal leaves the card by entries of the kind.
func (k Kind) PaysOut() bool {
	return k == Withdrawn || k == TransferredOut || k == Closed || k == RechargeReversed
}

// PaidOut reports why something else left the card, as it was before the entry, than goes with that principal;
// nil when it is so. All of the card's lots must be loaded. made is the entry that made a lot, nil when there is
// none; in is the other side of a transfer.
func (c *Card) PaidOut(e *Entry, in *Entry, made func(EntryID) *Entry) error {
	makers := func(parts []Part) (all []*Entry) {
		for _, p := range parts {
			all = append(all, made(p.Lot))
		}
		return all
	}
	var out payOut
	var err error
	switch e.Kind {
	case RechargeReversed:
		recharge := made(e.Of)
		if recharge == nil || len(recharge.Parts) != 1 {
			return fmt.Errorf("entry %d reverses entry %d, which is no recharge", e.ID, e.Of)
		}
		out = c.reversal(recharge, e.Parts)
	case Closed:
		out, err = c.emptied(makers(c.filledParts()))
	default:
		var parts []Part
		if parts, err = takeCash(c, -e.Principal); err == nil {
			out, err = c.payOut(parts, makers(parts))
		}
	}
	if err != nil {
		return fmt.Errorf("entry %d: %w", e.ID, err)
	}
	invoice := min(out.invoiceable, max(0, c.Invoiceable))
	if e.Kind == TransferredOut {
		if in != nil && in.Invoiceable != out.invoiceable {
			return fmt.Errorf("entry %d brings %v that may be invoiced, which should be %v", in.ID, in.Invoiceable, out.invoiceable)
		}
	} else if _, err := c.lessInvoiceable(out); err != nil {
		return fmt.Errorf("entry %d pays out money that was invoiced: %w", e.ID, err)
	}
	if !slices.Equal(e.Parts, out.parts) || !slices.Equal(e.Forfeits, out.forfeits) || e.Invoice != -invoice {
		return fmt.Errorf("entry %d takes %+v, has %+v forfeited and %v invoiced, which should be %+v, %+v and %v",
			e.ID, e.Parts, e.Forfeits, e.Invoice, out.parts, out.forfeits, -invoice)
	}
	return nil
}
