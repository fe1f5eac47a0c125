package demo

import (
	"time"

	"tongka/internal/ledger"
)

// lunar has the first days of lunar years, by which the trade of a spring goes. A year that is not among them has none.
var lunar = []ledger.Date{
	2025_01_29, 2026_02_17, 2027_02_06, 2028_01_26, 2029_02_13, 2030_02_03, 2031_01_23, 2032_02_11, 2033_01_31, 2034_02_19,
	2035_02_08,
}

// daysOfLunar returns how many days a day is after the nearest first day of a lunar year; known is false where none is
// within a month.
func daysOfLunar(day time.Time) (days int, known bool) {
	for _, first := range lunar {
		begins := first.At(0, time.UTC)
		own := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, time.UTC)
		if days = int(own.Sub(begins) / (24 * time.Hour)); days > -31 && days < 31 {
			return days, true
		}
	}
	return 0, false
}

// season is a stretch of days of every year, as 1001 for 1 October, with how busy it is, in percent.
type season struct{ first, last, percent int }

var (
	seasons = []season{
		{101, 103, 130}, {214, 214, 165}, {501, 505, 145}, {1001, 1007, 150}, {1224, 1225, 140}, {1231, 1231, 150},
	}
	terms = []season{{120, 220, 35}, {501, 505, 60}, {701, 831, 40}, {1001, 1007, 60}} // of students: these are without

	weekdays       = [7]int{135, 75, 80, 85, 90, 120, 155} // from Sunday on, in percent
	schoolWeekdays = [7]int{85, 105, 105, 105, 105, 110, 80}
)

// percentOf returns how busy a day is by the stretches it lies in, 100 where in none.
func percentOf(stretches []season, day time.Time) int {
	date := int(day.Month())*100 + day.Day()
	for _, s := range stretches {
		if s.first <= date && date <= s.last {
			return s.percent
		}
	}
	return 100
}

// busy returns how busy a shop is on a day, in percent of a usual one; 0 = it is closed.
func busy(s *shop, day time.Time) int {
	if s.school {
		return schoolWeekdays[day.Weekday()] * percentOf(terms, day) / 100
	}
	percent := weekdays[day.Weekday()] * percentOf(seasons, day) / 100
	days, known := daysOfLunar(day)
	switch {
	case !known, days < -14, days > 15:
		return percent
	case days < -1: // dinners of firms
		return percent * 120 / 100
	case days == -1: // families eat at home
		return 40
	case days < 3:
		return 0
	}
	return percent * 125 / 100
}

// hour is when a bill may be, and how many of a hundred are then.
type hour struct {
	from, until time.Duration // since midnight
	share       int
	dinner      bool
}

var hours = []hour{
	{11 * time.Hour, 12 * time.Hour, 14, false},
	{12 * time.Hour, 13*time.Hour + 15*time.Minute, 24, false},
	{13*time.Hour + 15*time.Minute, 14*time.Hour + 20*time.Minute, 8, false},
	{14*time.Hour + 20*time.Minute, 17 * time.Hour, 4, false},
	{17 * time.Hour, 18 * time.Hour, 12, true},
	{18 * time.Hour, 20 * time.Hour, 28, true},
	{20 * time.Hour, 21*time.Hour + 40*time.Minute, 10, true},
}
