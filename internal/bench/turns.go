package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"tongka/internal/follow"
	"tongka/internal/store"
)

// Two commits are compared by two servers that take turns, load by load, so that what else the machine does meets
// both. The bench of the other commit fills its own databases and serves them (stand), because no program fills a
// database of another one's schema; this one's sends the loads to both (turns).

// stand fills a database on each engine and serves it until ctx ends. It prints a line for each: the engine, the
// address and the process.
func stand(ctx context.Context, o options) (failed error) {
	r, err := prepare(o)
	if err != nil {
		return err
	}
	defer r.cleanUp()
	for _, engine := range engines {
		s, err := r.turning(ctx, engine)
		if err != nil {
			return err
		}
		defer func() { failed = errors.Join(failed, s.end()) }()
		fmt.Printf("%s%s %s %d\n", standsAt, engine, s.addr, s.pid)
	}
	<-ctx.Done()
	return nil
}

const standsAt = "stands: "

// standing starts the bench of the checkout at r.against, waits until it serves, and returns its servers and what ends
// it.
func (r *run) standing(ctx context.Context) (map[string]*server, func(), error) {
	program := filepath.Join(r.dir, "bench-before")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "./internal/bench")
	build.Dir = r.against
	if out, err := build.CombinedOutput(); err != nil {
		return nil, nil, fmt.Errorf("build in %s: %w: %s", r.against, err, out)
	}
	cmd := exec.CommandContext(ctx, program, "-stand", "-cards", strconv.Itoa(r.cards))
	cmd.Dir, cmd.Stderr = r.against, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	end := func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	}
	servers := map[string]*server{}
	for lines := bufio.NewScanner(out); len(servers) < len(engines) && lines.Scan(); {
		at, is := strings.CutPrefix(lines.Text(), standsAt)
		if !is {
			continue
		}
		var engine string
		s := &server{}
		if _, err := fmt.Sscan(at, &engine, &s.addr, &s.pid); err != nil {
			break
		}
		servers[engine] = s
	}
	if len(servers) < len(engines) {
		end()
		return nil, nil, fmt.Errorf("the bench in %s serves nothing", r.against)
	}
	return servers, end, nil
}

// turn is a server whose figures are recorded under a prefix.
type turn struct {
	prefix string
	*server
}

const before = "before: "

// turnsWarmUp is the duration of the warm-up, in loads, after which nearly every card has been loaded.
const turnsWarmUp = 12

// turns measures every load on the servers of both commits, each as often before the other as behind it.
func (r *run) turns(ctx context.Context) (failed error) {
	say("filling %d cards on both engines, twice", r.cards)
	old, end, err := r.standing(ctx)
	if err != nil {
		return err
	}
	defer end()
	both := map[string][]turn{}
	for _, engine := range engines {
		s, err := r.turning(ctx, engine)
		if err != nil {
			return err
		}
		defer func() { failed = errors.Join(failed, s.end()) }()
		both[engine] = []turn{{before, old[engine]}, {"", s.server}}
	}
	for _, engine := range engines {
		for _, t := range both[engine] {
			warm := load{server: t.server, kind: "consume", cards: r.cards, conns: 64}
			if _, err := warm.wrk(ctx, r.script, turnsWarmUp*r.each); err != nil {
				return err
			}
		}
	}
	for range r.rounds {
		for _, engine := range engines {
			if err := r.turnsOn(ctx, engine, both[engine]); err != nil {
				return err
			}
			slices.Reverse(both[engine])
		}
	}
	return nil
}

// turning starts the server of this commit, with what runs behind bills or, to compare with a commit that had none of
// it, without.
func (r *run) turning(ctx context.Context, engine string) (lone, error) {
	if r.bare {
		return r.alone(ctx, engine, "turns")
	}
	s, err := r.followed(ctx, engine, "turns")
	if err != nil {
		return lone{}, err
	}
	return lone{s, func() error { s.stop(); return nil }}, nil
}

// followed starts a server whose followers have nothing left of the filling to do.
func (r *run) followed(ctx context.Context, engine, name string) (*server, error) {
	dsn, err := r.stocked(ctx, engine, name)
	if err != nil {
		return nil, err
	}
	err = withStore(ctx, dsn, func(st *store.Store) error {
		for _, f := range []follow.Follower{follow.NewDays(st), follow.NewParts(st)} {
			r := follow.New(f, follow.NewBell(), follow.Config{Journal: st, Pace: -1})
			if err := r.Round(ctx); err != nil {
				return err
			}
			over, stop := context.WithCancel(ctx)
			stop()
			r.Run(over) // gives back its leases, and does nothing else
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r.serve(ctx, engine, name, dsn)
}

// turnsOn measures every load once on each of the two servers, one load after the other.
func (r *run) turnsOn(ctx context.Context, engine string, both []turn) error {
	for _, conns := range conns {
		for _, l := range r.loadsAt(conns) {
			if l.kind == byAPI { // which no commit had before it was compared with member-cjb
				continue
			}
			if !r.only.MatchString(l.name(engine)) {
				continue
			}
			for _, t := range both {
				of, err := l.on(t.server)
				if err != nil {
					return err
				}
				if err := r.take(ctx, t.prefix+l.name(engine), of); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// turnsTable shows every load of both commits, with the ratio of the rounds and what it took of the processors.
func (r *run) turnsTable() string {
	t := table{head: []string{"per second", "before", "now", "ratio", "p99 ms", "server's processors, µs each"}}
	r.eachTurn(func(name string, old, now series) {
		p99 := ms(old.median().p99) + " / " + ms(now.median().p99)
		t.add(name, old.spread(), now.spread(), ratio3(now.over(old)), p99, old.work()+" / "+now.work())
	})
	return t.String()
}

// turnsGoals are that no load is slower by more than 3 %.
func (r *run) turnsGoals() (all []goal) {
	r.eachTurn(func(name string, old, now series) {
		got := now.over(old)
		all = append(all, goal{name + ", over the same before", "≥ 0.97 ×", ratio3(got), got >= 0.97})
	})
	return all
}

func (r *run) eachTurn(do func(name string, old, now series)) {
	for _, engine := range engines {
		for _, conns := range conns {
			for _, l := range r.loadsAt(conns) {
				if now := r.taken[l.name(engine)]; len(now) > 0 {
					do(l.name(engine), r.taken[before+l.name(engine)], now)
				}
			}
		}
	}
}
