package ledger

import "slices"

// Take returns the allocations that take an amount from a card's lots in a spend order: lots in their order, from
// each what it holds. If the loaded lots do not hold the amount it returns NeedLots; what all lots do not hold is
// owed. It does not check whether the card may owe it.
func Take(c *Card, amount Fen, policy SpendOrder) ([]Allocation, error) {
	lots := c.Filled()
	parts := make([]Allocation, len(lots))
	for i, l := range lots {
		parts[i] = Allocation{Lot: l.ID, GoodUntil: l.GoodUntil}
	}
	left := amount
	switch policy {
	case Proportional:
		for i, l := range lots {
			n := min(left, l.Principal+l.Bonus)
			parts[i].Principal, parts[i].Bonus = SplitTwo(n, l.Principal, l.Bonus)
			left -= n
		}
	case BonusFirst:
		left = takeBonus(lots, parts, left)
		if left > 0 && c.MoreLots && BonusOf(c.Lots) < c.Bonus {
			return nil, NeedLots{c.Key()}
		}
		left = takePrincipal(lots, parts, left)
	case PrincipalFirst:
		left = takePrincipal(lots, parts, left)
		if left > 0 && c.MoreLots && PrincipalOf(c.Lots) < c.Principal {
			return nil, NeedLots{c.Key()}
		}
		left = takeBonus(lots, parts, left)
	}
	if left > 0 && c.MoreLots {
		return nil, NeedLots{c.Key()}
	}
	parts = negate(parts)
	if left > 0 {
		parts = append(parts, DebtPart(-left))
	}
	return parts, nil
}

// TakeCash returns the allocations that take principal, which the card must hold. It returns NeedLots if the loaded
// lots do not hold it. Card.PayOut adds the bonus that leaves with it.
func TakeCash(c *Card, amount Fen) ([]Allocation, error) {
	lots := c.Filled()
	parts := make([]Allocation, len(lots))
	for i, l := range lots {
		parts[i] = Allocation{Lot: l.ID, GoodUntil: l.GoodUntil}
	}
	if takePrincipal(lots, parts, amount) > 0 {
		return nil, NeedLots{c.Key()}
	}
	return negate(parts), nil
}

func takePrincipal(lots []Lot, parts []Allocation, left Fen) Fen {
	for i, l := range lots {
		parts[i].Principal = min(left, l.Principal)
		left -= parts[i].Principal
	}
	return left
}

func takeBonus(lots []Lot, parts []Allocation, left Fen) Fen {
	for i, l := range lots {
		parts[i].Bonus = min(left, l.Bonus)
		left -= parts[i].Bonus
	}
	return left
}

func PrincipalOf(lots []Lot) (sum Fen) {
	for _, l := range lots {
		sum += l.Principal
	}
	return sum
}

func BonusOf(lots []Lot) (sum Fen) {
	for _, l := range lots {
		sum += l.Bonus
	}
	return sum
}

// negate drops empty allocations and reverses the sign of the others.
func negate(parts []Allocation) []Allocation {
	parts = slices.DeleteFunc(parts, func(p Allocation) bool { return p.Principal == 0 && p.Bonus == 0 })
	for i := range parts {
		parts[i].Principal, parts[i].Bonus = -parts[i].Principal, -parts[i].Bonus
	}
	return parts
}

// GiveBack runs the allocations of a consume backwards: first what was owed, then the last lot first, and what
// the spend order took last comes back first. taken are the consume's allocations less those of earlier
// refunds, as positive amounts.
func GiveBack(taken []Allocation, amount Fen, policy SpendOrder) []Allocation {
	parts := slices.Clone(taken)
	for i := range parts {
		parts[i].Principal, parts[i].Bonus = 0, 0
	}
	left := amount
	if last := len(taken) - 1; last >= 0 && taken[last].IsDebt() {
		parts[last].Principal = min(left, taken[last].Principal)
		left -= parts[last].Principal
		taken = taken[:last]
	}
	principal := func() {
		for i := len(taken) - 1; i >= 0; i-- {
			parts[i].Principal = min(left, taken[i].Principal)
			left -= parts[i].Principal
		}
	}
	bonus := func() {
		for i := len(taken) - 1; i >= 0; i-- {
			parts[i].Bonus = min(left, taken[i].Bonus)
			left -= parts[i].Bonus
		}
	}
	switch policy {
	case Proportional:
		for i := len(taken) - 1; i >= 0; i-- {
			n := min(left, taken[i].Principal+taken[i].Bonus)
			parts[i].Principal, parts[i].Bonus = SplitTwo(n, taken[i].Principal, taken[i].Bonus)
			left -= n
		}
	case BonusFirst:
		principal()
		bonus()
	case PrincipalFirst:
		bonus()
		principal()
	}
	return slices.DeleteFunc(parts, func(p Allocation) bool { return p.Principal == 0 && p.Bonus == 0 })
}

// TookByPolicy reports whether the entry took off the card, as it was before it, exactly what its recorded spend
// order takes (invariant 10). All of the card's lots must be loaded.
func (c *Card) TookByPolicy(e *Entry) bool {
	if e.Delta() > 0 {
		return false
	}
	parts, err := Take(c, -e.Delta(), e.SpendOrder)
	return err == nil && slices.Equal(parts, e.Allocations)
}
