package tongka

import "time"

// BindPhone makes a phone the one that has the card's pass. The pass gets the next number, so the
// codes of the phone before are good no more, and whoever was to bind the pass with the same number
// comes too late: of many exactly one does.
type BindPhone struct {
	Merchant MerchantID
	By       Caller
	ID       CardID
	Card     string // its number
	Pass     int64  // the number of the pass that the phone takes the place of
}

// Keys names the card.
func (b BindPhone) Keys() Keys { return keysOf(b.Merchant, b.Card) }

// Decide gives the card's pass its next number. A number that is another card's by now is as good as
// one that was used.
func (b BindPhone) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, b.Merchant, b.By)
	if err != nil {
		return Changes{}, err
	}
	c, err := d.cardIn(b.Card, Active)
	if err != nil {
		return Changes{}, err
	}
	if c.Expired(d.day) {
		return Changes{}, refuse(CardIsExpired, c.Number)
	}
	if c.Kind != Common {
		return Changes{}, refuse(NoBinding, c.Number)
	}
	if c.ID != b.ID || c.Details.Pass != b.Pass {
		return Changes{}, refuse(BindingOver, c.Number)
	}
	details := c.Details
	details.Pass++
	d.post(c, Entry{Kind: PhoneBound, Details: &details})
	return d.finishHolder(c), nil
}

// Bindable tells whether a phone may be bound to the card today.
func (c *Card) Bindable(today Date) bool {
	return c.Kind == Common && c.Status == Active && !c.Expired(today)
}
