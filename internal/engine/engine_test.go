package engine_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

// gate lets saves through one at a time.
type gate chan struct{}

func (g gate) wait(int, command.Changes) fault {
	<-g
	return none
}

func (g gate) open() { g <- struct{}{} }

// asked is a command on its way.
type asked struct {
	over atomic.Bool
	ch   command.Changes
	err  error
}

func ask(ctx context.Context, e *engine.Engine, cmd command.Command) *asked {
	a := &asked{}
	go func() {
		a.ch, a.err = e.Do(ctx, cmd)
		a.over.Store(true)
	}()
	synctest.Wait()
	return a
}

// A caller answered before the commit may act on what a crash takes back. That holds for a success, a refusal that
// rests on a consume not saved yet, and a replayed answer.
func TestDoAnswersAfterTheCommit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := make(gate)
		s := &faulty{MemStore: newStore(t, "6001"), onSave: g.wait}
		e := start(t, s, quiet())
		first := ask(t.Context(), e, recharge("6001", 1000))
		batch := []*asked{
			ask(t.Context(), e, once("r1", consume("6001", 1100))),
			ask(t.Context(), e, consume("6001", 1)),
			ask(t.Context(), e, once("r1", consume("6001", 1100))),
		}
		if first.over.Load() {
			t.Fatal("answered before the commit")
		}
		g.open()
		synctest.Wait()
		if !first.over.Load() {
			t.Fatal("not answered after the commit")
		}
		for i, a := range batch {
			if a.over.Load() {
				t.Errorf("command %d of the batch was answered before the commit", i)
			}
		}
		g.open()
		synctest.Wait()
		for i, a := range batch {
			if !a.over.Load() {
				t.Fatalf("command %d of the batch was not answered after the commit", i)
			}
		}
		if batch[0].err != nil || batch[2].err != nil {
			t.Fatalf("got %v, %v", batch[0].err, batch[2].err)
		}
		wantRefusal(t, batch[1].err, ledger.ShortBalance)
		if a, b := answer(batch[0].ch), answer(batch[2].ch); a != b || batch[2].ch.Replay == nil {
			t.Errorf("answered %q, and %q the second time", a, b)
		}
		audit(t, s.MemStore)
	})
}

// Commands that queue during a commit share the next one.
func TestBatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := make(gate)
		s := &faulty{MemStore: newStore(t, "6001"), onSave: g.wait}
		var sizes []int
		cfg := quiet()
		cfg.Batch = 4
		cfg.Observe.Batch = func(n, _ int) { sizes = append(sizes, n) }
		e := start(t, s, cfg)
		for range 6 {
			ask(t.Context(), e, recharge("6001", 1000))
		}
		for range 3 {
			g.open()
			synctest.Wait()
		}
		if got := fmt.Sprint(sizes); got != "[1 4 1]" {
			t.Errorf("batches of %s, want [1 4 1]", got)
		}
		if got := amountOf(t, s.MemStore, "6001"); got != 6600 {
			t.Errorf("got %v, want 66.00", got)
		}
	})
}

func TestDoBusy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := make(gate)
		s := &faulty{MemStore: newStore(t, "6001"), onSave: g.wait}
		cfg := quiet()
		cfg.Queue, cfg.Batch = 2, 1
		e := start(t, s, cfg)
		for range 4 { // one being saved, one decided ahead, two waiting
			ask(t.Context(), e, recharge("6001", 1000))
		}
		begun := time.Now()
		if _, err := e.Do(t.Context(), recharge("6001", 1000)); !errors.Is(err, engine.ErrBusy) {
			t.Errorf("got %v, want busy", err)
		}
		if waited := time.Since(begun); waited != 0 {
			t.Errorf("waited %v", waited)
		}
		for range 4 {
			g.open()
		}
		synctest.Wait()
		if got := amountOf(t, s.MemStore, "6001"); got != 4400 {
			t.Errorf("got %v, want 44.00: what was refused as busy must not be done", got)
		}
	})
}

