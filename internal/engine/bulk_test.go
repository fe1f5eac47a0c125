package engine_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

// imported returns one large command that opens n cards.
func imported(from, n int) command.Import {
	cmd := command.Import{Merchant: shop}
	for i := range n {
		card := command.NewCard{
			Number: fmt.Sprint(9000 + from + i), Level: 1, Holder: ledger.Holder{Name: "张三"}, Principal: 1_00,
			Details: ledger.Details{ExtID: fmt.Sprint(700 + from + i)},
		}
		cmd.Cards = append(cmd.Cards, card)
	}
	return cmd
}

// started starts a large command.
func started(t *testing.T, b *engine.Bulk, cmd command.Command) *asked {
	t.Helper()
	a, wait := &asked{}, b.Start(t.Context(), cmd)
	go func() {
		a.ch, a.err = wait()
		a.over.Store(true)
	}()
	synctest.Wait()
	return a
}

// While a large command is saved the next are loaded and decided, and then saved together, until a till comes:
// tills have a batch between two saves of large commands.
func TestBulkAndTills(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := make(gate)
		var saved []string
		s := &faulty{MemStore: newStore(t, "6001")}
		s.onSave = func(n int, ch command.Changes) fault {
			saved = append(saved, fmt.Sprint(len(ch.Opened), "+", len(ch.Entries)))
			return g.wait(n, ch)
		}
		e := start(t, s, quiet())
		b := e.Bulk(nil)
		large := []*asked{started(t, b, imported(0, 3)), started(t, b, imported(3, 3)), started(t, b, imported(6, 1))}
		if loads, saves := s.counts(); loads != 3 || saves != 1 {
			t.Errorf("%d loads and %d saves, want 3 and 1", loads, saves)
		}
		till := ask(t.Context(), e, recharge("6001", 10_00))
		large = append(large, started(t, e.Bulk(nil), imported(7, 4)))
		for range 4 {
			g.open()
			synctest.Wait()
		}
		for _, a := range append(large, till) {
			if !a.over.Load() || a.err != nil {
				t.Errorf("got %v", a.err)
			}
		}
		// The second and the third were decided before the till came; the fourth lets it go first.
		if got, want := fmt.Sprint(saved), "[3+6 4+8 0+1 4+8]"; got != want {
			t.Errorf("saved %s, want %s", got, want)
		}
		audit(t, s.MemStore)
	})
}

// If a large command was not done, those started after it are not done either: neither the one that was decided ahead
// nor one that is started later.
func TestBulkEndsWithAFailure(t *testing.T) {
	t.Parallel()
	for _, ahead := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			g, fail := make(gate), faults(lost)
			s := &faulty{MemStore: newStore(t, "6001")}
			s.onSave = func(n int, ch command.Changes) fault {
				if n == 1 {
					g.wait(n, ch)
				}
				return fail(n, ch)
			}
			e := start(t, s, quiet())
			b := e.Bulk(nil)
			all := []*asked{started(t, b, imported(0, 3))}
			if ahead {
				all = append(all, started(t, b, imported(3, 3)))
			}
			g.open()
			synctest.Wait()
			all = append(all, started(t, b, imported(6, 3)))
			for i, a := range all {
				if !a.over.Load() || !errors.Is(a.err, engine.ErrNotDone) {
					t.Errorf("command %d: got %v", i, a.err)
				}
			}
			if n := len(entriesOf(t, s.MemStore, ledger.Opened)); n != 1 {
				t.Errorf("%d cards, want the one that was there", n)
			}
			must(t, e, recharge("6001", 10_00)) // tills go on
			if _, err := e.Bulk(nil).Start(t.Context(), imported(0, 3))(); err != nil {
				t.Errorf("begun anew: %v", err)
			}
		})
	}
}

// Of two large commands that give out the same inner code, of which one is being saved, the second is refused: only
// one of the two cards gets the code.
func TestBulkInnerCodes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := make(gate)
		s := &faulty{MemStore: newStore(t, "6001")}
		s.onSave = func(n int, ch command.Changes) fault {
			if n <= 2 {
				g.wait(n, ch)
			}
			return none
		}
		e := start(t, s, quiet())
		b := e.Bulk(nil)
		other := imported(20, 3)
		other.Cards[0].Details.ExtID = "705" // as a card of the second has it, which is not saved yet
		all := []*asked{started(t, b, imported(0, 3)), started(t, b, imported(3, 3))}
		g.open()
		synctest.Wait()
		all = append(all, started(t, b, other))
		g.open()
		synctest.Wait()
		for i, a := range all {
			if !a.over.Load() || a.err != nil || len(a.ch.Refused) != i/2 {
				t.Errorf("command %d: %d refused, %v", i, len(a.ch.Refused), a.err)
			}
		}
		audit(t, s.MemStore)
	})
}

