package engine

import (
	"context"
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"tongka/internal/ledger"
)

// shell is everything a lane waits for besides its store, and everything that is not deterministic. What a lane does
// follows from its shell and its store alone. In the program the shell is goShell; in a simulation the shell lets
// others run in an order that follows from a seed.
type shell interface {
	// Receive returns the next job. If there is none, it waits for one or returns nil, according to wait. It returns
	// false when no more will come.
	Receive(wait bool) (*job, bool)
	// Waiting returns about how many jobs are queued.
	Waiting() int
	// Send starts a save while the lane goes on.
	Send(save func() error)
	// Await waits until the save that was sent has ended or, if jobs is true, until a job arrives.
	Await(jobs bool) event
	// Pause waits for d, or returns the error of ctx if that ends first.
	Pause(ctx context.Context, d time.Duration) error
	// Limit returns a ctx that ends after d at the latest.
	Limit(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc)
	// Now is for measuring durations.
	Now() time.Time
	// Random returns a number from 0 to n-1.
	Random(n int64) int64
	// Digest returns a hash of a request's key. Two keys hardly ever have the same one.
	Digest(merchant ledger.MerchantID, key ledger.RequestKey) uint64
}

// event is what a lane has waited for: one of these fields is set.
type event struct {
	saved  *outcome
	job    *job
	closed bool // no more jobs will come
}

// outcome is the result of a save.
type outcome struct {
	err      error
	took     time.Duration
	panicked string // the store's panic and its stack
}

// goShell is the shell of a lane that runs in its own goroutine.
type goShell struct {
	queue chan *job
	saved chan outcome
	seed  maphash.Seed
}

func newGoShell(queue int) *goShell {
	return &goShell{queue: make(chan *job, queue), saved: make(chan outcome, 1), seed: maphash.MakeSeed()}
}

func (s *goShell) Receive(wait bool) (*job, bool) {
	if wait {
		j, open := <-s.queue
		return j, open
	}
	select {
	case j, open := <-s.queue:
		return j, open
	default:
		return nil, true
	}
}

func (s *goShell) Waiting() int { return len(s.queue) }

func (s *goShell) Send(save func() error) {
	go func() { s.saved <- outcomeOf(s, save) }()
}

// outcomeOf runs a save. A panic of the store is recorded in the outcome, so that it is raised again in the lane.
func outcomeOf(s shell, save func() error) (o outcome) {
	begun := s.Now()
	defer func() {
		if p := recover(); p != nil {
			o.panicked = fmt.Sprintf("%v\n%s", p, debug.Stack())
		}
		o.took = s.Now().Sub(begun)
	}()
	o.err = save()
	return o
}

func (s *goShell) Await(jobs bool) event {
	if !jobs {
		o := <-s.saved
		return event{saved: &o}
	}
	select {
	case o := <-s.saved:
		return event{saved: &o}
	case j, open := <-s.queue:
		return event{job: j, closed: !open}
	}
}

func (*goShell) Pause(ctx context.Context, d time.Duration) error { return rest(ctx, d) }

// rest waits for that long, or returns why ctx ended before.
func rest(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (*goShell) Limit(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, d)
}

func (*goShell) Now() time.Time { return time.Now() }

func (*goShell) Random(n int64) int64 { return rand.Int64N(n) }

func (s *goShell) Digest(merchant ledger.MerchantID, key ledger.RequestKey) uint64 {
	type named struct {
		merchant ledger.MerchantID
		key      ledger.RequestKey
	}
	return maphash.Comparable(s.seed, named{merchant, key})
}
