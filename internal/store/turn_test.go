package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/pgtest"
	"tongka/internal/store"
)

// process is an engine on a store of its own.
type process struct {
	store   *store.Store
	engine  *engine.Engine
	stale   atomic.Int64
	batches atomic.Int64
	done    atomic.Int64
	took    []time.Duration
}

func newProcess(t *testing.T, dsn string) *process {
	t.Helper()
	p := &process{store: open(t, dsn)}
	p.engine = engine.New(p.store, engine.Config{Observe: engine.Observe{
		Stale: func() { p.stale.Add(1) }, Batch: func(int, int) { p.batches.Add(1) },
	}})
	t.Cleanup(func() { must(t, p.engine.Close(context.Background())) })
	return p
}

// bills has the given number of tills pay on cards of the merchant until ctx ends.
func (p *process) bills(ctx context.Context, tills int) {
	var running sync.WaitGroup
	var mu sync.Mutex
	for range tills {
		running.Go(func() {
			var took []time.Duration
			for ctx.Err() == nil {
				begun := time.Now()
				if _, err := p.engine.Do(context.WithoutCancel(ctx), bill(1)); err == nil {
					p.done.Add(1)
					took = append(took, time.Since(begun))
				}
			}
			mu.Lock()
			p.took = append(p.took, took...)
			mu.Unlock()
		})
	}
	running.Wait()
	slices.Sort(p.took)
}

func (p *process) String() string {
	if len(p.took) == 0 {
		return "nothing done"
	}
	at := func(percent int) time.Duration {
		return p.took[min(len(p.took)-1, len(p.took)*percent/100)].Round(100 * time.Microsecond)
	}
	return fmt.Sprintf("%d bills, p50 %v, p99 %v, %d of %d batches stale", p.done.Load(), at(50), at(99), p.stale.Load(),
		p.batches.Load())
}

// Processes that are busy with one merchant take turns: few batches are decided in vain, and a small process beside
// a large one neither takes the large one's time nor starves. Before, most batches of both were stale, and the large
// one did a fiftieth of what it did alone.
func TestTurns(t *testing.T) {
	t.Parallel()
	for name, tills := range map[string][]int{"two equal": {16, 16}, "a small one": {30, 2}, "three": {10, 10, 10}} {
		t.Run(name, func(t *testing.T) {
			dsn := pgtest.DSN(t)
			var all []*process
			for range tills {
				all = append(all, newProcess(t, dsn))
			}
			openShop(t, all[0].store)
			ctx, stop := context.WithTimeout(t.Context(), 2*time.Second)
			defer stop()
			var running sync.WaitGroup
			for i, p := range all {
				running.Go(func() { p.bills(ctx, tills[i]) })
			}
			running.Wait()
			var rounds int64
			for _, p := range all {
				rounds = max(rounds, p.batches.Load())
			}
			for i, p := range all {
				t.Logf("%d tills: %v", tills[i], p)
				if stale := p.stale.Load(); stale > 10+p.batches.Load()/8 {
					t.Errorf("%d batches of %d were stale", stale, p.batches.Load())
				}
				if p.batches.Load() < rounds/4 {
					t.Errorf("one process had %d turns, another %d", p.batches.Load(), rounds)
				}
			}
		})
	}
}

