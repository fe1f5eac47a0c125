package ledger

// InvoiceBalance returns what may still be invoiced; nothing for a returned card. If older entries gave invoiced
// money back, that much of what is paid in next cannot be invoiced.
func (c *Card) InvoiceBalance() Fen {
	if c.Status == Returned {
		return 0
	}
	return max(0, c.Invoiceable)
}

// Invoice returns how much of an amount that was paid with the pay type may be invoiced.
func (p PayType) Invoice(paid Fen) Fen {
	if p.Invoiceable {
		return paid
	}
	return 0
}

// invoiceAddsUp reports whether the entry changes the invoiceable amount as its kind may: a recharge adds all its
// principal or nothing, a pay-out, transfer or reversal takes no more than it moved, an invoice takes its own amount,
// and a merge moves what is left.
func (e *Entry) invoiceAddsUp() bool {
	if e.Invoiceable != 0 && e.Kind != TransferredIn {
		return false
	}
	switch {
	case e.Kind.Merges():
		return true // all that is left of it: see leavesNothing
	case e.Kind.PaysOut():
		return 0 >= e.Invoice && e.Invoice >= e.Principal
	}
	return e.invoicesAsItsKind()
}

func (e *Entry) invoicesAsItsKind() bool {
	switch e.Kind {
	case Recharged:
		return e.Invoice == 0 || e.Invoice == e.Principal
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
