package engine_test

import (
	"context"
	"sync/atomic"
	"testing"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/store/storetest"
)

// The books of a merchant for whom a job is waiting are kept however long it waits: with others beside them the lane
// would decide the merchant's commands on two States, which do not know of each other (invariant 03).
func TestBooksOfWaitingJobsStay(t *testing.T) {
	t.Parallel()
	w := newWorld(1, newStore(t))
	lane := engine.NewLane(t.Context(), &process{w: w}, w.mem, quiet())
	till := engine.NewJob(command.Consume{Merchant: 1}, 1)
	large := engine.NewLarge(command.Consume{Merchant: 2}, 1)
	lane.Take(till, large)
	for range 3 {
		lane.LetGo()
		for _, j := range []*engine.Job{till, large} {
			if n, kept := lane.Books(j); n != 2 || !kept {
				t.Fatalf("%d books are kept, those of a waiting job among them %t", n, kept)
			}
		}
	}
	lane.Answered()
	lane.LetGo()
	lane.LetGo()
	if n, _ := lane.Books(till); n != 0 {
		t.Errorf("%d books are kept of merchants that nothing is asked of", n)
	}
}

// taken is a store at which turns can be taken, which counts them.
type taken struct {
	*storetest.MemStore
	turns atomic.Int64
}

func (s *taken) Turn(ctx context.Context, wants ...command.Want) ([]command.Records, engine.Turn, error) {
	s.turns.Add(1)
	found, err := s.Load(ctx, wants...)
	return found, ended{s.MemStore}, err
}

type ended struct{ *storetest.MemStore }

func (ended) End() {}

// A lane takes turns at a merchant only where another process is busy: it was first there several times, with few
// batches in between. It ends when the other has left.
func TestTurnsWhereAnotherIsBusy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		between []int // batches before each time that the other is first
		want    bool
	}{
		{"once", []int{1}, false},
		{"twice", []int{1, 1}, false},
		{"three times", []int{1, 1, 1}, true},
		{"three times with batches between", []int{1, engine.CalmFor - 1, engine.CalmFor - 1}, true},
		{"now and then", []int{1, engine.CalmFor, engine.CalmFor, engine.CalmFor, engine.CalmFor}, false},
		{"twice, and twice later", []int{1, 1, engine.CalmFor, 1}, false},
		{"twice, and three times later", []int{1, 1, engine.CalmFor, 1, 1}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := &taken{MemStore: newStore(t, "6001", "6002")}
			e, other := start(t, s, quiet()), start(t, s.MemStore, quiet())
			var want ledger.Fen
			do := func(times int) {
				for range times {
					must(t, e, recharge("6001", 10))
					want += 11
				}
			}
			for _, batches := range c.between {
				do(batches)
				must(t, other, recharge("6002", 10))
			}
			do(1) // it hears of the last time
			if got := s.turns.Load() > 0; got != c.want {
				t.Fatalf("takes turns: %t, want %t", got, c.want)
			}
			do(engine.AloneFor + 2)
			before := s.turns.Load()
			do(3)
			if s.turns.Load() != before {
				t.Error("turns are taken though nobody else is there")
			}
			if got := amountOf(t, s.MemStore, "6001"); got != want {
				t.Errorf("%v is on the card, want %v", got, want)
			}
			audit(t, s.MemStore)
		})
	}
}