// A caller that leaves must not cancel its command: the money may be moving already.
func TestDoAfterCallerLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := make(gate)
		s := &faulty{MemStore: newStore(t, "6001"), onSave: g.wait}
		e := start(t, s, quiet())
		ctx, leave := context.WithCancel(t.Context())
		saving := ask(ctx, e, recharge("6001", 1000))
		queued := ask(ctx, e, recharge("6001", 1000))
		leave()
		synctest.Wait()
		for _, a := range []*asked{saving, queued} {
			if !a.over.Load() || !errors.Is(a.err, context.Canceled) {
				t.Errorf("got %v, want canceled", a.err)
			}
		}
		g.open()
		g.open()
		synctest.Wait()
		if got := amountOf(t, s.MemStore, "6001"); got != 2200 {
			t.Errorf("got %v, want 22.00", got)
		}
		if _, err := e.Do(ctx, recharge("6001", 1000)); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want canceled", err)
		}
	})
}

func TestCloseFinishesWhatWasTaken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := make(gate)
		s := &faulty{MemStore: newStore(t, "6001"), onSave: g.wait}
		e := engine.New(s, quiet())
		all := []*asked{ask(t.Context(), e, recharge("6001", 1000)), ask(t.Context(), e, recharge("6001", 1000))}
		closed := make(chan error, 1)
		go func() { closed <- e.Close(t.Context()) }()
		synctest.Wait()
		if _, err := e.Do(t.Context(), recharge("6001", 1000)); !errors.Is(err, engine.ErrClosed) {
			t.Errorf("got %v, want closed", err)
		}
		g.open()
		g.open()
		if err := <-closed; err != nil {
			t.Errorf("close: %v", err)
		}
		synctest.Wait()
		for _, a := range all {
			if !a.over.Load() || a.err != nil {
				t.Errorf("got %v", a.err)
			}
		}
		if got := amountOf(t, s.MemStore, "6001"); got != 2200 {
			t.Errorf("got %v, want 22.00", got)
		}
	})
}

// A commit that hangs must not keep the program from ending. Commands that had not begun are answered as not done.
func TestCloseIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := make(gate)
		s := &faulty{MemStore: newStore(t, "6001"), onSave: g.wait}
		e := engine.New(s, quiet())
		hanging := ask(t.Context(), e, recharge("6001", 1000))
		queued := ask(t.Context(), e, recharge("6001", 1000))
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		begun := time.Now()
		if err := e.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want deadline exceeded", err)
		}
		if took := time.Since(begun); took != 5*time.Second {
			t.Errorf("took %v, want 5s", took)
		}
		g.open()
		if err := e.Close(t.Context()); err != nil {
			t.Errorf("close again: %v", err)
		}
		synctest.Wait()
		if hanging.err != nil || !errors.Is(queued.err, engine.ErrClosed) {
			t.Errorf("got %v and %v, want success and closed", hanging.err, queued.err)
		}
		if got := amountOf(t, s.MemStore, "6001"); got != 1100 {
			t.Errorf("got %v, want 11.00", got)
		}
	})
}

// Lanes are independent: a merchant whose commit is slow delays nobody in another lane.
func TestLanes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mem := newStore(t)
		saveMerchant(t, mem, merchant(shop+1))
		g := make(gate)
		s := &faulty{MemStore: mem, onSave: func(n int, ch command.Changes) fault {
			if ch.Head.Merchant == shop {
				return g.wait(n, ch)
			}
			return none
		}}
		cfg := quiet()
		cfg.Lanes = 2
		e := start(t, s, cfg)
		slow := ask(t.Context(), e, open(shop, "6001"))
		quick := ask(t.Context(), e, open(shop+1, "6001"))
		if slow.over.Load() || !quick.over.Load() || quick.err != nil {
			t.Errorf("slow answered: %v; quick answered: %v, %v", slow.over.Load(), quick.over.Load(), quick.err)
		}
		g.open()
	})
}

func TestDoUnknownMerchant(t *testing.T) {
	t.Parallel()
	cfg := quiet()
	cfg.Observe.Stale = func() { t.Error("stale") }
	e := start(t, newStore(t), cfg)
	for range 2 { // the second time the lane already has a state
		if _, err := e.Do(t.Context(), open(99, "6001")); !errors.Is(err, engine.ErrMerchant) {
			t.Errorf("got %v, want unknown merchant", err)
		}
	}
	must(t, e, open(shop, "6001"))
}

