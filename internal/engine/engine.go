// Package engine carries out commands. It gathers waiting commands into a batch, loads the records they name, lets
// each decide in memory, saves what they decided in one commit, and then answers.
//
// It promises: nobody is answered, not even with a refusal, before what the answer rests on is stored; of two engines
// on one store neither overwrites the other; a commit whose outcome is unknown is looked up before anybody is
// answered; the commands of one merchant are decided one after the other.
//
// It decides nothing itself, never runs a commit under a caller's context, and never waits for a batch to fill: a
// batch is what arrived while the one before it was saved.
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
	// ErrNotDone is wrapped by every error after which the command is certainly not done and the same command may
	// succeed a moment later: the store failed, or the command did not begin.
	ErrNotDone = errors.New("not done")
	// ErrBusy is an ErrNotDone: too many commands are waiting, or those before it took too long.
	ErrBusy = fmt.Errorf("too many commands are waiting: %w", ErrNotDone)
	// ErrClosed is an ErrNotDone: the engine was closed before the command began.
	ErrClosed = fmt.Errorf("engine is closed: %w", ErrNotDone)
	// ErrClock is an ErrNotDone: the current time is in doubt.
	ErrClock = fmt.Errorf("the clock is in doubt: %w", ErrNotDone)
	// ErrMerchant is returned for a command at a merchant that is not in the store.
	ErrMerchant = errors.New("unknown merchant")
)

// Store keeps the records. Every store passes the contract tests in internal/store/storetest.
type Store interface {
	// Load returns the wanted records, all as of one moment: one Records for each Want, in the same order. Each merchant
	// is named once. A record that is named and not among them does not exist.
	Load(ctx context.Context, wants ...command.Want) ([]command.Records, error)
	// Save stores all changes or none, those of each merchant apart. It returns command.ErrStale if the version of a
	// head is no longer the stored one or a row already exists, and command.ErrUnknown if it cannot tell whether the
	// changes were saved. After any other error they were not.
	Save(ctx context.Context, changes ...command.Changes) error
	// RefusesRepeats reports whether Save is sure to refuse a request that is stored already. Where it is not, as some
	// requests are kept under names of before, each is looked up.
	RefusesRepeats() bool
	// Saved reports, after command.ErrUnknown, whether these very changes are in the store.
	Saved(ctx context.Context, changes ...command.Changes) (bool, error)
	// Secure returns nil once everything that earlier loads have found is as safe as what a successful save stored. A
	// load may find a commit that has not yet reached the standbys that commits wait for.
	Secure(ctx context.Context) error
}

// Config configures an engine. The zero value works.
type Config struct {
	Lanes int // queues with one writer each; each merchant belongs to one lane. Default 1
	Batch int // commands in one commit, at most. Default 256
	// Commands waiting in a lane, besides a batch being saved and one decided ahead. Default 4096.
	Queue  int
	Cards  int              // cards a lane keeps in memory between batches, at most. Default 131072
	Settle time.Duration    // how long to look up the outcome of a commit. Default 30 s
	Clock  func() time.Time // default time.Now
	// Doubt returns why the time is in doubt. Then only commands with an AnyTime method are carried out. Default: nil
	// error, always.
	Doubt func() error
	// Saved is told what each save has stored, by merchant, before the callers are answered. It is called in the lanes,
	// so it must be quick. It may keep the entries, which nobody changes any more. Default: it does nothing.
	Saved   func(changes []command.Changes)
	Observe Observe
	Logger  *slog.Logger // default slog.Default
}

