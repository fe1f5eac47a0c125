package command

import (
	"time"

	"tongka/internal/ledger"
)

// BindPhone makes a phone the one that has the card's pass. The pass gets the next number, so the
// codes of the phone before are good no more, and whoever was to bind the pass with the same number
// comes too late: of many exactly one does.
type BindPhone struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	ID       ledger.CardID
	Card     string // its number
	Pass     int64  // the number of the pass that the phone takes the place of
}

// Keys names the card.
func (b BindPhone) Keys() Keys { return keysOf(b.Card) }

// Decide gives the card's pass its next number. A number that is another card's by now is as good as
// one that was used.
func (b BindPhone) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, b.Merchant, b.By)
	if err != nil {
		return Changes{}, err
	}
	c, err := d.cardIn(b.Card, ledger.Active)
	if err != nil {
		return Changes{}, err
	}
	if c.Expired(d.day) {
		return Changes{}, ledger.Refuse(ledger.CardIsExpired, c.Number)
	}
	if c.Kind != ledger.Common {
		return Changes{}, ledger.Refuse(ledger.NoBinding, c.Number)
	}
	if c.ID != b.ID || c.Details.Pass != b.Pass {
		return Changes{}, ledger.Refuse(ledger.BindingOver, c.Number)
	}
	details := c.Details
	details.Pass++
	d.post(c, ledger.Entry{Kind: ledger.PhoneBound, Details: &details})
	return d.finish(), nil
}