// Setting the clock back must not make the journal's time run backwards (invariant 22).
func TestClockRunsBackwards(t *testing.T) {
	t.Parallel()
	s := newStore(t, "6001")
	now := time.Now().Add(time.Hour)
	cfg := quiet()
	cfg.Clock = func() time.Time {
		now = now.Add(-time.Minute)
		return now
	}
	for range 3 { // a new engine does not know the clock of the one before
		e := engine.New(s, cfg)
		for range 5 {
			must(t, e, recharge("6001", 1000))
		}
		closeNow(t, e)
	}
	audit(t, s)
	for _, e := range entriesOf(t, s, ledger.Recharged) {
		if e.At != e.At.UTC().Truncate(time.Millisecond) {
			t.Errorf("entry %d is at %v, want whole milliseconds of UTC", e.ID, e.At)
		}
	}
}

// Of many requests with one id, even through two engines, one is carried out and all get its answer (invariants 14–16).
// The first save of each engine waits for that of the other, so that both have decided the request as new.
func TestOnceRacers(t *testing.T) {
	t.Parallel()
	s := newStore(t, "6001")
	meet := make(chan struct{})
	both := func(n int, _ command.Changes) fault {
		if n == 1 {
			select {
			case meet <- struct{}{}:
			case <-meet:
			case <-time.After(10 * time.Second):
				t.Error("only one engine decided the request as new")
			}
		}
		return none
	}
	engines := []*engine.Engine{
		start(t, &faulty{MemStore: s, onSave: both}, quiet()), start(t, &faulty{MemStore: s, onSave: both}, quiet()),
	}
	same := once("r1", recharge("6001", 1000)).(command.Once)
	same.Answer = func(ch command.Changes) []byte { // each engine would answer otherwise
		return fmt.Append(nil, ch.Last().ID, ch.Last().Writer)
	}
	answers := make([]string, 64)
	var racers sync.WaitGroup
	for i := range answers {
		racers.Go(func() {
			ch, err := engines[i%2].Do(t.Context(), same)
			if err != nil {
				t.Error(err)
				return
			}
			answers[i] = answer(ch)
		})
	}
	racers.Wait()
	for i, a := range answers {
		if a != answers[0] {
			t.Errorf("racer %d was answered %q, another %q", i, a, answers[0])
		}
	}
	if n := len(entriesOf(t, s, ledger.Recharged)); n != 1 {
		t.Errorf("carried out %d times", n)
	}
	other := once("r1", recharge("6001", 2000)).(command.Once)
	other.Fingerprint[0] = 1
	_, err := engines[0].Do(t.Context(), other)
	wantRefusal(t, err, ledger.RequestReused)
	audit(t, s)
}

// Of equal requests that share a batch one is carried out, and the others get its answer (invariant 16).
func TestOnceInABatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t, "6001")
		store := &faulty{MemStore: s}
		e := start(t, store, quiet())
		same := once("r1", recharge("6001", 10_00))
		all := together(t, store, e, recharge("6001", 1_00), same, same, same)
		for i, a := range all {
			if a.err != nil || answer(a.ch) != answer(all[0].ch) || (a.ch.Replay == nil) != (i == 0) {
				t.Errorf("request %d: got %q, %v, the first %q", i, answer(a.ch), a.err, answer(all[0].ch))
			}
		}
		if n := len(entriesOf(t, s, ledger.Recharged)); n != 2 {
			t.Errorf("%d recharges, want that before and one", n)
		}
	})
}

// A lane keeps cards in memory, but at most the configured number.
func TestCardsInMemory(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ cards, wantLoads int }{{100, 4}, {1, 8}} {
		s := &faulty{MemStore: newStore(t, "6001", "6002", "6003", "6004")}
		cfg := quiet()
		cfg.Cards = tt.cards
		e := start(t, s, cfg)
		for _, number := range []string{"6001", "6002", "6003", "6004", "6001", "6002", "6003", "6004"} {
			must(t, e, recharge(number, 1000))
		}
		if loads, _ := s.counts(); loads > tt.wantLoads || tt.cards == 1 && loads < 5 {
			t.Errorf("%d cards in memory: loaded %d times", tt.cards, loads)
		}
		audit(t, s.MemStore)
	}
}

