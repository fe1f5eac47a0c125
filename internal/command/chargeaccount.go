package command

import (
	"time"

	"tongka/internal/ledger"
)

// ChargeToAccount charges a bill to the house account of the card's level, which pays it outside these books. It
// moves no money and earns no points.
type ChargeToAccount struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	Amount   ledger.Fen
	Proof    *Proof // that the holder agrees; nil = the till cannot send one
	Note     string
}

// Keys names the card.
func (b ChargeToAccount) Keys() Keys { return keysOf(b.Card) }

// Decide counts the bill against the limits of the account.
func (b ChargeToAccount) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, b.Merchant, b.By)
	if err != nil {
		return Changes{}, err
	}
	if err := d.amountAllowed(b.Amount); err != nil {
		return Changes{}, err
	}
	c, err := d.usableCard(b.Card)
	if err != nil {
		return Changes{}, err
	}
	if err := d.prove(c, b.Proof, b.Amount); err != nil {
		return d.no(err)
	}
	account := d.m.LevelOf(c).Rights.Account
	if err := account.Allows(c.Charges, b.Amount); err != nil {
		return Changes{}, err
	}
	d.post(c, ledger.Entry{
		Kind: ledger.AccountCharged, Gross: b.Amount, Net: b.Amount, ChargedTo: account.ID, Note: b.Note,
	})
	return d.finish()
}

// RefundCharge refunds a signed bill, as a whole.
type RefundCharge struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	Entry    ledger.EntryID    // of the bill
	Request  ledger.RequestKey // that made it; with an id, it names the bill in place of Entry
	Note     string
}

// Keys names the card and the bill.
func (r RefundCharge) Keys() Keys { return r.undo().keys() }

func (r *RefundCharge) undo() undo { return undo{r.Card, r.Entry, r.Request} }

// Decide deducts the bill from what the card has charged, once (invariant 13).
func (r RefundCharge) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, r.Merchant, r.By)
	if err != nil {
		return Changes{}, err
	}
	c, bill, err := d.undoing(r.undo(), ledger.AccountCharged, d.usable)
	if err != nil {
		return Changes{}, err
	}
	d.post(c, ledger.Entry{
		Kind: ledger.ChargeRefunded, RefersTo: bill.ID, Gross: bill.Gross, Net: bill.Gross, ChargedTo: bill.ChargedTo,
		Note: r.Note,
	})
	return d.finish()
}
