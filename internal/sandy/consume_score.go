package sandy

import (
	"tongka/internal/command"
)

// consumeScore uses points (published page, part 7).
func consumeScore(c *call, f *fields) order {
	number := f.card("card_id")
	return order{
		command: command.UsePoints{Merchant: c.merchant.ID, By: c.by(), Card: number, Points: f.score("score")},
		answer:  func(ch command.Changes) []byte { return pointsUsed(&ch, number) },
	}
}

func pointsUsed(ch *command.Changes, number string) []byte {
	e := ch.Last()
	var w writer
	w.Open('{')
	w.Int("cur_score", e.PointsAfter)
	w.amount("amount", e.AmountAfter())
	w.Text("card_id", ch.Card(number).Number)
	w.Close('}')
	return w.B
}
