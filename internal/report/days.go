// Package report folds the journal into what a merchant wants to know: sums by business day. It is pure. Its
// results depend only on the entries and the merchant's calendar, so that stored totals can be checked by
// folding the entries again.
package report

import (
	"maps"
	"slices"

	"tongka/internal/ledger"
)

// Days adds up totals of one merchant's entries.
type Days struct {
	calendar ledger.Calendar
	sums     map[ledger.DayKey]*ledger.DaySums
}

// NewDays returns empty totals whose business days follow the calendar.
func NewDays(calendar ledger.Calendar) *Days {
	return &Days{calendar, map[ledger.DayKey]*ledger.DaySums{}}
}

// Add adds an entry to the totals.
func (d *Days) Add(e *ledger.Entry) {
	gross, net := e.InTotal()
	d.Plus(ledger.DayTotal{
		DayKey: ledger.DayKey{
			Day: d.calendar.Day(e.At), Shop: e.By.Shop, Operator: e.By.Operator, Kind: e.Kind, PayType: e.PayType,
		},
		DaySums: ledger.DaySums{
			Count: 1, Gross: gross, Net: net, Principal: e.Principal, Bonus: e.Bonus, Points: e.Points,
		},
	})
}

// Plus adds a total to the one with the same key.
func (d *Days) Plus(t ledger.DayTotal) {
	sums := d.sums[t.DayKey]
	if sums == nil {
		sums = &ledger.DaySums{}
		d.sums[t.DayKey] = sums
	}
	*sums = sums.Plus(t.DaySums)
}

// Take removes the sums of a key and returns them. ok is false if there are none.
func (d *Days) Take(k ledger.DayKey) (sums ledger.DaySums, ok bool) {
	found := d.sums[k]
	if found == nil {
		return sums, false
	}
	delete(d.sums, k)
	return *found, true
}

// Totals returns all totals, ordered by key.
func (d *Days) Totals() []ledger.DayTotal {
	all := make([]ledger.DayTotal, 0, len(d.sums))
	for _, k := range slices.SortedFunc(maps.Keys(d.sums), ledger.DayKey.Compare) {
		all = append(all, ledger.DayTotal{DayKey: k, DaySums: *d.sums[k]})
	}
	return all
}
