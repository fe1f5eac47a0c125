package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"tongka"
	"tongka/internal/apply"
	"tongka/internal/engine"
	"tongka/internal/store"
)

// settle bounds how long the program waits for what it accepted when it ends.
const settle = 60 * time.Second

// clockSlack is how far the wall clock may stand behind the newest entry when the program starts.
const clockSlack = 5 * time.Minute

// books are an open database with an engine on it.
type books struct {
	*store.Store
	engine *engine.Engine
}

// openBooks opens a database to change something in it. Another process may be serving it meanwhile.
func openBooks(ctx context.Context, dsn string, cfg engine.Config) (*books, error) {
	return openBooksWith(ctx, dsn, store.Options{Beside: true}, cfg)
}

// openBooksWith opens a database with options. Unless they say Beside it is opened to be served: on SQLite that
// refuses to be the second who does.
func openBooksWith(ctx context.Context, dsn string, opts store.Options, cfg engine.Config) (*books, error) {
	s, err := store.Open(ctx, dsn, opts)
	if err != nil {
		return nil, err
	}
	return &books{s, engine.New(s, cfg)}, nil
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
	Merchants(ctx context.Context) ([]tongka.Merchant, error)
}

// findMerchant finds a merchant by its id or its GUID.
func findMerchant(ctx context.Context, in merchants, name string) (*tongka.Merchant, error) {
	all, err := in.Merchants(ctx)
	if err != nil {
		return nil, err
	}
	id, _ := strconv.ParseInt(name, 10, 64) // 0, which is nobody's, when it is a GUID
	for i, m := range all {
		if int64(m.ID) == id || tongka.FoldGUID(m.GUID) == tongka.FoldGUID(name) {
			return &all[i], nil
		}
	}
	return nil, fmt.Errorf("there is no merchant %q", name)
}

// checkProduction refuses books that must not be served to tills.
func (b *books) checkProduction(ctx context.Context, now time.Time) error {
	demo, err := b.Demo(ctx)
	if err != nil {
		return err
	}
	if demo {
		return errors.New("this is a demo database: its tokens are published. Serve it with `tongka demo`, or choose another with db")
	}
	agents, err := b.Agents(ctx)
	if err != nil {
		return err
	}
	for i := range agents {
		if apply.DemoToken(&agents[i]) {
			return fmt.Errorf("agent %q has the published demo token: make it a new one with `tongka agent token`", agents[i].Name)
		}
	}
	return checkClock(ctx, b.Store, now)
}

// warnWeak logs which agents have a token that somebody chose.
func (b *books) warnWeak(ctx context.Context, log *slog.Logger) error {
	agents, err := b.Agents(ctx)
	if err != nil {
		return err
	}
	for _, a := range agents {
		if a.Weak && !a.Stopped {
			log.Warn("agent with a chosen token: give it a random one with `tongka agent token`", "agent", a.Name, "until", a.Until.String())
		}
	}
	return nil
}

// checkClock refuses to write entries that would seem older than those there are.
func checkClock(ctx context.Context, s *store.Store, now time.Time) error {
	newest, err := s.Newest(ctx)
	if err != nil {
		return err
	}
	if behind := newest.Sub(now); behind > clockSlack {
		return fmt.Errorf("the clock of this machine is %v behind the newest entry: set it right first", behind.Round(time.Second))
	}
	return nil
}
