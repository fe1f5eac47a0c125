package engine

// Large commands, such as opening thousands of cards, follow rules of their own in a lane:
//
//   - They are in batches of their own, so that a till waits for no more than the one that is being carried out.
//   - One is carried out if no till is waiting, or if the last batch was one of tills. Neither starves the other.
//   - While one is saved the next ones are decided and prepared for saving, until they name largeMost cards
//     together or a till's command arrives. So without tills a commit has many of them, and beside tills each has
//     its own.
//   - One is decided ahead only if it names nothing but cards, requests and inner codes to be given out, and those
//     before it take no inner code off a card (mayFollow): the store would say that the code is taken. One that is
//     refused or lacks records is not ahead: it is decided in its turn.
//   - If several cannot be saved together, the first is carried out by itself, and the others wait again.
//   - What large commands named is forgotten when they are saved, except what those decided ahead have changed
//     (State.ForgetSaved). A lane's memory is for the cards of tills, and at most two batches of large commands are
//     in it.
//   - One that was overtaken by another process twice moves the merchant's head by itself, which that process
//     notices: from then on both take turns. Between two commits of a busy server a large command alone would
//     hardly ever be the first.
//   - While tills are at work, here or in another process, the next one begins only after a pause several times as
//     long as the last one took (Pace).
//
// They are carried out in the order in which they were started. If one was not done, those after it are not done
// either, because they may rest on it.

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

const (
	// bulkAgain is how soon a large command is offered again to a lane whose queue is full.
	bulkAgain = 10 * time.Millisecond
	// largeMost is the number of cards that the large commands of one commit name. More means fewer commits, but more
	// memory for the garbage collector to scan.
	largeMost = 20_000
)

// Bulk carries out large commands one after the other. It must not be used by several goroutines at once, nor
// after a command was not done.
type Bulk struct {
	engine *Engine
	others func(context.Context) bool
	failed atomic.Bool
	pace   *Pace
	tills  int64  // number of their commands that had arrived at the last look
	last   *large // the last one that was started
}

// large is a large command on its way.
type large struct {
	of    *Bulk
	begun time.Time
	took  time.Duration // valid once ended is closed
	ended chan struct{}
}

// Bulk returns what carries out the large commands of one caller. others, if it is not nil, is asked now and then
// whether other processes have changed anything since it was asked last.
func (e *Engine) Bulk(others func(context.Context) bool) *Bulk {
	b := &Bulk{engine: e, others: others}
	b.pace = NewPace(bulkPace, b.tillsAtWork)
	return b
}

// Start has a command carried out behind those started before, and returns how to wait for what Engine.Do would
// return of it. While tills are at work it takes a pause first. More may be started while the first is waited for:
// they are decided while that one is saved, and saved together.
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
			return func() (command.Changes, error) { return b.await(ctx, j) }
		}
		if !errors.Is(err, ErrBusy) {
			return no(err)
		}
		if err := rest(ctx, bulkAgain); err != nil {
			return no(err)
		}
	}
}

// await returns what became of a large command, however long that takes: whoever has started it is not done before
// that is known. If ctx ends first, those that were not begun are not carried out any more.
func (b *Bulk) await(ctx context.Context, j *job) (command.Changes, error) {
	stop := context.AfterFunc(ctx, func() { b.failed.Store(true) })
	defer stop()
	return b.engine.await(context.WithoutCancel(ctx), j, 0)
}

