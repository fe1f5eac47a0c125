package ledger

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
	case Withdrawn, CardReturned, TransferredOut, RechargeReversed:
		return e.Invoice <= 0 && e.Invoice >= e.Principal
	case TransferredIn:
		return e.Invoice >= 0 && e.Invoice <= e.Invoiceable && e.Invoiceable <= e.Principal
	case Invoiced:
		return e.Gross > 0 && e.Invoice == -e.Gross
	case InvoiceReversed:
		return e.Gross > 0 && e.Invoice == e.Gross
	default:
		return e.Invoice == 0
	}
}
