package command

import "tongka/internal/ledger"

// forfeit posts what is forfeited of the bonus that the entry just posted has brought back: a refund, an expiry
// that is reversed, or what follows. Where that is cash back which was taken elsewhere when it was spent, it is
// put back there, which may bring more such bonus back. Each time there is less that is still to be forfeited.
func (d *draft) forfeit(c *ledger.Card) error {
	parts := c.Forfeited()
	if len(parts) == 0 {
		return nil
	}
	if err := d.knowMakers(c); err != nil {
		return err
	}
	amount := -ledger.MoneyOf(parts)
	d.post(c, ledger.Entry{
		Kind: ledger.BonusForfeited, RefersTo: d.head.LastEntry, Gross: amount, Net: amount, Allocations: parts,
	})
	for _, p := range parts {
		made := d.s.entries.records[p.Lot]
		if made == nil || made.Kind != ledger.CashedBack {
			continue
		}
		if err := d.putBack(c, made, -p.Bonus); err != nil {
			return err
		}
	}
	return nil
}

// knowMakers asks for the entries that made the lots of which bonus is to be forfeited and, where that is cash back,
// for the bills that gave it. What is put back may lead from one of these lots to another, but to no more.
func (d *draft) knowMakers(c *ledger.Card) error {
	var need Keys
	for _, f := range c.Forfeits {
		id := f.Lot
		if made := d.s.entries.records[id]; made != nil && made.Kind == ledger.CashedBack {
			id = made.RefersTo
		}
		if !d.s.entries.knows(id) {
			need.Entries = append(need.Entries, id)
		}
	}
	if need.Empty() {
		return nil
	}
	return NeedRecords{need}
}
