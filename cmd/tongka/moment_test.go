package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tongka/internal/clock"
)

// TestTodayWhereTheMerchantIs: on a machine in UTC the date that the calendar in a Chinese shop shows is taken after
// midnight there, as is the date in UTC; another is refused, with the time in both zones, and nothing is done.
func TestTodayWhereTheMerchantIs(t *testing.T) {
	t.Parallel()
	s := openShop(t, "sqlite:"+filepath.Join(t.TempDir(), "tongka.db"))
	now := time.Now().UTC()
	there := time.Date(now.Year(), now.Month(), now.Day()+1, 16, 30, 0, 0, time.UTC) // 00:30 in China
	s.set(there.Sub(now), clock.Unsynchronised)
	date := func(days int) string { return there.AddDate(0, 0, days).Format(time.DateOnly) }
	for _, command := range []string{"accept", "take-back"} {
		for days, taken := range map[int]bool{-1: false, 0: true, 1: true, 2: false} {
			cmd := s.program("clock", command, "--db", s.dsn, date(days))
			cmd.Env = append(cmd.Env, "TZ=UTC")
			text, err := cmd.CombinedOutput()
			out := string(text)
			if (err == nil) != taken || !strings.Contains(out, date(0)+" 16:3") ||
				!strings.Contains(out, " UTC ("+date(1)+" 00:3") || !strings.Contains(out, " in Asia/Shanghai)") {
				t.Errorf("%s %s: %v, %s", command, date(days), err, out)
			}
		}
	}
}

// TestMoment: a time is given once where zones agree, and with each zone where they do not.
func TestMoment(t *testing.T) {
	t.Parallel()
	zone := func(name string) *time.Location {
		z, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	at := time.Date(2026, 11, 29, 16, 26, 7, 0, time.UTC)
	for want, m := range map[string]moment{
		"2026-11-29 16:26 UTC": {at, time.UTC, nil},
		"2026-11-29 16:26 UTC (2026-11-30 00:26 in Asia/Shanghai)":       {at, time.UTC, []*time.Location{zone("Asia/Shanghai")}},
		"2026-11-29 16:26 UTC (2026-11-29 17:26 in this machine's zone)": {at, zone("Europe/Paris"), []*time.Location{time.UTC}},
		"2026-11-29 16:26 UTC (2026-11-30 05:26 in Pacific/Auckland)":    {at, time.UTC, []*time.Location{zone("Pacific/Auckland")}},
		"2026-11-29 16:26 UTC (2026-11-30 01:26 in this machine's zone, 2026-11-30 00:26 in Asia/Shanghai)": {
			at, zone("Asia/Tokyo"), []*time.Location{zone("Asia/Shanghai")},
		},
	} {
		if m.String() != want {
			t.Errorf("got %v, want %s", m, want)
		}
	}
}
