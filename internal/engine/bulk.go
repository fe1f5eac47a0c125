package engine

// Large commands, such as opening thousands of cards, follow rules of their own in a lane:
//
//   - Each is a batch by itself, so that a till waits for no more than the one that is being carried out.
//   - One is carried out if no till is waiting, or if the last batch was one of tills. Neither starves the other.
//   - While one is saved the next is decided and prepared for saving, unless a till's command arrives. It is
//     decided ahead only if it names nothing but cards, requests and inner codes to be given out, and the one
//     before it takes no inner code off a card (mayFollow). If both give out the same code, the store refuses the
//     second, and it is decided again.
//   - What a large command named is forgotten when it is saved: a lane's memory is for the cards of tills, and at
//     most two large commands are in memory.
//   - While tills are at work, here or in another process, the next one begins only after a pause several times as
//     long as the last one took (Bulk.giveWay).
//
// They are carried out in the order in which they were started. If one was not done, those after it are not done
// either, because they may rest on it.

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"tongka/internal/command"
)

const (
	// bulkPace is the length of the pause after a large command, as a multiple of the command's, while tills are at work.
	bulkPace = 9
	// bulkAgain is how soon a large command is offered again to a lane whose queue is full.
	bulkAgain = 10 * time.Millisecond
)

// Bulk carries out large commands one after the other. It must not be used by several goroutines at once, nor
// after a command was not done.
type Bulk struct {
	engine *Engine
	others func(context.Context) bool
	failed atomic.Bool
	tills  int64  // number of tills' commands that had arrived when the last large one was started
	last   *large // the one started last
}

// large is a large command on its way.
type large struct {
	of    *Bulk
	begun time.Time
	took  time.Duration // valid once ended is closed
	ended chan struct{}
}

// Bulk returns a Bulk on the engine. If others is not nil, it is called before each command and reports whether other
// processes have changed anything since the call before.
func (e *Engine) Bulk(others func(context.Context) bool) *Bulk {
	return &Bulk{engine: e, others: others}
}

// Start starts a command after those started before, and returns a function that waits for it and returns what
// Engine.Do would return. While tills are at work, Start first pauses. A second command may be started before waiting
// for the first: it is decided while that one is saved.
func (b *Bulk) Start(ctx context.Context, cmd command.Command) (wait func() (command.Changes, error)) {
	no := func(err error) func() (command.Changes, error) {
		b.failed.Store(true)
		return func() (command.Changes, error) { return command.Changes{}, err }
	}
	if err := b.giveWay(ctx); err != nil {
		return no(err)
	}
	if err := b.engine.timeKnown(cmd); err != nil {
		return no(err)
	}
	b.last = &large{of: b, ended: make(chan struct{})}
	j := b.engine.newJob(cmd)
	j.large = b.last
	for {
		err := b.engine.enqueue(b.engine.laneOf(cmd.MerchantID()), j)
		if err == nil {
			return func() (command.Changes, error) { return b.engine.await(ctx, j, 0) }
		}
		if !errors.Is(err, ErrBusy) {
			return no(err)
		}
		if err := rest(ctx, bulkAgain); err != nil {
			return no(err)
		}
	}
}

