package command

import (
	"time"

	"tongka/internal/ledger"
)

// Renew moves a card's last good day by one of its level's renewals, for its price, paid from the card and its
// credit. It gets no discount, earns no points, and cannot be undone.
type Renew struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	Months   int    // which renewal
	Proof    *Proof // that the holder agrees: a password, if the card has one; nil = the till cannot send it
}

// Keys names the card.
func (r Renew) Keys() Keys { return keysOf(r.Card) }

// Decide moves the last good day; see Renewal.Until.
func (r Renew) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, r.Merchant, r.By)
	if err != nil {
		return Changes{}, err
	}
	c, err := d.cardIn(r.Card, ledger.Active)
	if err != nil {
		return Changes{}, err
	}
	if err := d.prove(c, r.Proof, 0); err != nil {
		return d.no(err)
	}
	renewal, ok := d.m.LevelOf(c).Renewal(r.Months)
	if !ok {
		return Changes{}, ledger.Refuse(ledger.NoRenewal, r.Card)
	}
	if c.Expires == 0 {
		return Changes{}, ledger.Refuse(ledger.NeverExpires, r.Card)
	}
	until := renewal.Until(c.Expires, d.day)
	if until > ledger.Forever {
		return Changes{}, ledger.Refuse(ledger.NeverExpires, r.Card)
	}
	if err := d.amountAllowed(renewal.Price); err != nil {
		return Changes{}, err
	}
	if err := d.settle(c); err != nil {
		return Changes{}, err
	}
	parts, err := d.payFromLots(c, renewal.Price, true)
	if err != nil {
		return Changes{}, err
	}
	d.post(c, ledger.Entry{
		Kind: ledger.Renewed, Gross: renewal.Price, Net: renewal.Price, SpendOrder: d.m.Settings.SpendOrder,
		Allocations: parts, CardExpires: until,
	})
	return d.finishTaking(c)
}
