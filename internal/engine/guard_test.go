package engine_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/store/storetest"
)

// newGuarded returns a store with money on card 6001, whose password is "right".
func newGuarded(t *testing.T) *storetest.MemStore {
	t.Helper()
	s := newStore(t)
	e := engine.New(s, quiet())
	defer closeNow(t, e)
	must(t, e, command.Open{Merchant: shop, Card: command.NewCard{
		Number: "6001", Level: 1, Kind: ledger.Common, Principal: 100_00, Holder: ledger.Holder{Name: "张三"},
		Details: ledger.Details{Password: "right"},
	}})
	return s
}

func typed(password string) command.Command {
	return command.Consume{Merchant: shop, By: ledger.Caller{Agent: 1}, Card: "6001", Amount: 1_00, Proof: &command.Proof{
		From: "10.0.0.1", Password: func(kept string) bool { return kept == password },
	}}
}

// counted returns the counts of the card's guards: wrong passwords at the agent and at all agents.
func counted(t *testing.T, s *storetest.MemStore) (here, everywhere int64) {
	t.Helper()
	found, err := s.Load(t.Context(), command.Want{Merchant: shop, Keys: command.Keys{Guards: []ledger.GuardKey{
		{Kind: ledger.PasswordAtAgent, Subject: "1/1"}, {Kind: ledger.PasswordOfCard, Subject: "1"},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range found[0].Guards {
		if g.Kind == ledger.PasswordAtAgent {
			here = g.Count
		} else {
			everywhere = g.Count
		}
	}
	return here, everywhere
}

func wantCounted(t *testing.T, s *storetest.MemStore, here, everywhere int64) {
	t.Helper()
	if a, b := counted(t, s); a != here || b != everywhere {
		t.Errorf("%d wrong passwords are counted at the agent and %d everywhere, want %d and %d", a, b, here, everywhere)
	}
	audit(t, s)
}

// Guesses that queue for one batch get only the attempts that are left.
func TestGuessesInABatch(t *testing.T) {
	t.Parallel()
	s := newGuarded(t)
	synctest.Test(t, func(t *testing.T) {
		g := make(gate)
		e := start(t, &faulty{MemStore: s, onSave: g.wait}, quiet())
		first := ask(t.Context(), e, recharge("6001", 1_00))
		var batch []*asked
		for i := range 64 {
			cmd := typed("wrong")
			if i == 63 {
				cmd = typed("right") // it comes too late
			}
			batch = append(batch, ask(t.Context(), e, once(fmt.Sprint("r", i), cmd)))
		}
		for range 2 {
			g.open()
			synctest.Wait()
		}
		if !first.over.Load() {
			t.Fatal("the first batch is not over")
		}
		for i, a := range batch {
			if i < 3 {
				wantRefusal(t, a.err, ledger.PasswordWrong)
			} else {
				wantRefusal(t, a.err, ledger.TooManyTries)
			}
		}
	})
	wantCounted(t, s, 3, 3)
}

// However a save fails, a wrong password is counted at least once before anybody is told that it was wrong.
func TestFaultsOfAGuess(t *testing.T) {
	t.Parallel()
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &faulty{MemStore: newGuarded(t), onSave: faults(way.saves...)}
				s.onSaved = func(int) error { return way.looks }
				e := start(t, s, quiet())
				_, err := e.Do(t.Context(), typed("wrong"))
				here, everywhere := counted(t, s.MemStore)
				if refusal, refused := errors.AsType[ledger.Refusal](err); refused {
					if refusal.Reason != ledger.PasswordWrong || here < 1 || here != everywhere {
						t.Errorf("%v, counted %d times", err, here)
					}
				} else if here > 1 || here == 1 && !errors.Is(err, command.ErrUnknown) {
					t.Errorf("%v, counted %d times", err, here)
				}
				if here > 2 {
					t.Errorf("counted %d times", here)
				}
				s.onSave, s.onSaved = nil, nil
				must(t, e, typed("right"))
				audit(t, s.MemStore)
			})
		})
	}
}

// A denied request is not stored: under the same id it may succeed later.
func TestDeniedRequestIsNotKept(t *testing.T) {
	t.Parallel()
	s := newGuarded(t)
	e := start(t, s, quiet())
	_, err := e.Do(t.Context(), once("r1", typed("wrong")))
	wantRefusal(t, err, ledger.PasswordWrong)
	wantCounted(t, s, 1, 1)
	ch := must(t, e, once("r1", typed("right")))
	if ch.Replay != nil || amountOf(t, s, "6001") != 99_00 {
		t.Errorf("%+v, %v is left", ch.Replay, amountOf(t, s, "6001"))
	}
	wantCounted(t, s, 0, 1) // a right password does not reset the count of the year
	if again := must(t, e, once("r1", typed("wrong"))); again.Replay == nil {
		t.Error("asked again, it was done again")
	}
}

// At two engines, each with its own records, nobody gets an extra attempt.
func TestGuessesAtTwoEngines(t *testing.T) {
	t.Parallel()
	s := newGuarded(t)
	engines := []*engine.Engine{start(t, s, quiet()), start(t, s, quiet())}
	must(t, engines[0], typed("right"))
	must(t, engines[1], typed("right"))
	var mu sync.Mutex
	reasons := map[ledger.Reason]int{}
	var callers sync.WaitGroup
	for i := range 64 {
		callers.Go(func() {
			_, err := engines[i%2].Do(t.Context(), typed("wrong"))
			refusal, _ := errors.AsType[ledger.Refusal](err)
			mu.Lock()
			defer mu.Unlock()
			reasons[refusal.Reason]++
		})
	}
	callers.Wait()
	if reasons[ledger.PasswordWrong] != 3 || reasons[ledger.TooManyTries] != 61 {
		t.Errorf("got %v", reasons)
	}
	wantCounted(t, s, 3, 3)
}

// A command that needs no guard is decided at once: nothing more is loaded, and it is not set aside.
func TestNoGuardsForPlainSales(t *testing.T) {
	t.Parallel()
	s := &faulty{MemStore: newGuarded(t)}
	s.onLoad = func(_ int, keys command.Keys) error {
		if len(keys.Guards) > 0 {
			t.Errorf("loads %v", keys.Guards)
		}
		return nil
	}
	must(t, start(t, s, quiet()), consume("6001", 1_00))
	if loads, saves := s.counts(); loads != 1 || saves != 1 {
		t.Errorf("%d loads and %d saves, want 1 and 1", loads, saves)
	}
}

// unsated asks for more records every time.
type unsated struct{ command.Recharge }

func (u unsated) Decide(*command.State, time.Time) (command.Changes, error) {
	return command.Changes{}, command.NeedRecords{Keys: command.Keys{Guards: []ledger.GuardKey{{Subject: "x"}}}}
}

func TestMoreRecordsAreBounded(t *testing.T) {
	t.Parallel()
	e := start(t, newStore(t, "6001"), quiet())
	if _, err := e.Do(t.Context(), unsated{command.Recharge{Merchant: shop, Card: "6001"}}); err == nil {
		t.Error("want an error")
	}
}
