package page

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// linesAPage is the number of entries on a page of the history.
const linesAPage = 20

// Limits of the parameters in a link into the history.
const (
	maxPage   = 1_000_000
	maxMillis = 253_402_300_799_000 // the last second of the year 9999
)

// historyView is a page of the card's journal.
type historyView struct {
	view
	lines []lineView
	older string // the address of the next page; "" = this is the last
}

// lineView is one entry.
type lineView struct {
	kind        text
	when, where string
	parts       []phrase.Part
	money       string // with its sign; "" = no money moved
	gained      bool   // the card gained the money
	points      string // with their sign; "" = no points moved
	balance     string // after it; "" if no money moved
}

// showHistory shows a page of the journal, newest first. The later pages list entries up to the time of the
// first, so that no entry is shown twice or left out if more are written in the meantime.
func (p *Page) showHistory(w http.ResponseWriter, r *http.Request) error {
	v, err := p.session(r)
	if err != nil {
		return err
	}
	if v == nil {
		return p.notBound(w, r)
	}
	query := ledger.HistoryQuery{Card: v.key(), Size: linesAPage}
	query.Page, query.To = place(r.URL.Query())
	page, err := p.cfg.Reader.History(r.Context(), query)
	if err != nil {
		return fmt.Errorf("history: %w", err)
	}
	view := historyView{view: p.viewOf(r, v.merchant)}
	for i := range page.Entries {
		view.lines = append(view.lines, v.line(&page.Entries[i]))
	}
	if len(page.Entries) > 0 && query.Page*linesAPage < page.Total {
		if query.To.IsZero() {
			query.To = page.Entries[0].At
		}
		view.older = fmt.Sprintf("%shistory?before=%d&page=%d", Base, query.To.UnixMilli(), query.Page+1)
	}
	return p.show(w, r, historyPage(view))
}

// place returns the page that is asked for and the time it is of. Parameters that no page of ours links to mean
// the first page.
func place(q url.Values) (page int64, to time.Time) {
	page, err := strconv.ParseInt(q.Get("page"), 10, 64)
	millis, err2 := strconv.ParseInt(q.Get("before"), 10, 64)
	if err != nil || err2 != nil || page < 1 || page > maxPage || millis < 0 || millis > maxMillis {
		return 1, time.Time{}
	}
	return page, time.UnixMilli(millis)
}

// line returns an entry as its holder sees it. The shop's own notes are not shown, and of another card's number as much
// as tells it from others.
func (v *visit) line(e *ledger.Entry) lineView {
	l := lineView{
		kind: text(phrase.Kinds[e.Kind]), when: v.when(e.At), where: v.merchant.ShopName(e.By.Shop), parts: phrase.Parts(e),
	}
	if e.OtherCard != "" {
		other := phrase.Masked(e.OtherCard)
		l.parts = append(l.parts, phrase.Part{Name: phrase.OtherCard(e), Value: phrase.Text{Zh: other, En: other}})
	}
	if money := e.Delta(); money != 0 {
		l.money, l.gained, l.balance = phrase.SignedYuan(money), money > 0, phrase.Yuan(e.AmountAfter())
	}
	if e.Points != 0 {
		l.points = phrase.SignedCount(e.Points)
	}
	return l
}

// after says what an entry did to the points, and the balance after it.
func (v view) after(l lineView) string {
	points, balance := "", ""
	if l.points != "" {
		points = v.lang.of(wPoints) + " " + l.points
	}
	if l.balance != "" {
		balance = v.lang.of(wBalance) + " " + l.balance
	}
	return joined(points, balance)
}

// joined puts a dot between two texts, if there are two.
func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " · " + b
}
