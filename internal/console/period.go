package console

import (
	"net/url"
	"strconv"

	"tongka/internal/ledger"
	"tongka/internal/report"
)

// preset is a period that a page offers by name.
type preset struct {
	name text
	report.Period
}

// presetsOf are the periods that are offered on a business day.
func presetsOf(today ledger.Date) []preset {
	yesterday := today.AddDays(-1)
	return []preset{
		{wToday, report.Period{From: today, To: today}}, {wYesterday, report.Period{From: yesterday, To: yesterday}},
		{wThisWeek, report.Week(today)}, {wThisMonth, report.Month(today)}, {wLastMonth, report.LastMonth(today)},
	}
}

// periodOf reads the period that is asked for; usual is the one where none is. fault says what is wrong with it, and
// the usual one stands for it then.
func periodOf(q url.Values, usual report.Period) (p report.Period, fault text) {
	from, to := q.Get("from"), q.Get("to")
	if from == "" && to == "" {
		return usual, text{}
	}
	if from == "" {
		from = to
	}
	if to == "" {
		to = from
	}
	var err [2]error
	p.From, err[0] = ledger.ParseDate(from)
	p.To, err[1] = ledger.ParseDate(to)
	switch {
	case err[0] != nil || err[1] != nil:
		return usual, wNoDate
	case p.From > p.To:
		return usual, wFromBehindTo
	case p.Long():
		return usual, wPeriodLong.with(report.MostDays)
	}
	return p, text{}
}

// queryOf returns a period, and a shop if one is chosen, as the end of an address.
func queryOf(p report.Period, shop string) string {
	q := url.Values{"from": {p.From.String()}, "to": {p.To.String()}}
	if shop != "" {
		q.Set("shop", shop)
	}
	return "?" + q.Encode()
}

// ofDay returns the address of the day close of a day.
func (v view) ofDay(day ledger.Date, shop string) string {
	return v.at("reports/day" + queryOf(report.Period{From: day, To: day}, shop))
}

// shopText returns a shop as addresses have it.
func shopText(id ledger.ShopID) string { return strconv.FormatInt(int64(id), 10) }
