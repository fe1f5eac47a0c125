package report

import (
	"slices"
	"time"

	"tongka/internal/ledger"
)

// Double is a bill, a recharge or a payment in points that may have been carried out twice.
type Double struct {
	First, Second ledger.EntryID
	Card          ledger.CardID
	Kind          ledger.Kind
	At            time.Time // of the second
	Shop          ledger.ShopID
	Operator      string
	Gross         ledger.Fen
	Points        int64 // of points that were used
}

// doubleWithin is how soon after an entry another one like it may be the same once more.
const doubleWithin = time.Minute

// mostDoubles bounds what Doubles keeps. From mostRecent entries on it forgets those that are too long ago, once a
// minute: to look at all of them at each entry would cost more than the entries of a busy merchant do.
const (
	mostDoubles = 200
	mostRecent  = 4096
)

// Doubles finds entries that may have been made twice: of the same kind, card and amount, by the same till and clerk
// within a minute, and asked for by no request id, by which the second would have been told from the first. It keeps
// the newest 200, without those of which one was undone.
type Doubles struct {
	recent map[alike]seen
	forgot time.Time // when those that are too long ago were forgotten last, by the time of entries
	found  []Double
}

// alike is what two entries have in common of which one may be too many.
type alike struct {
	card   ledger.CardID
	kind   ledger.Kind
	agent  ledger.AgentID
	shop   ledger.ShopID
	by     string
	gross  ledger.Fen
	points int64
}

type seen struct {
	id ledger.EntryID
	at time.Time
}

// Add looks at the next entry of a journal. Of the entry it needs no more than what a store gives in brief.
func (d *Doubles) Add(e *ledger.Entry) {
	if e.RefersTo != 0 && !e.PaysRest() { // it undoes that
		d.found = slices.DeleteFunc(d.found, func(f Double) bool { return f.First == e.RefersTo || f.Second == e.RefersTo })
	}
	key := alike{
		card: e.Card, kind: e.Kind, agent: e.By.Agent, shop: e.By.Shop, by: e.By.Operator, gross: e.Gross,
	}
	switch e.Kind {
	case ledger.Recharged, ledger.Consumed, ledger.AccountCharged:
	case ledger.PointsUsed:
		key.points = e.Points
	default:
		return
	}
	if e.Asked != 0 {
		return
	}
	if first, ok := d.recent[key]; ok && e.At.Sub(first.at).Abs() <= doubleWithin {
		d.found = append(d.found, Double{
			First: first.id, Second: e.ID, Card: e.Card, Kind: e.Kind, At: e.At, Shop: e.By.Shop, Operator: e.By.Operator,
			Gross: e.Gross, Points: -key.points,
		})
		d.found = d.found[max(0, len(d.found)-mostDoubles):]
	}
	d.remember(key, e)
}

// remember keeps an entry for those to come, and forgets those that are too long ago.
func (d *Doubles) remember(key alike, e *ledger.Entry) {
	if d.recent == nil {
		d.recent = map[alike]seen{}
	}
	d.recent[key] = seen{e.ID, e.At}
	if len(d.recent) < mostRecent || e.At.Sub(d.forgot).Abs() < doubleWithin {
		return
	}
	d.forgot = e.At
	for other, s := range d.recent {
		if e.At.Sub(s.at).Abs() > doubleWithin {
			delete(d.recent, other)
		}
	}
}

// Of returns those found that were made on a business day, the newest first.
func (d *Doubles) Of(calendar ledger.Calendar, day ledger.Date) (all []Double) {
	for _, f := range slices.Backward(d.found) {
		if calendar.Day(f.At) == day {
			all = append(all, f)
		}
	}
	return all
}
