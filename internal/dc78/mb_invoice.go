package dc78

import (
	"tongka/internal/command"
)

// Values of mb_invoice's get parameter action.
const (
	invoiceMade      = "0"
	invoiceTakenBack = "1"
)

// mbInvoice records that a holder got an invoice, or that one was taken back. The action is our addition: the
// published page returns invoice_balance, but has no action that uses it up.
func mbInvoice(c *call, f *fields) order {
	switch f.text("action") {
	case "", invoiceMade:
		return c.invoice(f)
	case invoiceTakenBack:
		return c.takeInvoiceBack(f)
	}
	f.bad("action", wantFlag)
	return order{}
}

func (c *call) invoice(f *fields) order {
	number := f.required("mbno")
	return order{
		command: command.Invoice{
			Merchant: c.merchant.ID,
			By:       c.by(f),
			Card:     number,
			Amount:   f.money("amt"),
			Note:     f.note("memo"),
		},
		answer: invoiced(number, "开票登记成功"),
	}
}

func (c *call) takeInvoiceBack(f *fields) order {
	number := f.required("mbno")
	f.never(whyWhole, "amt") // an invoice is taken back whole
	id, of := f.origin()
	return order{
		kind: ".back",
		command: command.ReverseInvoice{
			Merchant: c.merchant.ID,
			By:       c.by(f),
			Card:     number,
			Entry:    id,
			Request:  c.requestOf("mb_invoice", "", of),
			Note:     f.note("memo"),
		},
		answer: invoiced(number, "开票撤销成功"),
	}
}

func invoiced(number, info string) func(command.Changes) []byte {
	return func(ch command.Changes) []byte {
		e, card := ch.Last(), ch.Card(number)
		w := succeeded()
		w.Text("info", info)
		w.intText("id", int64(e.ID))
		w.Text("mbno", card.Number)
		w.amount("amt", e.Gross)
		w.amount("invoice_balance", card.InvoiceBalance())
		w.Close('}')
		return w.B
	}
}
