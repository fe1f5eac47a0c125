package console

import (
	"io"
	"net/http"

	"tongka/internal/ledger"
	"tongka/internal/phrase"
	"tongka/internal/sheet"
)

// exportPage is the number of cards of an export that are read at a time.
const exportPage = 500

// exportColumns are what a file has of each card. A column of masked phones is called so, and no import takes it for
// phones.
func exportColumns(v *listView, whole bool) (header []string, row func(*cardView) []sheet.Cell) {
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
	return header, func(r *cardView) []sheet.Cell {
		c := &r.card
		state, _ := r.blocked()
		opened, at := "", ""
		if when, shop, known := c.Opening(); known {
			opened, at = v.moment(when), v.merchant.ShopName(shop)
		}
		return []sheet.Cell{
			sheet.Text(c.Number), sheet.Text(c.Holder.Name), sheet.Text(shownPhone(c, whole)), sheet.Text(r.level()),
			sheet.Text(state), sheet.Money(c.Amount()), sheet.Money(c.Principal), sheet.Money(c.Bonus), sheet.Count(c.Points),
			sheet.Day(c.Expires), sheet.Day(c.Holder.Birthday), sheet.Text(v.lang.of(text(phrase.CardKinds[c.Kind]))),
			sheet.Text(opened), sheet.Text(at), sheet.Text(v.moment(c.Last)), sheet.Text(c.Details.Referrer),
			sheet.Text(c.Details.Remarks),
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
	format, err := c.format()
	if err != nil {
		return err
	}
	cards, next, err := c.firstOfExport(&v)
	if err != nil {
		return err
	}
	name, rows := "cards-"+c.today().String()+"."+string(format), int64(len(cards))
	if next != "" {
		rows = -1
	}
	if err := c.recordExport(name, rows); err != nil {
		return err
	}
	c.attach(name, format.ContentType())
	if err := c.sendCards(&v, format, cards, next); err != nil {
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

// sendCards writes a file with the cards, and all that come behind them.
func (c *call) sendCards(v *listView, format sheet.Format, cards []ledger.Card, next string) error {
	header, row := exportColumns(v, c.person.AllowedSomewhere(c.merchant.ID)&ledger.MayReveal != 0)
	out := &unlessFailed{to: c.w}
	file, err := sheet.New(out, format, v.title, header)
	if err != nil {
		return err
	}
	if out.err = c.writeCards(v, file, row, cards, next); out.err != nil {
		_ = file.Close() // it gives back what was taken, and cannot write any more
		return out.err
	}
	c.allow(patienceAtLast) // a workbook is sent at the end
	return file.Close()
}

// writeCards writes the rows of the cards, and of all that come behind them.
func (c *call) writeCards(
	v *listView, file sheet.Writer, row func(*cardView) []sheet.Cell, cards []ledger.Card, next string,
) (err error) {
	for {
		c.allow(patience)
		for _, card := range c.settled(cards) {
			one := v.row(card)
			if err := file.Row(row(&one)...); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		if cards, next, err = c.pageOfExport(v, next); err != nil {
			return err
		}
	}
}

// unlessFailed writes until there is an error, and nothing after it.
type unlessFailed struct {
	to  io.Writer
	err error
}

func (u *unlessFailed) Write(p []byte) (int, error) {
	if u.err != nil {
		return 0, u.err
	}
	return u.to.Write(p)
}