// Who has the turn is first even where others save without one. Before, a process that saved all the time was rarely
// stale, so it took no turns, and one that did was stale nearly always.
func TestTurnBeforeOthers(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dsn := pgtest.DSN(t)
	polite, busy := open(t, dsn), open(t, dsn)
	openShop(t, polite)
	want := wantOf(bill(100))
	ahead := decide(t, busy, bill(2_00))
	watch, err := pgx.Connect(ctx, dsn)
	must(t, err)
	defer func() { must(t, watch.Close(ctx)) }()
	found, turn, err := polite.Turn(ctx, want)
	must(t, err)
	saved := make(chan error, 1)
	go func() { saved <- busy.Save(ctx, ahead) }()
	for waiting := false; !waiting && len(saved) == 0; {
		must(t, watch.QueryRow(ctx, `SELECT count(*) > 0 FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&waiting))
	}
	state := command.NewState(1)
	state.Learn(want.Keys, found[0])
	ch, refused := bill(100).Decide(state, noon)
	must(t, refused)
	must(t, turn.Save(ctx, ch))
	if err := <-saved; !errors.Is(err, command.ErrStale) {
		t.Errorf("saved without the turn: %v, want stale", err)
	}
	if got := balance(t, polite); got != 99_00 {
		t.Errorf("balance = %v, want 99.00", got)
	}
}

// Two saves of the same two merchants do not wait for each other where one is in a turn of only one of the two. Before,
// the turn held the head of the second, the other save that of the first, and all tills of both waited for a second.
func TestTurnHoldsAllItSaves(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dsn := pgtest.DSN(t)
	polite, busy := open(t, dsn), open(t, dsn)
	openShop(t, polite)
	second := ledger.Merchant{
		ID: 2, GUID: "{2}", Zone: time.UTC, Levels: []ledger.Level{{ID: 1, PayRate: ledger.Percent100}},
	}
	must(t, polite.SaveMerchant(ctx, second))
	save(t, polite, command.Open{Merchant: 2, Card: command.NewCard{
		Number: "6001", Level: 1, Principal: 100_00, Holder: ledger.Holder{Name: "张三", Phone: "13800138000"},
	}})
	there := command.Consume{Merchant: 2, Card: "6001", Amount: 100}
	first, other := decide(t, polite, bill(100)), []command.Changes{decide(t, busy, bill(200)), decide(t, busy, there)}
	watch, err := pgx.Connect(ctx, dsn)
	must(t, err)
	defer func() { must(t, watch.Close(ctx)) }()
	want := wantOf(there)
	found, turn, err := polite.Turn(ctx, want, command.Want{Merchant: 1})
	must(t, err)
	saved := make(chan error, 1)
	go func() { saved <- busy.Save(ctx, other...) }()
	for waiting := false; !waiting && len(saved) == 0; {
		must(t, watch.QueryRow(ctx, `SELECT count(*) > 0 FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&waiting))
	}
	state := command.NewState(2)
	state.Learn(want.Keys, found[0])
	ch, refused := there.Decide(state, noon)
	must(t, refused)
	must(t, turn.Save(ctx, first, ch))
	if err := <-saved; !errors.Is(err, command.ErrStale) {
		t.Errorf("saved without the turn: %v, want stale", err)
	}
	if got := balance(t, polite); got != 99_00 {
		t.Errorf("balance = %v, want 99.00", got)
	}
}

// A process that hangs or dies while it has the turn keeps the others waiting for a few seconds at most.
func TestTurnOfTheDead(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dsn := pgtest.DSN(t)
	first, second := open(t, dsn), open(t, dsn)
	openShop(t, first)
	want := wantOf(bill(100))
	for name, ends := range map[string]func(){
		"hangs": func() {},
		"dies": func() {
			sqlOn(t, dsn,
				`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'`)
		},
	} {
		_, dead, err := first.Turn(ctx, want)
		must(t, err)
		ends()
		begun := time.Now()
		found, turn, err := second.Turn(ctx, want)
		if err != nil { // it may have waited as long as it may; the next attempt gets the turn
			found, turn, err = second.Turn(ctx, want)
		}
		must(t, err)
		if took := time.Since(begun); took > 3*time.Second {
			t.Errorf("%s: the next one waited for %v", name, took)
		}
		state := command.NewState(1)
		state.Learn(want.Keys, found[0])
		ch, refused := bill(100).Decide(state, noon)
		must(t, refused)
		must(t, turn.Save(ctx, ch))
		if err := dead.Save(ctx, ch); err == nil || errors.Is(err, command.ErrStale) {
			t.Errorf("%s: saved in a turn that was taken away: %v", name, err)
		}
		dead.End()
	}
	if got := balance(t, first); got != 98_00 {
		t.Errorf("balance = %v, want 98.00", got)
	}
}

// A save in a turn stores all or nothing, and is guarded by the heads like any save.
func TestTurnIsGuarded(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		ctx := context.Background()
		s := open(t, dsn)
		openShop(t, s)
		want := wantOf(bill(100))
		ch := decide(t, s, bill(100))
		save(t, s, bill(200))
		_, turn, err := s.Turn(ctx, want)
		must(t, err)
		if err := turn.Save(ctx, ch); !errors.Is(err, command.ErrStale) {
			t.Errorf("saved over another: %v", err)
		}
		turn.End()
		_, turn, err = s.Turn(ctx, want)
		must(t, err)
		turn.End() // so that nothing is left that others would wait for
		save(t, s, bill(100))
		if got := balance(t, s); got != 97_00 {
			t.Errorf("balance = %v, want 97.00", got)
		}
	})
}
