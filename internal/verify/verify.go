// Package verify proves the books: it folds every card again from its entries and checks each
// invariant that a database can show. It reads only, as of one moment, so it may run beside a server
// that works. What it finds it reports; it never repairs.
package verify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tongka"
)

// Books are the records as of one moment.
type Books interface {
	Journal
	Heads(ctx context.Context) ([]tongka.Head, error)
	// EachCard calls fn with each card of the merchant and all of its lots, by id.
	EachCard(ctx context.Context, merchant tongka.MerchantID, fn func(*tongka.Card) error) error
	// EachOf calls fn with the entries of these ids, in any order. Those that are not there are left out.
	EachOf(ctx context.Context, merchant tongka.MerchantID, ids []tongka.EntryID, fn func(*tongka.Entry) error) error
	EachRequest(ctx context.Context, merchant tongka.MerchantID, fn func(*tongka.Request) error) error
	EachCoupon(ctx context.Context, merchant tongka.MerchantID, fn func(*tongka.Coupon) error) error
	// Stocks are how many coupons the merchant sent of each kind.
	Stocks(ctx context.Context, merchant tongka.MerchantID) ([]tongka.CouponStock, error)
}

// Journal are the entries. They never change, so they need not be of the moment of the books, and
// several callers may read at a time.
type Journal interface {
	// EachEntry calls fn with the merchant's entries behind the one given, by id, until fn answers an
	// error. fn may keep the entry.
	EachEntry(ctx context.Context, merchant tongka.MerchantID, after tongka.EntryID, fn func(*tongka.Entry) error) error
}

// Result is what became of one check.
type Result struct {
	Invariant  int           `json:"invariant"`
	Name       string        `json:"name"`
	Rows       int64         `json:"rows"`
	Violations int64         `json:"violations"`
	Unknown    int64         `json:"unknown"` // rows of which the books do not tell enough
	Took       time.Duration `json:"took_ns"`
	Examples   []string      `json:"examples,omitempty"` // of violations, the first few; no holder's data
}

// maxExamples is how many violations of a check are told apart.
const maxExamples = 5

// fail counts a violation and keeps the first few.
func (r *Result) fail(format string, args ...any) {
	r.Violations++
	if len(r.Examples) < maxExamples {
		r.Examples = append(r.Examples, fmt.Sprintf(format, args...))
	}
}

// Progress is called now and then with how many entries are checked, of how many.
type Progress func(done, total int64)

const (
	chunkSize  = 8000    // entries that are read and checked at a time
	readers    = 3       // chunks that are read ahead
	mostInHand = 200_000 // cards that may be in hand between two chunks: some 1 KB each, packed a third
)

// Run checks all merchants. The error is that of reading; violations are in the results, which are in
// the order of the invariants.
func Run(ctx context.Context, books Books, journal Journal, progress Progress) ([]Result, error) {
	return newLedger().run(ctx, books, journal, progress)
}

func (l *ledger) run(ctx context.Context, books Books, journal Journal, progress Progress) ([]Result, error) {
	heads, err := books.Heads(ctx)
	if err != nil {
		return nil, err
	}
	var done, total int64
	for _, h := range heads {
		total += int64(h.LastEntry)
	}
	for _, h := range heads {
		step := func(n int) { done += int64(n); progress(done, total) }
		if err := l.merchant(ctx, books, journal, h, step); err != nil {
			return nil, fmt.Errorf("merchant %d: %w", h.Merchant, err)
		}
	}
	return l.results(), nil
}

// merchant checks one merchant's books.
func (l *ledger) merchant(ctx context.Context, books Books, journal Journal, h tongka.Head, step func(int)) error {
	l.begin()
	if err := l.eachChunk(ctx, journal, h, func(entries []*tongka.Entry) { l.entries(entries); step(len(entries)) }); err != nil {
		return err
	}
	l.paired(nil)
	if err := books.EachCard(ctx, h.Merchant, l.card); err != nil {
		return err
	}
	if err := l.undone(ctx, books, h); err != nil {
		return err
	}
	if err := l.couponBooks(ctx, books, h.Merchant); err != nil {
		return err
	}
	l.end(h)
	if err := books.EachRequest(ctx, h.Merchant, func(r *tongka.Request) error { l.request(h, r); return nil }); err != nil {
		return err
	}
	l.unanswered()
	return nil
}

// chunkRead is a chunk on its way.
type chunkRead struct {
	entries []*tongka.Entry
	err     error
}

// eachChunk reads the journal in chunks, a few at a time, and hands them over in order.
func (l *ledger) eachChunk(ctx context.Context, journal Journal, h tongka.Head, fn func([]*tongka.Entry)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	queue := make(chan chan chunkRead, readers-1)
	go func() {
		defer close(queue)
		for after := tongka.EntryID(0); after < h.LastEntry; after += l.chunk {
			read := make(chan chunkRead, 1)
			select {
			case queue <- read:
			case <-ctx.Done():
				return
			}
			go func() { read <- readChunk(ctx, journal, h, after, l.chunk) }()
		}
	}()
	for read := range queue {
		c := <-read
		if c.err != nil {
			return c.err
		}
		fn(c.entries)
	}
	return ctx.Err()
}

func readChunk(ctx context.Context, journal Journal, h tongka.Head, after, chunk tongka.EntryID) chunkRead {
	entries := make([]*tongka.Entry, 0, chunk)
	upTo := min(after+chunk, h.LastEntry)
	err := journal.EachEntry(ctx, h.Merchant, after, func(e *tongka.Entry) error {
		if e.ID <= upTo {
			entries = append(entries, e)
		}
		if e.ID >= upTo {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return chunkRead{entries, err}
}

// errEnough ends a walk over the journal.
var errEnough = errors.New("enough")
