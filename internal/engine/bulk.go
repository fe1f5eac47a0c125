package engine

// Large commands, such as the opening of thousands of cards, have a discipline of their own in a lane:
//
//   - Each is a batch by itself, so that no till waits for more than the one that is under way.
//   - It goes when no till waits, or when tills have had a batch since the last one: neither starves the other.
//   - While one is saved the next is decided and made ready to be saved, unless a till has come. Ahead go only those that
//     name nothing but cards, requests and inner codes to be given out, behind one that takes no inner code away
//     (mayFollow). Where two of them give out one code, the store refuses the second, and it is decided again.
//   - What it named is forgotten when it is saved: a lane's memory is for the cards of tills, and no more than two large
//     commands are in memory.
//   - While tills are at work, here or in another process, the next is not begun before a pause several times as long as the
//     last one took (Bulk.giveWay).
//
// They are carried out in the order they were started. Where one was not done, those behind it are not either: what they say
// may rest on it.

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"tongka/internal/command"
)

const (
	// bulkPace is how much longer than a large command took the pause after it is, while tills are at work.
	bulkPace = 9
	// bulkAgain is how soon a large command is offered again to a lane whose queue is full.
	bulkAgain = 10 * time.Millisecond
)

// Bulk carries out large commands one after the other. It is used by one goroutine at a time, and not used again once
// a command was not done.
type Bulk struct {
	engine *Engine
	others func(context.Context) bool
	failed atomic.Bool
	tills  int64  // so many commands of tills had come when the last large one was started
	last   *large // the last one that was started
}

// large is a large command on its way.
type large struct {
	of    *Bulk
	begun time.Time
	took  time.Duration // good once ended is closed
	ended chan struct{}
}

// Bulk is for one who has large commands carried out. others, if it is not nil, is asked before each of them whether
// other processes have changed anything since it was asked last.
func (e *Engine) Bulk(others func(context.Context) bool) *Bulk {
	return &Bulk{engine: e, others: others}
}

// Start has a command carried out behind those started before, and returns how to wait for what Engine.Do would return of
// it. While tills are at work it takes a pause first. A second one may be started while the first is waited for: it is
// decided while that one is saved.
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

// giveWay pauses while tills are at work, once the last large command has ended.
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

// rest waits so long, or returns why ctx has ended before.
func rest(ctx context.Context, d time.Duration) error { return (*goShell)(nil).Pause(ctx, d) }

// tills is how many commands have come that are not large.
func (e *Engine) tills() (n int64) {
	for _, l := range e.lanes {
		n += l.came.Load()
	}
	return n
}

// begin notes that a large command is being decided. It returns false where one before it was not done.
func (g *large) begin(now time.Time) bool {
	if g.begun.IsZero() {
		g.begun = now
	}
	return !g.of.failed.Load()
}

// end notes what became of a large command.
func (g *large) end(now time.Time, err error) {
	if err != nil {
		g.of.failed.Store(true)
	}
	if !g.begun.IsZero() {
		g.took = now.Sub(g.begun)
	}
	close(g.ended)
}

// errBefore is why a large command was not done: one before it was not.
var errBefore = fmt.Errorf("a command before it was not done: %w", ErrNotDone)

// nextLarge reports whether the next batch is a large command. Those behind one that was not done are answered here.
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

// takeLarge is the batch of a large command.
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

// namesFew reports whether a large command names nothing but the merchant, cards, requests and inner codes.
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

// runLargeAhead decides the next large command as if the save under way had succeeded, and makes it ready to be saved.
// When a till's command comes before that, there is none: the till goes first.
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

// decideLarge decides the next large command, and reports whether it could be.
func (l *lane) decideLarge() bool {
	j := l.large[0]
	if !j.large.begin(l.shell.Now()) || !j.namesFew() {
		return false
	}
	if err := l.load([]*job{j}, true); err != nil || j.books.turns > 0 {
		return false // it is tried again, and answered, when its turn has come
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

// ready are changes as the store keeps them.
type ready = interface {
	Save(ctx context.Context) error
}

// Preparer is a store that can make changes ready to be saved, which for those of a large command takes a while in which
// others may save.
type Preparer interface {
	Prepare(changes ...command.Changes) (ready, error)
}

// readied are changes that were made ready while others were saved.
type readied struct {
	changes []command.Changes
	ready   ready
}

// makeReady makes ready what was decided ahead. What cannot be is for the save to say.
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

// putAway forgets cards of a large command that was saved, and what else was learnt for it.
func (l *lane) putAway(b *books, cards []string) {
	b.state.Release(cards...)
	if l.largeReady {
		// The next names cards, requests and inner codes only, of which nothing is pending in what is forgotten.
		b.state.Forget()
	}
}

// largeCards are the cards that the large command of a batch has named, and its books; nil where it is no such batch.
func largeCards(batch []*job) (*books, []string) {
	if len(batch) == 0 || batch[0] == nil || batch[0].large == nil {
		return nil, nil
	}
	return batch[0].books, batch[0].keys.Cards
}
