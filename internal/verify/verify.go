// Package verify proves the books: it folds every card again from its entries and checks each invariant that a
// database can show. It only reads, as of one moment, so it may run beside a working server. It reports what it
// finds and never repairs.
package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tongka/internal/ledger"
)

// Books are the records as of one moment.
type Books interface {
	Journal
	Heads(ctx context.Context) ([]ledger.Head, error)
	// StoredMerchants returns the merchants. Zone is nil if it is unknown.
	StoredMerchants(ctx context.Context) ([]ledger.Merchant, error)
	// Owners returns the merchants that rows belong to, by table.
	Owners(ctx context.Context) (map[string][]ledger.MerchantID, error)
	Strays(ctx context.Context) ([]ledger.Stray, error)
	// Counters returns the names of the numbers that the program keeps for itself.
	Counters(ctx context.Context) ([]string, error)
	// Agents returns all agents with their grants.
	Agents(ctx context.Context) ([]ledger.Agent, error)
	People(ctx context.Context) ([]ledger.Person, error)
	// Shape returns every part that the database has or should have.
	Shape(ctx context.Context) ([]ledger.Part, error)
	// IndexFaults returns what is wrong with the index that cards are searched by, the first few.
	IndexFaults(ctx context.Context) ([]string, error)
	// GUIDs returns all GUIDs in use, folded, with the merchant each belongs to, directly or through a shop.
	GUIDs(ctx context.Context) (map[string]ledger.MerchantID, error)
	// Span returns the ids of the first and the last entry, whatever the head says; 0 if there is none.
	Span(ctx context.Context, merchant ledger.MerchantID) (first, last ledger.EntryID, err error)
	// EachStoredCard calls fn with each card of the merchant and all of its lots, by id.
	EachStoredCard(ctx context.Context, merchant ledger.MerchantID, fn func(*ledger.StoredCard) error) error
	EachGuard(ctx context.Context, merchant ledger.MerchantID, fn func(*ledger.Guard) error) error
	EachMessage(ctx context.Context, merchant ledger.MerchantID, fn func(*ledger.StoredMessage) error) error
	Webhooks(ctx context.Context, merchant ledger.MerchantID) ([]ledger.Webhook, error)
	// WebhookStates returns how far the merchant's webhooks are; of one that has not begun there is none.
	WebhookStates(ctx context.Context, merchant ledger.MerchantID) ([]ledger.WebhookState, error)
	// EachOf calls fn with the entries of these ids, in any order. Missing ones are skipped.
	EachOf(ctx context.Context, merchant ledger.MerchantID, ids []ledger.EntryID, fn func(*ledger.Entry) error) error
	EachRequest(ctx context.Context, merchant ledger.MerchantID, fn func(*ledger.Request) error) error
	EachCoupon(ctx context.Context, merchant ledger.MerchantID, fn func(*ledger.Coupon) error) error
	// CursorsOf returns how far the followers of the merchant's journal have come.
	CursorsOf(ctx context.Context, merchant ledger.MerchantID) ([]ledger.Cursor, error)
	// EachDayTotal calls fn with the merchant's totals of the business days from first to last; 0 = no bound.
	EachDayTotal(ctx context.Context, merchant ledger.MerchantID, first, last ledger.Date,
		fn func(*ledger.DayTotal) error) error
	EachLotTotal(ctx context.Context, merchant ledger.MerchantID, first, last ledger.Date,
		fn func(*ledger.LotTotal) error) error
	EachCouponTotal(ctx context.Context, merchant ledger.MerchantID, first, last ledger.Date,
		fn func(*ledger.CouponTotal) error) error
	// EachEntryInBrief is Journal's EachEntry with only the fields that totals need.
	EachEntryInBrief(ctx context.Context, merchant ledger.MerchantID, after ledger.EntryID,
		fn func(*ledger.Entry) error) error
	// Stocks returns how many coupons of each kind the merchant has sent.
	Stocks(ctx context.Context, merchant ledger.MerchantID) ([]ledger.CouponStock, error)
}

