package engine_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

// While a batch is saved, the next one is loaded and decided on the state the first will leave.
func TestDecidesAhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := make(gate)
		s := &faulty{MemStore: newStore(t, "6001", "6002"), onSave: g.wait}
		e := start(t, s, quiet())
		first := ask(t.Context(), e, recharge("6001", 10_00))
		next := []*asked{ask(t.Context(), e, recharge("6002", 10_00)), ask(t.Context(), e, consume("6001", 11_00))}
		if loads, saves := s.counts(); loads != 2 || saves != 1 {
			t.Errorf("%d loads and %d saves, want 2 and 1", loads, saves)
		}
		if first.over.Load() || next[0].over.Load() || next[1].over.Load() {
			t.Error("answered before the commit")
		}
		g.open()
		g.open()
		synctest.Wait()
		for _, a := range append(next, first) {
			if !a.over.Load() || a.err != nil {
				t.Errorf("got %v", a.err)
			}
		}
		if _, saves := s.counts(); saves != 2 {
			t.Errorf("%d saves, want 2", saves)
		}
		audit(t, s.MemStore)
	})
}

// What was decided ahead is void if the save it rests on fails, and stands if the look-up finds that save in the store.
func TestAheadRestsOnTheSave(t *testing.T) {
	t.Parallel()
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &faulty{MemStore: newStore(t, "6001"), onSaved: func(int) error { return way.looks }}
				g, fail := make(gate), faults(way.saves...)
				s.onSave = func(n int, ch command.Changes) fault {
					if n == 1 {
						g.wait(n, ch)
					}
					return fail(n, ch)
				}
				e := start(t, s, quiet())
				first := ask(t.Context(), e, recharge("6001", 10_00))
				second := ask(t.Context(), e, once("r", consume("6001", 11_00)))
				third := ask(t.Context(), e, once("r", consume("6001", 11_00)))
				g.open()
				closeNow(t, e)
				synctest.Wait()
				if !errors.Is(first.err, way.want) || way.want == nil && first.err != nil {
					t.Errorf("got %v, want %v", first.err, way.want)
				}
				if len(entriesOf(t, s.MemStore, ledger.Recharged)) == 1 {
					if second.err != nil || third.err != nil || answer(second.ch) != answer(third.ch) {
						t.Errorf("got %v and %v", second.err, third.err)
					}
				} else {
					wantRefusal(t, second.err, ledger.ShortBalance)
					wantRefusal(t, third.err, ledger.ShortBalance)
				}
				if got := amountOf(t, s.MemStore, "6001"); got != 0 {
					t.Errorf("%v is left, want 0.00", got)
				}
				audit(t, s.MemStore)
			})
		})
	}
}

// A command that opens many cards takes no bill along, and is made ready while what came before it is saved.
func TestWideGoesByItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := make(gate)
		s := &preparing{faulty: &faulty{MemStore: newStore(t, "6001", "6002"), onSave: g.wait}}
		e := start(t, s, quiet())
		issue := command.Issue{Merchant: shop}
		for i := range engine.WideFrom {
			issue.Cards = append(issue.Cards, command.NewCard{
				Number: fmt.Sprint(9000 + i), Level: 1, Holder: ledger.Holder{Name: "张三"},
			})
		}
		all := []*asked{ask(t.Context(), e, recharge("6001", 10_00)), ask(t.Context(), e, recharge("6002", 10_00))}
		all = append(all, ask(t.Context(), e, issue))
		all = append(all, ask(t.Context(), e, consume("6001", 1_00)), ask(t.Context(), e, consume("6002", 1_00)))
		if s.prepared.Load() != 0 {
			t.Error("something was prepared that bills could still be added to")
		}
		for done := range 4 { // one after the other: the first bill, the second, the cards, and the two behind them
			g.open()
			synctest.Wait()
			if got := s.prepared.Load(); got != 1 {
				t.Errorf("prepared %d times after %d saves", got, done+1)
			}
			for i, a := range all {
				if over := min(i, 3) <= done; a.over.Load() != over || over && a.err != nil {
					t.Errorf("command %d after %d saves: over %t, %v", i, done+1, a.over.Load(), a.err)
				}
			}
		}
		if got := len(entriesOf(t, s.MemStore, ledger.Opened)); got != 2+engine.WideFrom {
			t.Errorf("%d cards were opened", got)
		}
		audit(t, s.MemStore)
	})
}

// A command that needs more than cards and request ids is decided only on what is saved, and nothing overtakes it.
func TestNotDecidedAhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := make(gate)
		s := &faulty{MemStore: newStore(t, "6001"), onSave: g.wait}
		e := start(t, s, quiet())
		coded := func(number string) command.Command {
			card := command.NewCard{
				Number: number, Level: 1, Holder: ledger.Holder{Name: "张三"}, Details: ledger.Details{ExtID: "77"},
			}
			return command.Open{Merchant: shop, Card: card}
		}
		first := ask(t.Context(), e, recharge("6001", 10_00))
		ahead := ask(t.Context(), e, consume("6001", 1_00))
		taken := ask(t.Context(), e, coded("6003"))
		again := ask(t.Context(), e, coded("6004"))
		after := ask(t.Context(), e, consume("6001", 10_00))
		if loads, _ := s.counts(); loads != 1 {
			t.Errorf("loaded %d times before the first save ended, want once", loads)
		}
		for _, want := range [][]bool{
			{true, false, false, false, false}, {true, true, false, false, false}, {true, true, true, true, true},
		} {
			g.open()
			synctest.Wait()
			for i, a := range []*asked{first, ahead, taken, again, after} {
				if a.over.Load() != want[i] {
					t.Errorf("command %d: over %v, want %v", i, a.over.Load(), want[i])
				}
			}
		}
		wantRefusal(t, again.err, ledger.ExtIDTaken)
		audit(t, s.MemStore)
	})
}

// Even if some batch is always decided while another is saved, records are forgotten in time.
func TestAheadForgets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := make(gate)
		s := &faulty{MemStore: newStore(t, "6001"), onSave: g.wait}
		loaded := 0 // number of times the first request was looked up
		s.onLoad = func(_ int, keys command.Keys) error {
			if slices.ContainsFunc(keys.Requests, func(k ledger.RequestKey) bool { return k.ID == "0" }) {
				loaded++
			}
			return nil
		}
		e := start(t, s, quiet())
		var all []*asked
		for i := range 5000 {
			all = append(all, ask(t.Context(), e, once(fmt.Sprint(i), recharge("6001", 1_00))))
			if i > 0 {
				g.open()
				synctest.Wait()
			}
		}
		again := ask(t.Context(), e, once("0", recharge("6001", 1_00)))
		g.open()
		synctest.Wait()
		for i, a := range append(all, again) {
			if !a.over.Load() || a.err != nil {
				t.Fatalf("command %d: over %v, %v", i, a.over.Load(), a.err)
			}
		}
		if answer(again.ch) != answer(all[0].ch) || loaded != 2 {
			t.Errorf("answered %q and then %q, looked up %d times, want the same and 2", answer(all[0].ch), answer(again.ch),
				loaded)
		}
	})
}
