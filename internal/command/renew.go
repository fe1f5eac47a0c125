package command

import (
	"time"

	"tongka/internal/ledger"
)

// Renew moves a card's last good day by one of its level's renewals, for its price, paid from the card and its
// credit. It gets no discount and earns no points.
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
	parts, err := d.payFromLots(c, renewal.Price)
	if err != nil {
		return Changes{}, err
	}
	d.post(c, ledger.Entry{
		Kind: ledger.Renewed, Gross: renewal.Price, Net: renewal.Price, SpendOrder: d.m.Settings.SpendOrder,
		Allocations: parts, CardExpires: until, ExpiredAt: c.Expires,
	})
	return d.finishTaking(c)
}

// ReverseRenewal undoes a card's newest renewal as a whole: the price goes back to the lots from which it came, and the
// card is good through the day that it was good through before.
type ReverseRenewal struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	Entry    ledger.EntryID // of the renewal
	Note     string
}

// Keys names the card and the renewal.
func (r ReverseRenewal) Keys() Keys { return r.undo().keys() }

func (r *ReverseRenewal) undo() undo { return undo{card: r.Card, entry: r.Entry} }

// Decide runs the renewal backwards. A renewal is undone at most once (invariant 13). One that does not say which day
// it moved, as all of before did not, cannot be undone.
func (r ReverseRenewal) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, r.Merchant, r.By)
	if err != nil {
		return Changes{}, err
	}
	c, done, err := d.undoing(r.undo(), ledger.Renewed, d.usable)
	if err != nil {
		return Changes{}, err
	}
	price := -done.Delta()
	switch {
	case done.CardExpires != c.Expires:
		return Changes{}, ledger.Refuse(ledger.RenewedSince, c.Expires.String())
	case done.ExpiredAt == 0:
		return Changes{}, ledger.Refuse(ledger.NotReversible, done.Kind.String())
	case c.Amount() > ledger.MaxFen-price:
		return Changes{}, ledger.Refuse(ledger.BalanceTooHigh, r.Card)
	}
	parts := ledger.GiveBack(ledger.StillTaken(done, nil), price, done.SpendOrder)
	if c.AnyBehind(parts) {
		return Changes{}, ledger.NeedLots{Card: c.Key()}
	}
	d.post(c, ledger.Entry{
		Kind: ledger.RenewalReversed, RefersTo: done.ID, Gross: price, Net: price, Allocations: parts,
		CardExpires: done.ExpiredAt, Note: r.Note,
	})
	if err := d.forfeit(c); err != nil {
		return Changes{}, err
	}
	return d.finish()
}
