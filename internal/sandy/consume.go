package sandy

import (
	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/wire"
)

// consume charges a bill (published page, part 3). The wire sends the part that gets the level's discount, the
// core takes the part that does not.
func consume(c *call, f *fields) order {
	number, money := f.card("card_id"), f.money("money")
	discountable := min(money, f.moneyOr("money_discount", money)) // the till's may be from before it rounded down
	return order{
		command: command.Consume{
			Merchant:   c.merchant.ID,
			By:         c.by(),
			Card:       number,
			Amount:     money,
			NoDiscount: money - discountable,
		},
	}
}

// consumed writes the bill. The balances after it include the cash back.
func consumed(number []byte, e, after *ledger.Entry) []byte {
	w := writer{wire.Object{B: make([]byte, 0, 256)}}
	w.Open('{')
	w.Int("cur_score", after.PointsAfter)
	w.amount("ori_money", e.Gross)
	w.amountText("amount", after.AmountAfter())
	w.amount("discount_money", e.Gross-e.Net)
	w.amount("card_money", -e.Delta())
	w.rate("discount", e.PayRate)
	w.amount("depot_money", e.PaidElsewhere())
	w.Text("card_id", string(number))
	w.amount("act_money", e.Net)
	w.Close('}')
	return w.B
}
