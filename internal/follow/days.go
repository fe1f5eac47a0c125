package follow

import (
	"context"
	"fmt"
	"time"

	"tongka/internal/ledger"
	"tongka/internal/report"
)

// Books are where day totals are kept, with the settings they follow from.
type Books interface {
	// SettingsVersion moves with every change of a merchant.
	SettingsVersion(ctx context.Context) (int64, error)
	Merchants(ctx context.Context) ([]ledger.Merchant, error)
	// EachEntryInBrief is Journal's EachEntry with what days are made of alone, which is quicker.
	EachEntryInBrief(ctx context.Context, merchant ledger.MerchantID, after ledger.EntryID,
		fn func(*ledger.Entry) error) error
	// SaveDayTotals saves a cursor whose version was moved by one, with what the entries up to it add, or returns
	// command.ErrStale. At entry 0 all totals of the merchant are forgotten.
	SaveDayTotals(ctx context.Context, c ledger.Cursor, add []ledger.DayTotal) error
}

// Days adds up business days. When a merchant's zone is changed, other entries make up its days: all is folded again.
type Days struct {
	books   Books
	version int64 // of the settings that zones are of
	zones   map[ledger.MerchantID]*time.Location
}

// NewDays makes the follower. One runner may run it.
func NewDays(books Books) *Days { return &Days{books: books} }

// Name is that of its cursors.
func (d *Days) Name() string { return ledger.DayTotals }

// Prepare looks for zones that were changed.
func (d *Days) Prepare(ctx context.Context) error {
	version, err := d.books.SettingsVersion(ctx)
	if err != nil || d.zones != nil && version == d.version {
		return err
	}
	merchants, err := d.books.Merchants(ctx)
	if err != nil {
		return err
	}
	d.version, d.zones = version, map[ledger.MerchantID]*time.Location{}
	for i := range merchants {
		d.zones[merchants[i].ID] = merchants[i].Zone
	}
	return nil
}

// Behind reports whether entries are not added up yet, or by another zone.
func (d *Days) Behind(head *ledger.Head, c *ledger.Cursor) bool {
	return c.Entry < head.LastEntry || c.Entry > 0 && d.moved(c)
}

func (d *Days) moved(c *ledger.Cursor) bool {
	zone := d.zones[c.Merchant]
	return zone != nil && zone.String() != c.Zone
}

// Each calls fn with a merchant's entries behind one, in order.
func (d *Days) Each(
	ctx context.Context, merchant ledger.MerchantID, after ledger.EntryID, fn func(*ledger.Entry) error,
) error {
	return d.books.EachEntryInBrief(ctx, merchant, after, fn)
}

// Take adds entries to the totals.
func (d *Days) Take(ctx context.Context, c ledger.Cursor, entries []*ledger.Entry) error {
	zone := d.zones[c.Merchant]
	if zone == nil {
		return fmt.Errorf("merchant %d has no settings yet", c.Merchant)
	}
	if c.Entry > 0 && d.moved(&c) {
		c.Entry, c.Zone = 0, zone.String()
		return d.books.SaveDayTotals(ctx, c, nil)
	}
	if len(entries) == 0 {
		return fmt.Errorf("there is no entry behind entry %d, and the head says there is: see what tongka verify says",
			c.Entry)
	}
	days := report.NewDays(zone)
	for _, e := range entries {
		days.Add(e)
	}
	c.Entry, c.Zone = entries[len(entries)-1].ID, zone.String()
	return d.books.SaveDayTotals(ctx, c, days.Totals())
}
