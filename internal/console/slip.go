package console

import (
	"net/http"
	"strconv"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// slipView is what a slip has: an entry, and those that its command made with it.
type slipView struct {
	cardView
	entries []ledger.Entry
}

// last returns the newest of the entries: the balances after it are those after all of them.
func (v *slipView) last() *ledger.Entry { return &v.entries[len(v.entries)-1] }

// showSlip shows what was done, to print or to show to the holder.
func (c *call) showSlip() error {
	card, err := c.cardHere()
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(c.r.PathValue("entry"), 10, 64)
	if err != nil || id < 1 {
		return errNowhere
	}
	records, err := c.cfg.Books.Load(c.r.Context(), command.Want{
		Merchant: c.merchant.ID, Keys: command.Keys{Entries: []ledger.EntryID{ledger.EntryID(id)}},
	})
	if err != nil {
		return err
	}
	v := slipView{cardView: cardView{view: c.view(wSlip), card: card.Settled(c.today())}}
	for i := range records[0].Entries {
		e := &records[0].Entries[i]
		if e.ID == ledger.EntryID(id) && e.Card == card.ID {
			v.entries = append(v.entries, *e)
		}
	}
	if len(v.entries) == 0 {
		return errNowhere
	}
	for i := range records[0].Entries {
		if e := &records[0].Entries[i]; e.ID != v.entries[0].ID && e.Card == card.ID && e.SameCommand(&v.entries[0]) {
			v.entries = append(v.entries, *e)
		}
	}
	return c.show(http.StatusOK, slipPage(v))
}
