package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/a-h/templ"

	"tongka/internal/cardfile"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
	"tongka/internal/sheet"
)

const (
	// exportPage is the number of cards of an export that are read at a time.
	exportPage = 500
	// pagesAtOnce is how many pages a browser waits for. An export with more of them is a job: so is one of more than
	// 5,000 cards, and one that has to look at very many to find a few.
	pagesAtOnce = 10
)

var exportJob = &jobKind{
	title: wExportJob, needs: takesCards, own: true, result: exportResult, taken: (*call).exportTaken,
	files: map[string]text{
		cardfile.ExportFile(sheet.CSV): wExportFile, cardfile.ExportFile(sheet.XLSX): wExportFile,
	},
}

// exportColumns are what a file has of each card. A column of masked phones is called so, and no import takes it for
// phones.
func exportColumns(v *view, whole bool) (header []string, row func(*cardView) []sheet.Cell) {
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
			sheet.Text(c.NumberThen()), sheet.Text(c.Holder.Name), sheet.Text(shownPhone(c, whole)), sheet.Text(r.level()),
			sheet.Text(state), sheet.Money(c.Amount()), sheet.Money(c.Principal), sheet.Money(c.Bonus), sheet.Count(c.Points),
			sheet.Day(c.Expires), sheet.Day(c.Holder.Birthday), sheet.Text(v.lang.of(text(phrase.CardKinds[c.Kind]))),
			sheet.Text(opened), sheet.Text(at), sheet.Text(v.moment(c.Used)), sheet.Text(c.Details.Referrer),
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

// exportCards sends the cards of the list as a file, each as it is when it is read. Where there are too many to wait
// for it offers to have the file made.
func (c *call) exportCards() error {
	v, export, err := c.exportAsked()
	if err != nil {
		return err
	}
	if len(v.faults) > 0 {
		return c.to(v.to("cards", ""))
	}
	cards, end, err := c.cardsAtOnce(&v)
	if err != nil {
		return err
	}
	if end == tooMany {
		v.title = c.lang.of(wExportJob)
		return c.show(http.StatusOK, exportPageOf(v, export.Format))
	}
	var file bytes.Buffer
	w, err := exportFile(&export, &file, &v.view)
	if err == nil {
		err = errors.Join(w.write(cards), w.ends(&v, end), w.sheet.Close())
	}
	if err != nil {
		return err
	}
	name := "cards-" + c.today().String() + "." + string(export.Format)
	if err := c.recordExport(name, int64(len(cards))); err != nil {
		return err
	}
	c.sendFile(name, export.Format.ContentType(), file.Bytes())
	return nil
}

// exportAsked reads which cards are wanted, and in which format.
func (c *call) exportAsked() (v listView, export cardfile.Export, err error) {
	v = c.listView()
	format, err := c.format()
	if err != nil {
		return v, export, err
	}
	return v, cardfile.Export{
		Filter: v.filter, Format: format, Lang: ledger.Language(c.lang),
		Whole: c.person.AllowedSomewhere(c.merchant.ID)&ledger.MayReveal != 0,
	}, nil
}

// beginExport has the file made.
func (c *call) beginExport() error {
	v, export, err := c.exportAsked()
	if err != nil {
		return err
	}
	if len(v.faults) > 0 {
		return c.to(v.to("cards", ""))
	}
	return c.beginForm(cardfile.JobExport, c.r.PostFormValue("request"), export)
}

// listEnd says how a list of cards ended.
type listEnd int

const (
	allOfThem listEnd = iota
	searchCut         // a search came to its bound
	tooMany           // there are more than somebody waits for
)

// cardsAtOnce returns the cards of the list in its order.
func (c *call) cardsAtOnce(v *listView) (cards []ledger.Card, end listEnd, err error) {
	cards, end, err = c.unsorted(v)
	if err == nil && v.order != nil {
		cards = c.settled(cards)
		v.order.sort(cards)
	}
	return cards, end, err
}

// unsorted returns the cards of the list in the order of their numbers.
func (c *call) unsorted(v *listView) (cards []ledger.Card, end listEnd, err error) {
	if v.typed != "" {
		cards, cut, err := c.search(v.typed)
		if cut {
			end = searchCut
		}
		return matching(cards, &v.filter), end, err
	}
	next := ""
	for range pagesAtOnce {
		page, err := c.cfg.Books.Cards(c.r.Context(), ledger.CardsQuery{
			Merchant: c.merchant.ID, After: next, Limit: exportPage, Filter: v.filter,
		})
		if err != nil {
			return nil, end, err
		}
		cards, next = append(cards, page.Cards...), page.Next
		if next == "" {
			return cards, allOfThem, nil
		}
	}
	return nil, tooMany, nil
}

// cardsFile is a file that cards are written into.
type cardsFile struct {
	view  *view
	sheet sheet.Writer
	row   func(*cardView) []sheet.Cell

	columns int
}

// exportFile begins a file.
func exportFile(e *cardfile.Export, to *bytes.Buffer, v *view) (*cardsFile, error) {
	header, row := exportColumns(v, e.Whole)
	w, err := sheet.New(to, e.Format, v.lang.of(wCards), header)
	return &cardsFile{v, w, row, len(header)}, err
}

// ends says in the last row if there are more cards than the file has.
func (f *cardsFile) ends(v *listView, end listEnd) error {
	if end != searchCut {
		return nil
	}
	row := make([]sheet.Cell, f.columns)
	for i := range row {
		row[i] = sheet.Text("")
	}
	row[0] = sheet.Text(v.lang.of(wSearchCut.with(hitsMost)))
	return f.sheet.Row(row...)
}

// write adds cards, without what has expired on them.
func (f *cardsFile) write(cards []ledger.Card) error {
	today := f.view.merchant.Today(f.view.now)
	for i := range cards {
		if err := f.sheet.Row(f.row(&cardView{view: *f.view, card: cards[i].Settled(f.view.now, today)})...); err != nil {
			return err
		}
	}
	return nil
}

// exportResult is what the job of an export shows when it is done.
func exportResult(v jobView) templ.Component {
	var done cardfile.Exported
	if err := json.Unmarshal([]byte(v.Result), &done); err != nil {
		return templ.Raw("") // no program of ours wrote it
	}
	return exportDone(v, done)
}

// exportTaken records that the cards are taken out of the books. Who may not see phones any more does not get them.
func (c *call) exportTaken(j *ledger.Job, file string) error {
	var export cardfile.Export
	var done cardfile.Exported
	err := errors.Join(json.Unmarshal([]byte(j.Ask), &export), json.Unmarshal([]byte(j.Result), &done))
	if err != nil {
		return err
	}
	if export.Whole && c.person.AllowedSomewhere(c.merchant.ID)&ledger.MayReveal == 0 {
		return errNotYours
	}
	return c.recordExport(file, done.Cards)
}
