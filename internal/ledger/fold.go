package ledger

import (
	"fmt"
	"slices"
)

// Fold applies one more entry to the card. It is the only place where an entry changes a card: commands fold the
// entries they make, and verify folds the whole journal again (invariants 03, 04, 05, 06, 22). It returns the lots
// that are stored apart from the card, as they are after the entry. It returns an error if the entry cannot follow;
// the card's fields are then undefined.
func (c *Card) Fold(e *Entry) ([]Lot, error) {
	lots, err := c.fold(e)
	if err == nil && !slices.Equal(c.Tally, e.Tally) {
		err = fmt.Errorf("entry %d: its tally is not that of the entries up to it", e.Seq)
	}
	return lots, err
}

// fold is Fold without the check of the tally, which a new entry does not have yet.
func (c *Card) fold(e *Entry) ([]Lot, error) {
	if c.Seq == 0 {
		c.begin(e)
	}
	if e.Seq != c.Seq+1 || e.Card != c.ID || e.Merchant != c.Merchant {
		return nil, fmt.Errorf("entry %d of card %d does not follow entry %d of card %d", e.Seq, e.Card, c.Seq, c.ID)
	}
	if err := c.inTime(e); err != nil {
		return nil, err
	}
	if err := c.goesOn(e); err != nil {
		return nil, err
	}
	lots, err := c.foldMoney(e)
	if err != nil {
		return nil, err
	}
	lots = c.apart(lots)
	if err := c.foldForfeits(e); err != nil {
		return nil, err
	}
	if err := c.foldPoints(e); err != nil {
		return nil, err
	}
	if err := c.foldCharges(e); err != nil {
		return nil, err
	}
	if err := c.foldHolds(e); err != nil {
		return nil, err
	}
	c.foldFacts(e)
	c.Tally = c.Tally.Plus(e)
	c.Seq, c.Hash = e.Seq, e.Hash
	c.dated(e)
	return lots, nil
}

// goesOn returns an error if an entry does not move on what it is there to move.
func (c *Card) goesOn(e *Entry) error {
	if e.Kind == Renewed && e.CardExpires <= c.Expires {
		return fmt.Errorf("entry %d does not move the card's last good day on", e.Seq)
	}
	if e.Kind == PhoneBound && (e.Details == nil || e.Details.Pass != c.Details.Pass+1) {
		return fmt.Errorf("entry %d binds a phone and gives it no new pass", e.Seq)
	}
	return nil
}

// dated sets when the newest entry was made, and when the holder last used the card.
func (c *Card) dated(e *Entry) {
	c.Last = e.At
	if e.Kind.Uses() {
		c.Used = e.At
	}
}

// inTime returns an error if an entry goes back in time and does not name the entry that took time back. Whether that
// entry lies between the two is left to verify, because it is on no card.
func (c *Card) inTime(e *Entry) error {
	switch earlier := e.At.Before(c.Last); {
	case earlier && e.Back == 0 && e.Kind != ClockTakenBack:
		return fmt.Errorf("entry %d is older than the one before it", e.Seq)
	case e.Back != 0 && (!earlier || e.Back >= e.ID):
		return fmt.Errorf("entry %d goes back to entry %d and need not, or cannot", e.Seq, e.Back)
	}
	return nil
}

// begin sets the facts of a new card from its first entry.
func (c *Card) begin(e *Entry) {
	c.Merchant, c.ID, c.Number, c.Kind, c.Expires = e.Merchant, e.Card, e.Number, e.CardKind, e.CardExpires
	c.OpenedAt, c.OpenedShop = e.At, e.By.Shop
}

func (c *Card) foldMoney(e *Entry) ([]Lot, error) {
	var principal, bonus Fen
	lots := make([]Lot, 0, len(e.Allocations))
	for _, p := range e.Allocations {
		principal += p.Principal
		bonus += p.Bonus
		if c.addLot(p) {
			lots = append(lots, Lot{ID: p.Lot, GoodUntil: p.GoodUntil, Principal: p.Principal, Bonus: p.Bonus})
			continue
		}
		lot, left := c.Lot(p.Lot, p.GoodUntil)
		if !left {
			lot = Lot{ID: p.Lot, GoodUntil: p.GoodUntil}
		}
		switch {
		case p.IsDebt() && max(lot.Principal, lot.Bonus, -lot.Bonus) > 0:
			return nil, fmt.Errorf("entry %d gives back more than is owed", e.Seq)
		case !p.IsDebt() && min(lot.Principal, lot.Bonus) < 0:
			return nil, fmt.Errorf("entry %d takes more from lot %d than is in it", e.Seq, p.Lot)
		}
		lots = append(lots, lot)
	}
	c.Principal += principal
	c.Bonus += bonus
	return lots, c.balancesHold(e, principal, bonus)
}

// balancesHold checks that the balances after an entry are what it states and within range, and that the card
// owes nothing it may not owe.
func (c *Card) balancesHold(e *Entry, principal, bonus Fen) error {
	switch {
	case principal != e.Principal || bonus != e.Bonus:
		return fmt.Errorf("entry %d: its parts do not add up to its amounts", e.Seq)
	case c.Principal != e.PrincipalAfter || c.Bonus != e.BonusAfter:
		return fmt.Errorf("entry %d: balance after is not balance before plus its amounts", e.Seq)
	case c.Principal < -MaxFen || c.Bonus < 0 || c.Amount() > MaxFen:
		return fmt.Errorf("entry %d leaves a balance out of range", e.Seq)
	}
	return c.creditKept(e)
}

// apart returns which of the changed lots are stored apart from the card: all of the card's lots if it exceeds
// CardLots just now.
func (c *Card) apart(changed []Lot) []Lot {
	switch {
	case !c.LotsApart && len(c.Lots) > CardLots:
		c.LotsApart = true
		return c.Lots
	case !c.LotsApart:
		return nil
	}
	c.LotsApart = len(c.Lots) > 0 || c.MoreLots
	return changed
}

func (c *Card) foldPoints(e *Entry) error {
	var points int64
	for _, p := range e.PointAllocations {
		points += p.Points
		c.addPoints(p)
	}
	c.Points += points
	c.PointsOwed += e.PointsOwed
	switch {
	case points != e.Points:
		return fmt.Errorf("entry %d: its points parts do not add up", e.Seq)
	case c.Points != e.PointsAfter || c.PointsOwed != e.OwedAfter:
		return fmt.Errorf("entry %d: points after are not points before plus its own", e.Seq)
	case c.Points < 0 || c.PointsOwed < 0:
		return fmt.Errorf("entry %d leaves points below zero", e.Seq)
	}
	for _, l := range c.PointLots {
		if l.Points < 0 {
			return fmt.Errorf("entry %d takes more points of %v than there are", e.Seq, l.GoodUntil)
		}
	}
	return nil
}

func (c *Card) foldFacts(e *Entry) {
	c.Status, c.Level = e.Status, e.Level
	if e.Holder != nil {
		c.Holder = *e.Holder
	}
	if e.Details != nil {
		c.Details = *e.Details
	}
	c.Invoiceable += e.Invoice
	switch e.Kind {
	case Recharged:
		c.SumRecharge += e.Gross
	case RechargeReversed:
		c.SumRecharge -= e.Gross
	case Consumed, ConsumeRefunded:
		c.SumConsume -= e.Delta()
	case Renewed, RenewalReversed:
		c.SumConsume -= e.Delta()
		c.Expires = e.CardExpires
	case ExpirySet:
		c.Expires = e.CardExpires
	case CardReplaced, OpeningReversed:
		c.Number = e.Number
	}
}
