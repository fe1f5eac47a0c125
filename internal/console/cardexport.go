package console

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/a-h/templ"

	"tongka/internal/command"
	"tongka/internal/engine"
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

// ExportKind is the kind of the jobs that write cards of a merchant into a file.
const ExportKind = "cards-export"

func init() {
	jobKinds[ExportKind] = &jobKind{
		title: wExportJob, needs: ledger.MayExport, own: true, result: exportResult, taken: (*call).exportTaken,
		files: map[string]text{
			"cards." + string(sheet.CSV): wExportFile, "cards." + string(sheet.XLSX): wExportFile,
		},
	}
}

// cardsExport is how cards are written into a file, as somebody asks for it. It is kept as JSON with the job.
type cardsExport struct {
	Filter ledger.CardFilter `json:"filter"`
	Format sheet.Format      `json:"format"`
	Whole  bool              `json:"whole,omitempty"` // phones are not masked
	Lang   lang              `json:"lang"`
}

// exportedCards is what such a job has done.
type exportedCards struct {
	Cards int64 `json:"cards"`
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

// exportCards sends the cards of the list as a file, each as it is when it is read. Where there are too many to wait for
// it offers to have the file made.
func (c *call) exportCards() error {
	v, export, err := c.exportAsked()
	if err != nil {
		return err
	}
	if len(v.faults) > 0 {
		return c.to(v.to("cards", ""))
	}
	cards, more, err := c.cardsAtOnce(&v)
	if err != nil {
		return err
	}
	if more {
		v.title = c.lang.of(wExportJob)
		return c.show(http.StatusOK, exportPageOf(v, export.Format))
	}
	var file bytes.Buffer
	w, err := export.file(&file, &v.view)
	if err == nil {
		err = errors.Join(w.write(cards), w.sheet.Close())
	}
	if err != nil {
		return err
	}
	name := "cards-" + c.today().String() + "." + string(export.Format)
	if err := c.recordExport(name, int64(len(cards))); err != nil {
		return err
	}
	c.w.Header().Set("Content-Type", export.Format.ContentType())
	c.w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, _ = c.w.Write(file.Bytes()) // the browser is gone, and nobody reads the error
	return nil
}

// exportAsked reads which cards are wanted, and in which format.
func (c *call) exportAsked() (v listView, export cardsExport, err error) {
	v = c.listView()
	format, ok := sheet.ParseFormat(strings.TrimPrefix(path.Ext(c.r.URL.Path), "."))
	if !ok {
		return v, export, errNowhere
	}
	return v, cardsExport{
		Filter: v.filter, Format: format, Lang: c.lang,
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
	return c.begin(ExportKind, orDrawn(c.r.PostFormValue("request")), export)
}

// cardsAtOnce returns the cards of the list; more says that there are too many to wait for.
func (c *call) cardsAtOnce(v *listView) (cards []ledger.Card, more bool, err error) {
	if v.typed != "" {
		cards, err = c.search(v.typed)
		return matching(cards, &v.filter), false, err
	}
	next := ""
	for range pagesAtOnce {
		page, err := c.cfg.Books.Cards(c.r.Context(), ledger.CardsQuery{
			Merchant: c.merchant.ID, After: next, Limit: exportPage, Filter: v.filter,
		})
		if err != nil {
			return nil, false, err
		}
		cards, next = append(cards, page.Cards...), page.Next
		if next == "" {
			return cards, false, nil
		}
	}
	return nil, true, nil
}

// cardsFile is a file that cards are written into.
type cardsFile struct {
	view  *view
	sheet sheet.Writer
	row   func(*cardView) []sheet.Cell
}

// file begins a file.
func (e *cardsExport) file(to *bytes.Buffer, v *view) (*cardsFile, error) {
	header, row := exportColumns(v, e.Whole)
	w, err := sheet.New(to, e.Format, v.lang.of(wCards), header)
	return &cardsFile{v, w, row}, err
}

// write adds cards, without what has expired on them.
func (f *cardsFile) write(cards []ledger.Card) error {
	today := f.view.merchant.Today(f.view.now)
	for i := range cards {
		if err := f.sheet.Row(f.row(&cardView{view: *f.view, card: cards[i].Settled(today)})...); err != nil {
			return err
		}
	}
	return nil
}

// Running is a job that is worked on, as internal/job has it.
type Running interface {
	Of(total int64)
	Step(n int64)
	Put(f ledger.JobFile) error
}

// CardExports does what jobs of ExportKind ask for. It needs no pages, so a process without them does it too.
type CardExports struct {
	Books interface {
		engine.Loader
		Cards(ctx context.Context, q ledger.CardsQuery) (ledger.CardsPage, error)
	}
	Clock func() time.Time
}

// Make writes the cards page by page, each as it is when it is read, and keeps the file for whoever asked. A file that
// is too large to be kept is refused by Put, in words for people.
func (x CardExports) Make(ctx context.Context, j *ledger.Job, run Running) (result any, err error) {
	var export cardsExport
	if err := json.Unmarshal([]byte(j.Ask), &export); err != nil {
		return nil, err
	}
	found, err := x.Books.Load(ctx, command.Want{Merchant: j.Merchant, Keys: command.Keys{Head: true}})
	if err != nil {
		return nil, err
	}
	m := found[0].Merchant
	if m == nil {
		return nil, fmt.Errorf("there is no merchant %d", j.Merchant)
	}
	if export.Filter.All() { // of the cards that a filter chooses nobody knows how many there are
		run.Of(int64(found[0].Head.LastCard))
	}
	var content bytes.Buffer
	file, err := export.file(&content, &view{lang: export.Lang, merchant: m, now: x.Clock()})
	if err != nil {
		return nil, err
	}
	done, err := x.all(ctx, j.Merchant, &export, func(cards []ledger.Card) (full bool, err error) {
		run.Step(int64(len(cards)))
		err = file.write(cards)
		return content.Len() > ledger.MaxJobFile, err
	})
	if closed := file.sheet.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, err
	}
	return done, run.Put(ledger.JobFile{
		Name: "cards." + string(export.Format), Type: export.Format.ContentType(), Content: content.Bytes(),
	})
}

// all reads all cards that an export chooses, until each says that it has had enough.
func (x CardExports) all(
	ctx context.Context, merchant ledger.MerchantID, export *cardsExport, each func([]ledger.Card) (bool, error),
) (done exportedCards, err error) {
	for next, full := "", false; ; {
		page, err := x.Books.Cards(ctx, ledger.CardsQuery{
			Merchant: merchant, After: next, Limit: exportPage, Filter: export.Filter,
		})
		if err != nil {
			return done, err
		}
		if full, err = each(page.Cards); err != nil {
			return done, err
		}
		done.Cards += int64(len(page.Cards))
		if next = page.Next; next == "" || full {
			return done, nil
		}
	}
}

// exportResult is what the job of an export shows when it is done.
func exportResult(v jobView) templ.Component {
	var done exportedCards
	if err := json.Unmarshal([]byte(v.Result), &done); err != nil {
		return templ.Raw("") // no program of ours wrote it
	}
	return exportDone(v, done)
}

// exportTaken records that the cards are taken out of the books. Who may not see phones any more does not get them.
func (c *call) exportTaken(j *ledger.Job, file string) error {
	var export cardsExport
	var done exportedCards
	err := errors.Join(json.Unmarshal([]byte(j.Ask), &export), json.Unmarshal([]byte(j.Result), &done))
	if err != nil {
		return err
	}
	if export.Whole && c.person.AllowedSomewhere(c.merchant.ID)&ledger.MayReveal == 0 {
		return errNotYours
	}
	return c.recordExport(file, done.Cards)
}