// Journal reads entries. They never change, so they need not be read as of the same moment as the books. It must
// allow several readers at once.
type Journal interface {
	// EachEntry calls fn with the merchant's entries after the given one, by id, until fn returns an error, which it
	// returns. fn may keep the entry.
	EachEntry(ctx context.Context, merchant ledger.MerchantID, after ledger.EntryID, fn func(*ledger.Entry) error) error
}

// State is the state of a check.
type State string

// States of checks. A check that had nothing to check proves nothing.
const (
	Holds   State = "holds"
	Broken  State = "broken"
	Nothing State = "nothing to check"
	Unknown State = "not known" // the books do not tell enough about any of its rows
)

// State returns the state of the check.
func (r *Result) State() State {
	switch {
	case r.Violations > 0:
		return Broken
	case r.Rows == 0:
		return Nothing
	case r.Unknown == r.Rows:
		return Unknown
	}
	return Holds
}

// Empty reports whether there was no entry to check and nothing is wrong: the database is new, or not the one that
// was meant.
func Empty(results []Result) bool {
	for _, r := range results {
		if r.Violations > 0 || r.Invariant == 21 && r.Rows > 0 {
			return false
		}
	}
	return true
}

// Result is the result of one check.
type Result struct {
	Check      int           `json:"check"` // its number here: an invariant with several checks has several
	Invariant  int           `json:"invariant"`
	Name       string        `json:"name"`
	Rows       int64         `json:"rows"`
	Violations int64         `json:"violations"`
	Unknown    int64         `json:"unknown"` // rows about which the books do not tell enough
	Took       time.Duration `json:"took_ns"`
	Examples   []string      `json:"examples,omitempty"` // of violations, the first few; without holders' data
}

// maxExamples is how many violations of a check are described.
const maxExamples = 5

// fail counts a violation and describes the first few.
func (r *Result) fail(format string, args ...any) {
	r.Violations++
	if len(r.Examples) < maxExamples {
		r.Examples = append(r.Examples, fmt.Sprintf(format, args...))
	}
}

// Progress is called from time to time with the number of entries checked, and of how many.
type Progress func(done, total int64)

const (
	chunkSize  = 1000    // entries read and checked at a time: some milliseconds, for which tills may have to wait
	readers    = 3       // chunks read at the same time
	mostInHand = 200_000 // cards that may stay unpacked between two chunks: about 1 KB each, packed a third of that
)

// Held is what the cards of a merchant hold together. Where the checks hold, it is also what all of the merchant's
// entries moved, and so the sum of its day totals once they include all entries.
type Held struct {
	Merchant  ledger.MerchantID
	Cards     int64 // all there are, closed ones too
	Entries   int64
	Principal ledger.Fen
	Bonus     ledger.Fen
	Points    int64
}

// Plus returns the sum of both, with the merchant of h.
func (h Held) Plus(o Held) Held {
	h.Cards += o.Cards
	h.Entries += o.Entries
	h.Principal += o.Principal
	h.Bonus += o.Bonus
	h.Points += o.Points
	return h
}

// Run checks all merchants. The error is one of reading; violations are in the results, which are ordered by
// invariant. held has the merchants whose books could be read, by id, without the host, which has no cards.
func Run(
	ctx context.Context, books Books, journal Journal, progress Progress,
) (results []Result, held []Held, err error) {
	l := newAudit()
	results, err = l.run(ctx, books, journal, progress)
	return results, l.allHold, err
}

// RunOne checks the books of one merchant alone, and names nothing that is another's, so that whoever is of the
// merchant may read it. The host's journal is read too, as it says who was allowed what, but what is wrong there is not
// told; nor is it looked at what the database is made of. For that there is Run.
func RunOne(
	ctx context.Context, books Books, journal Journal, merchant ledger.MerchantID, progress Progress,
) (results []Result, held Held, err error) {
	l := newAudit()
	results, err = l.runOne(ctx, books, journal, merchant, progress)
	for _, h := range l.allHold {
		if h.Merchant == merchant {
			held = h
		}
	}
	return results, held, err
}

