package command

import (
	"slices"

	"tongka/internal/ledger"
)

// makers returns the entries that made the lots of allocations, in the same order. A command cannot name them before
// it knows the lots, so makers asks for them, and for those of the lots behind too, because other commands may take
// from the card before it is decided again.
func (d *draft) makers(c *ledger.Card, parts []ledger.Allocation) ([]*ledger.Entry, error) {
	made := make([]*ledger.Entry, len(parts))
	known := true
	for i, p := range parts {
		made[i], known = d.s.entries.records[p.Lot], known && d.s.entries.knows(p.Lot)
	}
	if known {
		return made, nil
	}
	var k Keys
	for _, p := range parts {
		k.Entries = append(k.Entries, p.Lot)
	}
	for i, lots := 0, c.Filled(); i < min(len(lots), ledger.FrontLots); i++ {
		if key := lots[i].ID; !slices.Contains(k.Entries, key) {
			k.Entries = append(k.Entries, key)
		}
	}
	return nil, NeedRecords{k}
}

// cash returns what takes that much principal off a usable card, with what must leave with it.
func (d *draft) cash(c *ledger.Card, amount ledger.Fen) (ledger.PayOut, error) {
	if c.Principal < amount {
		return ledger.PayOut{}, ledger.Refuse(ledger.ShortBalance, c.Number)
	}
	parts, err := ledger.TakeCash(c, amount)
	if err != nil {
		return ledger.PayOut{}, err
	}
	made, err := d.makers(c, parts)
	if err != nil {
		return ledger.PayOut{}, err
	}
	return c.PayOut(parts, made)
}

// paidOutBy refuses a pay type by which nobody is paid out. None need be named.
func (d *draft) paidOutBy(id ledger.PayTypeID) error {
	if id == 0 {
		return nil
	}
	_, err := d.payType(id)
	return err
}

// emptied returns all that a card has which is to be closed, and how much of it may still be invoiced. It is refused
// for money that was invoiced.
func (d *draft) emptied(c *ledger.Card) (ledger.PayOut, ledger.Fen, error) {
	if c.MoreLots {
		return ledger.PayOut{}, 0, ledger.NeedLots{Card: c.Key()}
	}
	made, err := d.makers(c, c.FilledParts())
	if err != nil {
		return ledger.PayOut{}, 0, err
	}
	out, err := c.Emptied(made)
	if err != nil {
		return ledger.PayOut{}, 0, err
	}
	invoice, err := c.LessInvoiceable(out)
	return out, invoice, err
}
