package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// moment is what this machine's clock shows, with the zones in which people have their calendars: at a machine in UTC
// and a merchant in China the date differs for eight hours a day.
type moment struct {
	at    time.Time
	own   *time.Location   // the machine's
	zones []*time.Location // the merchants', each once
}

// moment reads this machine's clock, and the zones of all merchants.
func (b *books) moment(ctx context.Context) (moment, error) {
	merchants, err := b.Merchants(ctx)
	if err != nil {
		return moment{}, err
	}
	m := moment{at: machine().Read().Wall, own: time.Local}
	for i := range merchants {
		zone := merchants[i].Zone
		if !slices.ContainsFunc(m.zones, func(z *time.Location) bool { return z.String() == zone.String() }) {
			m.zones = append(m.zones, zone)
		}
	}
	return m, nil
}

// String returns the time in UTC and, where they differ from that, in the machine's zone and in each of the
// merchants': "2026-11-29 16:26 UTC (2026-11-30 00:26 in Asia/Shanghai)".
func (m moment) String() string {
	const minute = "2006-01-02 15:04"
	utc := m.at.UTC().Format(minute)
	var there []string
	if own := m.at.In(m.own).Format(minute); own != utc {
		there = append(there, own+" in this machine's zone")
	}
	for _, zone := range m.zones {
		if local := m.at.In(zone).Format(minute); local != utc {
			there = append(there, local+" in "+zone.String())
		}
	}
	if len(there) == 0 {
		return utc + " UTC"
	}
	return fmt.Sprintf("%s UTC (%s)", utc, strings.Join(there, ", "))
}

// check returns an error unless it is that day in one of the zones, or in UTC, in which the program itself writes.
func (m moment) check(day string) error {
	for _, zone := range append([]*time.Location{time.UTC, m.own}, m.zones...) {
		if m.at.In(zone).Format(time.DateOnly) == day {
			return nil
		}
	}
	return fmt.Errorf("this machine's clock shows %v, and %s is today in none of these zones: look at a calendar; if it "+
		"is the clock that is wrong, set it right first", m, day)
}
