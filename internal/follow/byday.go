package follow

import (
	"context"
	"fmt"

	"tongka/internal/ledger"
)

// Settled knows the settings that business days depend on.
type Settled interface {
	// SettingsVersion returns a number that changes with every change of a merchant.
	SettingsVersion(ctx context.Context) (int64, error)
	Merchants(ctx context.Context) ([]ledger.Merchant, error)
}

// byDay is what followers have in common that add up business days. When a merchant's zone or cut-off changes, its days
// consist of other entries, so the whole journal is folded again.
type byDay struct {
	settled   Settled
	version   int64 // of the settings the calendars come from
	calendars map[ledger.MerchantID]ledger.Calendar
}

// Prepare loads the calendars if settings have changed.
func (d *byDay) Prepare(ctx context.Context) error {
	version, err := d.settled.SettingsVersion(ctx)
	if err != nil || d.calendars != nil && version == d.version {
		return err
	}
	merchants, err := d.settled.Merchants(ctx)
	if err != nil {
		return err
	}
	d.version, d.calendars = version, map[ledger.MerchantID]ledger.Calendar{}
	for i := range merchants {
		d.calendars[merchants[i].ID] = merchants[i].Calendar()
	}
	return nil
}

// Behind reports whether entries are not added up yet, or were by another calendar. The host has no business days.
func (d *byDay) Behind(head *ledger.Head, c *ledger.Cursor) bool {
	return head.Merchant != ledger.HostID && (c.Entry < head.LastEntry || c.Entry > 0 && d.moved(c))
}

func (d *byDay) moved(c *ledger.Cursor) bool {
	calendar := d.calendars[c.Merchant]
	return calendar.Zone != nil && calendar.String() != c.Calendar
}

// turn moves a cursor behind the entries that are to be added up, and returns them and by which calendar. If the days
// have changed, it sets the cursor back to the beginning, and there are none.
func (d *byDay) turn(c *ledger.Cursor, entries []*ledger.Entry) (ledger.Calendar, []*ledger.Entry, error) {
	calendar := d.calendars[c.Merchant]
	if calendar.Zone == nil {
		return calendar, nil, fmt.Errorf("merchant %d has no settings yet", c.Merchant)
	}
	anew := c.Entry > 0 && d.moved(c)
	c.Calendar = calendar.String()
	if anew {
		c.Entry = 0
		return calendar, nil, nil
	}
	if len(entries) == 0 {
		return calendar, nil, fmt.Errorf(
			"there is no entry behind entry %d, and the head says there is: see what tongka verify says", c.Entry)
	}
	c.Entry = entries[len(entries)-1].ID
	return calendar, entries, nil
}
