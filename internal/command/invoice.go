package command

import (
	"time"

	"tongka/internal/ledger"
)

// Invoice records that the holder got an invoice for an amount that was paid in. It moves no money.
type Invoice struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	Amount   ledger.Fen
	Note     string
}

// Keys names the card.
func (i Invoice) Keys() Keys { return keysOf(i.Card) }

// Decide deducts the amount from what may be invoiced. The card may be lost, stopped or expired, since the money was
// paid in; only a closed card gets no invoice.
func (i Invoice) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, i.Merchant, i.By)
	if err != nil {
		return Changes{}, err
	}
	if i.Amount <= 0 || i.Amount > ledger.MaxFen {
		return Changes{}, ledger.Refuse(ledger.BadAmount, i.Amount.String())
	}
	c, err := d.cardIn(i.Card, ledger.Active, ledger.Lost, ledger.Stopped)
	if err != nil {
		return Changes{}, err
	}
	if i.Amount > c.Invoiceable {
		return Changes{}, ledger.Refuse(ledger.InvoiceTooMuch, c.InvoiceBalance().String())
	}
	d.post(c, ledger.Entry{Kind: ledger.Invoiced, Gross: i.Amount, Net: i.Amount, Invoice: -i.Amount, Note: i.Note})
	return d.finish()
}

// ReverseInvoice records that an invoice was cancelled, as a whole.
type ReverseInvoice struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	Entry    ledger.EntryID    // of the invoice
	Request  ledger.RequestKey // that made it; with an id, it names the invoice in place of Entry
	Note     string
}

// Keys names the card and the invoice.
func (r ReverseInvoice) Keys() Keys { return r.undo().keys() }

func (r *ReverseInvoice) undo() undo { return undo{r.Card, r.Entry, r.Request} }

// Decide makes the amount invoiceable again. An invoice is reversed at most once (invariant 13).
func (r ReverseInvoice) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, r.Merchant, r.By)
	if err != nil {
		return Changes{}, err
	}
	c, done, err := d.undoing(r.undo(), ledger.Invoiced, func(c *ledger.Card) error {
		return inStatus(c, ledger.Active, ledger.Lost, ledger.Stopped)
	})
	if err != nil {
		return Changes{}, err
	}
	d.post(c, ledger.Entry{
		Kind: ledger.InvoiceReversed, RefersTo: done.ID, Gross: done.Gross, Net: done.Gross, Invoice: done.Gross,
		Note: r.Note,
	})
	return d.finish()
}