// An inner code that a large command takes off a card is free for the next one. That one must not be decided while the
// first is being saved: the store still says that the code is taken (invariant 40).
func TestBulkFreesInnerCodes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := make(gate)
		s := &faulty{MemStore: newStore(t, "6001")}
		e := start(t, s, quiet())
		code, none := "705", ""
		must(t, e, command.ModifyDetails{Merchant: shop, Card: "6001", ExtID: &code})
		s.onSave = func(n int, ch command.Changes) fault {
			if len(ch.Opened) == 0 {
				g.wait(n, ch)
			}
			return 0
		}
		b := e.Bulk(nil)
		all := []*asked{
			started(t, b, command.ModifyDetails{Merchant: shop, Card: "6001", ExtID: &none}), started(t, b, imported(5, 1)),
		}
		g.open()
		synctest.Wait()
		for i, a := range all {
			if !a.over.Load() || a.err != nil || len(a.ch.Refused) != 0 {
				t.Errorf("command %d: %v refused, %v", i, a.ch.Refused, a.err)
			}
		}
		audit(t, s.MemStore)
	})
}

// While tills are at work, here or elsewhere, the next large command begins after a pause nineteen times as long as
// the last one took; otherwise at once.
func TestBulkPauses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &faulty{MemStore: newStore(t, "6001"), onSave: func(_ int, ch command.Changes) fault {
			if len(ch.Opened) > 0 {
				time.Sleep(500 * time.Millisecond)
			}
			return none
		}}
		e := start(t, s, quiet())
		others := false
		b := e.Bulk(func(context.Context) bool { return others })
		begun := time.Now()
		do := func(from int) time.Duration {
			if _, err := b.Start(t.Context(), imported(from, 2))(); err != nil {
				t.Fatal(err)
			}
			return time.Since(begun).Round(500 * time.Millisecond)
		}
		if took := do(0); took != 500*time.Millisecond {
			t.Errorf("the first: %v", took)
		}
		if took := do(2); took != time.Second {
			t.Errorf("alone: %v", took)
		}
		must(t, e, recharge("6001", 10_00))
		if took := do(4); took != 11*time.Second {
			t.Errorf("beside a till: %v", took)
		}
		if took := do(6); took != 11500*time.Millisecond {
			t.Errorf("when it has gone: %v", took)
		}
		others = true
		if took := do(8); took != 21500*time.Millisecond {
			t.Errorf("beside another process: %v", took)
		}
	})
}

// Of several that could not be saved together each is carried out by itself, in their order, and who is refused
// ends it.
func TestBulkApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := make(gate)
		var saved []string
		s := &faulty{MemStore: newStore(t, "6001")}
		s.onSave = func(n int, ch command.Changes) fault {
			saved = append(saved, fmt.Sprint(len(ch.Opened)))
			if n == 1 {
				g.wait(n, ch)
			}
			if len(ch.Opened) == 2+3 {
				return stale
			}
			return none
		}
		e := start(t, s, quiet())
		b := e.Bulk(nil)
		all := []*asked{
			started(t, b, imported(0, 1)), started(t, b, imported(1, 2)), started(t, b, imported(3, 3)),
			started(t, b, recharge("none", 1)), started(t, b, imported(6, 4)),
		}
		g.open()
		time.Sleep(time.Second)
		synctest.Wait()
		if got, want := fmt.Sprint(saved), "[1 5 2 3]"; got != want {
			t.Errorf("saved %s, want %s", got, want)
		}
		for _, a := range all[:3] {
			if a.err != nil {
				t.Error(a.err)
			}
		}
		wantRefusal(t, all[3].err, ledger.CardNotFound)
		if !all[4].over.Load() || !errors.Is(all[4].err, engine.ErrNotDone) {
			t.Errorf("behind a refusal: %v", all[4].err)
		}
		audit(t, s.MemStore)
	})
}

// Who gives up while his commands are decided ahead leaves these to be done, and the lane as it was.
func TestBulkGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := make(gate)
		s := &faulty{MemStore: newStore(t, "6001")}
		s.onSave = func(n int, ch command.Changes) fault {
			if n == 1 {
				g.wait(n, ch)
			}
			return none
		}
		e := start(t, s, quiet())
		b := e.Bulk(nil)
		all := []*asked{started(t, b, imported(0, 3)), started(t, b, imported(3, 3)), started(t, b, imported(6, 3))}
		ctx, giveUp := context.WithCancel(t.Context())
		giveUp()
		if _, err := b.Start(ctx, imported(9, 3))(); !errors.Is(err, context.Canceled) {
			t.Errorf("given up: %v", err)
		}
		g.open()
		synctest.Wait()
		for i, a := range all {
			if !a.over.Load() || i == 0 && a.err != nil {
				t.Errorf("command %d: %v", i, a.err)
			}
		}
		must(t, e, recharge("6001", 10_00))
		audit(t, s.MemStore)
	})
}

