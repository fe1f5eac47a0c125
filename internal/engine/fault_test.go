package engine_test

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

// ways lists how one save can fail, and how the command it carries is then answered.
var ways = []struct {
	name  string
	saves []fault
	looks error // of every look-up
	want  error
}{
	{"lost", []fault{lost}, nil, errDisk},
	{"kept, answer lost", []fault{kept}, nil, nil},
	{"kept, answer lost, look-up fails", []fault{kept}, errDisk, command.ErrUnknown},
	{"not kept, answer lost", []fault{flying}, nil, nil},
	{"under way, arrives before it is saved again", []fault{flying, landed}, nil, nil},
	{"under way, called stale, then arrives", []fault{flying, stale, landed}, nil, nil},
	{"under way, disk full, then arrives", []fault{flying, lost, landed}, nil, nil},
	{"answer lost twice", []fault{flying, kept}, nil, nil},
	{"stale", []fault{stale}, nil, nil},
	{"stale three times", []fault{stale, stale, stale}, nil, nil},
	{"stale, then kept and the answer lost", []fault{stale, kept}, nil, nil},
	{"store panics", []fault{blowUp}, nil, command.ErrUnknown},
}

// Every write fails in every way, with and without a restart afterwards. The caller repeats the request under the
// same id until it gets an answer. Each command is then done exactly once, and none that was answered as not done was
// done (invariants 14, 18, 19).
func TestEveryFaultOfEveryWrite(t *testing.T) {
	t.Parallel()
	for _, way := range ways {
		for write := range 4 {
			for _, restart := range []bool{false, true} {
				name := fmt.Sprintf("%s/write %d/restart %v", way.name, write+1, restart)
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						oneFault(t, way.saves, way.looks, way.want, write, restart)
					})
				})
			}
		}
	}
}

func oneFault(t *testing.T, saves []fault, looks, want error, write int, restart bool) {
	commands := []command.Command{
		recharge("6001", 10_00), consume("6001", 3_00),
		command.Transfer{Merchant: shop, From: "6001", To: "6002", Amount: 2_00}, consume("6002", 1_00),
	}
	s := &faulty{MemStore: newStore(t, "6001", "6002")}
	e := engine.New(s, quiet())
	for i, cmd := range commands {
		cmd = once(fmt.Sprint("r", i), cmd)
		if i == write {
			_, done := s.counts()
			s.onSave = func(n int, ch command.Changes) fault { return faults(saves...)(n-done, ch) }
			s.onSaved = func(int) error { return looks }
		}
		ch, err := e.Do(t.Context(), cmd)
		s.onSave, s.onSaved = nil, nil
		if i == write {
			if !errors.Is(err, want) || want == nil && err != nil {
				t.Fatalf("got %v, want %v", err, want)
			}
			if restart {
				closeNow(t, e)
				e = engine.New(s, quiet())
			}
			again := must(t, e, cmd)
			if err == nil && answer(again) != answer(ch) {
				t.Errorf("answered %q, then %q", answer(ch), answer(again))
			}
			known := err == nil || errors.Is(err, command.ErrUnknown) && slices.Contains(saves, kept)
			if replayed := again.Replay != nil; replayed != known {
				t.Errorf("asked again: replayed %v, want %v", replayed, known)
			}
		} else if err != nil {
			t.Fatal(err)
		}
	}
	closeNow(t, e)
	if a, b := amountOf(t, s.MemStore, "6001"), amountOf(t, s.MemStore, "6002"); a+b != 11_00-4_00 || b > 2_00 {
		t.Errorf("got %v and %v", a, b)
	}
	if n := len(entriesOf(t, s.MemStore, ledger.Consumed)); n != 2 {
		t.Errorf("%d consumes, want 2", n)
	}
	audit(t, s.MemStore)
}

// A command without a request id is done only once too, in every way in which it is answered as done. Nobody else
// would notice a second time.
func TestFaultsWithoutRequestID(t *testing.T) {
	t.Parallel()
	for _, way := range ways {
		if way.want != nil {
			continue
		}
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &faulty{MemStore: newStore(t, "6001"), onSave: faults(way.saves...)}
				must(t, start(t, s, quiet()), recharge("6001", 10_00))
				if got := amountOf(t, s.MemStore, "6001"); got != 11_00 {
					t.Errorf("got %v, want 11.00", got)
				}
				audit(t, s.MemStore)
			})
		})
	}
}

