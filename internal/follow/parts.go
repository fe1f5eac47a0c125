package follow

import (
	"context"

	"tongka/internal/ledger"
	"tongka/internal/report"
)

// PartBooks store totals of lots and coupons and the settings they depend on.
type PartBooks interface {
	Settled
	EachEntry(ctx context.Context, merchant ledger.MerchantID, after ledger.EntryID, fn func(*ledger.Entry) error) error
	// EachOf calls fn with the entries of these ids, in any order. Missing ones are skipped.
	EachOf(ctx context.Context, merchant ledger.MerchantID, ids []ledger.EntryID, fn func(*ledger.Entry) error) error
	// SavePartTotals saves a cursor whose version was increased by one, and adds the totals of the entries up to it, or
	// returns command.ErrStale. At entry 0 it deletes all such totals of the merchant.
	SavePartTotals(ctx context.Context, c ledger.Cursor, lots []ledger.LotTotal, coupons []ledger.CouponTotal) error
}

// Parts adds up what entries did to lots and coupons, by where these came from.
type Parts struct {
	byDay
	books PartBooks
}

// NewParts makes the follower. Only one runner may run it.
func NewParts(books PartBooks) *Parts { return &Parts{byDay{settled: books}, books} }

// Name returns the name of its cursors.
func (p *Parts) Name() string { return ledger.PartTotals }

// Each calls fn with a merchant's entries after the given one, in order.
func (p *Parts) Each(
	ctx context.Context, merchant ledger.MerchantID, after ledger.EntryID, fn func(*ledger.Entry) error,
) error {
	return p.books.EachEntry(ctx, merchant, after, fn)
}

// Take adds entries to the totals.
func (p *Parts) Take(ctx context.Context, c ledger.Cursor, entries []*ledger.Entry) error {
	calendar, entries, err := p.turn(&c, entries)
	if err != nil {
		return err
	}
	parts := report.NewParts(calendar)
	err = p.books.EachOf(ctx, c.Merchant, parts.Unknown(entries), func(e *ledger.Entry) error {
		parts.Know(e)
		return nil
	})
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := parts.Add(e); err != nil {
			return err
		}
	}
	return p.books.SavePartTotals(ctx, c, parts.Lots(), parts.Coupons())
}
