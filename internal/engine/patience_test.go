package engine_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

// While a save hangs, every caller gets a true answer within its patience: for the bill being saved, that the outcome
// is open; for those behind it, that they were not done. Without patience they would wait as long as the save takes.
func TestPatience(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &faulty{MemStore: newStore(t, "6001")}
		e := engine.New(s, quiet())
		must(t, e, recharge("6001", 100_00))
		held := make(chan struct{})
		s.onSave = func(int, command.Changes) fault { <-held; return none }
		tills := e.Within(2 * time.Second)
		heard := make(chan error)
		ask := func(id string) {
			begun := time.Now()
			_, err := tills.Do(t.Context(), once(id, consume("6001", 1_00)))
			if took := time.Since(begun); took > 2*time.Second {
				t.Errorf("%s was answered after %v", id, took)
			}
			heard <- err
		}
		go ask("saving")
		synctest.Wait()
		time.Sleep(time.Second)
		go ask("behind")
		go ask("behind that")
		if err := <-heard; !errors.Is(err, command.ErrUnknown) || errors.Is(err, engine.ErrNotDone) {
			t.Errorf("the one that is saved: %v, want open", err)
		}
		for range 2 {
			if err := <-heard; !errors.Is(err, engine.ErrBusy) || errors.Is(err, command.ErrUnknown) {
				t.Errorf("one behind it: %v, want busy", err)
			}
		}
		time.Sleep(time.Minute)
		close(held)
		synctest.Wait()
		card, err := s.Card(t.Context(), ledger.CardKey{Merchant: shop, Number: "6001"})
		if err != nil || card.Amount() != 109_00 {
			t.Errorf("the card has %+v, %v, want 109.00: one bill of three was done", card, err)
		}
		if ch, err := e.Do(t.Context(), once("saving", consume("6001", 1_00))); err != nil || ch.Replay == nil {
			t.Errorf("asked again: %+v, %v, want a replay", ch, err)
		}
		closeNow(t, e)
	})
}

// After a failure of the store that leaves nothing open, callers are told that nothing was done.
func TestNotDone(t *testing.T) {
	t.Parallel()
	s := &faulty{MemStore: newStore(t, "6001"), onSave: faults(lost)}
	e := engine.New(s, quiet())
	if _, err := e.Do(t.Context(), recharge("6001", 1_00)); !errors.Is(err, engine.ErrNotDone) ||
		!errors.Is(err, errDisk) {
		t.Errorf("a save that failed: %v", err)
	}
	s.onLoad = func(int, command.Keys) error { return errDisk }
	if _, err := e.Do(t.Context(), recharge("6001", 1_00)); !errors.Is(err, engine.ErrNotDone) ||
		!errors.Is(err, errDisk) {
		t.Errorf("a load that failed: %v", err)
	}
	closeNow(t, e)
	if _, err := e.Do(t.Context(), recharge("6001", 1_00)); !errors.Is(err, engine.ErrNotDone) {
		t.Errorf("closed: %v", err)
	}
}
