package ledger

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Date is a civil day written as the number yyyymmdd, like 20271231. It has no zone and is never an instant. 0 means
// none.
type Date int32

// Forever is the last good day of what never expires. It is later than every real day.
const Forever Date = 9999_12_31

// FirstDay is the first day that can be written. A card whose next expiry is FirstDay is examined by every sweep.
const FirstDay Date = 1900_01_01

// ParseDate reads a day of the calendar between 1900 and 9999, written as 1999-09-09, 1999-9-9, 1999/9/9 or 19990909.
func ParseDate(s string) (Date, error) {
	var part [3]string
	if len(s) == 8 && Digits(s, 8, 8) {
		part = [3]string{s[:4], s[4:6], s[6:]}
	} else {
		f := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '/' })
		if len(f) != 3 || !Digits(f[0], 4, 4) || !Digits(f[1], 1, 2) || !Digits(f[2], 1, 2) ||
			len(s) != len(f[0])+len(f[1])+len(f[2])+2 {
			return 0, fmt.Errorf("not a date: %q, want YYYY-MM-DD", s)
		}
		part = [3]string{f[0], f[1], f[2]}
	}
	var n [3]int
	for i, p := range part {
		n[i], _ = strconv.Atoi(p) // digits, checked above
	}
	t := time.Date(n[0], time.Month(n[1]), n[2], 0, 0, 0, 0, time.UTC)
	if n[0] < int(FirstDay/10000) || t.Day() != n[2] || int(t.Month()) != n[1] {
		return 0, fmt.Errorf("not a day of the calendar: %q", s)
	}
	return DateOf(t), nil
}

// DateOf returns the civil day of t in t's own zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date(y*10000 + int(m)*100 + d)
}

// At returns the moment at which the clock in a zone shows a time on the day. d must be a day of the calendar.
func (d Date) At(c Clock, zone *time.Location) time.Time {
	return time.Date(int(d/10000), time.Month(d/100%100), int(d%100), 0, int(c), 0, 0, zone)
}

// AddDays returns the day n days after d. d must be a day of the calendar.
func (d Date) AddDays(n int) Date {
	return DateOf(time.Date(int(d/10000), time.Month(d/100%100), int(d%100)+n, 0, 0, 0, 0, time.UTC))
}

// String returns d as 1999-09-09, and "" for 0.
func (d Date) String() string {
	if d == 0 {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d/10000, d/100%100, d%100)
}

// farthestZone is how far local time may be from UTC. The journal does not say which zone a merchant had when an entry
// was made, so days are checked against the farthest zone. An entry dated one day off is therefore not always found.
const farthestZone = 14 * time.Hour

// EarliestDay returns the first day it can have been at a merchant at that time.
func EarliestDay(at time.Time) Date { return DateOf(at.UTC().Add(-farthestZone)) }

// LatestDay returns the last day it can have been at a merchant at that time.
func LatestDay(at time.Time) Date { return DateOf(at.UTC().Add(farthestZone)) }

// AtSomeClock reports whether something is so for one of the times that a merchant's clock can have shown at that time.
// Zones are quarters of hours apart.
func AtSomeClock(at time.Time, so func(wall time.Time) bool) bool {
	for off := -farthestZone; off <= farthestZone; off += 15 * time.Minute {
		if so(at.UTC().Add(off)) {
			return true
		}
	}
	return false
}

// OnSomeDay reports whether something is so for one of the days it can have been at a merchant at that time.
func OnSomeDay(at time.Time, so func(Date) bool) bool {
	for day := EarliestDay(at); day <= LatestDay(at); day = day.AddDays(1) {
		if so(day) {
			return true
		}
	}
	return false
}
