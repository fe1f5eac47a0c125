// Package follow runs followers of the journal: a follower gets a merchant's entries after its cursor, in order, and
// saves what it makes of them together with the cursor.
//
// A follower gets every entry at least once, and what it saves with the cursor counts once: of two processes that
// read the same cursor only one can save. One process at a time works for a follower at a merchant. It holds a
// lease, which only avoids wasted work: correctness comes from the cursor's version. A process that dies loses
// its lease after a while.
//
// Commits wake a follower, and it also looks every few seconds, because other processes commit too. What fails is
// logged and tried again after a pause that grows, and affects nobody else: no till waits for a follower.
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

// Journal knows where the journals end, and stores cursors.
type Journal interface {
	// Heads returns the counters of all merchants.
	Heads(ctx context.Context) ([]ledger.Head, error)
	// Cursors returns the cursors of a follower. A merchant it has not begun has none.
	Cursors(ctx context.Context, follower string) ([]ledger.Cursor, error)
	// SaveCursor saves a cursor whose version was increased by one, or returns command.ErrStale.
	SaveCursor(ctx context.Context, c ledger.Cursor) error
}

// Follower makes something from entries.
type Follower interface {
	// Name returns the name of its cursors. It must never change.
	Name() string
	// Prepare is called before the cursors are read.
	Prepare(ctx context.Context) error
	// Behind reports whether there is anything to do for a cursor of a merchant with this head.
	Behind(head *ledger.Head, c *ledger.Cursor) bool
	// Each calls fn with a merchant's entries after the given one, in order; only the fields the follower uses need be
	// set. If fn returns an error, Each stops and returns it.
	Each(ctx context.Context, merchant ledger.MerchantID, after ledger.EntryID, fn func(*ledger.Entry) error) error
	// Take saves what follows from entries, together with the cursor. c is the cursor as it was read, with its version
	// increased by one; Take sets its entry and the follower's own fields. entries may be empty.
	Take(ctx context.Context, c ledger.Cursor, entries []*ledger.Entry) error
}

// Config configures a runner. A zero field has the default given.
type Config struct {
	Journal Journal
	Logger  *slog.Logger
	Clock   func() time.Time // default time.Now; for leases
	Page    int              // entries in one page; default 2000
	Poll    time.Duration    // between looks if nothing wakes it; default 5 s
	Gather  time.Duration    // least time between two rounds; default 750 ms
	Lease   time.Duration    // how long a process that died keeps others out; default 30 s
	Observe Observe
	Recent  *Recent // what this process has saved, which is not read then; nil = nothing
	// Pace is how many times as long as the work on a page the pause after it is. The default 29 leaves the database
	// to the tills for all but a thirtieth of the time, however far behind a follower is. Negative = no pause.
	Pace int
}

// Observe has hooks for metrics. Nil hooks are not called.
type Observe struct {
	Behind func(entries int64) // entries not yet taken, of all merchants, at a look at the journals
	Failed func()              // something failed and will be tried again
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
	}{{&c.Poll, 5 * time.Second}, {&c.Gather, 750 * time.Millisecond}, {&c.Lease, 30 * time.Second}} {
		if *d.to == 0 {
			*d.to = d.want
		}
	}
	if c.Pace == 0 {
		c.Pace = 29
	}
	return c
}

// Bell wakes a runner. Anybody may ring it at any time, at hardly any cost.
type Bell chan struct{}

// NewBell returns a bell for one runner.
func NewBell() Bell { return make(Bell, 1) }

// Ring announces that there may be new entries. It never blocks.
func (b Bell) Ring() {
	select {
	case b <- struct{}{}:
	default: // it is ringing already
	}
}

// Runner runs one follower over all merchants.
type Runner struct {
	cfg      Config
	follower Follower
	bell     Bell
	me       int64 // this process as a holder of leases
	troubles map[ledger.MerchantID]*trouble
}

// New makes a runner that the bell wakes.
func New(f Follower, bell Bell, cfg Config) *Runner {
	return &Runner{
		cfg.withDefaults(), f, bell, 1 + rand.Int64N(1<<62), map[ledger.MerchantID]*trouble{},
	} //nolint:gosec // no secret: it tells processes apart
}

// Run follows until ctx ends, and then releases its leases.
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

// Round brings the cursors of all merchants to the ends of the journals, except those another process works for
// and those that failed recently. Merchants take turns page by page, and a long round looks at the heads again, so
// that no merchant waits for one that is far behind. The error is that of finding out what to do; failures at
// single merchants are logged.
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

// sweep takes one page of each merchant, and returns the heads of those that may have more to do.
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

// behind returns the number of entries not yet taken.
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

// step takes one page of a merchant, and reports whether it may have more to do in this round.
func (r *Runner) step(ctx context.Context, h *ledger.Head, c ledger.Cursor) (more bool) {
	now := r.cfg.Clock()
	if ctx.Err() != nil || !r.follower.Behind(h, &c) || r.troubles[h.Merchant].pausing(now) ||
		!ledger.MayHold(r.me, c.Holder, c.Until, now, r.cfg.Lease) {
		return false
	}
	begun := time.Now()
	err := r.page(ctx, c, now)
	switch {
	case errors.Is(err, command.ErrStale):
		return false // another process was first: the next round finds how far it came
	case err != nil:
		r.failed(ctx, h.Merchant, err)
		return false
	}
	if r.cfg.Pace > 0 {
		r.pause(ctx, time.Duration(r.cfg.Pace)*time.Since(begun))
	}
	return true
}

// page takes the lease, unless this process holds it, and then the next entries. A follower that panics counts as
// failed and stops nothing else.
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
		c.Version++ // and takes entries at once: with many merchants the lease may have ended by their next turn
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

// entries returns the next entries after a cursor, without a gap.
func (r *Runner) entries(ctx context.Context, c *ledger.Cursor) (page []*ledger.Entry, err error) {
	// A page is short because reading it takes long. With short ones a follower would fall behind a busy server, and
	// read for ever after.
	if page := r.cfg.Recent.After(c.Merchant, c.Entry, recentMost); len(page) > 0 {
		return page, nil
	}
	last := c.Entry
	err = r.follower.Each(ctx, c.Merchant, c.Entry, func(e *ledger.Entry) error {
		if err := e.FollowsOn(last); err != nil {
			return err
		}
		last = e.ID
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

// release releases the leases of this process. If it fails, others get them after a while.
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
