package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"tongka/internal/apply"
	"tongka/internal/clock"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/store"
)

// settle bounds how long the program waits for what it accepted when it ends.
const settle = 60 * time.Second

var _ engine.Preparer = (*store.Store)(nil) // else large commands are made ready while nobody saves

// books are an open database with an engine on it.
type books struct {
	*store.Store
	engine *engine.Engine
	clock  *clock.Clock
}

// openBooks opens a database to change something in it. Another process may be serving it meanwhile.
func openBooks(ctx context.Context, dsn string, cfg engine.Config) (*books, error) {
	return openBooksWith(ctx, dsn, store.Options{Beside: true}, cfg)
}

// openBegun opens a database that is there to change something in it: all but those who begin one do, for what
// they change is in it, and of a mistyped name they would say that nothing was found, or that all is done.
func openBegun(ctx context.Context, dsn string, cfg engine.Config) (*books, error) {
	return openBooksWith(ctx, dsn, store.Options{Beside: true, Begun: true}, cfg)
}

// openBooksWith opens a database with options. Unless they say Beside it is opened to be served: on SQLite that
// refuses to be the second who does.
func openBooksWith(ctx context.Context, dsn string, opts store.Options, cfg engine.Config) (*books, error) {
	s, err := store.Open(ctx, dsn, opts)
	if err != nil {
		return nil, err
	}
	b := &books{Store: s}
	if b.clock, err = b.startClock(ctx, &cfg); err != nil {
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

// startClock makes the clock that the engine goes by, unless it has one already.
func (b *books) startClock(ctx context.Context, cfg *engine.Config) (*clock.Clock, error) {
	if cfg.Clock != nil {
		return clock.Fixed(cfg.Clock), nil
	}
	log := cfg.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler) // a command says why it was not done
	}
	c := newClock(b.Store, log)
	cfg.Clock, cfg.Doubt = c.Now, c.Refused
	return c, c.Look(ctx)
}

// Close finishes what was accepted, then closes the database. What goes wrong joins *err.
func (b *books) Close(err *error) {
	ctx, cancel := context.WithTimeout(context.Background(), settle)
	defer cancel()
	*err = errors.Join(*err, b.engine.Close(ctx), b.Store.Close())
}

// openReader opens a database for reading. Another process may be serving it meanwhile.
func openReader(ctx context.Context, dsn string) (*store.Store, error) {
	return store.Open(ctx, dsn, store.Options{ReadOnly: true})
}

// closeReader closes a database; what goes wrong joins *err.
func closeReader(s *store.Store, err *error) { *err = errors.Join(*err, s.Close()) }

// merchants has the merchants of a database.
type merchants interface {
	Merchants(ctx context.Context) ([]ledger.Merchant, error)
}

// findMerchant finds a merchant by its id or its GUID.
func findMerchant(ctx context.Context, in merchants, name string) (*ledger.Merchant, error) {
	all, err := in.Merchants(ctx)
	if err != nil {
		return nil, err
	}
	id, _ := strconv.ParseInt(name, 10, 64) // 0, which is nobody's, when it is a GUID
	for i, m := range all {
		if int64(m.ID) == id || ledger.FoldGUID(m.GUID) == ledger.FoldGUID(name) {
			return &all[i], nil
		}
	}
	return nil, fmt.Errorf("there is no merchant %q: see tongka merchant list", name)
}

// checkProduction refuses books that must not be served to tills.
func (b *books) checkProduction(ctx context.Context) error {
	demo, err := b.Demo(ctx)
	if err != nil {
		return err
	}
	if demo {
		return errors.New("this is a demo database: its tokens are published. Serve it with `tongka demo`, or choose " +
			"another with --db")
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

// warnWeak logs which agents have a token that somebody chose.
func (b *books) warnWeak(ctx context.Context, log *slog.Logger) error {
	agents, err := b.Agents(ctx)
	if err != nil {
		return err
	}
	if len(agents) == 0 {
		log.Warn("no merchant yet, or no agent: make them with `tongka apply`, beside this server; an example is in " +
			"docs/manual.md")
	}
	for _, a := range agents {
		if a.Weak && !a.Stopped {
			log.Warn("agent with a chosen token: give it a random one with `tongka agent token`", "agent", a.Name, "until",
				a.Until.String())
		}
	}
	return nil
}

// timeKnown refuses to write while it is not known what time it is.
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
