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

// shell is all that a lane waits for beside its store, and all that is not the same each time. What a lane does
// follows from what its shell and its store say, and from nothing else. In a program the shell is goShell; in a
// simulation it hands the lane's place over to others, in an order that follows from a seed.
type shell interface {
	// Receive returns the next job. Where there is none it waits for one, or returns nil. It returns false when
	// no more will come.
	Receive(wait bool) (*job, bool)
	// Waiting is about how many jobs wait.
	Waiting() int
	// Send has a save carried out while the lane goes on.
	Send(save func() error)
	// Await waits until the save that was sent has ended, or until a job has come, if these are waited for too.
	Await(jobs bool) event
	// Pause waits so long, or returns why ctx has ended before.
	Pause(ctx context.Context, d time.Duration) error
	// Limit is ctx that ends after so long at the latest.
	Limit(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc)
	// Now is for measuring how long something takes.
	Now() time.Time
	// Random is from 0 to below n.
	Random(n int64) int64
	// Digest is of the name of a request. Two names have the same one hardly ever.
	Digest(merchant ledger.MerchantID, key ledger.RequestKey) uint64
}

// event is what a lane has waited for: one of these.
type event struct {
	saved  *outcome
	job    *job
	closed bool // no more jobs will come
}

// outcome is what became of a save.
type outcome struct {
	err      error
	took     time.Duration
	panicked string // what the store panicked with, and its stack
}

// goShell is the shell of a lane that runs in a goroutine of its own.
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

// outcomeOf carries a save out. A store that panics does so in the lane, by the outcome.
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

func (*goShell) Pause(ctx context.Context, d time.Duration) error {
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
