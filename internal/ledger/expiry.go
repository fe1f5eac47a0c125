package ledger

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// ErrExpiry is returned for a text that names no last good day.
var ErrExpiry = errors.New("not an expiry: want YYYYMMDD or YYYY-MM-DD, or a number and day, week, month or year")

// ParseExpiry reads a card's last good day, written as 20190725 or 2019-07-25, or counted from today as 1day, 1week,
// 1month or 1year, with up to three digits (mb_newcard of dc78, field expirydate). Months and years count as in
// AddMonths: a month from January 31 is the last day of February, and a month from that is March 31. ParseExpiry does
// not check whether the day has passed.
func ParseExpiry(text string, today Date) (Date, error) {
	if Digits(text, 8, 8) || strings.ContainsAny(text, "-/") {
		return ParseDate(text)
	}
	unit := strings.TrimLeft(text, "0123456789")
	count := strings.TrimSuffix(text, unit)
	if !Digits(count, 1, 3) || count[0] == '0' {
		return 0, ErrExpiry
	}
	n, err := strconv.Atoi(count)
	if err != nil {
		return 0, ErrExpiry
	}
	var day Date
	switch unit {
	case "day":
		day = today.AddDays(n)
	case "week":
		day = today.AddDays(7 * n)
	case "month":
		day = today.AddMonths(n)
	case "year":
		day = today.AddMonths(12 * n)
	default:
		return 0, ErrExpiry
	}
	if day > Forever {
		return 0, ErrExpiry
	}
	return day, nil
}

// AddMonths returns the same day n months later. If d is the last day of its month or that month is shorter, it returns
// that month's last day, so that renewals from a month's end stay at the month's end. d must be a day of the calendar.
func (d Date) AddMonths(n int) Date {
	year, month := int(d/10000), time.Month(d/100%100)
	last := lastOf(year, month+time.Month(n))
	if d == lastOf(year, month) {
		return last
	}
	return last - last%100 + min(d%100, last%100)
}

// lastOf returns the last day of a month. Months above 12 are in the following years.
func lastOf(year int, month time.Month) Date {
	return DateOf(time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC))
}
