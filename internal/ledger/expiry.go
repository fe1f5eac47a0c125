package ledger

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// ErrExpiry says that a text names no last good day.
var ErrExpiry = errors.New("not an expiry: want YYYYMMDD or YYYY-MM-DD, or a number and day, week, month or year")

// ParseExpiry reads a card's last good day, written as 20190725 or 2019-07-25 or counted from today as 1day, 1week,
// 1month or 1year, with up to three digits (mb_newcard of the dc78 wire, field expirydate). Months and
// years that would end behind their last day end on it, and from the last day of a month they end on the last
// day of one: a month from January 31 is the last day of February, and a month from that is March 31. Whether the
// day has passed is not looked at.
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

// AddMonths is the same day n months after d, or the last of that month when it is shorter, or when d is the
// last of its own: whoever goes on from the month's end, month by month, stays there. d must be a day of the
// calendar.
func (d Date) AddMonths(n int) Date {
	year, month := int(d/10000), time.Month(d/100%100)
	last := lastOf(year, month+time.Month(n))
	if d == lastOf(year, month) {
		return last
	}
	return last - last%100 + min(d%100, last%100)
}

// lastOf is the last day of a month. Months beyond December are those of the years after.
func lastOf(year int, month time.Month) Date {
	return DateOf(time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC))
}
