package ledger

import "fmt"

// Post makes e the newest entry of the card. The caller sets what was done, when, by whom and which lots it moves.
// Post fills in what follows from the card: sequence, amounts, balances after, level and status if they stay, hash
// and tally. It checks the entry against the table of its kind and its own sums, and folds it in. It returns the lots
// that are stored apart from the card, or an error; the card's fields are then undefined.
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

// Rare reports whether an entry changes something of its card that everyday entries do not: holder, details, number,
// or a field that only few cards have.
func (e *Entry) Rare() bool {
	return e.Holder != nil || e.Details != nil || e.Number != "" || e.ChargedTo != 0 || e.Invoice != 0 ||
		len(e.Forfeits) > 0 || e.Kind == BonusForfeited || e.MovesHold()
}
