// Package engine carries out commands. It gathers those that wait into batches, has the records they
// name loaded, lets each decide in memory, saves what they decided in one commit, and then answers.
//
// It promises: nobody is answered, not even with a refusal, before what the answer rests on is in the
// store; of two engines on one store neither overwrites the other; a commit of which the outcome is
// not known is looked up before anybody is told; the commands of one merchant are decided one after the
// other.
//
// It never decides anything itself, never runs a commit under a caller's context, and never waits for
// more commands to come: a batch is what came while the one before it was being saved.
package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

var (
	// ErrNotDone is what every error is after which it is certain that the command was not done, and
	// the same one may well be done in a moment: the store failed, or the command did not begin.
	ErrNotDone = errors.New("not done")
	// ErrBusy is an ErrNotDone: too many commands wait, or those before it took too long.
	ErrBusy = fmt.Errorf("too many commands are waiting: %w", ErrNotDone)
	// ErrClosed is an ErrNotDone: the engine was closed before the command began.
	ErrClosed = fmt.Errorf("engine is closed: %w", ErrNotDone)
	// ErrClock is an ErrNotDone: it is not known what time it is.
	ErrClock = fmt.Errorf("the clock is in doubt: %w", ErrNotDone)
	// ErrMerchant is answered to a command at a merchant the store does not have.
	ErrMerchant = errors.New("unknown merchant")
)

// Store keeps the records. internal/store/storetest holds the contract every store passes.
type Store interface {
	// Load finds the records that are wanted of merchants, each named once, all as of one moment: one Records for
	// each Want, in their order. What is not among them does not exist.
	Load(ctx context.Context, wants ...command.Want) ([]command.Records, error)
	// Save puts all of the changes in, those of each merchant by themselves, or none. It returns command.ErrStale when
	// the version of a head is not the stored one any more or a row is there already, and command.ErrUnknown when it
	// cannot tell whether the changes were saved. After any other error they were not.
	Save(ctx context.Context, changes ...command.Changes) error
	// Saved tells, after command.ErrUnknown, whether these very changes are in the store.
	Saved(ctx context.Context, changes ...command.Changes) (bool, error)
	// Secure returns nil when everything that a load before it has found is as safe as what a save has
	// answered: a load may find what was committed and has not reached the standbys that commits wait for.
	Secure(ctx context.Context) error
}

// Config is how an engine works. The zero value works.
type Config struct {
	Lanes int // queues with one writer each; a merchant has one of them. Default 1
	Batch int // most commands of one commit. Default 256
	// most commands that wait in a lane, besides a batch that is saved and one decided ahead. Default 4096
	Queue   int
	Cards   int              // most cards a lane keeps in memory between batches. Default 131072
	Settle  time.Duration    // how long the outcome of a commit is looked up. Default 30 s
	Clock   func() time.Time // default time.Now
	Doubt   func() error     // why no command may be carried out but those that SetsTime; nil = it may be. Default: always
	Observe Observe
	Logger  *slog.Logger // default slog.Default
}

// Observe are hooks for metrics. They run in the lanes, so they must be quick; those that are nil are
// left out.
type Observe struct {
	Batch   func(commands, waiting int) // a batch was gathered; so many wait behind it
	Commit  func(took time.Duration)    // changes were saved, or could not be
	Stale   func()                      // a batch is decided again because its records had moved
	Unknown func()                      // the outcome of a commit had to be looked up
}

