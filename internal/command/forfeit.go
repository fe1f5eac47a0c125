package command

import "tongka/internal/ledger"

// forfeit posts what is forfeited of the bonus that the newest entry brought back: a refund, a reversed expiry, or an
// entry of forfeit itself. If that is cash back that was taken from other lots after it was spent, it is put back
// into those lots, which may bring more such bonus back. It ends because each step leaves less to be forfeited.
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

// knowMakers asks for the entries that made the lots whose bonus is to be forfeited, and for cash back also for the
// bill that gave it. Putting back may lead from one of these lots to another, but to no other lots.
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
