package ledger

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Weekdays are days of the week: the bit 1<<d is set for each time.Weekday d. 0 = every day.
type Weekdays int

// dayNames are the days of the week as configuration files name them, Monday first.
var dayNames = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// Week returns the days of the week, Monday first.
func Week() [7]time.Weekday {
	return [7]time.Weekday{
		time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday,
	}
}

// With returns the days and one more.
func (w Weekdays) With(d time.Weekday) Weekdays { return w | 1<<d }

// Has reports whether a day is among them.
func (w Weekdays) Has(d time.Weekday) bool { return w == 0 || w>>d&1 == 1 }

// String returns the days as configuration files name them, like mon,sat, and "" for every day.
func (w Weekdays) String() string {
	var names []string
	for i, d := range Week() {
		if w != 0 && w.Has(d) {
			names = append(names, dayNames[i])
		}
	}
	return strings.Join(names, ",")
}

// ParseWeekdays reads what String returns, in any order.
func ParseWeekdays(s string) (w Weekdays, err error) {
	if s == "" {
		return 0, nil
	}
	for name := range strings.SplitSeq(s, ",") {
		before := w
		for i, d := range Week() {
			if dayNames[i] == strings.TrimSpace(name) {
				w = w.With(d)
			}
		}
		if w == before {
			return 0, fmt.Errorf("want days like mon,tue, each once, got %q", s)
		}
	}
	return w, nil
}

// MarshalText returns the days as configuration files name them.
func (w Weekdays) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// UnmarshalText reads what MarshalText returns.
func (w *Weekdays) UnmarshalText(b []byte) (err error) {
	*w, err = ParseWeekdays(string(b))
	return err
}

// Clock is a time of the wall clock, in minutes after midnight, 0 to 1439. As the beginning or end of hours 0 says that
// there is none.
type Clock int

// dayLong is a day in minutes.
const dayLong = 24 * 60

// ClockOf returns the time of the wall clock at a moment in its own zone.
func ClockOf(at time.Time) Clock { return Clock(at.Hour()*60 + at.Minute()) }

// String returns the time as 17:30, and "" for 0.
func (c Clock) String() string {
	if c == 0 {
		return ""
	}
	return fmt.Sprintf("%02d:%02d", c/60, c%60)
}

// ParseClock reads a time of the wall clock, like 17:30. 24:00 is midnight, as 00:00 is.
func ParseClock(s string) (Clock, error) {
	hour, minute, ok := strings.Cut(s, ":")
	if !ok || !Digits(hour, 1, 2) || !Digits(minute, 2, 2) {
		return 0, fmt.Errorf("want a time like 17:30, got %q", s)
	}
	h, _ := strconv.Atoi(hour)   // digits, as m
	m, _ := strconv.Atoi(minute) // checked above
	if c := Clock(60*h + m); c <= dayLong && m < 60 {
		return c % dayLong, nil
	}
	return 0, fmt.Errorf("not a time of the day: %q", s)
}

// MarshalText returns the time as configuration files have it.
func (c Clock) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads what MarshalText returns.
func (c *Clock) UnmarshalText(b []byte) (err error) {
	*c, err = ParseClock(string(b))
	return err
}
