package ledger_test

import (
	"testing"
	"time"

	"tongka/internal/ledger"
)

func TestWeekdays(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"": "", "mon": "mon", "sun,mon": "mon,sun", "sat, fri": "fri,sat", "mon,tue,wed,thu,fri,sat,sun": "mon,tue,wed,thu,fri,sat,sun",
	} {
		if got, err := ledger.ParseWeekdays(typed); err != nil || got.String() != want {
			t.Errorf("%q: %q, %v", typed, got, err)
		}
	}
	for _, typed := range []string{"monday", "mon,mon", "mon,", "Mon", "1"} {
		if got, err := ledger.ParseWeekdays(typed); err == nil {
			t.Errorf("%q is taken as %q", typed, got)
		}
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{"17:30": "17:30", "9:05": "09:05", "00:00": "", "24:00": "", "23:59": "23:59"} {
		if got, err := ledger.ParseClock(typed); err != nil || got.String() != want {
			t.Errorf("%q: %q, %v", typed, got, err)
		}
	}
	for _, typed := range []string{"", "17", "17:60", "24:01", "25:00", "-1:00", "1:5", "17:30:00", " 17:30", "17:3x"} {
		if got, err := ledger.ParseClock(typed); err == nil {
			t.Errorf("%q is taken as %q", typed, got)
		}
	}
}

// A rule is in force on its days of the week and in its hours. Those that pass midnight are of the day on which they
// begin, as are the first and last day.
func TestRuleInForce(t *testing.T) {
	t.Parallel()
	clock := func(s string) ledger.Clock {
		c, err := ledger.ParseClock(s)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	weekend := ledger.Weekdays(0).With(time.Saturday).With(time.Sunday)
	evening := ledger.Rule{Weekdays: weekend, From: clock("17:00"), Until: clock("21:00")}
	night := ledger.Rule{Weekdays: weekend, From: clock("22:00"), Until: clock("02:00"), First: 2026_01_10, Last: 2026_01_10}
	late := ledger.Rule{From: clock("22:00")}
	early := ledger.Rule{Until: clock("11:00")}
	ended := ledger.Rule{Ended: true}
	for _, c := range []struct {
		rule *ledger.Rule
		at   string
		want bool
		next string // "" = never
	}{
		{&evening, "2026-01-09 18:00", false, "2026-01-10 17:00"},
		{&evening, "2026-01-10 16:59", false, "2026-01-10 17:00"},
		{&evening, "2026-01-10 17:00", true, "2026-01-10 17:00"},
		{&evening, "2026-01-10 20:59", true, "2026-01-10 20:59"},
		{&evening, "2026-01-10 21:00", false, "2026-01-11 17:00"},
		{&evening, "2026-01-11 21:00", false, "2026-01-17 17:00"},
		{&night, "2026-01-10 01:00", false, "2026-01-10 22:00"},
		{&night, "2026-01-10 22:00", true, "2026-01-10 22:00"},
		{&night, "2026-01-11 01:59", true, "2026-01-11 01:59"},
		{&night, "2026-01-11 02:00", false, ""},
		{&night, "2026-01-11 22:00", false, ""},
		{&night, "2025-06-01 12:00", false, "2026-01-10 22:00"},
		{&late, "2026-01-11 21:59", false, "2026-01-11 22:00"},
		{&late, "2026-01-11 23:59", true, "2026-01-11 23:59"},
		{&late, "2026-01-12 00:00", false, "2026-01-12 22:00"},
		{&early, "2026-01-11 00:00", true, "2026-01-11 00:00"},
		{&early, "2026-01-11 11:00", false, "2026-01-12 00:00"},
		{&ended, "2026-01-11 11:00", false, ""},
		{&ledger.Rule{}, "2026-01-11 11:00", true, "2026-01-11 11:00"},
	} {
		at, err := time.Parse("2006-01-02 15:04", c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.rule.InForce(at); got != c.want {
			t.Errorf("%+v at %s: %v", c.rule, c.at, got)
		}
		next, ok := c.rule.Next(at)
		if got := next.Format("2006-01-02 15:04"); ok != (c.next != "") || ok && got != c.next {
			t.Errorf("%+v after %s: next %s, %v, want %s", c.rule, c.at, got, ok, c.next)
		}
	}
}

// A rule with hours that no zone's clock could have shown was not met.
func TestAtSomeClock(t *testing.T) {
	t.Parallel()
	r := ledger.Rule{First: 2026_01_10, Last: 2026_01_10}
	for at, want := range map[string]bool{"2026-01-08T23:59:00Z": false, "2026-01-09T12:00:00Z": true, "2026-01-12T00:00:00Z": false} {
		moment, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := ledger.AtSomeClock(moment, r.InForce); got != want {
			t.Errorf("%s: %v", at, got)
		}
	}
}
