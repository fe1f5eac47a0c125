package report

import (
	"testing"
	"time"

	"tongka/internal/ledger"
)

var began = time.Date(2026, 3, 5, 9, 0, 0, 0, time.UTC)

// bill returns an entry that may be made twice, some seconds after the first.
func bill(id ledger.EntryID, seconds int, change func(*ledger.Entry)) *ledger.Entry {
	e := &ledger.Entry{
		ID: id, Card: 7, Kind: ledger.Consumed, At: began.Add(time.Duration(seconds) * time.Second), Gross: 88_00,
		By: ledger.Caller{Agent: 3, Shop: 11, Operator: "小王"},
	}
	if change != nil {
		change(e)
	}
	return e
}

// Two entries that are alike in all that a till sends, within a minute and without a request id, may be one too many.
// Whatever is otherwise, they are two.
func TestDoubles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		seconds int
		change  func(*ledger.Entry)
		want    int
	}{
		"at once":         {1, nil, 1},
		"a minute later":  {60, nil, 1},
		"later":           {61, nil, 0},
		"another card":    {1, func(e *ledger.Entry) { e.Card = 8 }, 0},
		"another amount":  {1, func(e *ledger.Entry) { e.Gross++ }, 0},
		"another till":    {1, func(e *ledger.Entry) { e.By.Agent = 4 }, 0},
		"another shop":    {1, func(e *ledger.Entry) { e.By.Shop = 12 }, 0},
		"another clerk":   {1, func(e *ledger.Entry) { e.By.Operator = "小李" }, 0},
		"another kind":    {1, func(e *ledger.Entry) { e.Kind = ledger.Recharged }, 0},
		"a request id":    {1, func(e *ledger.Entry) { e.Asked = 5 }, 0},
		"time taken back": {-30, nil, 1},
	} {
		d := &Doubles{}
		d.Add(bill(1, 0, nil))
		d.Add(bill(2, c.seconds, c.change))
		got := d.Of(ledger.Calendar{Zone: time.UTC}, 20260305)
		if len(got) != c.want || c.want == 1 && (got[0].First != 1 || got[0].Second != 2 || got[0].Gross != 88_00) {
			t.Errorf("%s: got %+v, want %d", name, got, c.want)
		}
	}
}

// A bill that another card goes on with is not undone by that: it may still be one too many.
func TestDoublesOfSharedBills(t *testing.T) {
	t.Parallel()
	d := &Doubles{}
	for id := range ledger.EntryID(2) {
		d.Add(bill(2*id+1, 0, nil))
		d.Add(bill(2*id+2, 0, func(e *ledger.Entry) { e.Card, e.RefersTo, e.Gross = 8, 2*id+1, 5_00 }))
	}
	if got := d.Of(ledger.Calendar{Zone: time.UTC}, 20260305); len(got) != 2 {
		t.Errorf("got %+v, want the bills of both cards", got)
	}
}

// Points that were used twice are told apart by how many they were, and what is no payment is no double.
func TestDoublesOfPoints(t *testing.T) {
	t.Parallel()
	d := &Doubles{}
	used := func(id ledger.EntryID, points int64) {
		d.Add(bill(id, int(id), func(e *ledger.Entry) { e.Kind, e.Gross, e.Points = ledger.PointsUsed, 0, -points }))
	}
	used(1, 100)
	used(2, 200)
	used(3, 100)
	for id := range ledger.EntryID(2) {
		d.Add(bill(4+id, 4, func(e *ledger.Entry) { e.Kind = ledger.ReportedLost }))
	}
	got := d.Of(ledger.Calendar{Zone: time.UTC}, 20260305)
	if len(got) != 1 || got[0].Points != 100 || got[0].Second != 3 {
		t.Errorf("got %+v", got)
	}
}

// One that was undone, in part or whole, was looked at, and is no double any more; those of another day are not told,
// and of very many the newest.
func TestDoublesThatAreOver(t *testing.T) {
	t.Parallel()
	d := &Doubles{}
	calendar := ledger.Calendar{Zone: time.UTC}
	for id := range ledger.EntryID(3) {
		d.Add(bill(id+1, int(id), nil))
	}
	if got := d.Of(calendar, 20260305); len(got) != 2 || got[0].Second != 3 || got[1].Second != 2 {
		t.Fatalf("three alike: %+v", got)
	}
	d.Add(bill(4, 9, func(e *ledger.Entry) { e.Kind, e.RefersTo = ledger.ConsumeRefunded, 3 }))
	if got := d.Of(calendar, 20260305); len(got) != 1 || got[0].Second != 2 {
		t.Errorf("after a refund: %+v", got)
	}
	if got := d.Of(calendar, 20260306); len(got) != 0 {
		t.Errorf("on the next day: %+v", got)
	}
	for id := range ledger.EntryID(3 * mostRecent) {
		d.Add(bill(id+10, 100+int(id), func(e *ledger.Entry) { e.Card = ledger.CardID(id / 2) }))
	}
	if got := d.Of(calendar, 20260305); len(got) != mostDoubles || got[0].Second != 3*mostRecent+9 {
		t.Errorf("of many: %d, the newest %+v", len(got), got[0])
	}
	if len(d.recent) > mostRecent {
		t.Errorf("%d entries are remembered", len(d.recent))
	}
}

// Of a merchant with very many entries within a minute, those that are remembered are not looked at for each.
func TestDoublesOfManyInAMinute(t *testing.T) {
	t.Parallel()
	d := &Doubles{}
	add := func(id, second int) {
		d.Add(bill(ledger.EntryID(id), second, func(e *ledger.Entry) { e.Card = ledger.CardID(id) }))
	}
	for id := range 3 * mostRecent {
		add(id+1, id/mostRecent)
	}
	first := bill(1, 0, nil).At
	if !d.forgot.Equal(first) || len(d.recent) != 3*mostRecent {
		t.Errorf("looked at %v, remembered %d", d.forgot, len(d.recent))
	}
	add(3*mostRecent+1, 90)
	if len(d.recent) != 1 {
		t.Errorf("a minute later %d are remembered", len(d.recent))
	}
}
