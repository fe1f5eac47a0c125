package command

import (
	"time"

	"tongka/internal/ledger"
)

// BindPhone gives the card's pass to a phone. The pass gets the next number, so codes of the previous phone no longer
// work, and of several attempts to bind the pass with the same number exactly one succeeds.
type BindPhone struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	ID       ledger.CardID
	Card     string // its number
	Pass     int64  // the number of the pass that is replaced
}

// Keys names the card.
func (b BindPhone) Keys() Keys { return keysOf(b.Card) }

// Decide gives the card's pass its next number. It refuses a number that another card has by now as if the binding
// were used.
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
	return d.finish()
}
