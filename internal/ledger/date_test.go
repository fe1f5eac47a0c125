package ledger_test

import (
	"testing"
	"time"

	"tongka/internal/ledger"
)

var shanghai = func() *time.Location {
	l, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic(err)
	}
	return l
}()

// monday is a day on which a card can be used.
var monday = time.Date(2026, 1, 5, 12, 0, 0, 0, shanghai)

// Days are read strictly, printed in one form, and never shift (invariant 47).
func TestInvariant47ParseDate(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]ledger.Date{
		"1999-09-09": 1999_09_09, "1999-9-9": 1999_09_09, "1999/9/9": 1999_09_09, "19990909": 1999_09_09,
		"1999-9/09":  1999_09_09,
		"1900-01-01": 1900_01_01, "2000-02-29": 2000_02_29, "2024-02-29": 2024_02_29, "1940-06-01": 1940_06_01,
		"1991-09-15": 1991_09_15, "9999-12-31": ledger.Forever,
	} {
		if got, err := ledger.ParseDate(s); err != nil || got != want {
			t.Errorf("%q: got %d, %v, want %d", s, got, err, want)
		}
	}
	for _, s := range []string{
		"", "0", "0000-01-01", "1899-12-31", "2023-02-29", "1900-02-29", "2023-13-01", "2023-00-01", "2023-01-00",
		"2023-04-31",
		"99-9-9", "1999-9", "1999-9-9-9", "1999--9-9", "1999-9-9 ", " 1999-9-9", "-1999-9-9", "1999-9-9-", "199909",
		"1999-009-9",
		"1999.9.9", "１９９９-9-9", "1999年9月9日", "10000-01-01", "1999-09-09T00:00:00Z", "1999+9+9", "1999-a-9",
	} {
		if got, err := ledger.ParseDate(s); err == nil {
			t.Errorf("%q is taken as %v", s, got)
		}
	}
}

// Every day from 1900 on is read back as it was printed, and followed by the next one.
func TestInvariant47EveryDay(t *testing.T) {
	t.Parallel()
	days := 0
	for day := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2120; day = day.AddDate(0, 0, 1) {
		d := ledger.DateOf(day)
		if got, err := ledger.ParseDate(d.String()); err != nil || got != d {
			t.Fatalf("%d is printed %v and read as %d, %v", d, d, got, err)
		}
		if got, want := d.AddDays(1), ledger.DateOf(day.AddDate(0, 0, 1)); got != want || got <= d {
			t.Fatalf("the day after %v is %v, want %v", d, got, want)
		}
		if got := d.AddDays(-days); got != 1900_01_01 {
			t.Fatalf("%d days before %v is %v", days, d, got)
		}
		days++
	}
	if got := ledger.Date(0).String(); got != "" {
		t.Errorf("no day is printed %q", got)
	}
}

// An expiry is a day, or a number of units from today. Months and years end on a day that exists.
func TestParseExpiry(t *testing.T) {
	t.Parallel()
	const today = ledger.Date(2024_01_31)
	for s, want := range map[string]ledger.Date{
		"20190725": 2019_07_25, "2041-07-25": 2041_07_25, "2041/7/25": 2041_07_25, "20240131": 2024_01_31,
		"99991231": ledger.Forever,
		"1day":     2024_02_01, "30day": 2024_03_01, "1week": 2024_02_07, "5week": 2024_03_06,
		"1month": 2024_02_29, "2month": 2024_03_31, "3month": 2024_04_30, "12month": 2025_01_31, "13month": 2025_02_28,
		"1year": 2025_01_31, "999year": 3023_01_31, "999month": 2107_04_30,
	} {
		if got, err := ledger.ParseExpiry(s, today); err != nil || got != want {
			t.Errorf("%q: got %v, %v, want %v", s, got, err, want)
		}
	}
	for s, want := range map[ledger.Date]ledger.Date{
		2024_02_29: 2025_02_28, 2023_02_28: 2024_02_29, 2023_02_27: 2024_02_27, 2023_12_31: 2024_12_31,
	} {
		if got, err := ledger.ParseExpiry("1year", s); err != nil || got != want {
			t.Errorf("a year from %v: got %v, %v, want %v", s, got, err, want)
		}
	}
	for _, s := range []string{
		"", "0", "1", "day", "0day", "01day", "1000day", "-1day", "+1day", "1 day", "1days", "1Day", "1hour", "1month1day",
		"1.5year",
		"2019-07", "2019-02-30", "2019-07-25 ", "2019725", "20190230", "201907251", "20190725 ", "１day", "1天", "18991231",
	} {
		if got, err := ledger.ParseExpiry(s, today); err == nil || got != 0 {
			t.Errorf("%q is taken as %v, %v", s, got, err)
		}
	}
	if got, err := ledger.ParseExpiry("1day", ledger.Forever); err == nil {
		t.Errorf("the day after the last is %v", got)
	}
}

// A day is that of the wall clock, in any zone.
func TestDateOfIsTheDayOnTheWall(t *testing.T) {
	t.Parallel()
	instant := time.Date(2026, 1, 31, 16, 0, 0, 0, time.UTC)
	for zone, want := range map[*time.Location]ledger.Date{time.UTC: 2026_01_31, shanghai: 2026_02_01} {
		if got := ledger.DateOf(instant.In(zone)); got != want {
			t.Errorf("in %v: got %v, want %v", zone, got, want)
		}
	}
}

// A merchant's day and licence follow the merchant's own zone.
func TestTodayIsTheMerchantsDay(t *testing.T) {
	t.Parallel()
	m := ledger.Merchant{Zone: shanghai, LicenceEnd: 2026_01_05}
	for _, c := range []struct {
		now      time.Time
		want     ledger.Date
		licensed bool
	}{
		{time.Date(2026, 1, 4, 15, 59, 59, 0, time.UTC), 2026_01_04, true},
		{time.Date(2026, 1, 4, 16, 0, 0, 0, time.UTC), 2026_01_05, true},
		{time.Date(2026, 1, 5, 15, 59, 59, 999, time.UTC), 2026_01_05, true},
		{time.Date(2026, 1, 5, 16, 0, 0, 0, time.UTC), 2026_01_06, false},
	} {
		if got, ok := m.Today(c.now), m.Licensed(c.now); got != c.want || ok != c.licensed {
			t.Errorf("%v: got %v, %v, want %v, %v", c.now, got, ok, c.want, c.licensed)
		}
	}
}
