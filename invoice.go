package tongka

import "time"

// Invoice notes that the holder got an invoice for so much of what was paid in. It moves no money.
type Invoice struct {
	Merchant MerchantID
	By       Caller
	Card     string
	Amount   Fen
	Note     string
}

// Keys names the card.
func (i Invoice) Keys() Keys { return keysOf(i.Merchant, i.Card) }

// Decide takes the amount off what may be invoiced. What the card is good for does not matter: the money
// was paid in. Only a card that is closed for good gets no invoice.
func (i Invoice) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, i.Merchant, i.By)
	if err != nil {
		return Changes{}, err
	}
	if i.Amount <= 0 || i.Amount > MaxFen {
		return Changes{}, refuse(BadAmount, i.Amount.String())
	}
	c, err := d.cardIn(i.Card, Active, Lost, Stopped)
	if err != nil {
		return Changes{}, err
	}
	if i.Amount > c.Invoiceable {
		return Changes{}, refuse(InvoiceTooMuch, c.InvoiceBalance().String())
	}
	d.post(c, Entry{Kind: Invoiced, Original: i.Amount, Actual: i.Amount, Invoice: -i.Amount, Note: i.Note})
	return d.finish(c), nil
}

// ReverseInvoice notes that an invoice was taken back, whole.
type ReverseInvoice struct {
	Merchant MerchantID
	By       Caller
	Card     string
	Entry    EntryID // of the invoice
	Note     string
}

// Keys names the card and the invoice.
func (r ReverseInvoice) Keys() Keys { return keysOfUndoing(r.Merchant, r.Card, r.Entry) }

// Decide puts the amount back to what may be invoiced. An invoice is taken back at most once (invariant
// 13).
func (r ReverseInvoice) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, r.Merchant, r.By)
	if err != nil {
		return Changes{}, err
	}
	c, done, err := d.undoing(r.Card, r.Entry, Invoiced, func(c *Card) error { return inStatus(c, Active, Lost, Stopped) })
	if err != nil {
		return Changes{}, err
	}
	d.post(c, Entry{
		Kind: InvoiceReversed, Of: done.ID, Original: done.Original, Actual: done.Original, Invoice: done.Original, Note: r.Note,
	})
	return d.finish(c), nil
}

// InvoiceBalance is what may still be invoiced; nothing of a card that was returned. Where invoiced money was given
// back, as it could be once, that much of what is paid in next may not.
func (c *Card) InvoiceBalance() Fen {
	if c.Status == Returned {
		return 0
	}
	return max(0, c.Invoiceable)
}

// invoiceAddsUp reports whether the entry moves what may be invoiced as its kind does: by all the principal
// that came in, by none of it, by no more than was paid out, reversed or sent, or by what the invoice is about.
func (e *Entry) invoiceAddsUp() bool {
	if e.Invoiceable != 0 && e.Kind != TransferredIn {
		return false
	}
	switch e.Kind {
	case Recharged:
		return e.Invoice == 0 || e.Invoice == e.Principal
	case Withdrawn, Closed, TransferredOut, RechargeReversed:
		return e.Invoice <= 0 && e.Invoice >= e.Principal
	case TransferredIn:
		return e.Invoice >= 0 && e.Invoice <= e.Invoiceable && e.Invoiceable <= e.Principal
	case Invoiced:
		return e.Original > 0 && e.Invoice == -e.Original
	case InvoiceReversed:
		return e.Original > 0 && e.Invoice == e.Original
	default:
		return e.Invoice == 0
	}
}
