package sandy

import (
	"context"

	"tongka/internal/ledger"
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
	w := writer{make([]byte, 0, 256)}
	w.open('{')
	w.holder(c, card)
	w.amount("sum_consume", card.SumConsume)
	w.amount("sum_recharge", card.SumRecharge)
	w.close('}')
	return w.b, nil
}

// holder writes the members that getcardinfo and modcardinfo share.
func (w *writer) holder(c *call, card *ledger.Card) {
	w.int("cur_score", card.Points)
	w.text("phone", card.Holder.Phone)
	w.amount("amount", card.Amount())
	w.text("birthday", card.Holder.Birthday.String())
	w.text("uname", card.Holder.Name)
	w.int("gender", int64(card.Holder.Gender))
	w.text("card_level_name", c.levelName(card.Level))
	w.text("card_id", card.Number)
}