func (c Config) withDefaults() Config {
	c.Lanes = orDefault(c.Lanes, 1)
	c.Batch = orDefault(c.Batch, 256)
	c.Queue = orDefault(c.Queue, 4096)
	c.Cards = orDefault(c.Cards, 131_072)
	c.Settle = orDefault(c.Settle, 30*time.Second)
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Doubt == nil {
		c.Doubt = func() error { return nil }
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Observe.Batch == nil {
		c.Observe.Batch = func(int, int) {}
	}
	if c.Observe.Commit == nil {
		c.Observe.Commit = func(time.Duration) {}
	}
	if c.Observe.Stale == nil {
		c.Observe.Stale = func() {}
	}
	if c.Observe.Unknown == nil {
		c.Observe.Unknown = func() {}
	}
	return c
}

func orDefault[T int | time.Duration](n, otherwise T) T {
	if n <= 0 {
		return otherwise
	}
	return n
}

// Engine carries out commands. It is safe for many callers at once, and must be closed.
type Engine struct {
	doubt func() error
	lanes []*served
	jobs  sync.Pool // of *job nobody holds
	stop  context.CancelFunc
	ended chan struct{} // closed when all lanes have ended

	mu     sync.RWMutex // held for reading while a command is queued
	closed bool
}

// served is a lane with the shell it runs in.
type served struct {
	*lane
	shell *goShell
}

// New starts an engine on a store.
func New(store Store, cfg Config) *Engine {
	cfg = cfg.withDefaults()
	ctx, stop := context.WithCancel(context.Background())
	e := &Engine{doubt: cfg.Doubt, stop: stop, ended: make(chan struct{})}
	e.jobs.New = newJob
	var running sync.WaitGroup
	for range cfg.Lanes {
		sh := newGoShell(cfg.Queue)
		l := newLane(ctx, sh, store, cfg)
		e.lanes = append(e.lanes, &served{l, sh})
		running.Go(l.run)
	}
	go func() {
		running.Wait()
		stop()
		close(e.ended)
	}()
	return e
}

// Do carries out a command of one merchant and returns what it changed, or its ledger.Refusal, be it
// one beside which something was counted. The caller must not change what it is given. When ctx ends
// first the command goes on, and the error is that of ctx; that error, and any that is
// command.ErrUnknown, leaves open whether the command was done: the caller may ask again with the same
// request id. After any other error nothing was done; if it is ErrNotDone, the same command may be done
// in a moment.
func (e *Engine) Do(ctx context.Context, cmd command.Command) (command.Changes, error) {
	return e.do(ctx, cmd, 0)
}

// Within is the engine for callers who wait so long and no longer.
func (e *Engine) Within(patience time.Duration) Patient { return Patient{e, patience} }

// Patient carries out commands for callers whose patience ends.
type Patient struct {
	engine   *Engine
	patience time.Duration
}

// Do is Engine.Do that returns within the patience. A command that has not begun by then never will,
// and the error is ErrBusy. One that has begun goes on, and the error is command.ErrUnknown.
func (p Patient) Do(ctx context.Context, cmd command.Command) (command.Changes, error) {
	return p.engine.do(ctx, cmd, p.patience)
}

// do carries out a command; without a patience the caller waits for as long as it takes.
func (e *Engine) do(ctx context.Context, cmd command.Command, patience time.Duration) (command.Changes, error) {
	if err := ctx.Err(); err != nil {
		return command.Changes{}, fmt.Errorf("not begun: %w", err)
	}
	if err := e.timeKnown(cmd); err != nil {
		return command.Changes{}, err
	}
	j := e.jobs.Get().(*job)
	j.cmd, j.keys, j.came = cmd, cmd.Keys(), time.Now().UnixNano()
	if err := e.enqueue(e.laneOf(cmd.MerchantID()), j); err != nil {
		e.release(j)
		return command.Changes{}, err
	}
	if err := j.wait(ctx, patience); err != nil {
		return command.Changes{}, err // the lane still has the job, so it is not used again
	}
	ch, err := j.changes, j.err
	e.release(j)
	return ch, err
}

// setsTime is a command that says what time it is.
type setsTime interface{ SetsTime() }

// timeKnown refuses a command while it is not known what time it is.
func (e *Engine) timeKnown(cmd command.Command) error {
	err := e.doubt()
	if err == nil {
		return nil
	}
	if _, sets := cmd.(setsTime); sets {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrClock, err)
}

// laneOf is the lane of a merchant.
func (e *Engine) laneOf(id ledger.MerchantID) *served {
	return e.lanes[uint64(id)%uint64(len(e.lanes))]
}

// enqueue hands the job to the lane, or answers at once that it cannot.
func (e *Engine) enqueue(l *served, j *job) error {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if e.closed {
		return ErrClosed
	}
	select {
	case l.shell.queue <- j:
		return nil
	default:
		return ErrBusy
	}
}

func (e *Engine) release(j *job) {
	*j = job{done: j.done, timer: j.timer}
	e.jobs.Put(j)
}

// Close takes no more commands, finishes those it has taken and waits for the lanes to end. When ctx
// ends first, the commands that have not begun are answered ErrClosed, and a commit under way is left
// to end by itself. It may be called again, to wait longer.
func (e *Engine) Close(ctx context.Context) error {
	e.mu.Lock()
	if !e.closed {
		e.closed = true
		for _, l := range e.lanes {
			close(l.shell.queue)
		}
	}
	e.mu.Unlock()
	select {
	case <-e.ended:
		return nil
	case <-ctx.Done():
	}
	e.stop()
	select {
	case <-e.ended:
		return nil
	default:
		return fmt.Errorf("close: commands are still under way: %w", ctx.Err())
	}
}
