package main

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// spread and hot say on which cards a load is.
const (
	spread = "spread"
	hot    = "one hot card"
)

// loadName returns the name under which a load on an engine is recorded.
func loadName(engine, kind, where string, conns int) string {
	return fmt.Sprintf("%s %s %s %d", engine, kind, where, conns)
}

// loads measures pgbench, the echo and both engines under every load, round by round.
func (r *run) loads(ctx context.Context) error {
	say("filling %d cards on both engines, and pgbench's tables; warming up", r.cards)
	bank, err := r.cluster.Create(ctx, "pgbench")
	if err != nil {
		return err
	}
	if err := r.pgbench(ctx, "", "-i", "-q", "-s", "50", bank); err != nil {
		return err
	}
	echo, err := start(ctx, r.dir+"/echo.log", r.self, "-echo")
	if err != nil {
		return err
	}
	defer echo.stop()
	servers := map[string]*server{}
	for _, engine := range engines {
		s, err := r.filled(ctx, engine, "loads")
		if err != nil {
			return err
		}
		defer s.stop()
		servers[engine] = s
	}
	if err := r.warm(ctx, bank, servers); err != nil {
		return err
	}
	for round := range r.rounds {
		say("round %d of %d", round+1, r.rounds)
		if err := r.round(ctx, bank, echo, servers); err != nil {
			return err
		}
	}
	return nil
}

// filled starts a server on a database with cards.
func (r *run) filled(ctx context.Context, engine, name string) (*server, error) {
	dsn, err := r.stocked(ctx, engine, name)
	if err != nil {
		return nil, err
	}
	return r.serve(ctx, engine, name, dsn)
}

// stocked returns the address of a new database with cards, of which some have coupons.
func (r *run) stocked(ctx context.Context, engine, name string) (string, error) {
	dsn, err := r.dsn(ctx, engine, name)
	if err != nil {
		return "", err
	}
	if err := r.fill(ctx, dsn, r.cards); err != nil {
		return "", err
	}
	return dsn, giveCoupons(ctx, dsn)
}

// warm brings PostgreSQL and the servers into the state of servers that have run for a while, in which every card
// has been loaded once or twice. No round then pays for what happens only after a start.
func (r *run) warm(ctx context.Context, bank string, servers map[string]*server) error {
	if err := r.age(ctx, bank); err != nil {
		return err
	}
	if err := r.pgbench(ctx, "", tpcb(64, warmUp*r.each, bank)...); err != nil {
		return err
	}
	for _, engine := range engines {
		if _, err := (load{server: servers[engine], kind: "consume", cards: r.cards, conns: 64}).wrk(ctx, r.script,
			warmUp*r.each); err != nil {
			return err
		}
	}
	return nil
}

// tpcb returns pgbench's arguments for its standard load.
func tpcb(clients int, long time.Duration, bank string) []string {
	return []string{
		"-M", "prepared", "-n", "-b", "tpcb-like", "-j", "1", "-c", strconv.Itoa(clients), "-T",
		strconv.Itoa(int(long.Seconds())), bank,
	}
}

// warmUp is the duration of the warm-up, in loads.
const warmUp = 4

// round measures everything once. Figures that are compared are measured close together, because the machine may
// be slower a minute later.
func (r *run) round(ctx context.Context, bank string, echo *server, servers map[string]*server) error {
	for _, n := range conns {
		if err := r.take(ctx, fmt.Sprintf("echo %d", n), load{
			server: echo, kind: "echo", cards: r.cards, conns: n,
		}); err != nil {
			return err
		}
		if err := r.bills(ctx, "SQLite", servers["SQLite"], n); err != nil {
			return err
		}
		if n == 16 || n == 64 {
			if err := r.pgbench(ctx, fmt.Sprintf("pgbench %d", n), tpcb(n, r.each, bank)...); err != nil {
				return err
			}
		}
		if err := r.bills(ctx, "PostgreSQL", servers["PostgreSQL"], n); err != nil {
			return err
		}
	}
	return nil
}

// bills measures the loads of so many connections. Reads come after the bills.
func (r *run) bills(ctx context.Context, engine string, s *server, conns int) error {
	for _, l := range r.loadsAt(conns) {
		of, err := l.on(s)
		if err != nil {
			return err
		}
		if err := r.take(ctx, l.name(engine), of); err != nil {
			return err
		}
	}
	return nil
}

// kindOfLoad is a load that any server can be given.
type kindOfLoad struct {
	kind, where string
	conns       int
	on          func(*server) (load, error)
}

func (l kindOfLoad) name(engine string) string { return loadName(engine, l.kind, l.where, l.conns) }

// loadsAt returns the loads of so many connections, in their order: those that are compared follow each other.
func (r *run) loadsAt(conns int) []kindOfLoad {
	plain := func(kind, where string) kindOfLoad {
		cards := r.cards
		if where == hot {
			cards = 1
		}
		return kindOfLoad{kind, where, conns, func(s *server) (load, error) {
			return load{server: s, kind: kind, cards: cards, conns: conns}, nil
		}}
	}
	all := []kindOfLoad{plain("consume", spread)}
	if conns == 64 {
		all = append(all, r.signedLoads()...)
		all = append(all, kindOfLoad{byAPI, spread, conns, func(s *server) (load, error) { return r.native(s), nil }})
	}
	all = append(all, plain("consume", hot), plain("recharge", spread), plain("recharge", hot))
	if conns == 64 {
		all = append(all, plain("getcardinfo", spread), plain("getcards", spread))
	}
	return all
}

// pgbench runs pgbench and, if name is not empty, records its transactions per second.
func (r *run) pgbench(ctx context.Context, name string, args ...string) error {
	out, err := exec.CommandContext(ctx, r.cluster.Program("pgbench"), args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("pgbench: %w: %s", err, out)
	}
	if name == "" {
		return nil
	}
	_, rest, found := strings.Cut(string(out), "tps = ")
	rate, _, _ := strings.Cut(rest, " ")
	tps, err := strconv.ParseFloat(rate, 64)
	if err != nil || !found {
		return fmt.Errorf("pgbench printed no rate: %s", out)
	}
	r.taken[name] = append(r.taken[name], figure{rate: tps})
	say("%-48s %9s/s", name, count(tps))
	return nil
}
