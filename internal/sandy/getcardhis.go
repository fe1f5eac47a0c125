package sandy

import (
	"context"
	"fmt"
	"time"

	"tongka/internal/ledger"
	"tongka/internal/wire"
)

// Limits of a page of history.
const (
	defaultPageSize = 20
	maxPageSize     = 500
	maxPage         = 1_000_000_000
	maxTimestamp    = 253_402_300_799 // the last second of the year 9999
)

// getCardHis lists a page of a card's journal, newest first (published page, part 6).
func getCardHis(d *Dialect, ctx context.Context, c *call, f *fields) ([]byte, error) {
	q := historyQuery(c, f)
	if err := f.err(); err != nil {
		return nil, err
	}
	if _, err := d.card(ctx, c, q.Card.Number); err != nil {
		return nil, err
	}
	page, err := d.cfg.Reader.History(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	w := writer{wire.Object{B: make([]byte, 0, 64+320*len(page.Entries))}}
	w.Open('{')
	w.Key("data")
	w.Open('[')
	for i := range page.Entries {
		w.entry(c, &page.Entries[i])
	}
	w.Close(']')
	w.points("pages", page.Total)
	w.Int("page_size", int64(q.Size))
	w.Int("page", q.Page)
	w.Close('}')
	return w.B, nil
}

func historyQuery(c *call, f *fields) ledger.HistoryQuery {
	q := ledger.HistoryQuery{
		Card: c.key(f.card("card_id")),
		From: f.instant("start_timestamp"),
		To:   f.instant("end_timestamp"),
		Page: f.between("page", 1, maxPage, 1),
		Size: int(min(maxPageSize, f.between("page_size", 1, maxPage, defaultPageSize))), // the answer shows the size used
	}
	if !q.To.IsZero() {
		q.To = q.To.Add(time.Second - time.Millisecond) // end_timestamp includes its whole second
	}
	q.Filter.MovedPoints = f.between("only_score_change", 0, 1, 0) == 1
	q.Filter.Kinds = listed(f.integerOr("event_type", 0))
	if len(q.Filter.Kinds) == 0 {
		f.bad("event_type", "不在列表中")
	}
	return q
}

// instant reads a time in seconds. 0 and an absent field mean that there is no bound.
func (f *fields) instant(name string) time.Time {
	seconds := f.between(name, 0, maxTimestamp, 0)
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

func (w *writer) entry(c *call, e *ledger.Entry) {
	shown := kinds[e.Kind]
	original, actual := shown.amounts(e)
	w.Next()
	w.Open('{')
	w.amount("ori_money", original)
	w.amount("act_money", actual)
	w.amount("amount", e.AmountAfter())
	w.Int("score", e.PointsAfter)
	w.Text("pay_type_text", c.payTypeName(e.PayType))
	w.Text("description", describe(e))
	w.Int("time", e.At.Unix())
	w.Int("type", shown.event)
	w.Text("org_name", c.orgName(e.By.Shop))
	w.Int("id", int64(e.ID))
	w.Close('}')
}

func (c *call) payTypeName(id ledger.PayTypeID) string {
	p, _ := c.merchant.PayType(id)
	return p.Name
}
