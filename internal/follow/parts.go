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
	known map[ledger.MerchantID]known
	total int // entries that are known, of all merchants
	most  int // of these
}

// known is what a page has learned of a merchant's journal and the next one need not read again: nearly every bill
// names a lot, whose entry is somewhere in the journal. It holds only for the very next version of the cursor. If
// another process was at work meanwhile, or the database is another one, there may be other entries.
type known struct {
	version int64 // of the cursor that was saved with it
	origins *report.Origins
}

// mostKnown takes a few MB.
const mostKnown = 1 << 18

// NewParts makes the follower. Only one runner may run it.
func NewParts(books PartBooks) *Parts {
	return &Parts{byDay: byDay{settled: books}, books: books, known: map[ledger.MerchantID]known{}, most: mostKnown}
}

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
	origins := p.knownAt(&c)
	parts := report.NewParts(calendar, origins)
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
	if err := p.books.SavePartTotals(ctx, c, parts.Lots(), parts.Coupons()); err != nil {
		return err
	}
	p.keep(&c, origins)
	return nil
}

// knownAt returns what is known for a cursor.
func (p *Parts) knownAt(c *ledger.Cursor) *report.Origins {
	k := p.known[c.Merchant]
	delete(p.known, c.Merchant)
	if k.origins == nil {
		return report.NewOrigins()
	}
	p.total -= k.origins.Len()
	if k.version+1 != c.Version {
		return report.NewOrigins()
	}
	return k.origins
}

// keep keeps what is known for the cursor's next version. If it is too much, it forgets what is known of everybody.
func (p *Parts) keep(c *ledger.Cursor, origins *report.Origins) {
	if p.total += origins.Len(); p.total > p.most {
		clear(p.known)
		p.total = 0
		return
	}
	p.known[c.Merchant] = known{c.Version, origins}
}
