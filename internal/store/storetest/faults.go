package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

// errDisk is the error of a save that is known to have failed, so that nothing of it was stored.
var errDisk = errors.New("disk is full")

// unlucky is a store whose next save can be made to go wrong.
type unlucky struct {
	Store
	save func(ctx context.Context, changes ...command.Changes) error // replaces the next save; nil = it goes well
}

func (u *unlucky) Save(ctx context.Context, changes ...command.Changes) error {
	save := u.save
	u.save = nil
	if save == nil {
		return u.Store.Save(ctx, changes...)
	}
	return save(ctx, changes...)
}

// RunFaults runs commands through an engine. One write in turn fails, or is stored without its caller learning so,
// or is not stored without its caller learning so; each with and without a restart afterwards. Whoever repeats a
// command under the same request id gets it done exactly once, and gets the first answer (invariants 14, 18, 19,
// 20).
//
// shelve makes a new, empty database each time and returns a function that opens it, and closes it first if it is
// open.
func RunFaults(t *testing.T, shelve func(t *testing.T) (reopen func() Store)) {
	t.Helper()
	for _, fault := range []string{"lost", "kept, answer lost", "not kept, answer lost"} {
		for write := range len(errands) {
			for _, restart := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/write %d/restart %t", fault, write+1, restart), func(t *testing.T) {
					t.Parallel()
					testFault(t, shelve(t), fault, write, restart)
				})
			}
		}
	}
}

// errands are the commands that are carried out in order, one write each; in each test one of these writes goes
// wrong.
var errands = []command.Command{
	open("8801"), open("8802"), recharge("8801", 100_00), consume("8801", 30_00),
	command.Transfer{Merchant: 1, From: "8801", To: "8802", Amount: 20_00},
	command.UsePoints{Merchant: 1, Card: "8801", Points: 3},
}

func testFault(t *testing.T, reopen func() Store, fault string, write int, restart bool) {
	u := &unlucky{Store: reopen()}
	b := newBooks(t, u)
	e := engine.New(u, engine.Config{})
	restarted := func() {
		b.must(e.Close(b.ctx))
		u.Store = reopen()
		e = engine.New(u, engine.Config{})
	}
	for i, errand := range errands {
		c := once(fmt.Sprint("errand ", i), errand, byte(i))
		if i == write {
			u.save = u.goesWrong(fault)
		}
		first, err := e.Do(b.ctx, c)
		if failed := i == write && fault == "lost"; failed != errors.Is(err, errDisk) {
			t.Fatalf("errand %d: %v", i, err)
		} else if !failed {
			b.must(err)
		}
		if i != write {
			continue
		}
		if restart {
			restarted()
		}
		again, err := e.Do(b.ctx, c)
		b.must(err)
		if replayed := again.Replay != nil; replayed == (fault == "lost") {
			t.Errorf("asked again: replayed %t", replayed)
		}
		if again.Replay != nil && string(again.Replay.Answer) != string(first.Requests[0].Answer) {
			t.Errorf("answered %q first, then %q", first.Requests[0].Answer, again.Replay.Answer)
		}
	}
	restarted()
	b.must(e.Close(b.ctx))
	b.doneOnce()
}

// goesWrong returns the save that behaves as the fault says.
func (u *unlucky) goesWrong(fault string) func(context.Context, ...command.Changes) error {
	return func(ctx context.Context, changes ...command.Changes) error {
		switch fault {
		case "lost":
			return errDisk
		case "kept, answer lost":
			return errors.Join(u.Store.Save(ctx, changes...), command.ErrUnknown)
		default:
			return command.ErrUnknown
		}
	}
}

// doneOnce checks that every errand is in the journal exactly once and that every card is what its entries fold to.
func (b *books) doneOnce() {
	b.t.Helper()
	kinds := map[ledger.Kind]int{}
	folded := map[ledger.CardID]*ledger.Card{}
	for _, e := range b.journal() {
		kinds[e.Kind]++
		if folded[e.Card] == nil {
			folded[e.Card] = &ledger.Card{}
		}
		if _, err := folded[e.Card].Fold(&e); err != nil {
			b.t.Error(err)
		}
	}
	want := map[ledger.Kind]int{
		ledger.Opened: 2, ledger.Recharged: 1, ledger.Consumed: 1, ledger.TransferredOut: 1, ledger.TransferredIn: 1,
		ledger.PointsUsed: 1,
	}
	same(b.t, "entries by kind", kinds, want)
	for _, f := range folded {
		same(b.t, "card "+f.Number, *b.card(f.Number), *f)
	}
}
