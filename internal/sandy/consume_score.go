package sandy

import (
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// consumeScore uses points (published page, part 7).
func consumeScore(c *call, f *fields) order {
	number := f.card("card_id")
	return order{
		command: command.UsePoints{Merchant: c.merchant.ID, By: c.by(), Card: number, Points: f.score("score")},
	}
}

func pointsUsed(number []byte, e, _ *ledger.Entry) []byte {
	var w writer
	w.Open('{')
	w.Int("cur_score", e.PointsAfter)
	w.amount("amount", e.AmountAfter())
	w.Text("card_id", string(number))
	w.Close('}')
	return w.B
}
