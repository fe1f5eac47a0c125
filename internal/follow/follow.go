// Package follow brings whoever reacts to what happened along the journal: a follower is given a merchant's entries
// behind its cursor, in order, and saves what it makes of them together with the cursor.
//
// A follower sees every entry at least once, and what it saves with the cursor counts once: of two who have read
// the same cursor one saves. One process works for a follower of a merchant at a time. It holds a lease, which is
// only manners: what keeps the books right is the cursor's version. A process that died loses its lease after a
// while.
//
// Commits wake a follower, and it looks by itself every few seconds, for other processes commit too. What fails is
// tried again after a pause that grows, said in the log, and concerns nobody else: no till waits for a follower.
package follow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Journal says how far the journals have come, and keeps cursors.
type Journal interface {
	// Heads are the counters of all merchants.
	Heads(ctx context.Context) ([]ledger.Head, error)
	// Cursors are those of a follower. Where it has not begun there is none.
	Cursors(ctx context.Context, follower string) ([]ledger.Cursor, error)
	// SaveCursor saves a cursor whose version was moved by one, or returns command.ErrStale.
	SaveCursor(ctx context.Context, c ledger.Cursor) error
}

// Follower makes something of entries.
type Follower interface {
	// Name is that of its cursors, for good.
	Name() string
	// Prepare is called before the cursors are looked at.
	Prepare(ctx context.Context) error
	// Behind reports whether there is something to do for a cursor of a merchant with this head.
	Behind(head *ledger.Head, c *ledger.Cursor) bool
	// Each calls fn with a merchant's entries behind one, in order, of which it reads what the follower looks at. An
	// error of fn ends the walk and is returned.
	Each(ctx context.Context, merchant ledger.MerchantID, after ledger.EntryID, fn func(*ledger.Entry) error) error
	// Take saves what follows from entries, and the cursor behind them with it. c is the cursor as it was read, with its
	// version moved by one; Take changes its entry, and what else is the follower's own. entries may be none.
	Take(ctx context.Context, c ledger.Cursor, entries []*ledger.Entry) error
}

// Config is how followers work. What is zero has the default named beside it.
type Config struct {
	Journal Journal
	Logger  *slog.Logger
	Clock   func() time.Time // time.Now: for leases
	Page    int              // entries at a time: 2000
	Poll    time.Duration    // between looks when nothing wakes: 5 s
	Gather  time.Duration    // at least, between the end of a round and the next: 1 s
	Lease   time.Duration    // how long a process that died keeps others out: 30 s
	Observe Observe
	// Pace is how much longer than the work on a page the pause after it is: 9, so that tills have the database for nine
	// tenths of the time however far behind a follower is. Negative = no pause.
	Pace int
}

// Observe are hooks for metrics. Those that are nil are not called.
type Observe struct {
	Behind func(entries int64) // that were not taken yet, of all merchants, at a look at the journals
	Failed func()              // something went wrong, and is tried again
}

