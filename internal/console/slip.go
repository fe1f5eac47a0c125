package console

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// slipView is what a slip has: an entry, and those that its command made with it.
type slipView struct {
	cardView
	entries []ledger.Entry
	number  string // of the card when that was done
}

// last returns the newest of the entries: the balances after it are those after all of them.
func (v *slipView) last() *ledger.Entry { return &v.entries[len(v.entries)-1] }

// slip returns the address of the slip of one of the card's entries.
func (v *cardView) slip(id ledger.EntryID) string {
	return v.at(cardPath(v.card.ID) + "/slip/" + strconv.FormatInt(int64(id), 10))
}

// partsOf is parts with the number of another card masked as the slip's own is: slips lie about.
func (v *slipView) partsOf(e ledger.Entry) []part {
	if e.OtherCard != "" {
		e.OtherCard = phrase.Masked(e.OtherCard)
	}
	return v.parts(&e)
}

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
	asked := ledger.EntryID(id)
	near := []ledger.EntryID{asked, max(1, asked-transferBefore)}
	for i := range ledger.EntryID(mostFollow) {
		near = append(near, asked+1+i)
	}
	records, err := c.cfg.Books.Load(c.r.Context(), command.Want{
		Merchant: c.merchant.ID, Keys: command.Keys{Entries: near},
	})
	if err != nil {
		return err
	}
	v := slipView{cardView: cardView{view: c.view(wSlip), card: c.current(card)}}
	v.entries = onSlip(records[0].Entries, asked, card.ID)
	if len(v.entries) == 0 {
		return errNowhere
	}
	if v.beside, err = c.besides(card.Key(), v.entries); err != nil {
		return err
	}
	if v.number, err = c.numberAt(card, v.last()); err != nil {
		return err
	}
	return c.show(http.StatusOK, slipPage(v))
}

// numberAt returns the number that a card had after one of its entries: the next replacement names the one it ended,
// and without any it is that of now.
func (c *call) numberAt(card *ledger.Card, e *ledger.Entry) (string, error) {
	later, err := c.cfg.Books.History(c.r.Context(), ledger.HistoryQuery{
		Card: card.Key(), Filter: ledger.Filter{Kinds: []ledger.Kind{ledger.CardReplaced}}, Page: 1, Size: mostReplaced,
	})
	if err != nil {
		return "", err
	}
	number := card.Number
	for i := range later.Entries { // newest first
		if one := &later.Entries[i]; one.ID > e.ID && one.Card == card.ID {
			number = one.OtherCard
		}
	}
	return number, nil
}

const (
	// mostReplaced is how many replacements of a card are looked through, the newest first.
	mostReplaced = 100
	// transferBefore is how many entries before either side of a merge that of its transfer stands.
	transferBefore = 2
	// mostFollow is how many entries that follow from one a slip looks for: cash back, and what a refund takes of it.
	mostFollow = 16
)

// onSlip returns an entry of a card and those that its command made with it, the oldest first: what refers to it, what
// follows from it, and, of a merge, the transfer by which the principal went.
func onSlip(found []ledger.Entry, id ledger.EntryID, card ledger.CardID) (all []ledger.Entry) {
	slices.SortFunc(found, func(a, b ledger.Entry) int { return cmp.Compare(a.ID, b.ID) })
	found = slices.CompactFunc(found, func(a, b ledger.Entry) bool { return a.ID == b.ID })
	i := slices.IndexFunc(found, func(e ledger.Entry) bool { return e.ID == id && e.Card == card })
	if i < 0 {
		return nil
	}
	one, follows := &found[i], true
	for _, e := range found {
		follows = follows && (e.ID <= id || e.Card == card && e.Kind.Follows())
		if e.ID == id || e.Card == card && e.SameCommand(one) && (goesWith(one, &e) || follows && e.ID > id) {
			all = append(all, e)
		}
	}
	return all
}

// goesWith reports whether another entry of the same command belongs to one: it refers to it, or is the transfer of a
// merge.
func goesWith(one, e *ledger.Entry) bool {
	return e.RefersTo == one.ID ||
		one.Kind.Merges() && (e.Kind == ledger.TransferredOut || e.Kind == ledger.TransferredIn)
}
