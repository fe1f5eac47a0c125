package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

const (
	// maxTries bounds how often a batch is decided again because another writer was first.
	maxTries = 100
	// maxFailures bounds the number of consecutive failures when the commands of a batch that could not be saved are
	// tried one at a time. Then the rest is given up.
	maxFailures = 8
	// maxAsides bounds how often a command may ask for more lots of a card. The second time it gets all of them.
	maxAsides = 2
	// maxNamed bounds how often a command may ask for more records: guards, its request, the request whose entry it
	// undoes, that entry, and the entries that made the lots it pays out of, which are asked for again if the lots have
	// changed meanwhile.
	maxNamed = 10
)

// errAgain makes persist decide a batch again at once, because a command panicked.
var errAgain = errors.New("decide again")

// lane carries out the commands of one queue. Everything in it but health and came belongs to one goroutine.
type lane struct {
	shell shell
	ctx   context.Context // the engine's own; ends only if the engine is stopped
	store Store
	cfg   Config
	// writer is stored in every entry. Without it, two runs that decide the same commands from the same records in the
	// same millisecond would write identical entries, and a look-up would mistake one for the other.
	writer int64
	log    *slog.Logger

	books   map[ledger.MerchantID]*books
	shelf   *command.Shelf // the cards of all merchants
	opened  []*books       // those with records to be forgotten later: see forget
	letGoAt int            // number of books at which letGo runs
	round   int64

	batch   []*job
	decided int    // number of jobs in batch that were decided while the one before it was saved
	next    []*job // of the batch after it: set aside for more records, or gathered ahead
	ahead   int    // number of jobs in next that are decided

	came       atomic.Int64 // number of tills' jobs that have arrived
	large      []*job       // large commands that are waiting: see bulk.go
	largeAhead int          // number of these that are decided ahead; nothing else is then
	largeNames int          // number of cards that those have named
	wasLarge   bool         // the last batch was of large commands
	readied    *readied     // what was decided ahead, prepared for saving; nil = it is not

	recent recentIDs
	turn   turn // of the batch being carried out; nil = none

	health health
}

func newLane(ctx context.Context, sh shell, store Store, cfg Config) *lane {
	return &lane{
		shell: sh, ctx: ctx, store: store, cfg: cfg, writer: sh.Random(math.MaxInt64), log: cfg.Logger,
		books: map[ledger.MerchantID]*books{}, shelf: command.NewShelf(cfg.Cards), letGoAt: mostBooks,
	}
}

// run carries out batches until the queue is closed and empty.
func (l *lane) run() {
	for {
		batch := l.gather()
		if len(batch) == 0 {
			return
		}
		l.carryOut(batch)
	}
}

// gather takes the waiting jobs, and blocks only if there are none. After jobs that were decided ahead it adds only
// jobs that can be decided before those are saved.
func (l *lane) gather() []*job {
	l.take()
	for len(l.next)+len(l.large) == 0 {
		l.health.oldest.Store(0)
		j, open := l.shell.Receive(true)
		if !open {
			return nil
		}
		l.add(j)
		l.take()
	}
	if l.wasLarge = l.nextLarge(); l.wasLarge {
		return l.takeLarge()
	}
	if len(l.next) == 0 {
		return l.gather() // what was waiting came after a large command that was not done
	}
	n := len(untilAlone(l.next))
	if l.ahead > 0 {
		n = l.ahead + len(untilMustWait(l.next[l.ahead:n]))
	}
	l.batch = append(l.batch[:0], l.next[:n]...)
	l.decided, l.ahead = l.ahead, 0
	l.next = slices.Delete(l.next, 0, n)
	l.health.oldest.Store(slices.MinFunc(l.batch, func(a, b *job) int { return cmp.Compare(a.came, b.came) }).came)
	return l.batch
}

// untilAlone returns the jobs of one batch: those before the first that must be alone, or only that one.
func untilAlone(jobs []*job) []*job {
	i := slices.IndexFunc(jobs, (*job).alone)
	if i < 0 {
		return jobs
	}
	return jobs[:max(1, i)]
}

// take adds the waiting jobs to the next batch, except those whose callers have left.
func (l *lane) take() {
	l.next = slices.DeleteFunc(l.next, (*job).hasLeft)
	for len(l.next) < l.cfg.Batch {
		j, _ := l.shell.Receive(false)
		if j == nil {
			return
		}
		if !j.hasLeft() {
			l.add(j)
		}
	}
}

