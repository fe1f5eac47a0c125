package follow

import (
	"context"
	"fmt"

	"tongka/internal/ledger"
	"tongka/internal/report"
)

// Books store day totals and the settings they depend on.
type Books interface {
	// SettingsVersion returns a number that changes with every change of a merchant.
	SettingsVersion(ctx context.Context) (int64, error)
	Merchants(ctx context.Context) ([]ledger.Merchant, error)
	// EachEntryInBrief is Journal's EachEntry with only the fields that day totals need, which is faster.
	EachEntryInBrief(ctx context.Context, merchant ledger.MerchantID, after ledger.EntryID,
		fn func(*ledger.Entry) error) error
	// SaveDayTotals saves a cursor whose version was increased by one, and adds the totals of the entries up to it, or
	// returns command.ErrStale. At entry 0 it deletes all totals of the merchant.
	SaveDayTotals(ctx context.Context, c ledger.Cursor, add []ledger.DayTotal) error
}

// Days adds up business days. When a merchant's zone or cut-off changes, its days consist of other entries, so the
// whole journal is folded again.
type Days struct {
	books     Books
	version   int64 // of the settings the calendars come from
	calendars map[ledger.MerchantID]ledger.Calendar
}

// NewDays makes the follower. Only one runner may run it.
func NewDays(books Books) *Days { return &Days{books: books} }

// Name returns the name of its cursors.
func (d *Days) Name() string { return ledger.DayTotals }

// Prepare loads the calendars if settings have changed.
func (d *Days) Prepare(ctx context.Context) error {
	version, err := d.books.SettingsVersion(ctx)
	if err != nil || d.calendars != nil && version == d.version {
		return err
	}
	merchants, err := d.books.Merchants(ctx)
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
func (d *Days) Behind(head *ledger.Head, c *ledger.Cursor) bool {
	return head.Merchant != ledger.HostID && (c.Entry < head.LastEntry || c.Entry > 0 && d.moved(c))
}

func (d *Days) moved(c *ledger.Cursor) bool {
	calendar := d.calendars[c.Merchant]
	return calendar.Zone != nil && calendar.String() != c.Calendar
}

// Each calls fn with a merchant's entries after the given one, in order.
func (d *Days) Each(
	ctx context.Context, merchant ledger.MerchantID, after ledger.EntryID, fn func(*ledger.Entry) error,
) error {
	return d.books.EachEntryInBrief(ctx, merchant, after, fn)
}

// Take adds entries to the totals.
func (d *Days) Take(ctx context.Context, c ledger.Cursor, entries []*ledger.Entry) error {
	calendar := d.calendars[c.Merchant]
	if calendar.Zone == nil {
		return fmt.Errorf("merchant %d has no settings yet", c.Merchant)
	}
	if c.Entry > 0 && d.moved(&c) {
		c.Entry, c.Calendar = 0, calendar.String()
		return d.books.SaveDayTotals(ctx, c, nil)
	}
	if len(entries) == 0 {
		return fmt.Errorf("there is no entry behind entry %d, and the head says there is: see what tongka verify says",
			c.Entry)
	}
	days := report.NewDays(calendar)
	for _, e := range entries {
		days.Add(e)
	}
	c.Entry, c.Calendar = entries[len(entries)-1].ID, calendar.String()
	return d.books.SaveDayTotals(ctx, c, days.Totals())
}
