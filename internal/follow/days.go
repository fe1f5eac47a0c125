package follow

import (
	"context"

	"tongka/internal/ledger"
	"tongka/internal/report"
)

// Books store day totals and the settings they depend on.
type Books interface {
	Settled
	// EachEntryInBrief is Journal's EachEntry with only the fields that day totals need, which is faster.
	EachEntryInBrief(ctx context.Context, merchant ledger.MerchantID, after ledger.EntryID,
		fn func(*ledger.Entry) error) error
	// SaveDayTotals saves a cursor whose version was increased by one, and adds the totals of the entries up to it, or
	// returns command.ErrStale. At entry 0 it deletes all totals of the merchant.
	SaveDayTotals(ctx context.Context, c ledger.Cursor, add []ledger.DayTotal) error
}

// Days adds up business days.
type Days struct {
	byDay
	books Books
}

// NewDays makes the follower. Only one runner may run it.
func NewDays(books Books) *Days { return &Days{byDay{settled: books}, books} }

// Name returns the name of its cursors.
func (d *Days) Name() string { return ledger.DayTotals }

// Each calls fn with a merchant's entries after the given one, in order.
func (d *Days) Each(
	ctx context.Context, merchant ledger.MerchantID, after ledger.EntryID, fn func(*ledger.Entry) error,
) error {
	return d.books.EachEntryInBrief(ctx, merchant, after, fn)
}

// Take adds entries to the totals.
func (d *Days) Take(ctx context.Context, c ledger.Cursor, entries []*ledger.Entry) error {
	calendar, entries, err := d.turn(&c, entries)
	if err != nil {
		return err
	}
	days := report.NewDays(calendar)
	for _, e := range entries {
		days.Add(e)
	}
	return d.books.SaveDayTotals(ctx, c, days.Totals())
}
