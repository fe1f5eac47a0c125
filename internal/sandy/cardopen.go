package sandy

import (
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// cardOpen opens a card (published page, part 1).
func cardOpen(c *call, f *fields) order {
	card := command.NewCard{
		Number: f.card("cardID"),
		Kind:   ledger.Common,
		Level:  ledger.LevelID(f.integer("cardLevelID")),
		Holder: ledger.Holder{
			Name:   f.text("uname"),
			Phone:  f.digits("phone"),
			Gender: int(f.integerOr("gender", 0)),
		},
	}
	return order{
		command: command.Open{Merchant: c.merchant.ID, By: c.by(), Card: card},
		answer:  func(ch command.Changes) []byte { return c.opened(&ch, card.Number) },
	}
}

func (c *call) opened(ch *command.Changes, number string) []byte {
	card := ch.Card(number)
	var w writer
	w.Open('{')
	w.Text("org_name", c.orgName(ch.Last().By.Shop))
	w.Text("phone", card.Holder.Phone)
	w.amount("amount", card.Amount())
	w.Text("card_id", card.Number)
	w.Int("cur_score", card.Points)
	w.Close('}')
	return w.B
}

// orgName returns the name of the shop where something was done. If that shop is gone or has no name, it returns
// the merchant's name.
func (c *call) orgName(id ledger.ShopID) string {
	if shop, ok := c.merchant.Shop(id); ok && shop.Name != "" {
		return shop.Name
	}
	return c.merchant.Name
}