// Observe has hooks for metrics. They run in the lanes, so they must be quick. Nil hooks are skipped.
type Observe struct {
	Batch   func(commands, waiting int) // a batch was gathered; waiting more are queued
	Commit  func(took time.Duration)    // a save has ended, with or without success
	Stale   func()                      // a batch is decided again because its records have changed
	Turn    func()                      // a batch works in a turn, because another process works for its merchants too
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
	if c.Saved == nil {
		c.Saved = func([]command.Changes) {}
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
	if c.Observe.Turn == nil {
		c.Observe.Turn = func() {}
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

// Engine carries out commands. It may be used by several goroutines at once, and must be closed.
type Engine struct {
	doubt func() error
	lanes []*served
	jobs  sync.Pool // of *job that nobody holds
	stop  context.CancelFunc
	ended chan struct{} // closed when all lanes have ended

	mu     sync.RWMutex // held for reading while a command is queued
	closed bool
}

// served is a lane and the shell it runs in.
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

// Do carries out a command of one merchant. It returns what the command changed, or its ledger.Refusal, also if
// something was counted beside the refusal. The caller must not modify the result. If ctx ends first, the command
// goes on and Do returns the error of ctx. That error, and any that is command.ErrUnknown, leaves open whether the
// command was done; the caller may ask again with the same request id. After any other error nothing was done, and if
// it is ErrNotDone the same command may succeed a moment later.
func (e *Engine) Do(ctx context.Context, cmd command.Command) (command.Changes, error) {
	return e.do(ctx, cmd, 0)
}

// Within returns the engine for callers that wait no longer than patience.
func (e *Engine) Within(patience time.Duration) Patient { return Patient{e, patience} }

// Patient carries out commands for callers that wait for a limited time.
type Patient struct {
	engine   *Engine
	patience time.Duration
}

// Do is Engine.Do with a limit of time. If the command has not begun by then, it never will, and the error is
// ErrBusy. If it has begun, it goes on, and the error is command.ErrUnknown.
func (p Patient) Do(ctx context.Context, cmd command.Command) (command.Changes, error) {
	return p.engine.do(ctx, cmd, p.patience)
}

// do carries out a command. If patience is 0, the caller waits as long as it takes.
func (e *Engine) do(ctx context.Context, cmd command.Command, patience time.Duration) (command.Changes, error) {
	if err := ctx.Err(); err != nil {
		return command.Changes{}, fmt.Errorf("not begun: %w", err)
	}
	if err := e.timeKnown(cmd); err != nil {
		return command.Changes{}, err
	}
	j := e.newJob(cmd)
	if err := e.enqueue(e.laneOf(cmd.MerchantID()), j); err != nil {
		e.release(j)
		return command.Changes{}, err
	}
	return e.await(ctx, j, patience)
}

func (e *Engine) newJob(cmd command.Command) *job {
	j := e.jobs.Get().(*job)
	j.cmd, j.keys, j.came = cmd, cmd.Keys(), time.Now().UnixNano()
	j.wide = len(j.keys.Cards) >= wideFrom
	return j
}

// await waits for the outcome of a job.
func (e *Engine) await(ctx context.Context, j *job, patience time.Duration) (command.Changes, error) {
	if err := j.wait(ctx, patience); err != nil {
		return command.Changes{}, err // the lane still holds the job, so it must not be reused
	}
	ch, err := j.changes, j.err
	e.release(j)
	return ch, err
}

// anyTime is a command that is carried out even while the clock is in doubt: it tells the time, or does not depend on
// it.
type anyTime interface{ AnyTime() }

// timeKnown returns ErrClock for a command while the time is in doubt, unless it is an anyTime command.
func (e *Engine) timeKnown(cmd command.Command) error {
	err := e.doubt()
	if err == nil {
		return nil
	}
	if _, ok := cmd.(anyTime); ok {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrClock, err)
}

// laneOf returns the lane of a merchant.
func (e *Engine) laneOf(id ledger.MerchantID) *served {
	return e.lanes[uint64(id)%uint64(len(e.lanes))]
}

// enqueue hands the job to the lane, or returns at once why it cannot.
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

// Close accepts no more commands, finishes the accepted ones and waits for the lanes to end. If ctx ends first,
// commands that have not begun fail with ErrClosed, and a commit under way is left to end by itself. Close may be
// called again to wait longer.
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
