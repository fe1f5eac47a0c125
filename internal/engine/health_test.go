package engine_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"tongka/internal/command"
	"tongka/internal/engine"
)

// An engine reports how long its oldest command has waited, and that saves fail until one succeeds.
func TestHealth(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		held := make(chan struct{})
		s := &faulty{MemStore: newStore(t, "6001")}
		e := engine.New(s, quiet())
		must(t, e, recharge("6001", 100_00))
		s.onSave = faults(lost, lost, lost, lost)
		s.saves = 0
		for n := range 4 {
			if _, err := e.Failing(); (err != nil) != (n >= 3) {
				t.Errorf("after %d failed saves: %v", n, err)
			}
			if _, err := e.Do(t.Context(), consume("6001", 1_00)); !errors.Is(err, errDisk) {
				t.Fatal(err)
			}
		}
		if last, err := e.Failing(); !errors.Is(err, errDisk) || !last.Equal(time.Now()) {
			t.Errorf("saves fail: %v, the last at %v", err, last)
		}
		must(t, e, consume("6001", 1_00))
		if _, err := e.Failing(); err != nil || e.Oldest() != 0 {
			t.Errorf("after a save: %v, a command waits for %v", err, e.Oldest())
		}

		s.onSave = func(int, command.Changes) fault { <-held; return none }
		for range 2 {
			go func() { _, _ = e.Do(t.Context(), consume("6001", 1_00)) }()
			time.Sleep(5 * time.Second)
		}
		if got := e.Oldest(); got != 10*time.Second {
			t.Errorf("the oldest waits for %v, want 10s", got)
		}
		close(held)
		synctest.Wait()
		if got := e.Oldest(); got != 0 {
			t.Errorf("nobody waits, but one does for %v", got)
		}
		closeNow(t, e)
	})
}
