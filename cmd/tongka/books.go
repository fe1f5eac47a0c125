package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"sync/atomic"
	"time"

	"tongka/internal/apply"
	"tongka/internal/clock"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/store"
)

// settle bounds how long the program, when it ends, waits for commands it has accepted.
const settle = 60 * time.Second

var _ engine.Preparer = (*store.Store)(nil) // otherwise nothing is saved while a large command is prepared

// books is an open database with an engine on it.
type books struct {
	*store.Store
	engine *engine.Engine
	clock  *clock.Clock
}

// openBooks opens a database to change something in it, and creates it if it does not exist. Another process may be
// serving it at the same time.
func openBooks(ctx context.Context, dsn string, cfg engine.Config) (*books, error) {
	return openBooksWith(ctx, dsn, store.Options{Beside: true}, cfg)
}

// openBegun opens an existing database to change something in it. Every command uses it except those that create a
// database: with a mistyped name they would otherwise create an empty one and report that nothing was found, or
// that all is done.
func openBegun(ctx context.Context, dsn string, cfg engine.Config) (*books, error) {
	return openBooksWith(ctx, dsn, store.Options{Beside: true, Begun: true}, cfg)
}

// openBooksWith opens a database with options. Without Beside it is opened to be served, which on SQLite is refused
// if another process serves it already.
func openBooksWith(ctx context.Context, dsn string, opts store.Options, cfg engine.Config) (*books, error) {
	s, err := store.Open(ctx, dsn, opts)
	if err != nil {
		return nil, err
	}
	b := &books{Store: s}
	if b.clock, err = b.startClock(ctx, opts.Beside, &cfg); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	b.engine = engine.New(s, cfg)
	if b.clock.Refused() == nil && !opts.ReadOnly {
		if err := b.adoptAgents(ctx); err != nil {
			b.Close(&err)
			return nil, err
		}
	}
	return b, nil
}

// startClock returns the clock that the engine uses: a new one, of a server or of a command, or the one that cfg has
// already.
func (b *books) startClock(ctx context.Context, command bool, cfg *engine.Config) (*clock.Clock, error) {
	if cfg.Clock != nil {
		return clock.Fixed(cfg.Clock), nil
	}
	log := cfg.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler) // the command's own error says why it was not carried out
	}
	c := newClock(b.Store, command, log)
	cfg.Clock, cfg.Doubt = c.Now, c.Refused
	return c, c.Look(ctx)
}

// Close waits up to settle for the commands that were accepted, then closes the database. Errors are joined to *err.
func (b *books) Close(err *error) {
	ctx, cancel := context.WithTimeout(context.Background(), settle)
	defer cancel()
	*err = errors.Join(*err, b.engine.Close(ctx), b.Store.Close())
}

// openReader opens an existing database for reading. Another process may be serving it at the same time.
func openReader(ctx context.Context, dsn string) (*store.Store, error) {
	return store.Open(ctx, dsn, store.Options{ReadOnly: true})
}

// openAll opens a database to read all of it. Where tills are at work, in whatever process, the reading stands back.
func openAll(ctx context.Context, dsn string) (*store.Store, error) {
	beKind()
	s, err := openReader(ctx, dsn)
	if err != nil {
		return nil, err
	}
	s.StandBack(restFor(engine.NewPace(engine.ReadPace, othersAtWork(s, new(atomic.Int64)))))
	return s, nil
}

// restFor returns how a command that does nothing but read rests: for what a page took, and for what was done with the
// pages before it, by the processor time of the whole process.
func restFor(pace *engine.Pace) store.Rest {
	var used atomic.Int64 // processor time at the last rest
	used.Store(int64(processorTime()))
	return func(ctx context.Context, took time.Duration) error {
		now := processorTime()
		worked := now - time.Duration(used.Swap(int64(now)))
		return pace.Rest(ctx, max(took, worked))
	}
}

// othersAtWork returns a function that reports whether other processes have saved anything since its last true, or
// since its first call, which returns false. Every save moves one merchant's head by one version, so the others'
// saves are the sum of all versions less this process's commits. It takes one for granted, as a commit of this
// process may not have been counted yet. If the heads cannot be read, it returns false.
func othersAtWork(in heads, commits *atomic.Int64) func(context.Context) bool {
	mark := int64(math.MaxInt64)
	return func(ctx context.Context) bool {
		others := -commits.Load()
		heads, err := in.Heads(ctx)
		if err != nil {
			return false
		}
		for _, h := range heads {
			others += h.Version
		}
		busy := mark != math.MaxInt64 && others-1 > mark
		if busy || mark == math.MaxInt64 {
			mark = others
		}
		return busy
	}
}

// heads has the heads of all merchants.
type heads interface {
	Heads(ctx context.Context) ([]ledger.Head, error)
}

// closeReader closes a database. An error is joined to *err.
func closeReader(s *store.Store, err *error) { *err = errors.Join(*err, s.Close()) }

type merchants interface {
	Merchants(ctx context.Context) ([]ledger.Merchant, error)
}

// findMerchant returns the merchant with the id or the GUID name, or an error if there is none.
func findMerchant(ctx context.Context, in merchants, name string) (*ledger.Merchant, error) {
	all, err := in.Merchants(ctx)
	if err != nil {
		return nil, err
	}
	id, _ := strconv.ParseInt(name, 10, 64) // 0 for a GUID, and no merchant has the id 0
	for i, m := range all {
		if int64(m.ID) == id || ledger.FoldGUID(m.GUID) == ledger.FoldGUID(name) {
			return &all[i], nil
		}
	}
	return nil, fmt.Errorf("there is no merchant %q: see tongka merchant list", name)
}

var errDemo = errors.New("this is a demo database: its tokens are published. Serve it with `tongka demo`, or choose " +
	"another with --db")

// checkProduction returns an error for books that must not be served: those of a demo, and those with an agent that
// has the published token.
func (b *books) checkProduction(ctx context.Context) error {
	demo, err := b.Demo(ctx)
	if err != nil {
		return err
	}
	if demo {
		return errDemo
	}
	agents, err := b.Agents(ctx)
	if err != nil {
		return err
	}
	for i := range agents {
		if apply.DemoToken(&agents[i]) {
			return fmt.Errorf("agent %q has the published demo token: make it a new one with `tongka agent token`",
				agents[i].Name)
		}
	}
	return nil
}

// warnWeak logs a warning for each agent whose token somebody chose.
func (b *books) warnWeak(ctx context.Context, log *slog.Logger) error {
	agents, err := b.Agents(ctx)
	if err != nil {
		return err
	}
	for _, a := range agents {
		if a.Weak && !a.Stopped {
			log.Warn("agent with a chosen token: give it a random one with `tongka agent token`", "agent", a.Name, "until",
				a.Until.String())
		}
	}
	return nil
}

// timeKnown returns an error, with advice, while the clock is in doubt and nothing may be written by it.
func timeKnown(c *clock.Clock) error {
	err := c.Refused()
	if err == nil {
		return nil
	}
	advice := ""
	if d, ok := errors.AsType[*clock.Doubt](err); ok {
		advice = clock.Advice(d)
	}
	return fmt.Errorf("%w; %s", err, advice)
}
