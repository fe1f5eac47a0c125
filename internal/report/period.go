package report

import (
	"time"

	"tongka/internal/ledger"
)

// MostDays is the longest period that a report is made of: a leap year.
const MostDays = 366

// Period is some business days, the first and the last included.
type Period struct{ From, To ledger.Date }

// Days returns the days of the period in order, at most MostDays of them.
func (p Period) Days() (all []ledger.Date) {
	for day := p.From; day <= p.To && len(all) < MostDays; day = day.AddDays(1) {
		all = append(all, day)
	}
	return all
}

// Long reports whether the period has more than MostDays.
func (p Period) Long() bool { return p.From.AddDays(MostDays-1) < p.To }

// Week returns the week of a day, from Monday, up to that day.
func Week(day ledger.Date) Period {
	return Period{day.AddDays(-(int(Weekday(day)) + 6) % 7), day}
}

// Month returns the month of a day up to that day.
func Month(day ledger.Date) Period { return Period{day/100*100 + 1, day} }

// LastMonth returns the month before that of a day.
func LastMonth(day ledger.Date) Period {
	last := Month(day).From.AddDays(-1)
	return Month(last)
}

// Weekday returns which day of the week a day is.
func Weekday(day ledger.Date) time.Weekday {
	return day.At(0, time.UTC).Weekday()
}