// Another writer comes in while the outcome of a commit is looked up. The commit can then never arrive, so the
// command is decided again on what the other writer left.
func TestOvertaken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &faulty{MemStore: newStore(t, "6001")}
		other := start(t, s.MemStore, quiet())
		s.onSave = func(n int, _ command.Changes) fault {
			switch n {
			case 1:
				return flying
			case 2:
				must(t, other, recharge("6001", 20_00))
			}
			return none
		}
		ch := must(t, start(t, s, quiet()), recharge("6001", 10_00))
		if got := ch.Card("6001").Amount(); got != 33_00 {
			t.Errorf("answered %v, want 33.00", got)
		}
		audit(t, s.MemStore)
	})
}

// If a store calls every save stale, tries are bounded; the next command starts afresh.
func TestStaleForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &faulty{MemStore: newStore(t, "6001")}
		s.onSave = func(n int, _ command.Changes) fault {
			if n <= 100 {
				return stale
			}
			return none
		}
		var again atomic.Int64
		cfg := quiet()
		cfg.Observe.Stale = func() { again.Add(1) }
		e := start(t, s, cfg)
		if _, err := e.Do(t.Context(), recharge("6001", 10_00)); !errors.Is(err, command.ErrStale) {
			t.Errorf("got %v, want stale", err)
		}
		if again.Load() != 100 {
			t.Errorf("stale %d times, want 100", again.Load())
		}
		must(t, e, recharge("6001", 10_00))
		s.onSave = func(int, command.Changes) fault { return stale }
		for _, a := range together(t, s, e, recharge("6001", 10_00), recharge("6001", 10_00), recharge("6001", 10_00)) {
			if !errors.Is(a.err, command.ErrStale) {
				t.Errorf("got %v, want stale", a.err)
			}
		}
		if again.Load() != 200 {
			t.Errorf("a batch of two was stale %d times, want 100", again.Load()-100)
		}
		audit(t, s.MemStore)
	})
}

// A look-up that never succeeds ends after Settle, and leaves the outcome open.
func TestLookUpIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &faulty{MemStore: newStore(t, "6001"), onSave: faults(kept), onSaved: func(int) error { return errDisk }}
		cfg := quiet()
		cfg.Settle = 10 * time.Second
		e := start(t, s, cfg)
		begun := time.Now()
		if _, err := e.Do(t.Context(), recharge("6001", 10_00)); !errors.Is(err, command.ErrUnknown) {
			t.Errorf("got %v, want unknown", err)
		}
		if took := time.Since(begun); took != 10*time.Second {
			t.Errorf("took %v, want 10s", took)
		}
		if got := amountOf(t, s.MemStore, "6001"); got != 11_00 {
			t.Errorf("got %v, want 11.00", got)
		}
		// If the outcome of a whole batch is open, it must not be tried again, neither as a whole nor one by one.
		_, before := s.counts()
		s.onSave = func(n int, _ command.Changes) fault {
			if n == before+2 {
				return kept
			}
			return none
		}
		for _, a := range together(t, s, e, recharge("6001", 10_00), recharge("6001", 10_00), recharge("6001", 10_00)) {
			if !errors.Is(a.err, command.ErrUnknown) {
				t.Errorf("got %v, want unknown", a.err)
			}
		}
		if got := amountOf(t, s.MemStore, "6001"); got != 44_00 {
			t.Errorf("got %v, want 44.00", got)
		}
	})
}

// together makes the commands share a batch: they queue while another command is saved.
func together(t *testing.T, s *faulty, e *engine.Engine, first command.Command, commands ...command.Command) []*asked {
	t.Helper()
	g := make(gate)
	rest := s.onSave
	s.onSave = g.wait
	ask(t.Context(), e, first)
	var all []*asked
	for _, cmd := range commands {
		all = append(all, ask(t.Context(), e, cmd))
	}
	s.onSave = rest
	g.open()
	time.Sleep(time.Minute)
	synctest.Wait()
	for i, a := range all {
		if !a.over.Load() {
			t.Fatalf("command %d was not answered", i)
		}
	}
	return all
}

