package sandy

import (
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// recharge puts money on a card (published page, part 2).
func recharge(c *call, f *fields) order {
	number := f.card("card_id")
	return order{
		command: command.Recharge{
			Merchant: c.merchant.ID,
			By:       c.by(),
			Card:     number,
			Amount:   f.money("money"),
			PayType:  ledger.PayTypeID(f.integer("pay_type")),
		},
	}
}

func recharged(number []byte, e, _ *ledger.Entry) []byte {
	var w writer
	w.Open('{')
	w.Int("cur_score", e.PointsAfter)
	w.amount("add_money", e.Bonus)
	w.amountText("amount", e.AmountAfter())
	w.points("add_score", e.Points)
	w.Text("card_id", string(number))
	w.Close('}')
	return w.B
}
