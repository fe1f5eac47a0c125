package ledger

import (
	"fmt"
	"slices"
)

// Forfeited returns the allocations that forfeit bonus now: what has come back to loaded lots and is to be forfeited.
func (c *Card) Forfeited() (parts []Allocation) {
	for _, f := range c.Forfeits {
		if lot, there := c.Lot(f.Lot, f.GoodUntil); there && lot.Bonus > 0 {
			parts = append(parts, Allocation{Lot: f.Lot, GoodUntil: f.GoodUntil, Bonus: -min(lot.Bonus, f.Bonus)})
		}
	}
	return parts
}

// MustForfeit reports whether bonus came back that is still to be forfeited. That can be so only between two
// entries of the same commit.
func (c *Card) MustForfeit() bool { return len(c.Forfeited()) > 0 }

// forfeitsFirst returns an error unless the very next entry of the card forfeits the bonus that is to be forfeited,
// and no other entry forfeits any.
func (c *Card) forfeitsFirst(e *Entry) error {
	if len(c.Forfeits) == 0 && e.Kind != BonusForfeited {
		return nil
	}
	want := c.Forfeited()
	if e.Kind != BonusForfeited && len(want) > 0 || e.Kind == BonusForfeited && !slices.Equal(want, e.Allocations) {
		return fmt.Errorf("entry %d, a %v, forfeits %+v, which should be %+v", e.ID, e.Kind, e.Allocations, want)
	}
	return nil
}

// foldForfeits updates what is to be forfeited by what an entry adds to that and forfeits.
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
	for _, p := range e.Allocations {
		if left := c.addForfeit(Forfeit{p.Lot, p.GoodUntil, p.Bonus}); left < 0 {
			return fmt.Errorf("entry %d forfeits %v of lot %d too much", e.Seq, -left, p.Lot)
		}
	}
	return nil
}

// addForfeit replaces c.Forfeits by a changed copy in the order of the lots. It returns what is still to be forfeited
// for the lot.
func (c *Card) addForfeit(f Forfeit) Fen {
	i, found := slices.BinarySearchFunc(c.Forfeits, f, func(a, b Forfeit) int {
		return CompareLots(Lot{ID: a.Lot, GoodUntil: a.GoodUntil}, Lot{ID: b.Lot, GoodUntil: b.GoodUntil})
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
