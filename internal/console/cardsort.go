package console

import (
	"cmp"
	"slices"

	"tongka/internal/ledger"
)

// Lists of cards are read in the order of their numbers. Any other order is made here, of as many cards as may be
// looked at for a page, and the page says so where that was not all: an index by what changes with every bill would
// cost every bill.
const (
	sortLooked = 20_000 // cards looked at
	sortMost   = 5_000  // of those that a filter chooses, as many as are sorted
)

// order is one in which cards are listed, besides that of their numbers.
type order struct {
	name    string // in addresses
	label   text
	compare func(a, b *ledger.Card) int
}

var orders = []*order{
	{"balance-down", text{"余额从多到少", "Highest balance first"}, backwards(byBalance)},
	{"balance-up", text{"余额从少到多", "Lowest balance first"}, byBalance},
	{"used-down", text{"最近用过的在前", "Last used first"}, backwards(byUse)},
	{"used-up", text{"最久未用的在前", "Longest unused first"}, byUse},
	{"opened-down", text{"新卡在前", "Newest first"}, backwards(byOpening)},
	{"opened-up", text{"老卡在前", "Oldest first"}, byOpening},
}

func byBalance(a, b *ledger.Card) int { return cmp.Compare(a.Amount(), b.Amount()) }
func byUse(a, b *ledger.Card) int     { return a.Last.Compare(b.Last) }
func byOpening(a, b *ledger.Card) int { return a.OpenedAt.Compare(b.OpenedAt) }

func backwards(compare func(a, b *ledger.Card) int) func(a, b *ledger.Card) int {
	return func(a, b *ledger.Card) int { return compare(b, a) }
}

// order reads in which order cards are wanted; nil = in that of their numbers.
func (a *asked) order() *order {
	name := a.value("sort")
	i := slices.IndexFunc(orders, func(o *order) bool { return o.name == name })
	if i < 0 {
		if name != "" {
			a.bad("sort", wChoose)
		}
		return nil
	}
	return orders[i]
}

// sort puts cards into the order; those that are alike in it stay in the order of their numbers.
func (o *order) sort(cards []ledger.Card) {
	slices.SortFunc(cards, func(a, b ledger.Card) int {
		return cmp.Or(o.compare(&a, &b), cmp.Compare(a.Key().Number, b.Key().Number))
	})
}

// sortedCards reads the cards that the filter chooses, sorts them, and puts a page of them into the view: those behind
// the card that the last page ended with.
func (c *call) sortedCards(v *listView) error {
	var all []ledger.Card
	q := ledger.CardsQuery{Merchant: c.merchant.ID, Limit: sortMost, Filter: v.filter}
	for looked := 0; looked < sortLooked && q.Limit > 0; looked += ledger.CardsLooked {
		page, err := c.cfg.Books.Cards(c.r.Context(), q)
		if err != nil {
			return err
		}
		all = append(all, page.Cards...)
		if q.After, q.Limit = page.Next, sortMost-len(all); q.After == "" {
			break
		}
	}
	if q.After != "" {
		v.sorted = len(all)
	}
	all = c.settled(all)
	v.order.sort(all)
	after := v.form.Get("after")
	from := slices.IndexFunc(all, func(card ledger.Card) bool { return card.Key().Number == after }) + 1
	v.cards = all[from:min(from+cardsAPage, len(all))]
	if end := from + len(v.cards); end < len(all) {
		v.next = all[end-1].Key().Number
	}
	return nil
}
