package dc78

import (
	"tongka/internal/command"
)

// transCharge is mb_trans with action 2: a bill is charged to the house account that mb_check shows. The published
// pages have the account and what a card has used of it, but no way to use it.
func (c *call) transCharge(f *fields) order {
	number, amount := f.required("mbno"), f.money("amt")
	f.never(whyConsume, "lsco")
	f.unsupportedBut0("points", "ptamt", "ptrate", "bonus", "nobonus", "createpay")
	return order{
		kind: ".sign",
		command: command.ChargeToAccount{
			Merchant: c.merchant.ID,
			By:       c.byLate(f),
			Card:     number,
			Amount:   amount,
			Proof:    c.proof(f, transCharge, amount),
			Note:     f.note("subject", "market"),
		},
		answer: chargedFor(receipt{number: number, ref: f.ref(), info: "签单成功"}),
	}
}

// transRefundCharge is mb_trans with action 3: a bill on the house account is taken back, whole.
func (c *call) transRefundCharge(f *fields) order {
	number := f.required("mbno")
	bill, of := f.origin()
	f.never(whyConsume, "lsco")
	f.never(whyWhole, "amt")
	f.unsupportedBut0("points", "ptamt", "ptrate", "bonus", "nobonus", "createpay")
	return order{
		kind: ".unsign",
		command: command.RefundCharge{
			Merchant: c.merchant.ID,
			By:       c.byLate(f),
			Card:     number,
			Entry:    bill,
			Request:  c.requestOf("mb_trans", ".sign", of),
			Note:     f.note("subject", "market"),
		},
		answer: chargedFor(receipt{number: number, ref: f.ref(), info: "签单撤销成功"}),
	}
}
