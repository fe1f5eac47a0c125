package page

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// Limits of what is read of a journal at once.
const (
	readAtOnce   = 200
	maxStatement = 1000 // entries on a statement
)

const monthLayout = "2006-01"

// What a statement says.
var (
	wStatement = text{"月对账单", "Monthly statement"}
	wOpening   = text{"期初余额", "Balance before"}
	wClosing   = text{"期末余额", "Balance after"}
	wIn        = text{"收入", "Came in"}
	wOut       = text{"支出", "Went out"}
	wPrint     = text{"打印", "Print"}
	wEarlier   = text{"上个月", "The month before"}
	wLater     = text{"下个月", "The month after"}
	wCut       = text{"记录较多，只列出了本月最近的 1000 笔", "There are many entries: the last 1000 of the month are listed"}
	wNoEntries = text{"本月没有记录", "Nothing happened in this month"}
	wWhen      = text{"时间", "When"}
	wWhat      = text{"业务", "What"}
	wChange    = text{"变动", "Change"}
	wMade      = text{"打印时间", "Made"}
)

// statementView is a month of a card, oldest entry first.
type statementView struct {
	view
	month, number, holder, made string
	opening, closing, in, out   string
	earlier, later              string // addresses; "" = there is nothing
	lines                       []lineView
	cut                         bool
}

// showStatement shows a month: what the card had before, what happened, and what it had after.
func (p *Page) showStatement(w http.ResponseWriter, r *http.Request) error {
	v, err := p.atHome(w, r)
	if v == nil {
		return err
	}
	begin, end := v.month(r.URL.Query().Get("month"))
	s := statementView{
		view: p.viewOf(r, v.merchant), month: begin.Format(monthLayout), number: phrase.Masked(v.card.Number),
		holder: v.card.Holder.Name, made: v.when(v.now),
	}
	entries, total, err := p.journal(r.Context(), ledger.HistoryQuery{
		Card: v.key(), From: begin, To: end.Add(-time.Millisecond),
	}, maxStatement)
	if err != nil {
		return err
	}
	before, err := p.cfg.Reader.History(r.Context(), ledger.HistoryQuery{
		Card: v.key(), To: begin.Add(-time.Millisecond), Page: 1, Size: 1,
	})
	if err != nil {
		return fmt.Errorf("history: %w", err)
	}
	s.fill(v, entries, before.Entries)
	s.cut = int64(len(entries)) < total
	if before.Total > 0 {
		s.earlier = statementOf(begin.AddDate(0, -1, 0))
	}
	if !end.After(v.now) {
		s.later = statementOf(end)
	}
	return p.show(w, r, statementPage(s))
}

// statementOf returns the address of the statement of a month.
func statementOf(month time.Time) string {
	return Base + "statement?month=" + month.Format(monthLayout)
}

// month returns the beginning of a month in the merchant's zone, and that of the next. What is no month of the past is
// the one that it is now.
func (v *visit) month(typed string) (begin, end time.Time) {
	now := v.now.In(v.merchant.Zone)
	begin, err := time.ParseInLocation(monthLayout, typed, v.merchant.Zone)
	if err != nil || begin.Year() < 2000 || begin.After(now) {
		begin = time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, v.merchant.Zone)
	}
	return begin, begin.AddDate(0, 1, 0)
}

// journal returns the newest entries of a query, newest first, up to that many, and how many there are.
func (p *Page) journal(
	ctx context.Context, q ledger.HistoryQuery, most int,
) (all []ledger.Entry, total int64, err error) {
	q.Size = readAtOnce
	for q.Page = 1; len(all) < most; q.Page++ {
		page, err := p.cfg.Reader.History(ctx, q)
		if err != nil {
			return nil, 0, fmt.Errorf("history: %w", err)
		}
		all, total = append(all, page.Entries...), page.Total
		if len(page.Entries) < q.Size {
			break
		}
		if q.To.IsZero() {
			q.To = all[0].At // what is written meanwhile would move the pages
		}
	}
	return all[:min(len(all), most)], total, nil
}

// fill puts entries, newest first, into the statement. before is the newest entry of all that came before them.
func (s *statementView) fill(v *visit, entries, before []ledger.Entry) {
	var opening, in, out ledger.Fen
	if len(before) > 0 {
		opening = before[0].AmountAfter()
	}
	if n := len(entries); n > 0 {
		opening = entries[n-1].AmountAfter() - entries[n-1].Delta()
	}
	closing := opening
	for i := range slices.Backward(entries) {
		e := &entries[i]
		if e.Delta() > 0 {
			in += e.Delta()
		} else {
			out += e.Delta()
		}
		closing = e.AmountAfter()
		if e.Delta() != 0 || e.Points != 0 { // a statement is about what moved
			s.lines = append(s.lines, v.line(e))
		}
	}
	s.opening, s.closing = phrase.Yuan(opening), phrase.Yuan(closing)
	s.in, s.out = phrase.SignedYuan(in), phrase.SignedYuan(out)
}
