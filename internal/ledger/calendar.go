package ledger

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// CutOff is the hour by the wall clock at which a business day begins and the one before it ends, so that what is sold
// in the small hours belongs to the evening. It counts from 04:00, which is the zero value, and goes from -4, midnight,
// to 19, 23:00.
type CutOff int

const usualHour = 4

// CutOffAt is the cut-off at an hour of the day, 0 to 23.
func CutOffAt(hour int) CutOff { return CutOff(hour - usualHour) }

// Hour is the hour of the day, 0 to 23.
func (c CutOff) Hour() int { return int(c) + usualHour }

// String is the hour as 04:00.
func (c CutOff) String() string { return fmt.Sprintf("%02d:00", c.Hour()) }

// MarshalJSON is the hour of the day.
func (c CutOff) MarshalJSON() ([]byte, error) { return json.Marshal(c.Hour()) }

// UnmarshalJSON reads an hour of the day.
func (c *CutOff) UnmarshalJSON(b []byte) error {
	var hour int
	if err := json.Unmarshal(b, &hour); err != nil {
		return err
	}
	*c = CutOffAt(hour)
	return nil
}

// Calendar is what business days are reckoned by.
type Calendar struct {
	Zone   *time.Location
	CutOff CutOff
}

// Calendar is the merchant's. Its zone is nil where the merchant's is.
func (m *Merchant) Calendar() Calendar { return Calendar{m.Zone, m.Settings.CutOff} }

// Day is the business day of a moment.
func (c Calendar) Day(at time.Time) Date {
	at = at.In(c.Zone)
	day := DateOf(at)
	if at.Hour() < c.CutOff.Hour() {
		return day.AddDays(-1)
	}
	return day
}

// String is the zone's name, with the hour behind it where that is not the usual one: "Asia/Shanghai 05:00".
func (c Calendar) String() string {
	if c.CutOff == 0 {
		return c.Zone.String()
	}
	return c.Zone.String() + " " + c.CutOff.String()
}

// ParseCalendar reads what String returns.
func ParseCalendar(text string) (c Calendar, err error) {
	name, hour, found := strings.Cut(text, " ")
	if found {
		at, err := time.Parse("15:04", hour)
		if err != nil || at.Minute() != 0 || CutOffAt(at.Hour()) == 0 {
			return c, fmt.Errorf("calendar %q: want a zone, and an hour that is not the usual one", text)
		}
		c.CutOff = CutOffAt(at.Hour())
	}
	if name == "" {
		return c, fmt.Errorf("calendar %q: want a zone", text)
	}
	c.Zone, err = time.LoadLocation(name)
	return c, err
}
