package ledger

import (
	"cmp"
	"slices"
)

// addLot adds an allocation to the lot it names, creates the lot if it is new, removes it if nothing is left, and
// keeps the order. It replaces c.Lots by a changed copy, because copies of the card share the old slice. It reports
// whether the lot may lie behind the loaded ones; in that case it changes nothing.
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

// Lot returns the lot with that id and last day, if it is loaded.
func (c *Card) Lot(id EntryID, goodUntil Date) (Lot, bool) {
	i, found := slices.BinarySearchFunc(c.Lots, Lot{ID: id, GoodUntil: goodUntil}, CompareLots)
	if !found {
		return Lot{}, false
	}
	return c.Lots[i], true
}

// addPoints adds an allocation to the points lot of its last day. Like addLot, it replaces the slice by a changed copy.
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

// PointsUntil returns how many of the card's points are good through exactly that day.
func (c *Card) PointsUntil(day Date) int64 {
	for _, l := range c.PointLots {
		if l.GoodUntil == day {
			return l.Points
		}
	}
	return 0
}

// NeedLots is the error that asks for all lots of a card, because the command cannot be decided from the first ones.
type NeedLots struct{ Card CardKey }

func (e NeedLots) Error() string { return "all lots of the card are needed" }

// Behind reports whether the allocation's lot may lie behind the loaded ones.
func (c *Card) Behind(p Allocation) bool {
	if !c.MoreLots {
		return false
	}
	return len(c.Lots) == 0 || c.Lots[len(c.Lots)-1].before(Lot{ID: p.Lot, GoodUntil: p.GoodUntil})
}

// AnyBehind reports whether any of the allocations' lots is not loaded and may lie behind the loaded ones.
func (c *Card) AnyBehind(parts []Allocation) bool {
	return slices.ContainsFunc(parts, func(p Allocation) bool {
		_, found := c.Lot(p.Lot, p.GoodUntil)
		return !found && c.Behind(p)
	})
}

// Trimmed returns the card with its first FrontLots lots only if it has more than twice as many, to bound the memory it
// takes, and otherwise the card itself.
func (c *Card) Trimmed() *Card {
	if len(c.Lots) <= 2*FrontLots {
		return c
	}
	front := *c
	front.Lots, front.MoreLots = slices.Clone(c.Lots[:FrontLots]), true
	return &front
}

// Arriving returns what entry by puts on the other card for allocations taken off this one: one new lot for each
// expiry.
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

// BonusArriving is Arriving for a merge, by which only bonus comes: principal has gone before, and what those
// allocations take of it paid off a debt.
func BonusArriving(taken []Allocation, by EntryID) []Allocation {
	var bonus []Allocation
	for _, p := range taken {
		if p.Bonus != 0 {
			bonus = append(bonus, Allocation{GoodUntil: p.GoodUntil, Bonus: p.Bonus})
		}
	}
	return Arriving(bonus, by)
}

// Has returns how much bonus is in the allocation's lot, or NeedLots if that lot may lie behind the loaded ones.
func (c *Card) Has(p Allocation) (Fen, error) {
	lot, found := c.Lot(p.Lot, p.GoodUntil)
	if !found && c.Behind(p) {
		return 0, NeedLots{c.Key()}
	}
	return lot.Bonus, nil
}
