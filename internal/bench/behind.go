package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tongka/internal/ledger"
	"tongka/internal/store"
)

// behindRounds is how often bills are measured with and without what runs behind them, as a multiple of the rounds of
// other loads: the difference is smaller than what two measurements differ by.
const behindRounds = 3

// behindBills measures what bills lose by what runs behind them, the followers and the log of requests: two servers
// take turns, of which one does neither.
func (r *run) behindBills(ctx context.Context) error {
	for _, engine := range engines {
		if err := r.behindOn(ctx, engine); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) behindOn(ctx context.Context, engine string) error {
	say("filling %d cards on %s twice, with and without followers", r.cards, engine)
	with, err := r.followed(ctx, engine, "followed")
	if err != nil {
		return err
	}
	defer with.stop()
	without, err := r.alone(ctx, engine, "alone")
	if err != nil {
		return err
	}
	return errors.Join(r.behindTurns(ctx, engine, with, without.server), without.end())
}

// lone is a server behind whose bills nothing runs.
type lone struct {
	*server
	end func() error // returns an error if something ran after all
}

// alone starts a server that keeps no requests, and whose followers are held by this process.
func (r *run) alone(ctx context.Context, engine, name string) (lone, error) {
	dsn, err := r.stocked(ctx, engine, name)
	if err != nil {
		return lone{}, err
	}
	// They are held before there is a server, which holds them otherwise.
	if err := withStore(ctx, dsn, func(st *store.Store) error { return holdFollowers(ctx, st) }); err != nil {
		return lone{}, err
	}
	s, err := r.serve(ctx, engine, name, dsn, "--keep-requests", "0")
	if err != nil {
		return lone{}, err
	}
	st, err := store.Open(ctx, dsn, store.Options{Beside: true})
	if err != nil {
		s.stop()
		return lone{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	held := make(chan error, 1)
	go func() { held <- keepHolding(ctx, st) }()
	return lone{s, func() error {
		cancel()
		err := errors.Join(<-held, nothingFollowed(ctx, st), st.Close())
		s.stop()
		return err
	}}, nil
}

// nothingFollowed returns an error if a follower has taken entries.
func nothingFollowed(ctx context.Context, st *store.Store) error {
	cursors, err := st.CursorsOf(context.WithoutCancel(ctx), owner)
	for _, c := range cursors {
		if c.Entry > 0 {
			err = errors.Join(err, fmt.Errorf("%s were folded up to entry %d where nothing should be", c.Follower, c.Entry))
		}
	}
	return err
}

// behindTurns measures both servers in turns, each as often before the other as behind it.
func (r *run) behindTurns(ctx context.Context, engine string, with, without *server) error {
	turns := []struct {
		name string
		*server
	}{{"with", with}, {"without", without}}
	bills := func(s *server) load { return load{server: s, kind: "consume", cards: r.cards, conns: 64} }
	for _, turn := range turns {
		if _, err := bills(turn.server).wrk(ctx, r.script, warmUp*r.each); err != nil {
			return err
		}
	}
	for range behindRounds * r.rounds {
		for _, turn := range turns {
			if err := r.take(ctx, engine+" bills "+turn.name, bills(turn.server)); err != nil {
				return err
			}
		}
		slices.Reverse(turns)
	}
	return nil
}

// heldFor is how long a lease of a follower is held, which is no longer than a server would.
const heldFor = 50 * time.Second

// keepHolding holds the leases of all followers until ctx ends.
func keepHolding(ctx context.Context, st *store.Store) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(heldFor / 5):
		}
		if err := holdFollowers(ctx, st); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// holdFollowers takes the leases of all followers and does nothing for them, as a process that is at work does: no
// other one begins.
func holdFollowers(ctx context.Context, st *store.Store) error {
	have, err := st.CursorsOf(ctx, owner)
	if err != nil {
		return err
	}
	for _, name := range []string{ledger.DayTotals, ledger.PartTotals} {
		c := ledger.Cursor{Merchant: owner, Follower: name}
		if i := slices.IndexFunc(have, func(c ledger.Cursor) bool { return c.Follower == name }); i >= 0 {
			c = have[i]
		}
		c.Version, c.Holder, c.Until = c.Version+1, 1, time.Now().Add(heldFor)
		if err := st.SaveCursor(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// ratio3 formats a ratio that is near 1.
func ratio3(f float64) string { return fmt.Sprintf("%.3f ×", f) }

// behindGoals are that bills lose less than 3 % by what runs behind them.
func (r *run) behindGoals() (all []goal) {
	for _, engine := range engines {
		got := r.taken[engine+" bills with"].over(r.taken[engine+" bills without"])
		all = append(all, goal{
			"bills on " + engine + " with followers and log of requests, over bills without", "≥ 0.97 ×", ratio3(got),
			got >= 0.97,
		})
	}
	return all
}

func (r *run) behindTable() string {
	t := table{head: []string{"consume per second, 64 connections", "with", "without", "ratio",
		"server's processors, µs a bill"}}
	for _, engine := range engines {
		with, without := r.taken[engine+" bills with"], r.taken[engine+" bills without"]
		t.add(engine, with.spread(), without.spread(), ratio3(with.over(without)), with.work()+" / "+without.work())
	}
	return t.String()
}