// giveWay, while tills are at work, waits for the last large command to end and then pauses.
func (b *Bulk) giveWay(ctx context.Context) error {
	busy, err := b.pace.Busy(ctx)
	if err != nil || !busy || b.last == nil {
		return err
	}
	select {
	case <-b.last.ended:
		return b.pace.Rest(ctx, b.last.took)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// tillsAtWork reports whether tills have done anything since it was asked last.
func (b *Bulk) tillsAtWork(ctx context.Context) bool {
	tills := b.engine.tills()
	busy := tills != b.tills
	b.tills = tills
	return b.others != nil && b.others(ctx) || busy
}

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
	if l.largeAhead > 0 {
		return true // whatever became of one that was to come after them
	}
	for len(l.large) > 0 && l.large[0].large.of.failed.Load() {
		l.fail(l.large[:1], errBefore)
		l.large = slices.Delete(l.large, 0, 1)
	}
	return len(l.large) > 0 && l.ahead == 0 && (len(l.next) == 0 || !l.wasLarge)
}

// takeLarge returns the next batch of large commands: those that were decided ahead, or the first.
func (l *lane) takeLarge() []*job {
	n := max(1, l.largeAhead)
	l.batch = append(l.batch[:0], l.large[:n]...)
	l.large = slices.Delete(l.large, 0, n)
	l.decided, l.largeAhead, l.largeNames = l.largeAhead, 0, 0
	l.health.oldest.Store(l.batch[0].came)
	return l.batch
}

// namesFew reports whether a large command names only the merchant, cards, requests and inner codes.
func (j *job) namesFew() bool {
	rest := j.keys
	rest.Head, rest.Cards, rest.Requests, rest.ExtIDs = false, nil, nil, nil
	return rest.Empty() && !j.lacking && j.books.turns == 0
}

// mayFollow reports whether the next large commands may be decided while these are saved.
func (l *lane) mayFollow(batch []*job, changes []command.Changes) bool {
	return !slices.ContainsFunc(batch, func(j *job) bool { return !j.namesFew() }) &&
		!slices.ContainsFunc(changes, func(ch command.Changes) bool { return len(ch.Holders) > 0 })
}

// runLargeAhead decides the next large commands as if the save under way had succeeded, and makes them ready to be
// saved. When a command of a till comes, there are no more: the till goes first.
func (l *lane) runLargeAhead() outcome {
	for {
		l.take()
		for len(l.next) == 0 && l.largeAhead < len(l.large) && l.largeNames < largeMost && l.decideLarge() {
			l.take()
		}
		if len(l.next) > 0 || l.largeAhead < len(l.large) || l.largeNames >= largeMost {
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
	l.makeReady(l.large[:l.largeAhead])
	return *l.shell.Await(false).saved
}

// decideLarge decides the next large command, and reports whether it could be and was not refused.
func (l *lane) decideLarge() bool {
	j := l.large[l.largeAhead]
	if !j.namesFew() {
		return false
	}
	if err := l.load([]*job{j}, nil); err != nil || j.books.turns > 0 {
		return false // it is loaded again, and the error answered, when its turn comes
	}
	if err := l.decide(j, l.cfg.Clock()); err != nil {
		l.drop()
		return false
	}
	if j.err != nil {
		return false
	}
	l.largeAhead++
	l.largeNames += len(j.keys.Cards)
	return true
}

// ready is what a Preparer returns: changes in the form in which the store saves them.
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

// makeReady prepares the saving of these jobs, which are all that was decided ahead. If it cannot be prepared, the save
// returns why.
func (l *lane) makeReady(ahead []*job) {
	p, ok := l.store.(Preparer)
	if !ok || len(ahead) == 0 {
		return
	}
	var changes []command.Changes
	for _, b := range l.booksOf(ahead) {
		if b.state.Moved() {
			changes = append(changes, b.state.Pending())
		}
	}
	if len(changes) == 0 {
		return // all were carried out before, so there will be no save that uses what is prepared
	}
	if r, err := p.Prepare(changes...); err == nil {
		l.readied = &readied{changes, r}
	}
}

// namedBy returns the cards that the large commands of a batch named, by their books.
func namedBy(batch []*job) map[*books][]string {
	if batch[0].large == nil {
		return nil
	}
	all := map[*books][]string{}
	for _, j := range batch {
		all[j.books] = append(all[j.books], j.keys.Cards...)
	}
	return all
}

// putAway forgets cards of large commands that were saved, and what else was learnt for them.
func (l *lane) putAway(all map[*books][]string) {
	for b, cards := range all {
		b.state.Release(cards...)
		if l.largeAhead > 0 {
			b.state.ForgetSaved()
		}
	}
}

// severalLarge reports whether a batch has several large commands.
func severalLarge(batch []*job) bool { return len(batch) > 1 && batch[0].large != nil }

// putBack has large commands of a batch wait again.
func (l *lane) putBack(batch []*job) {
	l.large = slices.Insert(l.large, 0, batch...)
	clear(batch)
}

// knocker is a store in which a merchant's head can be moved and nothing else, so that whatever others decided on the
// head before is stale.
type knocker interface {
	Touch(ctx context.Context, merchant ledger.MerchantID) error
}

// knock makes the saves of other processes at a merchant stale once, so that they notice this one. If it fails, the
// next try does it again.
func (l *lane) knock(merchant ledger.MerchantID) {
	if k, ok := l.store.(knocker); ok {
		_ = k.Touch(l.ctx, merchant)
	}
}
