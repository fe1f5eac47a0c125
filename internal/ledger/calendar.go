package ledger

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// CutOff is the hour of the wall clock at which a business day begins, so that sales in the small hours belong to the
// evening before. It counts from 04:00, so that the zero value is the default: -4 is midnight, 19 is 23:00.
type CutOff int

const usualHour = 4

// CutOffAt returns the cut-off at an hour of the day, 0 to 23.
func CutOffAt(hour int) CutOff { return CutOff(hour - usualHour) }

// Hour returns the hour of the day, 0 to 23.
func (c CutOff) Hour() int { return int(c) + usualHour }

// String returns the hour in the form 04:00.
func (c CutOff) String() string { return fmt.Sprintf("%02d:00", c.Hour()) }

// MarshalJSON writes the hour of the day, 0 to 23.
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

// Calendar determines which business day a moment belongs to.
type Calendar struct {
	Zone   *time.Location
	CutOff CutOff
}

// Day returns the business day a moment belongs to.
func (c Calendar) Day(at time.Time) Date {
	at = at.In(c.Zone)
	day := DateOf(at)
	if at.Hour() < c.CutOff.Hour() {
		return day.AddDays(-1)
	}
	return day
}

// String returns the zone's name, followed by the cut-off unless that is the default: "Asia/Shanghai 05:00".
func (c Calendar) String() string {
	if c.CutOff == 0 {
		return c.Zone.String()
	}
	return c.Zone.String() + " " + c.CutOff.String()
}

// ParseCalendar reads what String returns. It refuses the default cut-off written out, so that a calendar has one text.
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