// knocked is a store in which another process is always first, until it has heard that somebody else is there.
type knocked struct {
	*faulty
	heard atomic.Bool
}

func (k *knocked) Touch(context.Context, ledger.MerchantID) error {
	k.heard.Store(true)
	return nil
}

// A large command that is overtaken again and again makes itself heard; one of a till, which is quick, does not.
func TestBulkKnocks(t *testing.T) {
	t.Parallel()
	for _, large := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			s := &knocked{faulty: &faulty{MemStore: newStore(t, "6001")}}
			s.onSave = func(int, command.Changes) fault {
				if s.heard.Load() {
					return none
				}
				return stale
			}
			e := start(t, s, quiet())
			var err error
			if large {
				_, err = e.Bulk(nil).Start(t.Context(), imported(0, 3))()
			} else {
				_, err = e.Do(t.Context(), recharge("6001", 1))
			}
			if s.heard.Load() != large || (err == nil) != large {
				t.Errorf("large %t: heard %t, %v", large, s.heard.Load(), err)
			}
		})
	}
}

// preparing is a store that prepares large commands, as the program's does.
type preparing struct {
	*faulty
	prepared atomic.Int64
}

type prepared struct {
	s       *preparing
	changes []command.Changes
}

func (s *preparing) Prepare(changes ...command.Changes) (engine.Ready, error) {
	s.prepared.Add(1)
	return prepared{s, changes}, nil
}

func (p prepared) Save(ctx context.Context) error { return p.s.Save(ctx, p.changes...) }

// A large command that was carried out before saves nothing, also if it is decided ahead. What comes after it is
// saved all the same.
func TestBulkRepeatedAhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := make(gate)
		s := &preparing{faulty: &faulty{MemStore: newStore(t, "6001")}}
		s.onSave = func(n int, ch command.Changes) fault {
			if n == 2 {
				g.wait(n, ch)
			}
			return none
		}
		e := start(t, s, quiet())
		before := e.Bulk(nil)
		if _, err := before.Start(t.Context(), once("r", imported(0, 3)))(); err != nil {
			t.Fatal(err)
		}
		all := []*asked{started(t, e.Bulk(nil), imported(3, 3)), started(t, before, once("r", imported(0, 3)))}
		till := ask(t.Context(), e, recharge("6001", 10_00)) // now what was decided ahead is prepared
		g.open()
		synctest.Wait()
		for i, a := range append(all, till) {
			if !a.over.Load() || a.err != nil || (a.ch.Replay != nil) != (i == 1) {
				t.Errorf("command %d: %+v, %v", i, a.ch.Replay, a.err)
			}
		}
		if got := amountOf(t, s.MemStore, "6001"); got != 11_00 {
			t.Errorf("%v is on the card, want 11.00: what was acknowledged is not in the store", got)
		}
		audit(t, s.MemStore)
	})
}

// Whoever gives up is told what became of each command that was started, and afterwards none is carried out any more.
func TestBulkEndsWithItsCommands(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var opened atomic.Int64
		s := &faulty{MemStore: newStore(t, "6001"), onSave: func(_ int, ch command.Changes) fault {
			time.Sleep(time.Second)
			opened.Add(int64(len(ch.Opened)))
			return none
		}}
		e := start(t, s, engine.Config{Logger: slog.New(slog.DiscardHandler), Batch: 1})
		ctx, cancel := context.WithCancel(t.Context())
		b := e.Bulk(nil)
		var waits []func() (command.Changes, error)
		for n := range 30 {
			waits = append(waits, b.Start(ctx, imported(1000*n, 1000)))
		}
		time.Sleep(500 * time.Millisecond)
		cancel()
		told := int64(0)
		for _, wait := range waits {
			ch, err := wait()
			told += int64(len(ch.Opened))
			if err != nil && !errors.Is(err, engine.ErrNotDone) {
				t.Errorf("got %v", err)
			}
		}
		if told == 0 || told == 30_000 {
			t.Errorf("%d were opened: too few or too many to say anything", told)
		}
		time.Sleep(time.Minute)
		if n := opened.Load(); n != told {
			t.Errorf("%d cards were opened, and %d were told of", n, told)
		}
	})
}
