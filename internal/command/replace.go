package command

import (
	"strings"
	"time"

	"tongka/internal/ledger"
)

// Replace gives a card a new number, for instance because the plastic was lost. The account moves as a whole: id,
// balances, lots, coupons and journal are found under the new number from then on. The old number stays taken and
// readable, as a closed card that holds only the inner code, which is in the old plastic: whoever finds the plastic
// does not find the account.
type Replace struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	Number   string
}

// Keys names both numbers and the unused coupons. These must be known because later commands of the same batch look
// them up by the new number.
func (r Replace) Keys() Keys {
	k := keysOf(r.Card, r.Number)
	k.Wallets = k.Cards[:1:1]
	return k
}

// Decide moves the account.
func (r Replace) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, r.Merchant, r.By)
	if err != nil {
		return Changes{}, err
	}
	number := strings.TrimSpace(r.Number)
	if !ledger.ValidNumber(number) {
		return Changes{}, ledger.Refuse(ledger.BadNumber, r.Number)
	}
	if ledger.FoldNumber(number) == ledger.FoldNumber(r.Card) {
		return Changes{}, ledger.Refuse(ledger.SameCard)
	}
	c, err := d.card(r.Card)
	if err != nil {
		return Changes{}, err
	}
	if err := inStatus(c, ledger.Active, ledger.Lost); err != nil {
		return Changes{}, err // before its new number is checked: if Replace is repeated, the account itself has that number
	}
	if d.s.card(ledger.FoldNumber(number)) != nil {
		return Changes{}, ledger.Refuse(ledger.CardTaken, r.Number)
	}
	d.head.LastCard++
	old := &ledger.Card{ID: d.head.LastCard, Merchant: d.m.ID}
	holder := c.Holder
	d.post(old, ledger.Entry{
		Kind: ledger.CardReplaced, Number: c.Number, CardKind: c.Kind, OtherCard: number, Level: c.Level,
		Status: ledger.Replaced, CardExpires: c.Expires,
		Holder: &holder, Details: ledger.Details{ExtID: c.Details.ExtID}.ForEntry(),
	})
	d.post(c, ledger.Entry{
		Kind: ledger.CardReplaced, Number: number, OtherCard: old.Number, Status: ledger.Active,
		Details: c.Details.WithoutExtID(),
	})
	d.ch.Opened = []ledger.Card{*old}
	return d.finish()
}
