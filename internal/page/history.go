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
	head
	Lines []lineView
	Older string // the address of the next page; "" = this is the last
}

// lineView is one entry.
type lineView struct {
	Kind         words
	When, Where  string
	Detail       []detail
	Money        string // with its sign; "" = no money moved
	Gained       bool   // the card gained the money
	Points       string // with their sign; "" = no points moved
	BalanceAfter string // "" if no money moved
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
	view := historyView{head: headOf(v.merchant)}
	for i := range page.Entries {
		view.Lines = append(view.Lines, v.line(&page.Entries[i]))
	}
	if len(page.Entries) > 0 && query.Page*linesAPage < page.Total {
		if query.To.IsZero() {
			query.To = page.Entries[0].At
		}
		view.Older = fmt.Sprintf("%shistory?before=%d&page=%d", Base, query.To.UnixMilli(), query.Page+1)
	}
	return p.show(w, "history", view)
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

// line returns an entry as its holder sees it. The shop's own notes are not shown.
func (v *visit) line(e *ledger.Entry) lineView {
	l := lineView{
		Kind: words(phrase.Kinds[e.Kind]), When: v.when(e.At), Where: v.merchant.ShopName(e.By.Shop), Detail: details(e),
	}
	if money := e.Delta(); money != 0 {
		l.Money, l.Gained, l.BalanceAfter = phrase.SignedYuan(money), money > 0, phrase.Yuan(e.AmountAfter())
	}
	if e.Points != 0 {
		l.Points = phrase.SignedCount(e.Points)
	}
	return l
}

// detail is what else a holder may want to know about an entry.
type detail struct {
	words
	Value string
}

func details(e *ledger.Entry) []detail {
	var all []detail
	add := func(there bool, zh, en, value string) {
		if there {
			all = append(all, detail{words{zh, en}, value})
		}
	}
	bill := e.Kind == ledger.Consumed
	add(bill && e.Gross != e.Net || e.Kind == ledger.AccountCharged ||
		e.Kind == ledger.ChargeRefunded, "账单", "bill", phrase.Yuan(e.Gross))
	add(bill && e.ByCoupons() > 0, "用券", "coupons", phrase.Yuan(e.ByCoupons()))
	add(bill && e.ByPoints.Worth > 0, "积分抵扣", "points paid", phrase.Yuan(e.ByPoints.Worth))
	add(e.PaidElsewhere() > 0, "另付", "paid otherwise", phrase.Yuan(e.PaidElsewhere()))
	add(e.Kind == ledger.Recharged && e.Bonus > 0, "含赠送", "with bonus", phrase.Yuan(e.Bonus))
	add(e.Kind == ledger.Renewed || e.Kind == ledger.ExpirySet, "有效期至", "good through", e.CardExpires.String())
	if e.Offer != nil {
		add(true, "券", "coupons", fmt.Sprintf("%s × %d", e.Offer.Name, len(e.Coupons)))
	}
	return all
}
