package dc78

import (
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// mbRenew extends a card's expiry by one of the renewals that mb_check lists. The action is our addition: the
// published pages list renewals, but have no action for them.
func mbRenew(c *call, f *fields) order {
	number := f.required("mbno")
	return order{
		command: command.Renew{
			Merchant: c.merchant.ID,
			By:       c.by(f),
			Card:     number,
			Months:   int(f.integer("month")),
			Proof:    c.proof(f, "", 0),
		},
		answer: func(ch command.Changes) []byte { return renewed(ch.Card(number), ch.Last()) },
	}
}

func renewed(card *ledger.Card, e *ledger.Entry) []byte {
	w := succeeded()
	w.Text("info", "续费成功")
	w.intText("id", int64(e.ID))
	w.Text("mbno", card.Number)
	w.amount("amt", e.Gross)
	w.amount("balance", e.PrincipalAfter)
	w.amount("bns_balance", e.BonusAfter)
	w.Text("expiry_date", e.CardExpires.String())
	w.Close('}')
	return w.B
}
