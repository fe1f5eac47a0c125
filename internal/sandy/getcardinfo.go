package sandy

import (
	"context"

	"tongka/internal/ledger"
	"tongka/internal/wire"
)

// getCardInfo reads one card by its exact number (published page, part 4).
func getCardInfo(d *Dialect, ctx context.Context, c *call, f *fields) ([]byte, error) {
	number := f.card("card_id")
	if err := f.err(); err != nil {
		return nil, err
	}
	card, err := d.card(ctx, c, number)
	if err != nil {
		return nil, err
	}
	w := writer{wire.Object{B: make([]byte, 0, 256)}}
	w.Open('{')
	w.holder(c, card)
	w.amount("sum_consume", card.SumConsume)
	w.amount("sum_recharge", card.SumRecharge)
	w.Close('}')
	return w.B, nil
}

// holder writes the members that getcardinfo and modcardinfo share.
func (w *writer) holder(c *call, card *ledger.Card) {
	w.Int("cur_score", card.Points)
	w.Text("phone", card.Holder.Phone)
	w.amount("amount", card.AvailableAmount())
	w.Text("birthday", card.Holder.Birthday.String())
	w.Text("uname", card.Holder.Name)
	w.Int("gender", int64(card.Holder.Gender))
	w.Text("card_level_name", c.levelName(card.Level))
	w.Text("card_id", card.Number)
}
