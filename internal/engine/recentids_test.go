package engine_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

// newAgain returns an engine that was restarted after other commands were done under request ids, and has done
// something since. It counts the request ids the store was asked for, and the stale saves.
func newAgain(t *testing.T, done ...command.Command) (s *faulty, e *engine.Engine, asked, stale *atomic.Int64) {
	s = &faulty{MemStore: newStore(t, "6001", "6002")}
	before := engine.New(s, quiet())
	for _, cmd := range done {
		must(t, before, cmd)
	}
	closeNow(t, before)
	asked, stale = new(atomic.Int64), new(atomic.Int64)
	s.onLoad = func(_ int, keys command.Keys) error {
		asked.Add(int64(len(keys.Requests)))
		return nil
	}
	cfg := quiet()
	cfg.Observe.Stale = func() { stale.Add(1) }
	e = start(t, s, cfg)
	must(t, e, recharge("6002", 1_00))
	return s, e, asked, stale
}

// A request id that comes for the first time is not looked up; one that comes again is.
func TestNewRequestsAreNotAskedFor(t *testing.T) {
	t.Parallel()
	s, e, asked, stale := newAgain(t)
	for i := range 10 {
		must(t, e, once(fmt.Sprint("r", i), recharge("6001", 10_00)))
	}
	if got := asked.Load(); got != 0 {
		t.Errorf("asked for %d new requests", got)
	}
	for i := range 10 {
		if ch := must(t, e, once(fmt.Sprint("r", i), recharge("6001", 10_00))); ch.Replay == nil {
			t.Errorf("r%d is done again", i)
		}
	}
	if asked, stale := asked.Load(), stale.Load(); asked != 10 || stale != 0 {
		t.Errorf("asked for %d requests, want 10; %d saves were stale", asked, stale)
	}
	audit(t, s.MemStore)
}

// Requests from before a restart are not done again. The first one costs a stale save; after it, all are looked up
// for a while.
func TestOldRequests(t *testing.T) {
	t.Parallel()
	var done []command.Command
	for i := range 10 {
		done = append(done, once(fmt.Sprint("r", i), recharge("6001", 10_00)))
	}
	s, e, _, stale := newAgain(t, done...)
	for i, cmd := range done {
		if ch := must(t, e, cmd); ch.Replay == nil {
			t.Errorf("r%d is done again", i)
		}
	}
	_, err := e.Do(t.Context(), command.Once{
		Command: recharge("6001", 1_00), Key: done[0].(command.Once).Key, Fingerprint: [32]byte{1},
	})
	wantRefusal(t, err, ledger.RequestReused)
	if got := stale.Load(); got != 1 {
		t.Errorf("%d saves were stale, want 1", got)
	}
	audit(t, s.MemStore)
}

// A request that was done before gets its old answer, even if it could not be done now.
func TestOldRequestsAreNotRefused(t *testing.T) {
	t.Parallel()
	paid := once("r1", consume("6001", 11_00))
	s, e, _, stale := newAgain(t, recharge("6001", 10_00), paid)
	if ch := must(t, e, paid); ch.Replay == nil {
		t.Error("done again")
	}
	_, err := e.Do(t.Context(), once("r2", consume("6001", 11_00)))
	wantRefusal(t, err, ledger.ShortBalance)
	if got := stale.Load(); got != 0 {
		t.Errorf("%d saves were stale", got)
	}
	audit(t, s.MemStore)
}

// With one old request among new ones, the new ones are done once.
func TestOldRequestInABatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		old := once("old", recharge("6001", 10_00))
		s, e, _, _ := newAgain(t, old)
		all := together(t, s, e, recharge("6002", 1_00), once("a", recharge("6001", 1_00)), old,
			once("b", recharge("6001", 1_00)))
		for i, a := range all {
			if a.err != nil || (a.ch.Replay != nil) != (i == 1) {
				t.Errorf("command %d: %v, replayed %v", i, a.err, a.ch.Replay != nil)
			}
		}
		if got := amountOf(t, s.MemStore, "6001"); got != 13_20 {
			t.Errorf("%v on the card, want 13.20", got)
		}
		audit(t, s.MemStore)
	})
}

// A save that contains an old request and gave no answer can never arrive. The look-up finds that out, and the batch
// is decided again.
func TestOldRequestOnItsWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		old := once("old", recharge("6001", 10_00))
		s, e, _, _ := newAgain(t, old)
		_, saves := s.counts()
		s.onSave = func(n int, _ command.Changes) fault {
			if n == saves+1 {
				return flying
			}
			return none
		}
		if ch := must(t, e, old); ch.Replay == nil {
			t.Error("done again")
		}
		audit(t, s.MemStore)
	})
}
