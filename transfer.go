package tongka

import "time"

// Transfer moves principal from one card to another of the same merchant. Bonus stays where it is.
type Transfer struct {
	Merchant MerchantID
	By       Caller
	From, To string
	Amount   Fen
}

// Keys names both cards.
func (t Transfer) Keys() Keys { return keysOf(t.Merchant, t.From, t.To) }

// Decide takes the amount off one card and makes a lot of it on the other.
func (t Transfer) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, t.Merchant, t.By)
	if err != nil {
		return Changes{}, err
	}
	if err := d.amountAllowed(t.Amount); err != nil {
		return Changes{}, err
	}
	if t.From == t.To {
		return Changes{}, refuse(SameCard)
	}
	from, err := d.cashCard(t.From, t.Amount)
	if err != nil {
		return Changes{}, err
	}
	to, err := d.card(t.To)
	if err != nil {
		return Changes{}, err
	}
	if err := d.usable(to); err != nil {
		return Changes{}, err
	}
	if err := d.roomFor(to, t.Amount, 0); err != nil {
		return Changes{}, err
	}
	parts, err := takeCash(from, t.Amount)
	if err != nil {
		return Changes{}, err
	}
	bill := Entry{Kind: TransferredOut, Original: t.Amount, Actual: t.Amount, Other: t.To, Parts: parts}
	d.post(from, bill)
	bill = Entry{Kind: TransferredIn, Original: t.Amount, Actual: t.Amount, Other: t.From, Parts: []Part{d.lot(t.Amount, 0)}}
	d.post(to, bill)
	return d.finish(from, to), nil
}

// Withdraw pays principal out to the holder.
type Withdraw struct {
	Merchant MerchantID
	By       Caller
	Card     string
	Amount   Fen
}

// Keys names the card.
func (w Withdraw) Keys() Keys { return keysOf(w.Merchant, w.Card) }

// Decide takes the amount, from principal only.
func (w Withdraw) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, w.Merchant, w.By)
	if err != nil {
		return Changes{}, err
	}
	if err := d.amountAllowed(w.Amount); err != nil {
		return Changes{}, err
	}
	c, err := d.cashCard(w.Card, w.Amount)
	if err != nil {
		return Changes{}, err
	}
	parts, err := takeCash(c, w.Amount)
	if err != nil {
		return Changes{}, err
	}
	d.post(c, Entry{Kind: Withdrawn, Original: w.Amount, Actual: w.Amount, Parts: parts})
	return d.finish(c), nil
}

// cashCard is a usable card with so much principal on it.
func (d *draft) cashCard(number string, amount Fen) (*Card, error) {
	c, err := d.card(number)
	if err != nil {
		return nil, err
	}
	if err := d.usable(c); err != nil {
		return nil, err
	}
	if c.Principal < amount {
		return nil, refuse(ShortBalance, number)
	}
	return c, nil
}

// Return closes a card for good: the principal is paid out, bonus and points are forfeited.
type Return struct {
	Merchant MerchantID
	By       Caller
	Card     string
}

// Keys names the card.
func (r Return) Keys() Keys { return keysOf(r.Merchant, r.Card) }

// Decide empties the card. One past its last good day can be returned too: its principal is still the
// holder's.
func (r Return) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, r.Merchant, r.By)
	if err != nil {
		return Changes{}, err
	}
	c, err := d.card(r.Card)
	if err != nil {
		return Changes{}, err
	}
	if err := inStatus(c, Active); err != nil {
		return Changes{}, err
	}
	if c.MoreLots {
		return Changes{}, ShallowError{c.Key()}
	}
	if err := d.settle(c); err != nil {
		return Changes{}, err
	}
	e := Entry{Kind: Closed, Status: Returned, Original: c.Principal, Actual: c.Principal, PointsOwed: -c.PointsOwed}
	for _, l := range c.Lots {
		e.Parts = append(e.Parts, Part{Lot: l.ID, GoodUntil: l.GoodUntil, Principal: -l.Principal, Bonus: -l.Bonus})
	}
	for _, l := range c.PointLots {
		e.PointParts = append(e.PointParts, PointPart{l.GoodUntil, -l.Points})
	}
	d.post(c, e)
	return d.finish(c), nil
}