// Reversing the newest recharge of a card needs a lot behind the loaded ones. The command asks for all lots and is
// decided again.
func TestMoreLotsThanLoaded(t *testing.T) {
	t.Parallel()
	s := newStore(t, "6001")
	e := engine.New(s, quiet())
	var newest ledger.EntryID
	for range 3 * ledger.FrontLots {
		ch := must(t, e, recharge("6001", 1000))
		newest = ch.Last().ID
	}
	closeNow(t, e)
	e = start(t, s, quiet())
	must(t, e, consume("6001", 50_00))
	ch := must(t, e, command.ReverseRecharge{Merchant: shop, Card: "6001", Entry: newest})
	if got := ch.Last().Gross; got != 1000 {
		t.Errorf("took %v back, want 10.00", got)
	}
	must(t, e, consume("6001", 500_00))
	if want := ledger.Fen(3*ledger.FrontLots*1100 - 1100 - 550_00); amountOf(t, s, "6001") != want {
		t.Errorf("got %v, want %v", amountOf(t, s, "6001"), want)
	}
	audit(t, s)
}

// When a batch has used up the loaded lots, the next lots are loaded, but not all of them.
func TestBatchUsesLoadedLotsUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &faulty{MemStore: newStore(t, "6001", "6002")}
		e := engine.New(s, quiet())
		for range 3 * ledger.FrontLots {
			must(t, e, recharge("6001", 10_00))
		}
		closeNow(t, e)
		e = start(t, s, quiet())
		s.onLoad = func(_ int, keys command.Keys) error {
			if len(keys.AllLots) > 0 {
				t.Error("all lots of a card were loaded")
			}
			return nil
		}
		most, few := consume("6001", ledger.FrontLots*11_00), consume("6001", 20*11_00)
		for i, a := range together(t, s, e, recharge("6002", 10_00), most, few) {
			if a.err != nil {
				t.Errorf("command %d: %v", i, a.err)
			}
		}
		if got, want := amountOf(t, s.MemStore, "6001"), ledger.Fen((2*ledger.FrontLots-20)*11_00); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
		audit(t, s.MemStore)
	})
}

// greedy asks for more lots every time.
type greedy struct{ command.Recharge }

func (g greedy) Decide(*command.State, time.Time) (command.Changes, error) {
	return command.Changes{}, ledger.NeedLots{Card: ledger.CardKey{Merchant: g.Merchant, Number: g.Card}}
}

func TestMoreLotsIsBounded(t *testing.T) {
	t.Parallel()
	e := start(t, newStore(t, "6001"), quiet())
	cmd := greedy{command.Recharge{Merchant: shop, Card: "6001"}}
	if _, err := e.Do(t.Context(), cmd); err == nil {
		t.Error("want an error")
	}
}

// While the time is in doubt no command is done, except one that tells the time or one that must always be
// possible, such as stopping a stolen token.
func TestClockInDoubt(t *testing.T) {
	t.Parallel()
	s := newStore(t, "6001")
	why := errors.New("the battery is empty")
	var doubt atomic.Bool
	cfg := quiet()
	cfg.Doubt = func() error {
		if doubt.Load() {
			return why
		}
		return nil
	}
	e := start(t, s, cfg)
	must(t, e, recharge("6001", 1000))
	doubt.Store(true)
	if _, err := e.Do(t.Context(), recharge("6001", 1000)); !errors.Is(err, engine.ErrClock) ||
		!errors.Is(err, engine.ErrNotDone) || !errors.Is(err, why) {
		t.Errorf("in doubt: got %v", err)
	}
	must(t, e, command.AcceptTime{Merchant: shop, At: time.Now()})
	must(t, e, command.TakeBackTime{Merchant: shop, At: time.Now()})
	must(t, e, command.ChangeAgent{To: ledger.Agent{ID: 1, Name: "stolen", TokenHash: [32]byte{1}}})
	doubt.Store(false)
	must(t, e, recharge("6001", 1000))
	audit(t, s)
}