func (c Config) withDefaults() Config {
	if c.Observe.Behind == nil {
		c.Observe.Behind = func(int64) {}
	}
	if c.Observe.Failed == nil {
		c.Observe.Failed = func() {}
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Page == 0 {
		c.Page = 2000
	}
	for _, d := range []struct {
		to   *time.Duration
		want time.Duration
	}{{&c.Poll, 5 * time.Second}, {&c.Gather, time.Second}, {&c.Lease, 30 * time.Second}} {
		if *d.to == 0 {
			*d.to = d.want
		}
	}
	if c.Pace == 0 {
		c.Pace = 9
	}
	return c
}

// Bell wakes a runner. It may be rung by anybody at any time, and costs next to nothing.
type Bell chan struct{}

// NewBell makes one.
func NewBell() Bell { return make(Bell, 1) }

// Ring says that there may be new entries.
func (b Bell) Ring() {
	select {
	case b <- struct{}{}:
	default: // it rings already
	}
}

// Runner runs one follower over all merchants.
type Runner struct {
	cfg      Config
	follower Follower
	bell     Bell
	me       int64 // as the holder of leases
	troubles map[ledger.MerchantID]*trouble
}

// New makes a runner, which is woken by the bell.
func New(f Follower, bell Bell, cfg Config) *Runner {
	return &Runner{
		cfg.withDefaults(), f, bell, 1 + rand.Int64N(1<<62), map[ledger.MerchantID]*trouble{},
	} //nolint:gosec // no secret: it tells processes apart
}

// Run follows until ctx ends, and then gives its leases back.
func (r *Runner) Run(ctx context.Context) {
	for ctx.Err() == nil {
		if !r.troubles[everybody].pausing(r.cfg.Clock()) {
			if err := r.Round(ctx); err != nil {
				r.failed(ctx, everybody, err)
			} else {
				delete(r.troubles, everybody)
			}
		}
		r.wait(ctx)
	}
	r.release(context.WithoutCancel(ctx))
}

// wait waits until the next round is due.
func (r *Runner) wait(ctx context.Context) {
	r.pause(ctx, r.cfg.Gather)
	select {
	case <-ctx.Done():
	case <-r.bell:
	case <-time.After(r.cfg.Poll):
	}
}

func (r *Runner) pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// Round brings all merchants' cursors to where the journals ended when it last looked, but for those others work
// for and those that failed a while ago. Merchants take turns by pages, and heads are looked at again in a long
// round, so that none waits for another that is far behind. The error is that of looking; what fails of one
// merchant is in the log.
func (r *Runner) Round(ctx context.Context) error {
	var heads []ledger.Head
	var looked time.Time
	for {
		look := looked.IsZero() || time.Since(looked) >= r.cfg.Gather
		if look {
			var err error
			if heads, err = r.look(ctx); err != nil {
				return err
			}
			looked = time.Now()
		}
		cursors, err := r.cursors(ctx)
		if err != nil {
			return err
		}
		if look {
			r.cfg.Observe.Behind(behind(heads, cursors))
		}
		more := r.sweep(ctx, heads, cursors)
		if len(more) == 0 || ctx.Err() != nil {
			return nil
		}
		heads = more
	}
}

// look finds where the journals end.
func (r *Runner) look(ctx context.Context) ([]ledger.Head, error) {
	if err := r.follower.Prepare(ctx); err != nil {
		return nil, err
	}
	return r.cfg.Journal.Heads(ctx)
}

// sweep takes one page of each merchant, and returns those for which there may be more to do.
func (r *Runner) sweep(
	ctx context.Context, heads []ledger.Head, cursors map[ledger.MerchantID]ledger.Cursor,
) (more []ledger.Head) {
	for i := range heads {
		h := &heads[i]
		c, ok := cursors[h.Merchant]
		if !ok {
			c = ledger.Cursor{Merchant: h.Merchant, Follower: r.follower.Name()}
		}
		if r.step(ctx, h, c) {
			more = append(more, *h)
		}
	}
	return more
}

// behind is how many entries were not taken yet.
func behind(heads []ledger.Head, cursors map[ledger.MerchantID]ledger.Cursor) (entries int64) {
	for i := range heads {
		entries += int64(heads[i].LastEntry - cursors[heads[i].Merchant].Entry)
	}
	return entries
}

func (r *Runner) cursors(ctx context.Context) (map[ledger.MerchantID]ledger.Cursor, error) {
	all, err := r.cfg.Journal.Cursors(ctx, r.follower.Name())
	byMerchant := make(map[ledger.MerchantID]ledger.Cursor, len(all))
	for _, c := range all {
		byMerchant[c.Merchant] = c
	}
	return byMerchant, err
}

// step takes one page of a merchant, and reports whether there may be more to do for it in this round.
func (r *Runner) step(ctx context.Context, h *ledger.Head, c ledger.Cursor) (more bool) {
	now := r.cfg.Clock()
	if ctx.Err() != nil || !r.follower.Behind(h, &c) || !r.mayHold(&c, now) || r.troubles[h.Merchant].pausing(now) {
		return false
	}
	begun := time.Now()
	err := r.page(ctx, c, now)
	switch {
	case errors.Is(err, command.ErrStale):
		return false // another process was first: the next round sees how far it came
	case err != nil:
		r.failed(ctx, h.Merchant, err)
		return false
	}
	if r.cfg.Pace > 0 {
		r.pause(ctx, time.Duration(r.cfg.Pace)*time.Since(begun))
	}
	return true
}

// page takes the lease, unless it is there, and then the next entries. A follower that panics has failed, and ends
// nothing else.
func (r *Runner) page(ctx context.Context, c ledger.Cursor, now time.Time) (err error) {
	defer func() {
		if x := recover(); x != nil {
			err = fmt.Errorf("panic: %v", x)
		}
	}()
	mine := c.Holder == r.me && now.Before(c.Until)
	c.Version, c.Holder, c.Until = c.Version+1, r.me, now.Add(r.cfg.Lease)
	if !mine {
		if err := r.cfg.Journal.SaveCursor(ctx, c); err != nil {
			return err
		}
		c.Version++ // and on with it: a lease taken for a next turn may be over by then, where there are many merchants
	}
	entries, err := r.entries(ctx, &c)
	if err != nil {
		return err
	}
	if err := r.follower.Take(ctx, c, entries); err != nil {
		return err
	}
	delete(r.troubles, c.Merchant)
	return nil
}

var errFull = errors.New("the page is full")

// entries are the next behind a cursor. They have no gap: what is not there would never be looked at again.
func (r *Runner) entries(ctx context.Context, c *ledger.Cursor) (page []*ledger.Entry, err error) {
	next := c.Entry + 1
	err = r.follower.Each(ctx, c.Merchant, c.Entry, func(e *ledger.Entry) error {
		if e.ID != next {
			return fmt.Errorf("entry %d is missing, entry %d is there: see what tongka verify says", next, e.ID)
		}
		next++
		if page = append(page, e); len(page) == r.cfg.Page {
			return errFull
		}
		return nil
	})
	if errors.Is(err, errFull) {
		err = nil
	}
	return page, err
}

// mayHold reports whether this process may work for a cursor: nobody does, or who did has not been heard of for the
// time of a lease. One that ends much later than any that is given now was given by a clock that was wrong.
func (r *Runner) mayHold(c *ledger.Cursor, now time.Time) bool {
	return c.Holder == 0 || c.Holder == r.me || !now.Before(c.Until) || c.Until.After(now.Add(2*r.cfg.Lease))
}

// release gives the leases back that this process holds. Others get them in any case, after a while.
func (r *Runner) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	cursors, err := r.cursors(ctx)
	if err != nil {
		return
	}
	for _, c := range cursors {
		if c.Holder == r.me && ctx.Err() == nil {
			c.Version, c.Holder, c.Until = c.Version+1, 0, time.Time{}
			_ = r.cfg.Journal.SaveCursor(ctx, c)
		}
	}
}
