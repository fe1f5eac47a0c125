package console

import (
	"net/http"
	"strconv"

	"tongka/internal/ledger"
)

// tryQuery asks for tries from the place in the address on.
func (c *call) tryQuery(v *hookView, limit int) (q ledger.WebhookTryQuery, ok bool) {
	q = ledger.WebhookTryQuery{Merchant: v.Merchant, Webhook: v.ID, Limit: limit}
	before := c.r.URL.Query().Get("before")
	if before == "" {
		return q, true
	}
	at, id, ok := requestKey(before)
	entry, known := typedEntry(id)
	q.At, q.Entry = at, entry
	return q, ok && known
}

// showHookTries lists what was tried, the newest first.
func (c *call) showHookTries() error {
	v, err := c.hookHere()
	if err != nil {
		return err
	}
	q, ok := c.tryQuery(v, triesAPage+1)
	if !ok {
		return errNowhere
	}
	if v.tries, err = c.cfg.Webhooks.WebhookTries(c.r.Context(), q); err != nil {
		return err
	}
	v.exports = c.person.May(takesTries, c.merchant.ID, 0)
	if len(v.tries) > triesAPage {
		v.tries = v.tries[:triesAPage]
		last := &v.tries[triesAPage-1]
		v.next = hookPath(&v.Webhook) + "/tries?before=" + strconv.FormatInt(last.At.UnixMilli(), 10) + "-" +
			strconv.FormatInt(int64(last.Entry), 10)
	}
	return c.show(http.StatusOK, triesPage(v))
}

// Bounds of a file of tries.
const (
	triesInFile  = 20_000
	triesAtATime = 500
)

// exportTries sends what was tried as a file, the newest first.
func (c *call) exportTries() error {
	v, err := c.hookHere()
	if err != nil {
		return err
	}
	format, err := c.format()
	if err != nil {
		return err
	}
	t := &table{columns: []tableColumn{
		{name: wWhen}, {name: wEntry, kind: ofCount}, {name: wState}, {name: text{"HTTP", "HTTP"}, kind: ofCount},
		{name: wTookMS, kind: ofCount}, {name: wAnswer},
	}}
	q := ledger.WebhookTryQuery{Merchant: v.Merchant, Webhook: v.ID, Limit: triesAtATime}
	for {
		tries, err := c.cfg.Webhooks.WebhookTries(c.r.Context(), q)
		if err != nil {
			return err
		}
		if len(tries) > 0 && len(t.rows) >= triesInFile {
			t.ends(c.lang.of(wFirstOnes.with(len(t.rows))))
			break
		}
		for i := range tries {
			one := &tries[i]
			t.add(textCell(v.wholly(one.At)), countCell(int64(one.Entry)), textCell(v.lang.of(triedWord(one))),
				countCell(int64(one.Status)), countCell(one.Took.Milliseconds()), textCell(one.Said))
			q.At, q.Entry = one.At, one.Entry
		}
		if len(tries) < q.Limit {
			break
		}
	}
	return c.sendTable("webhook-"+strconv.FormatInt(int64(v.ID), 10)+"-"+c.today().String(), v.title, format, t)
}

// triedWord says whether a try was taken.
func triedWord(t *ledger.WebhookTry) text {
	if t.Delivered() {
		return wHookTaken
	}
	return wHookNotTaken
}
