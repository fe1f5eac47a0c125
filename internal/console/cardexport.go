package console

import (
	"bufio"
	"net/http"
	"strconv"
	"time"

	"tongka/internal/cardfile"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// Bounds of an export.
const (
	exportPage  = 500
	exportBytes = 64 << 10
	// patience is how long the browser may take for each page of an export.
	patience = time.Minute
)

// exportColumns are what a file has of each card. A column of masked phones is called so, and no import takes it for
// phones.
func exportColumns(v *listView, whole bool) (header []string, row func(*cardView) []string) {
	phone := wPhoneMasked
	if whole {
		phone = wPhone
	}
	for _, name := range []text{
		wCardNumber, wName, phone, wLevel, wState, wBalance, wPrincipal, wBonus, wPoints, wExpires, wBirthday, wKind,
		wOpenedOn, wOpenedAt, wLastUse, wReferrer, wRemarks,
	} {
		header = append(header, v.lang.of(name))
	}
	return header, func(r *cardView) []string {
		c := &r.card
		state, _ := r.blocked()
		opened, at := "", ""
		if when, shop, known := c.Opening(); known {
			opened, at = v.moment(when), v.merchant.ShopName(shop)
		}
		return []string{
			c.Number, c.Holder.Name, shownPhone(c, whole), r.level(), state, c.Amount().String(), c.Principal.String(),
			c.Bonus.String(), strconv.FormatInt(c.Points, 10), c.Expires.String(), c.Holder.Birthday.String(),
			v.lang.of(text(phrase.CardKinds[c.Kind])), opened, at, v.moment(c.Last), c.Details.Referrer, c.Details.Remarks,
		}
	}
}

// shownPhone returns a holder's phone, whole or masked.
func shownPhone(c *ledger.Card, whole bool) string {
	if whole {
		return c.Holder.Phone
	}
	return phrase.Masked(c.Holder.Phone)
}

// exportCards sends the cards of the list as a file, page by page, each as it is when it is read. A file that cannot be
// finished is cut off, so that nobody takes a part for the whole.
func (c *call) exportCards() error {
	v := c.listView()
	if len(v.faults) > 0 {
		return c.to(v.to("cards", ""))
	}
	cards, next, err := c.firstOfExport(&v)
	if err != nil {
		return err
	}
	c.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	c.w.Header().Set("Content-Disposition", `attachment; filename="cards-`+c.today().String()+`.csv"`)
	if err := c.sendCards(&v, cards, next); err != nil {
		c.note().Outcome = "cut off"
		c.note().Ended(c.r.Context(), err, true, "")
		panic(http.ErrAbortHandler)
	}
	return nil
}

// firstOfExport returns the first cards to be exported, and the number behind which there are more.
func (c *call) firstOfExport(v *listView) (cards []ledger.Card, next string, err error) {
	if v.typed == "" {
		return c.pageOfExport(v, "")
	}
	cards, err = c.search(v.typed)
	return matching(cards, &v.filter), "", err
}

func (c *call) pageOfExport(v *listView, after string) (cards []ledger.Card, next string, err error) {
	page, err := c.cfg.Books.Cards(c.r.Context(), ledger.CardsQuery{
		Merchant: c.merchant.ID, After: after, Limit: exportPage, Filter: v.filter,
	})
	return page.Cards, page.Next, err
}

// sendCards writes the cards, and all that come behind them.
func (c *call) sendCards(v *listView, cards []ledger.Card, next string) error {
	header, row := exportColumns(v, c.person.AllowedSomewhere(c.merchant.ID)&ledger.MayReveal != 0)
	file, err := cardfile.NewWriter(bufio.NewWriterSize(c.w, exportBytes), header)
	if err != nil {
		return err
	}
	for {
		// A server that cannot set a deadline for a part keeps its own for the whole.
		_ = http.NewResponseController(c.w).SetWriteDeadline(time.Now().Add(patience))
		for _, card := range c.settled(cards) {
			one := v.row(card)
			if err := file.Row(row(&one)...); err != nil {
				return err
			}
		}
		if next == "" {
			return file.Flush()
		}
		if cards, next, err = c.pageOfExport(v, next); err != nil {
			return err
		}
	}
}