// add adds a job to the next batch.
func (l *lane) add(j *job) {
	j.books = l.of(j.cmd.MerchantID())
	if j.large != nil {
		l.large = append(l.large, j)
		return
	}
	l.came.Add(1)
	l.next = append(l.next, j)
}

// again puts a job into a next batch, to be decided again.
func (l *lane) again(j *job) {
	if j.large != nil {
		l.large = slices.Insert(l.large, 0, j)
		return
	}
	l.next = append(l.next, j)
}

// carryOut answers every job of the batch or sets it aside. If the batch as a whole cannot be saved, its jobs are
// tried one at a time, so that one of them does not fail the others.
func (l *lane) carryOut(batch []*job) {
	defer l.rescue(batch)
	l.cfg.Observe.Batch(len(batch), l.shell.Waiting())
	for _, b := range l.booksOf(batch) {
		b.begin()
	}
	if l.ctx.Err() != nil {
		l.fail(batch, ErrClosed)
		return
	}
	failed := l.persist(batch, true)
	if failed == nil {
		return
	}
	if severalLarge(batch) && l.ctx.Err() == nil && !errors.Is(failed, command.ErrUnknown) {
		l.putBack(batch)
		return
	}
	if len(batch) == 1 || l.ctx.Err() != nil || errors.Is(failed, command.ErrUnknown) ||
		errors.Is(failed, command.ErrStale) {
		l.fail(batch, failed)
		return
	}
	failures := 0
	for i := range batch {
		err := l.persist(batch[i:i+1], false)
		if err == nil {
			failures = 0
			continue
		}
		l.fail(batch[i:i+1], err)
		failures++
		if failures == maxFailures || errors.Is(err, command.ErrUnknown) {
			break
		}
	}
	l.fail(batch, failed)
}

// rescue keeps the engine running after a panic outside of the commands. All callers get an error that leaves the
// outcome open.
func (l *lane) rescue(batch []*job) {
	p := recover()
	if p == nil {
		return
	}
	l.log.Error("engine panicked", "panic", p, "stack", string(debug.Stack()))
	for _, b := range l.opened {
		b.reset()
	}
	l.drop()
	l.fail(batch, fmt.Errorf("engine panicked: %v: %w", p, command.ErrUnknown))
}

// persist attempts the batch until it is saved, a bounded number of times while other writers are first. After an error
// nobody has been answered and everything decided is dropped. pipelined allows the next jobs to be decided meanwhile.
func (l *lane) persist(batch []*job, pipelined bool) error {
	for try := 0; ; {
		err := l.attempt(batch, pipelined)
		if err == nil {
			return nil
		}
		l.drop()
		switch {
		case errors.Is(err, errAgain) && !severalLarge(batch):
			continue // bounded: the merchant's records are fresh next time, and then a job that panics is marked broken
		case !errors.Is(err, command.ErrStale):
			return err
		}
		l.cfg.Observe.Stale()
		for _, b := range l.booksOf(jobsLeft(batch)) {
			b.stale()
		}
		if severalLarge(batch) {
			return err
		}
		if try++; try == maxTries {
			return fmt.Errorf("gave up after %d tries: %w", try, err)
		}
		if batch[0].large != nil && try > 1 {
			l.knock(batch[0].books.merchant)
		}
		if l.pause(l.ctx, try) != nil {
			return fmt.Errorf("%w while deciding again", ErrClosed)
		}
	}
}

// attempt carries the batch out once: load, decide, save, answer.
func (l *lane) attempt(batch []*job, pipelined bool) error {
	defer l.endTurn()
	all, rest := l.booksOf(batch), batch[l.decided:]
	if err := l.load(rest, all); err != nil {
		return fmt.Errorf("load: %w", err)
	}
	now := l.cfg.Clock()
	for _, j := range rest {
		if err := l.decide(j, now); err != nil {
			return err
		}
	}
	moved, changes := l.pendingOf(all)
	if len(moved) != len(changes) {
		panic("bug: what was decided is not what will be saved")
	}
	if err := l.stands(batch, changes); err != nil {
		return err
	}
	for _, b := range all {
		b.state.Sent()
	}
	if len(changes) > 0 {
		if err := l.save(changes, l.aheadOf(batch, changes, pipelined)); err != nil {
			return fmt.Errorf("save: %w", err)
		}
		l.cfg.Saved(changes)
	}
	for _, b := range moved {
		b.version++
	}
	done := namedBy(batch)
	l.answer(batch)
	l.putAway(done)
	for _, b := range all {
		b.asks = false
		b.state.Arrived()
	}
	l.forget()
	return nil
}

