package ledger

import (
	"cmp"
	"slices"
)

// addLot adds part to the lot it names, makes that lot or drops it when nothing is left, and keeps
// the order. It works on a copy, and reports whether the lot lies behind the loaded ones.
func (c *Card) addLot(part Allocation) (behind bool) {
	lot := Lot{ID: part.Lot, GoodUntil: part.GoodUntil}
	i, found := slices.BinarySearchFunc(c.Lots, lot, CompareLots)
	if !found && c.MoreLots && i == len(c.Lots) {
		return true
	}
	lots := make([]Lot, len(c.Lots), len(c.Lots)+1)
	copy(lots, c.Lots)
	if !found {
		lots = slices.Insert(lots, i, lot)
	}
	lots[i].Principal += part.Principal
	lots[i].Bonus += part.Bonus
	if lots[i].Empty() {
		lots = slices.Delete(lots, i, i+1)
	}
	c.Lots = lots
	return false
}

// Lot finds a loaded lot.
func (c *Card) Lot(id EntryID, goodUntil Date) (Lot, bool) {
	i, found := slices.BinarySearchFunc(c.Lots, Lot{ID: id, GoodUntil: goodUntil}, CompareLots)
	if !found {
		return Lot{}, false
	}
	return c.Lots[i], true
}

// addPoints adds part to the points lot of its day, on a copy.
func (c *Card) addPoints(part PointAllocation) {
	lots := make([]PointLot, len(c.PointLots), len(c.PointLots)+1)
	copy(lots, c.PointLots)
	i, found := slices.BinarySearchFunc(lots, part.GoodUntil, func(l PointLot, d Date) int {
		return cmp.Compare(l.GoodUntil, d)
	})
	if !found {
		lots = slices.Insert(lots, i, PointLot{GoodUntil: part.GoodUntil})
	}
	lots[i].Points += part.Points
	if lots[i].Points == 0 {
		lots = slices.Delete(lots, i, i+1)
	}
	c.PointLots = lots
}

// NeedLots asks for all lots of a card: the command cannot be decided from the first ones.
type NeedLots struct{ Card CardKey }

func (e NeedLots) Error() string { return "all lots of the card are needed" }

// Behind reports whether the lot of a part may lie behind the loaded ones.
func (c *Card) Behind(p Allocation) bool {
	if !c.MoreLots {
		return false
	}
	return len(c.Lots) == 0 || c.Lots[len(c.Lots)-1].before(Lot{ID: p.Lot, GoodUntil: p.GoodUntil})
}

// AnyBehind reports whether the lots of some parts, or where they would be, may lie behind the loaded ones.
func (c *Card) AnyBehind(parts []Allocation) bool {
	return slices.ContainsFunc(parts, func(p Allocation) bool {
		_, found := c.Lot(p.Lot, p.GoodUntil)
		return !found && c.Behind(p)
	})
}

// Trim keeps the front lots only, so that a card with very many does not stay in memory.
func (c *Card) Trim() {
	if len(c.Lots) > 2*FrontLots {
		c.Lots = slices.Clone(c.Lots[:FrontLots])
		c.MoreLots = true
	}
}

// Arriving are the lots that parts taken off one card make on another by an entry: one for each expiry.
func Arriving(taken []Allocation, by EntryID) (parts []Allocation) {
	for _, p := range taken {
		until := p.GoodUntil
		if p.Bonus == 0 {
			until = Forever
		}
		i := slices.IndexFunc(parts, func(q Allocation) bool { return q.GoodUntil == until })
		if i < 0 {
			i = len(parts)
			parts = append(parts, Allocation{Lot: by, GoodUntil: until})
		}
		parts[i].Principal -= p.Principal
		parts[i].Bonus -= p.Bonus
	}
	return parts
}

// Has is how much bonus is in the lot of a part.
func (c *Card) Has(p Allocation) (Fen, error) {
	lot, found := c.Lot(p.Lot, p.GoodUntil)
	if !found && c.Behind(p) {
		return 0, NeedLots{c.Key()}
	}
	return lot.Bonus, nil
}
