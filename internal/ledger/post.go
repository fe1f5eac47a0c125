package ledger

import "fmt"

// Post makes e the newest entry of the card. The caller gives what was done, when, by whom, and which lots it moves;
// everything that follows from the card is filled in here: sequence, amounts, balances after, level and status where
// they stay, hash and tally. The entry is held against the table of what its kind may do and against its own sums, and
// folded in. It returns the lots to be kept apart from the card, or why the entry may not stand; the card is in no
// defined state then.
func (c *Card) Post(e *Entry) ([]Lot, error) {
	e.Card, e.Seq = c.ID, c.Seq+1
	for _, p := range e.Allocations {
		e.Principal += p.Principal
		e.Bonus += p.Bonus
	}
	for _, p := range e.PointAllocations {
		e.Points += p.Points
	}
	e.PrincipalAfter, e.BonusAfter = c.Principal+e.Principal, c.Bonus+e.Bonus
	e.PointsAfter, e.OwedAfter = c.Points+e.Points, c.PointsOwed+e.PointsOwed
	if e.Status == 0 {
		e.Status = c.Status
	}
	if e.Level == 0 {
		e.Level = c.Level
	}
	e.Hash = e.Chain(c.Hash)
	if err := c.Allows(e); err != nil {
		return nil, err
	}
	lots, err := c.fold(e)
	if err != nil {
		return nil, err
	}
	e.Tally = c.Tally
	if _, ok := e.Postings(); !ok || !e.BillAddsUp() {
		return nil, fmt.Errorf("entry %d, a %v of %v, does not add up", e.ID, e.Kind, e.Gross)
	}
	return lots, nil
}

// Rare reports whether an entry changes of its card more than what moves every day: its holder, its details, its
// number, or what only few cards have.
func (e *Entry) Rare() bool {
	return e.Holder != nil || e.Details != nil || e.Number != "" || e.ChargedTo != 0 || e.Invoice != 0 ||
		len(e.Forfeits) > 0 || e.Kind == BonusForfeited
}