// pendingOf returns what was decided and must be saved, and the books it belongs to.
func (l *lane) pendingOf(all []*books) (moved []*books, changes []command.Changes) {
	for _, b := range all {
		if !b.state.Moved() {
			continue
		}
		moved = append(moved, b)
		if l.readied == nil {
			changes = append(changes, b.state.Pending())
		}
	}
	if l.readied != nil {
		changes = l.readied.changes
	}
	return moved, changes
}

// stands checks what the answers rest on and no save of this batch checks: that kept records have not changed, and
// that requests carried out before are safely stored.
func (l *lane) stands(batch []*job, changes []command.Changes) error {
	if err := l.confirm(batch, changes); err != nil {
		return fmt.Errorf("confirm: %w", err)
	}
	if len(changes) == 0 && slices.ContainsFunc(batch, (*job).replays) {
		// An earlier commit may be on one disk only, for instance if its save was cut short. A save of this batch would
		// make sure of it too; without one, Secure must.
		if err := l.store.Secure(l.ctx); err != nil {
			return fmt.Errorf("secure: %w: %w", command.ErrUnknown, err)
		}
	}
	return nil
}

// load fetches what the jobs need and the states do not know. At merchants whose records were kept, request ids not
// seen before are assumed to be new instead of fetched. It loads again if a merchant's records turn out to have
// changed. saved are the books of all jobs that are saved with these; nil = they are decided ahead.
func (l *lane) load(jobs []*job, saved []*books) error {
	all := l.booksOf(jobs)
	l.open(all)
	for _, b := range all {
		b.keys.Reset()
	}
	for _, j := range jobs {
		j.books.keys.Add(j.keys)
	}
	for again := true; again; {
		var asked []*books
		var wants []command.Want
		for _, b := range all {
			b.kept = b.seen
			missing := b.state.Missing(b.keys)
			missing.Requests = l.assumeNew(b, missing.Requests)
			if !missing.Empty() {
				asked, wants = append(asked, b), append(wants, command.Want{Merchant: b.merchant, Keys: missing})
			}
		}
		if len(wants) == 0 {
			return nil
		}
		found, err := l.loadRecords(asked, wants, saved)
		if err != nil {
			return err
		}
		again = false
		for i, b := range asked {
			if !b.learn(wants[i].Keys, found[i]) {
				again = true
			}
		}
	}
	return nil
}

// assumeNew tells the state to treat requests not seen before as new where that is allowed, and returns the others,
// which must be looked up. It saves nearly every batch a round trip. Where one turns out not to be new, the save is
// refused; so nothing is assumed of a store that may not refuse it.
func (l *lane) assumeNew(b *books, keys []ledger.RequestKey) []ledger.RequestKey {
	if !l.store.RefusesRepeats() {
		return keys
	}
	return slices.DeleteFunc(keys, func(key ledger.RequestKey) bool {
		if l.recent.again(l.shell.Digest(b.merchant, key)) || !b.mayAssumeNew() {
			return false
		}
		b.state.AssumeNew(key)
		return true
	})
}

// decide lets one command decide, and applies its decision to the state. A command that panics is marked broken only
// if it used fresh records, because kept records may be from different moments.
func (l *lane) decide(j *job, now time.Time) (err error) {
	if j.broken {
		return nil
	}
	j.changes, j.err, j.lacking = command.Changes{}, nil, false
	if j.large != nil && !j.large.begin(l.shell.Now()) {
		j.err = errBefore
		return nil
	}
	if !j.begin() {
		j.err = ErrBusy // the caller has left, so nobody sees this
		return nil
	}
	state := j.books.state
	if !state.Serves(j.cmd) {
		j.err = ErrMerchant
		return nil
	}
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		err = errAgain
		if !j.books.kept {
			j.broken, j.changes = true, command.Changes{}
			j.err = fmt.Errorf("bug: %T panicked: %v", j.cmd, p)
			l.log.Error("command panicked", "command", fmt.Sprintf("%T", j.cmd), "panic", p, "stack", string(debug.Stack()))
		}
		j.books.reset()
	}()
	ch, refused := j.cmd.Decide(state, now)
	if refused != nil {
		j.err, j.lacking = refused, asksForMore(refused)
		return nil
	}
	j.changes, j.err = ch, ch.Denied
	state.Apply(ch)
	return nil
}

