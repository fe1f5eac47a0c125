package engine_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

// With two engines on one store and one card, money is neither created nor lost, and every acknowledged command is in
// the journal (invariants 03, 18, 19).
func TestTwoEnginesOnOneCard(t *testing.T) {
	t.Parallel()
	s := newStore(t, "6001", "6002")
	var stale int
	var mu sync.Mutex
	cfg := quiet()
	cfg.Observe.Stale = func() {
		mu.Lock()
		defer mu.Unlock()
		stale++
	}
	engines := []*engine.Engine{start(t, s, cfg), start(t, s, cfg)}
	must(t, engines[0], recharge("6001", 20_00))
	var want ledger.Fen = 22_00
	var done int
	var callers sync.WaitGroup
	for i := range 16 {
		callers.Go(func() {
			for n := range 25 {
				cmd, moves := consume("6001", 1_00), ledger.Fen(-1_00)
				switch n % 5 {
				case 0:
					cmd, moves = recharge("6001", 2_00), 2_20
				case 1:
					cmd, moves = command.Transfer{Merchant: shop, From: "6001", To: "6002", Amount: 10}, 0
				}
				_, err := engines[i%2].Do(t.Context(), cmd)
				if _, refused := errors.AsType[ledger.Refusal](err); refused {
					continue
				}
				if err != nil {
					t.Error(err)
					continue
				}
				mu.Lock()
				want += moves
				done++
				mu.Unlock()
			}
		})
	}
	callers.Wait()
	if got := amountOf(t, s, "6001") + amountOf(t, s, "6002"); got != want {
		t.Errorf("got %v on the cards, want %v", got, want)
	}
	entries := len(entriesOf(t, s, ledger.Recharged)) + len(entriesOf(t, s, ledger.Consumed)) +
		len(entriesOf(t, s, ledger.TransferredOut))
	if entries != done+1 {
		t.Errorf("%d commands were answered as done, %d stand in the journal", done+1, entries)
	}
	audit(t, s)
}

// A refusal saves nothing, so no save checks a version. It must not rest on records that another writer has changed
// since, or a holder who has just recharged is turned away (invariant 40).
func TestRefusalRestsOnCurrentRecords(t *testing.T) {
	t.Parallel()
	s := newStore(t, "6001")
	a, b := start(t, s, quiet()), start(t, s, quiet())
	_, err := a.Do(t.Context(), consume("6001", 1_00))
	wantRefusal(t, err, ledger.ShortBalance)
	must(t, b, recharge("6001", 10_00))
	must(t, a, consume("6001", 1_00))
	_, err = b.Do(t.Context(), consume("6001", 10_50))
	wantRefusal(t, err, ledger.ShortBalance)
	audit(t, s)
}

// A card in memory that another process has changed is loaded anew, even if what shows the change is a command on
// another card: decided from the old card, the next bill would undo what the other process did (invariants 03, 40).
func TestKeptCardsAreDropped(t *testing.T) {
	t.Parallel()
	s := newStore(t, "6001", "6002")
	a, b := start(t, s, quiet()), start(t, s, quiet())
	must(t, a, recharge("6001", 10_00))
	must(t, a, recharge("6002", 10_00))
	must(t, b, recharge("6002", 20_00))
	must(t, a, consume("6001", 1_00)) // only now a hears that somebody else was there
	must(t, a, consume("6002", 30_00))
	if got := amountOf(t, s, "6002"); got != 3_00 { // a tenth is given on top
		t.Errorf("got %v on the card, want 3.00", got)
	}
	audit(t, s)
}

// If nobody else writes, nothing is decided twice, whatever came before.
func TestKeptRecordsStayCurrent(t *testing.T) {
	t.Parallel()
	s := &faulty{MemStore: newStore(t, "6001")}
	cfg := quiet()
	cfg.Observe.Stale = func() { t.Error("stale") }
	e := start(t, s, cfg)
	for range 3 {
		must(t, e, recharge("6001", 10_00))
		_, err := e.Do(t.Context(), consume("6001", 99_00))
		wantRefusal(t, err, ledger.ShortBalance)
		must(t, e, once("r1", recharge("6001", 10_00)))
	}
	if loads, saves := s.counts(); saves != 4 || loads != 1+3+2 { // the first time the request is not looked up
		t.Errorf("%d loads and %d saves, want 6 and 4", loads, saves)
	}
}

// Changed settings are in force at once, for commands that are done and for those that are refused.
func TestSettingsReachTheLanes(t *testing.T) {
	t.Parallel()
	s := newStore(t, "6001")
	e := start(t, s, quiet())
	must(t, e, recharge("6001", 10_00))
	m := merchant(shop)
	m.Rules = nil
	saveMerchant(t, s, m)
	ch := must(t, e, recharge("6001", 10_00))
	if got := ch.Last().Bonus; got != 0 {
		t.Errorf("got a bonus of %v by a rule that is no more", got)
	}
	m.Settings.MaxAmount = 5_00
	saveMerchant(t, s, m)
	_, err := e.Do(t.Context(), recharge("6001", 10_00))
	wantRefusal(t, err, ledger.BadAmount)
	m.Settings.MaxAmount = 0
	saveMerchant(t, s, m)
	must(t, e, recharge("6001", 10_00))
}

// Two runs of the program that decide the same command from the same records in the same millisecond must not write
// the same entry. After a commit without an answer each would take the other's entry for its own, and of two bills
// one would be acknowledged and missing.
func TestNoTwoRunsWriteTheSameEntry(t *testing.T) {
	t.Parallel()
	cfg := quiet()
	cfg.Clock = func() time.Time { return time.Date(2100, 5, 4, 4, 0, 0, 0, time.UTC) }
	var written [2]ledger.Entry
	for i := range written {
		s := newStore(t, "C1001")
		e := start(t, s, cfg)
		must(t, e, recharge("C1001", 100_00))
		written[i] = entriesOf(t, s, ledger.Recharged)[0]
		closeNow(t, e)
	}
	if written[0].ID != written[1].ID || !written[0].At.Equal(written[1].At) {
		t.Fatalf("the runs did not decide the same: %v and %v", written[0], written[1])
	}
	if written[0].Hash == written[1].Hash {
		t.Error("two runs wrote the same entry")
	}
}
