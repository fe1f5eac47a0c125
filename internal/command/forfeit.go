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
	d.post(c, ledger.Entry{Kind: ledger.BonusForfeited, Of: d.head.LastEntry, Original: amount, Actual: amount, Parts: parts})
	for _, p := range parts {
		made := d.s.entries[ledger.EntryKey{Merchant: d.m.ID, ID: p.Lot}]
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
		key := ledger.EntryKey{Merchant: d.m.ID, ID: f.Lot}
		made, known := d.s.entries[key]
		if made != nil && made.Kind == ledger.CashedBack {
			key.ID = made.Of
			_, known = d.s.entries[key]
		}
		if !known {
			need.Entries = append(need.Entries, key)
		}
	}
	if need.Empty() {
		return nil
	}
	return MissingError{need}
}
