package ledger

import (
	"testing"
	"time"
	_ "time/tzdata" // the machine may have no zones
)

// A business day begins at the cut-off by the wall clock, also on the days when daylight saving time begins or ends.
func TestDay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		calendar, at string
		want         Date
	}{
		{"Asia/Shanghai", "2026-03-05T04:00:00+08:00", 2026_03_05},
		{"Asia/Shanghai", "2026-03-05T03:59:59.999+08:00", 2026_03_04},
		{"Asia/Shanghai", "2026-03-05T23:59:59+08:00", 2026_03_05},
		{"Asia/Shanghai", "2026-03-04T20:00:00Z", 2026_03_05},
		{"Asia/Shanghai", "2027-01-01T00:30:00+08:00", 2026_12_31},
		{"Asia/Shanghai", "2028-03-01T03:00:00+08:00", 2028_02_29},
		{"Asia/Shanghai 00:00", "2026-03-05T00:00:00+08:00", 2026_03_05},
		{"Asia/Shanghai 00:00", "2026-03-04T23:59:59+08:00", 2026_03_04},
		{"Asia/Shanghai 06:00", "2026-03-05T05:59:59+08:00", 2026_03_04},
		{"Asia/Shanghai 06:00", "2026-03-05T06:00:00+08:00", 2026_03_05},
		{"Asia/Shanghai 23:00", "2026-03-05T22:59:59+08:00", 2026_03_04},
		{"UTC", "2026-03-04T20:00:00Z", 2026_03_04},
		{"Europe/Berlin", "2026-03-29T04:00:00+02:00", 2026_03_29}, // this day has 23 hours
		{"Europe/Berlin", "2026-03-29T03:59:00+02:00", 2026_03_28},
		{"Europe/Berlin", "2026-10-25T04:00:00+01:00", 2026_10_25}, // this day has 25 hours
		{"Europe/Berlin", "2026-10-25T03:59:00+01:00", 2026_10_24},
	} {
		calendar, err := ParseCalendar(c.calendar)
		if err != nil {
			t.Fatal(err)
		}
		if calendar.String() != c.calendar {
			t.Errorf("%s is told as %v", c.calendar, calendar)
		}
		at, err := time.Parse(time.RFC3339Nano, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := calendar.Day(at); got != c.want {
			t.Errorf("%s by %s: got %v, want %v", c.at, c.calendar, got, c.want)
		}
	}
	for _, bad := range []string{
		"", " 05:00", "Mars/Olympus", "UTC 04:00", "UTC 24:00", "UTC 05:30", "UTC 5", "UTC  05:00", "UTC 05:00 ",
	} {
		if got, err := ParseCalendar(bad); err == nil {
			t.Errorf("%q is read as %v", bad, got)
		}
	}
}