func (l *audit) runOne(
	ctx context.Context, books Books, journal Journal, merchant ledger.MerchantID, progress Progress,
) ([]Result, error) {
	if err := l.settings(ctx, books); err != nil {
		return nil, err
	}
	own, err := books.StoredMerchants(ctx)
	if err != nil {
		return nil, err
	}
	own = slices.DeleteFunc(own, func(m ledger.Merchant) bool { return m.ID != merchant })
	err = l.journals(ctx, books, journal, []ledger.MerchantID{ledger.HostID, merchant}, func(id ledger.MerchantID) {
		if id == merchant {
			l.checks = checksOf(func(check int) bool { return check != shapes && check != sameMerchants })
			l.mayBeSet(own)
		}
	}, progress)
	return l.results(), err
}

func (l *audit) run(ctx context.Context, books Books, journal Journal, progress Progress) ([]Result, error) {
	if err := l.shape(ctx, books); err != nil {
		return nil, err
	}
	ids, err := l.merchants(ctx, books)
	if err != nil {
		return nil, err
	}
	if err := l.settings(ctx, books); err != nil {
		return nil, err
	}
	if err := l.journals(ctx, books, journal, ids, func(ledger.MerchantID) {}, progress); err != nil {
		return nil, err
	}
	for _, check := range []func(context.Context, Books) error{l.agents, l.people} {
		if err := check(ctx, books); !l.readable(61, ledger.HostID, err) {
			return nil, err
		}
	}
	return l.results(), nil
}

// journals checks the books of these merchants in turn, and calls begin before each.
func (l *audit) journals(
	ctx context.Context, books Books, journal Journal, ids []ledger.MerchantID, begin func(ledger.MerchantID),
	progress Progress,
) error {
	heads, err := books.Heads(ctx)
	if err != nil {
		return err
	}
	var done, total int64
	spans := map[ledger.MerchantID]span{}
	for _, id := range ids {
		one := span{}
		if one.first, one.last, err = books.Span(ctx, id); err != nil {
			return err
		}
		spans[id] = one
		total += int64(one.last)
	}
	for _, id := range ids {
		begin(id)
		h := ledger.Head{Merchant: id}
		if i := slices.IndexFunc(heads, func(h ledger.Head) bool { return h.Merchant == id }); i >= 0 {
			h = heads[i]
		}
		step := func(n int) { done += int64(n); progress(done, total) }
		if err := l.merchant(ctx, books, journal, h, spans[id], step); !l.readable(derived, id, err) {
			return fmt.Errorf("merchant %d: %w", id, err)
		}
	}
	return nil
}

// span is the ids of the first and the last entry of a journal.
type span struct{ first, last ledger.EntryID }

// merchant checks one merchant's books.
func (l *audit) merchant(
	ctx context.Context, books Books, journal Journal, h ledger.Head, ids span, step func(int),
) error {
	l.id = h.Merchant
	l.begin()
	if err := l.followers(ctx, books, h.Merchant, ids.last); !l.readable(60, h.Merchant, err) {
		return err
	}
	if err := l.eachChunk(ctx, journal, h.Merchant, ids, func(entries []*ledger.Entry) error {
		l.entries(entries)
		step(len(entries))
		if entries[len(entries)-1].Kind == ledger.TransferredOut {
			return nil // its other side is in the next chunk
		}
		return l.paidOut(ctx, books, h.Merchant)
	}); err != nil {
		return err
	}
	if err := l.paidOut(ctx, books, h.Merchant); err != nil {
		return err
	}
	l.paired(nil)
	l.shares("", nil)
	if err := books.EachStoredCard(ctx, h.Merchant, l.card); err != nil {
		return err
	}
	if h.Merchant != ledger.HostID {
		l.holds.Merchant, l.holds.Entries = h.Merchant, l.seen
		l.allHold = append(l.allHold, l.holds)
	}
	for _, totals := range []func(context.Context, Books, ledger.MerchantID) error{l.dayTotals, l.partTotals} {
		if err := totals(ctx, books, h.Merchant); !l.readable(60, h.Merchant, err) {
			return err
		}
	}
	if err := l.shiftBooks(ctx, books, h.Merchant); !l.readable(49, h.Merchant, err) {
		return err
	}
	if err := l.undone(ctx, books, h); err != nil {
		return err
	}
	if err := l.couponBooks(ctx, books, h.Merchant); err != nil {
		return err
	}
	l.end(h)
	l.head(h)
	switch err := books.EachRequest(ctx, h.Merchant, func(r *ledger.Request) error { l.request(r); return nil }); {
	case err == nil:
		l.unanswered()
	case !l.readable(derived, h.Merchant, err):
		return err
	}
	return l.beside(ctx, books, h)
}