// giveWay, while tills are at work, waits for the last large command to end and then pauses.
func (b *Bulk) giveWay(ctx context.Context) error {
	tills := b.engine.tills()
	busy := tills != b.tills
	b.tills = tills
	if b.others != nil && b.others(ctx) {
		busy = true
	}
	if b.last == nil || !busy {
		return ctx.Err()
	}
	select {
	case <-b.last.ended:
		return rest(ctx, bulkPace*b.last.took)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// rest waits for d, or returns the error of ctx if that ends first.
func rest(ctx context.Context, d time.Duration) error { return (*goShell)(nil).Pause(ctx, d) }

// tills returns the number of commands that have arrived and are not large.
func (e *Engine) tills() (n int64) {
	for _, l := range e.lanes {
		n += l.came.Load()
	}
	return n
}

// begin notes that a large command is being decided. It returns false if one before it was not done.
func (g *large) begin(now time.Time) bool {
	if g.begun.IsZero() {
		g.begun = now
	}
	return !g.of.failed.Load()
}

// end notes the outcome of a large command.
func (g *large) end(now time.Time, err error) {
	if err != nil {
		g.of.failed.Store(true)
	}
	if !g.begun.IsZero() {
		g.took = now.Sub(g.begun)
	}
	close(g.ended)
}

// errBefore is the error of a large command that was not done because one before it was not.
var errBefore = fmt.Errorf("a command before it was not done: %w", ErrNotDone)

// nextLarge reports whether the next batch is a large command. It fails those that come after one that was not done.
func (l *lane) nextLarge() bool {
	for len(l.large) > 0 && l.large[0].large.of.failed.Load() {
		l.fail(l.large[:1], errBefore)
		l.large = l.large[1:]
	}
	if l.largeReady {
		return true
	}
	return len(l.large) > 0 && l.ahead == 0 && (len(l.next) == 0 || !l.wasLarge)
}

// takeLarge returns the batch that consists of the next large command.
func (l *lane) takeLarge() []*job {
	l.batch = append(l.batch[:0], l.large[0])
	l.large = l.large[1:]
	l.decided = 0
	if l.largeReady {
		l.decided, l.largeReady = 1, false
	}
	l.batch[0].large.begin(l.shell.Now())
	l.health.oldest.Store(l.batch[0].came)
	return l.batch
}

// namesFew reports whether a large command names only the merchant, cards, requests and inner codes.
func (j *job) namesFew() bool {
	rest := j.keys
	rest.Head, rest.Cards, rest.Requests, rest.ExtIDs = false, nil, nil, nil
	return rest.Empty() && !j.lacking && j.books.turns == 0
}

// mayFollow reports whether the next large command may be decided while this one is saved.
func (l *lane) mayFollow(j *job, changes []command.Changes) bool {
	for i := range changes {
		if len(changes[i].Holders) > 0 {
			return false
		}
	}
	return j.namesFew()
}

// runLargeAhead decides the next large command as if the save under way had succeeded, and prepares it for saving. If
// a till's command arrives first, none is decided: the till goes first.
func (l *lane) runLargeAhead() outcome {
	for !l.largeReady {
		l.take()
		if len(l.next) > 0 || len(l.large) > 0 && !l.decideLarge() {
			break
		}
		if l.largeReady {
			break
		}
		e := l.shell.Await(true)
		if e.saved != nil {
			return *e.saved
		}
		if e.closed {
			break
		}
		l.add(e.job)
	}
	return *l.shell.Await(false).saved
}

// decideLarge decides the next large command, and reports whether that was possible.
func (l *lane) decideLarge() bool {
	j := l.large[0]
	if !j.large.begin(l.shell.Now()) || !j.namesFew() {
		return false
	}
	if err := l.load([]*job{j}, true); err != nil || j.books.turns > 0 {
		return false // it is loaded again, and the error answered, when its turn comes
	}
	if err := l.decide(j, l.cfg.Clock()); err != nil {
		l.drop()
		return false
	}
	if j.lacking {
		return false
	}
	l.largeReady = true
	l.makeReady(j.books)
	return true
}

// ready are changes in the form in which the store saves them.
type ready = interface {
	Save(ctx context.Context) error
}

// Preparer is a store that can prepare changes for saving. For a large command that takes a while, in which others
// may save.
type Preparer interface {
	Prepare(changes ...command.Changes) (ready, error)
}

// readied are changes that were prepared while others were saved.
type readied struct {
	changes []command.Changes
	ready   ready
}

// makeReady prepares what was decided ahead. If that fails, the save will report why.
func (l *lane) makeReady(b *books) {
	p, ok := l.store.(Preparer)
	if !ok || !b.state.Moved() {
		return
	}
	changes := []command.Changes{b.state.Pending()}
	if r, err := p.Prepare(changes...); err == nil {
		l.readied = &readied{changes, r}
	}
}

// putAway forgets the cards of a large command that was saved, and everything else loaded for it.
func (l *lane) putAway(b *books, cards []string) {
	b.state.Release(cards...)
	if l.largeReady {
		// The next command names only cards, requests and inner codes; what Forget drops holds no pending changes of these.
		b.state.Forget()
	}
}

// largeCards returns the cards named by the large command of a batch, and its books; nil if the batch is no such
// command.
func largeCards(batch []*job) (*books, []string) {
	if len(batch) == 0 || batch[0] == nil || batch[0].large == nil {
		return nil, nil
	}
	return batch[0].books, batch[0].keys.Cards
}
