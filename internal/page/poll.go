package page

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// newest is how many entries are looked at for what to tell a phone: one bill may have a cash back behind it and
// what had expired before it.
const newest = 5

// told is what the page is told every few seconds while somebody looks at it.
type told struct {
	Code string `json:"code"` // for browsers that cannot make one; "" = there is none now
	Used int64  `json:"used"` // the step of the last code that was used
	Seq  int64  `json:"seq"`  // how many entries the card has
	// What was done with the card since the page was told last, and the balance after it; "" = nothing.
	Said    string `json:"said,omitempty"`
	Balance string `json:"balance,omitempty"`
	Over    bool   `json:"over,omitempty"` // the phone has no code any more, and the card's page says why
}

// sendCode tells the page which codes were used and what was paid. It asks with the number of entries that it knows
// of, so that the journal is read only if there are more.
func (p *Page) sendCode(w http.ResponseWriter, r *http.Request) error {
	v, err := p.session(r)
	if err != nil {
		return err
	}
	if v == nil || !v.usable() {
		httpd.NoteOf(r.Context()).Outcome = outNobody
		return p.sendTold(w, told{Over: true})
	}
	answer := told{Seq: v.card.Seq}
	if _, answer.Code, answer.Used, err = p.code(r.Context(), v); err != nil {
		return err
	}
	since, err := strconv.ParseInt(r.URL.Query().Get("since"), 10, 64)
	if err == nil && since > 0 && since < v.card.Seq {
		l := p.lang(r)
		said, err := p.news(r.Context(), v, l, since)
		if err != nil {
			return err
		}
		if said != "" {
			left := v.card.Settled(v.now, v.today)
			answer.Said, answer.Balance = said, l.of(wBalance)+" "+phrase.Money(left.Amount())
		}
	}
	return p.sendTold(w, answer)
}

// sendTold sends it with status 200 even if there is no code: a browser would call anything else an error.
func (p *Page) sendTold(w http.ResponseWriter, answer told) error {
	body, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	httpd.SendJSON(w, http.StatusOK, body)
	return nil
}

// news says what the newest entry that moved money or settled a bill has done, of those after the first since ones; ""
// if there is none.
func (p *Page) news(ctx context.Context, v *visit, l lang, since int64) (string, error) {
	page, err := p.cfg.Reader.History(ctx, ledger.HistoryQuery{Card: v.key(), Page: 1, Size: newest})
	if err != nil {
		return "", fmt.Errorf("history: %w", err)
	}
	for i := range page.Entries {
		e := &page.Entries[i]
		if e.Seq <= since {
			break
		}
		if said := newsOf(l, e); said != "" && !e.Kind.Follows() {
			return said, nil
		}
	}
	return "", nil
}

// newsOf says what an entry has done, to a holder who stands at the till; "" if he need not know at once.
func newsOf(l lang, e *ledger.Entry) string {
	switch e.Kind {
	case ledger.Consumed:
		said := l.of(wPaid) + " ¥" + phrase.Yuan(-e.Delta())
		if e.Delta() == 0 { // coupons or points paid all of it
			said = l.of(wSettled) + " ¥" + phrase.Yuan(e.Gross)
		}
		if due := e.PaidElsewhere(); due > 0 && e.OtherCard == "" { // or another card pays it
			said += " · " + l.of(wStillDue) + " ¥" + phrase.Yuan(due)
		}
		return said
	case ledger.AccountCharged:
		return l.of(wSigned) + " ¥" + phrase.Yuan(e.Gross)
	case ledger.Recharged:
		return l.of(wRecharged) + " ¥" + phrase.Yuan(e.Delta())
	case ledger.ConsumeRefunded:
		return l.of(wRefunded) + " ¥" + phrase.Yuan(e.Delta())
	}
	if e.Delta() == 0 {
		return ""
	}
	return l.said(phrase.Kinds[e.Kind]) + " " + phrase.SignedYuan(e.Delta())
}
