// Package report folds the journal into what a merchant asks of it: sums by business day. It is pure, and what it makes
// is a function of the entries and of the merchant's calendar alone, so that a total can be kept, and be proved by folding
// the entries again.
package report

import (
	"maps"
	"slices"

	"tongka/internal/ledger"
)

// Days are totals of one merchant's entries, in the making.
type Days struct {
	calendar ledger.Calendar
	sums     map[ledger.DayKey]*ledger.DaySums
}

// NewDays are no totals yet. Days are reckoned by the calendar.
func NewDays(calendar ledger.Calendar) *Days {
	return &Days{calendar, map[ledger.DayKey]*ledger.DaySums{}}
}

// Add counts an entry in.
func (d *Days) Add(e *ledger.Entry) {
	d.Plus(ledger.DayTotal{
		DayKey: ledger.DayKey{
			Day: d.calendar.Day(e.At), Shop: e.By.Shop, Operator: e.By.Operator, Kind: e.Kind, PayType: e.PayType,
		},
		DaySums: ledger.DaySums{
			Count: 1, Gross: e.Gross, Net: e.Net, Principal: e.Principal, Bonus: e.Bonus, Points: e.Points,
		},
	})
}

// Plus adds a total to the one of its key.
func (d *Days) Plus(t ledger.DayTotal) {
	sums := d.sums[t.DayKey]
	if sums == nil {
		sums = &ledger.DaySums{}
		d.sums[t.DayKey] = sums
	}
	*sums = sums.Plus(t.DaySums)
}

// Take returns the sums of a key and forgets them. ok is false where there are none.
func (d *Days) Take(k ledger.DayKey) (sums ledger.DaySums, ok bool) {
	found := d.sums[k]
	if found == nil {
		return sums, false
	}
	delete(d.sums, k)
	return *found, true
}

// Totals are all of them, by key.
func (d *Days) Totals() []ledger.DayTotal {
	all := make([]ledger.DayTotal, 0, len(d.sums))
	for _, k := range slices.SortedFunc(maps.Keys(d.sums), ledger.DayKey.Compare) {
		all = append(all, ledger.DayTotal{DayKey: k, DaySums: *d.sums[k]})
	}
	return all
}