// One command that the store cannot load or save must not fail the others of its batch.
func TestPoisonedCommand(t *testing.T) {
	t.Parallel()
	poison := ledger.CardKey{Merchant: shop, Number: "6666"}
	onLoad := func(_ int, keys command.Keys) error {
		if slices.Contains(keys.Cards, poison.Number) {
			return errDisk
		}
		return nil
	}
	onSave := func(_ int, ch command.Changes) fault {
		if slices.ContainsFunc(ch.Cards, func(c ledger.Card) bool { return c.Key() == poison }) {
			return lost
		}
		return none
	}
	for name, s := range map[string]*faulty{"load": {onLoad: onLoad}, "save": {onSave: onSave}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s.MemStore = newStore(t, "6001", "6666")
				e := start(t, s, quiet())
				all := together(t, s, e, recharge("6001", 10_00),
					recharge("6001", 10_00), recharge("6666", 10_00), consume("6001", 1_00), consume("6001", 99_00))
				if all[0].err != nil || all[2].err != nil {
					t.Errorf("got %v and %v for the healthy ones", all[0].err, all[2].err)
				}
				if !errors.Is(all[1].err, errDisk) {
					t.Errorf("got %v, want %v", all[1].err, errDisk)
				}
				wantRefusal(t, all[3].err, ledger.ShortBalance)
				if a, b := amountOf(t, s.MemStore, "6001"), amountOf(t, s.MemStore, "6666"); a != 21_00 || b != 0 {
					t.Errorf("got %v and %v, want 21.00 and 0.00", a, b)
				}
				audit(t, s.MemStore)
			})
		})
	}
}

// While nothing can be saved, a full batch must not turn into a save for each command.
func TestBrokenStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &faulty{MemStore: newStore(t, "6001")}
		e := start(t, s, quiet())
		s.onSave = func(int, command.Changes) fault { return lost }
		commands := slices.Repeat([]command.Command{recharge("6001", 10_00)}, 100)
		for i, a := range together(t, s, e, recharge("6001", 10_00), commands...) {
			if !errors.Is(a.err, errDisk) {
				t.Errorf("command %d: got %v, want %v", i, a.err, errDisk)
			}
		}
		if _, saves := s.counts(); saves > 10 {
			t.Errorf("saved %d times", saves)
		}
		s.onSave = nil
		if got := amountOf(t, s.MemStore, "6001"); got != 11_00 {
			t.Errorf("got %v, want 11.00", got)
		}
		must(t, e, recharge("6001", 10_00))
		audit(t, s.MemStore)
	})
}

// buggy panics the given number of times, then it is an ordinary recharge.
type buggy struct {
	command.Command
	panics *atomic.Int64
}

func (b buggy) Decide(s *command.State, now time.Time) (command.Changes, error) {
	if b.panics.Add(-1) >= 0 {
		panic("bug")
	}
	return b.Command.Decide(s, now)
}

func panicking(times int64) command.Command {
	b := buggy{Command: recharge("6001", 10_00), panics: &atomic.Int64{}}
	b.panics.Store(times)
	return b
}

// A bug in one command must neither stop the program nor fail the other commands of its batch.
func TestPanickingCommand(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &faulty{MemStore: newStore(t, "6001")}
		e := start(t, s, quiet())
		all := together(t, s, e, recharge("6001", 10_00),
			recharge("6001", 10_00), panicking(1000), consume("6001", 1_00), panicking(1000))
		for i, a := range all {
			_, refused := errors.AsType[ledger.Refusal](a.err)
			if failed := a.err != nil; failed != (i%2 == 1) || refused {
				t.Errorf("command %d: got %v", i, a.err)
			}
		}
		if got := amountOf(t, s.MemStore, "6001"); got != 21_00 {
			t.Errorf("got %v, want 21.00", got)
		}
		// Kept records may be from different moments if another writer came in between, so a command that panics gets a
		// second chance on fresh ones.
		must(t, e, panicking(1))
		if _, err := e.Do(t.Context(), panicking(2)); err == nil {
			t.Error("a command that panicked on fresh records succeeded")
		}
		audit(t, s.MemStore)
	})
}