// asksForMore reports whether a command needs more records to decide.
func asksForMore(err error) bool {
	_, lots := errors.AsType[ledger.NeedLots](err)
	_, records := errors.AsType[command.NeedRecords](err)
	return lots || records
}

// confirm checks that answers that rest on kept records alone still stand. A save checks the versions of the heads it
// changes, but a refusal changes none.
func (l *lane) confirm(batch []*job, changes []command.Changes) error {
	var asked []*books
	var wants []command.Want
	for _, j := range batch {
		covered := slices.Contains(asked, j.books) ||
			slices.ContainsFunc(changes, func(ch command.Changes) bool { return ch.Head.Merchant == j.books.merchant })
		if !covered && j.books.kept && j.restsOnKept() {
			asked = append(asked, j.books)
			wants = append(wants, command.Want{Merchant: j.books.merchant, Keys: command.Keys{Head: true}})
		}
	}
	if len(wants) == 0 {
		return nil
	}
	found, err := l.store.Load(l.ctx, wants...)
	if err != nil {
		return err
	}
	for i, b := range asked {
		if found[i].Head.Version != b.version {
			return command.ErrStale
		}
	}
	return nil
}

// restsOnKept reports whether the answer may rest on records that have changed since they were loaded. A replayed
// request does not: once carried out, it stays so.
func (j *job) restsOnKept() bool {
	return !j.broken && !j.lacking && !j.hasLeft() && j.changes.Replay == nil && !errors.Is(j.err, ErrMerchant)
}

// answer returns the results to the callers, and sets aside the jobs that need more records.
func (l *lane) answer(batch []*job) {
	for i, j := range batch {
		batch[i] = nil
		if j.lacking && l.setAside(j) {
			continue
		}
		l.tell(j)
	}
}

// tell hands a job back to its caller.
func (l *lane) tell(j *job) {
	if j.large != nil {
		j.large.end(l.shell.Now(), j.err)
	}
	j.done <- struct{}{}
}

// setAside puts the job into the next batch with the records it asked for. For a card those are first its front lots
// as they are now, and if they do not suffice, all of them.
func (l *lane) setAside(j *job) bool {
	if more, ok := errors.AsType[command.NeedRecords](j.err); ok {
		return l.setAsideFor(j, more.Keys)
	}
	want, _ := errors.AsType[ledger.NeedLots](j.err)
	if j.asides == maxAsides {
		j.err = fmt.Errorf("bug: %T asked again: %w", j.cmd, want)
		return false
	}
	j.asides++
	if j.asides == maxAsides {
		j.keys.AllLots = append(slices.Clip(j.keys.AllLots), j.keys.Cards...)
	}
	j.books.state.Evict(want.Card.Number)
	l.again(j)
	return true
}

// setAsideFor puts the job into the next batch with more records.
func (l *lane) setAsideFor(j *job, more command.Keys) bool {
	if j.named == maxNamed {
		j.err = fmt.Errorf("bug: %T asked again: %w", j.cmd, j.err)
		return false
	}
	j.named++
	// The keys may share memory with the caller's command, so they are copied before anything is added.
	var keys command.Keys
	keys.Add(j.keys)
	keys.Add(more)
	j.keys = keys
	l.again(j)
	return true
}

// jobsLeft returns the jobs of a batch that were neither answered nor set aside.
func jobsLeft(batch []*job) []*job {
	return slices.DeleteFunc(slices.Clone(batch), func(j *job) bool { return j == nil })
}

// fail answers err to all jobs of the batch that were neither answered nor set aside.
func (l *lane) fail(batch []*job, err error) {
	if !errors.Is(err, command.ErrUnknown) && !errors.Is(err, ErrNotDone) {
		err = fmt.Errorf("%w: %w", ErrNotDone, err)
	}
	for i, j := range batch {
		if j == nil {
			continue
		}
		batch[i] = nil
		if !j.broken {
			j.changes, j.err = command.Changes{}, err
		}
		l.tell(j)
	}
}
