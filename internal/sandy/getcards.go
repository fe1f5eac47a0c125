package sandy

import (
	"context"
	"fmt"
	"unicode/utf8"

	"tongka/internal/ledger"
	"tongka/internal/wire"
)

const (
	maxKey   = 64  // characters of a search key
	maxCards = 200 // cards in one answer
)

// statusNames maps a card's status to card_status. For an active card that has expired, see statusName.
var statusNames = map[ledger.Status]string{
	ledger.Active:   "正常",
	ledger.Lost:     "挂失",
	ledger.Returned: "已退卡",
	ledger.Replaced: "已换卡",
	ledger.Stopped:  "停用",
}

// getCards finds cards by a part of the number, the name or the phone.
func getCards(d *Dialect, ctx context.Context, c *call, f *fields) ([]byte, error) {
	key := f.digits("key")
	keys := ledger.SearchKeys(key)
	switch {
	case utf8.RuneCountInString(key) > maxKey:
		f.bad("key", "最多64个字符")
	case len(keys) == 0:
		f.bad("key", "不能为空白")
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	cards, err := d.search(ctx, c, keys)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	w := writer{wire.Object{B: make([]byte, 0, 32+192*len(cards))}}
	w.Open('{')
	w.Key("cards")
	w.Open('[')
	for i := range cards {
		card := cards[i].Settled(c.wall, c.today)
		w.foundCard(c, &card)
	}
	w.Close(']')
	w.Close('}')
	return w.B, nil
}

// search returns the cards that match the first of the keys for which there are any.
func (d *Dialect) search(ctx context.Context, c *call, keys []string) (cards []ledger.Card, err error) {
	for _, key := range keys {
		cards, err = d.cfg.Reader.Search(ctx, ledger.SearchQuery{Merchant: c.merchant.ID, Key: key, Limit: maxCards})
		if err != nil || len(cards) > 0 {
			break
		}
	}
	return cards, err
}

func (w *writer) foundCard(c *call, card *ledger.Card) {
	w.Next()
	w.Open('{')
	w.Int("cur_score", card.Points)
	w.Text("phone", card.Holder.Phone)
	w.amount("amount", card.AvailableAmount())
	w.Text("uname", card.Holder.Name)
	w.Text("card_level_name", c.levelName(card.Level))
	w.Text("card_status", statusName(card, c.today))
	w.Int("id", int64(card.ID))
	w.Text("card_id", card.Number)
	w.Close('}')
}

func statusName(card *ledger.Card, today ledger.Date) string {
	if card.Status == ledger.Active && card.Expired(today) {
		return "过期"
	}
	return statusNames[card.Status]
}

// levelName returns a level's name, or "" if the level is no longer configured.
func (c *call) levelName(id ledger.LevelID) string {
	l, _ := c.merchant.Level(id)
	return l.Name
}