// beside checks what is kept beside the journal: guards, webhooks and messages.
func (l *audit) beside(ctx context.Context, books Books, h ledger.Head) error {
	if err := l.guards(ctx, books, h); !l.readable(53, h.Merchant, err) {
		return err
	}
	if err := l.webhooks(ctx, books, h); !l.readable(61, h.Merchant, err) {
		return err
	}
	return l.messages(ctx, books, h)
}

// readable reports whether rows could be read, or could not because one of them is unreadable. That is a violation,
// and whatever does not depend on the row is still checked.
func (l *audit) readable(check int, merchant ledger.MerchantID, err error) bool {
	if err == nil {
		return true
	}
	bad, ok := errors.AsType[*ledger.UnreadableError](err)
	if ok {
		l.checks[check].Rows++
		l.checks[check].fail("merchant %d: %v; what comes after it was not checked", merchant, bad)
	}
	return ok
}

// chunkRead is a chunk that is being read.
type chunkRead struct {
	entries []*ledger.Entry
	err     error
}

// eachChunk reads the journal through its last entry in chunks, a few at a time, and passes them to fn in order.
func (l *audit) eachChunk(
	ctx context.Context, journal Journal, merchant ledger.MerchantID, ids span, fn func([]*ledger.Entry) error,
) error {
	last := ids.last
	for after := max(min(0, ids.first-1), -1<<62); after < last; {
		empty, err := l.chunksTo(ctx, journal, merchant, after, last, fn)
		if err != nil {
			return err
		}
		if empty == last {
			return nil
		}
		next, err := nextEntry(ctx, journal, merchant, empty, last)
		if err != nil {
			return err
		}
		after = next - 1
	}
	return nil
}

// nextEntry returns the id of the first entry after the given one, last+1 if there is none.
func nextEntry(
	ctx context.Context, journal Journal, merchant ledger.MerchantID, after, last ledger.EntryID,
) (ledger.EntryID, error) {
	next := last + 1
	err := journal.EachEntry(ctx, merchant, after, func(e *ledger.Entry) error {
		next = e.ID
		return errEnough
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return next, err
}

// chunksTo passes chunks to fn up to the last entry, or up to a chunk without any entry, because a forged id may be
// very large.
func (l *audit) chunksTo(
	ctx context.Context, journal Journal, merchant ledger.MerchantID, after, last ledger.EntryID,
	fn func([]*ledger.Entry) error,
) (read ledger.EntryID, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	queue := make(chan chan chunkRead, readers-1)
	go func() {
		defer close(queue)
		for from := after; from < last; from += min(l.chunk, last-from) {
			read := make(chan chunkRead, 1)
			select {
			case queue <- read:
			case <-ctx.Done():
				return
			}
			go func() { read <- readChunk(ctx, journal, merchant, from, from+min(l.chunk, last-from)) }()
		}
	}()
	read = after
	for chunk := range queue {
		c := <-chunk
		if c.err != nil {
			return 0, c.err
		}
		if read += min(l.chunk, last-read); len(c.entries) == 0 {
			return read, nil
		}
		if err := fn(c.entries); err != nil {
			return 0, err
		}
	}
	return last, ctx.Err()
}

func readChunk(ctx context.Context, journal Journal, merchant ledger.MerchantID, after, upTo ledger.EntryID) chunkRead {
	entries := make([]*ledger.Entry, 0, upTo-after)
	err := journal.EachEntry(ctx, merchant, after, func(e *ledger.Entry) error {
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
