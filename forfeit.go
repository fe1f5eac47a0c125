package tongka

import (
	"fmt"
	"slices"
)

// Whoever takes the principal of a lot out again does not keep the bonus he was given for bringing it:
// what is on the lot goes with it. Where bills have spent that bonus before the principal, as they do when
// it goes first, there is none to go, and the card remembers how much there should have been. When a refund
// brings it back, that much is forfeited. It is the same with cash back that was spent when its bill is refunded.

// Forfeit is how much bonus of a lot is forfeited as soon as it comes back. The lot may be empty, and then it
// is not among the card's. While there is such, the lot has no bonus but between the entry that brings some
// back and the one behind it.
type Forfeit struct {
	Lot       EntryID
	GoodUntil Date
	Bonus     Fen
}

// forfeit posts what is forfeited of the bonus that the entry just posted has brought back: a refund, an expiry
// that is reversed, or what follows. Where that is cash back which was taken elsewhere when it was spent, it is
// put back there, which may bring more such bonus back. Each time there is less that is still to be forfeited.
func (d *draft) forfeit(c *Card) error {
	parts := c.forfeited()
	if len(parts) == 0 {
		return nil
	}
	if err := d.knowMakers(c); err != nil {
		return err
	}
	amount := -moneyOf(parts)
	d.post(c, Entry{Kind: BonusForfeited, Of: d.head.LastEntry, Original: amount, Actual: amount, Parts: parts})
	for _, p := range parts {
		made := d.s.entries[EntryKey{d.m.ID, p.Lot}]
		if made == nil || made.Kind != CashedBack {
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
func (d *draft) knowMakers(c *Card) error {
	var need Keys
	for _, f := range c.Forfeits {
		key := EntryKey{d.m.ID, f.Lot}
		made, known := d.s.entries[key]
		if made != nil && made.Kind == CashedBack {
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

// forfeited are the parts of loaded lots that are to be forfeited now.
func (c *Card) forfeited() (parts []Part) {
	for _, f := range c.Forfeits {
		if lot, there := c.lot(f.Lot, f.GoodUntil); there && lot.Bonus > 0 {
			parts = append(parts, Part{Lot: f.Lot, GoodUntil: f.GoodUntil, Bonus: -min(lot.Bonus, f.Bonus)})
		}
	}
	return parts
}

// MustForfeit reports whether bonus was brought back that is to be forfeited and is not yet. It is so
// between two entries of one commit only.
func (c *Card) MustForfeit() bool { return len(c.forfeited()) > 0 }

// forfeitsFirst holds that bonus which is to be forfeited is so by the very next entry of the card, and
// nothing else is.
func (c *Card) forfeitsFirst(e *Entry) error {
	if len(c.Forfeits) == 0 && e.Kind != BonusForfeited {
		return nil
	}
	want := c.forfeited()
	if e.Kind != BonusForfeited && len(want) > 0 || e.Kind == BonusForfeited && !slices.Equal(want, e.Parts) {
		return fmt.Errorf("entry %d, a %v, forfeits %+v, which should be %+v", e.ID, e.Kind, e.Parts, want)
	}
	return nil
}

// foldForfeits keeps what is to be forfeited.
func (c *Card) foldForfeits(e *Entry) error {
	for _, f := range e.Forfeits {
		if f.Bonus <= 0 {
			return fmt.Errorf("entry %d has %v of lot %d forfeited", e.Seq, f.Bonus, f.Lot)
		}
		c.addForfeit(f)
	}
	if e.Kind != BonusForfeited {
		return nil
	}
	for _, p := range e.Parts {
		if left := c.addForfeit(Forfeit{p.Lot, p.GoodUntil, p.Bonus}); left < 0 {
			return fmt.Errorf("entry %d forfeits %v of lot %d too much", e.Seq, -left, p.Lot)
		}
	}
	return nil
}

// addForfeit works on a copy, and keeps the order of the lots. It returns what is left for the lot.
func (c *Card) addForfeit(f Forfeit) Fen {
	i, found := slices.BinarySearchFunc(c.Forfeits, f, func(a, b Forfeit) int {
		return compareLots(Lot{ID: a.Lot, GoodUntil: a.GoodUntil}, Lot{ID: b.Lot, GoodUntil: b.GoodUntil})
	})
	all := slices.Clone(c.Forfeits)
	if !found {
		all = slices.Insert(all, i, Forfeit{Lot: f.Lot, GoodUntil: f.GoodUntil})
	}
	all[i].Bonus += f.Bonus
	left := all[i].Bonus
	if left == 0 {
		all = slices.Delete(all, i, i+1)
	}
	if c.Forfeits = all; len(all) == 0 {
		c.Forfeits = nil
	}
	return left
}
