package command

import (
	"cmp"
	"time"

	"tongka/internal/ledger"
)

// GiveBonus puts bonus on a card by hand, for no recharge: to say sorry, or thank you. It is bound to no principal, so
// it stays when money is paid out. Above the merchant's limit it takes two people.
type GiveBonus struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	Amount   ledger.Fen
	Until    ledger.Date // last good day; 0 = that of a bonus which a recharge gives today
	Note     string
}

// Keys names the card.
func (g GiveBonus) Keys() Keys { return keysOf(g.Card) }

// Decide makes a lot of bonus alone.
func (g GiveBonus) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, g.Merchant, g.By)
	if err != nil {
		return Changes{}, err
	}
	if err := d.amountAllowed(g.Amount); err != nil {
		return Changes{}, err
	}
	if g.Until != 0 && (g.Until < d.day || g.Until > ledger.Forever) {
		return Changes{}, ledger.Refuse(ledger.BadExpiry)
	}
	c, err := d.usableCard(g.Card)
	if err != nil {
		return Changes{}, err
	}
	if err := d.roomFor(c, g.Amount, 0); err != nil {
		return Changes{}, err
	}
	given := d.lot(0, g.Amount)
	given.GoodUntil = cmp.Or(g.Until, given.GoodUntil)
	d.post(c, ledger.Entry{
		Kind: ledger.BonusGiven, Gross: g.Amount, Net: g.Amount, Allocations: []ledger.Allocation{given}, Note: g.Note,
	})
	return d.finish()
}
