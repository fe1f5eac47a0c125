package engine

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"tongka/internal/command"
)

// wideFrom is the number of cards from which a job is wide. Saving as many takes several times as long as saving a
// batch of bills, so bills do not go along with a wide job but before or behind it, and while those before it are
// saved it is not only decided but also prepared for saving.
const wideFrom = 100

// job is a command on its way. After a send on done it belongs to the caller again.
type job struct {
	cmd     command.Command
	came    int64 // when it arrived, in Unix nanoseconds
	keys    command.Keys
	books   *books // its merchant's, from when the lane has it
	changes command.Changes
	err     error
	wide    bool // it names wideFrom cards or more
	broken  bool // it panicked on fresh records: err says so, and it is not decided again
	lacking bool // err asks for more records: a ledger.NeedLots or command.NeedRecords
	asides  int
	named   int           // number of times keys got what a command.NeedRecords asked for
	large   *large        // set for a large command; nil = it is a till's
	done    chan struct{} // buffered, size 1

	place atomic.Int32 // one of the places below
	timer *time.Timer  // runs for the caller's patience
}

// Places of a job. From queued it goes to one of the others and stays there.
const (
	queued int32 = iota
	begun        // it was decided, perhaps more than once; only the lane knows whether it will be done
	left         // its caller has given up: it will never be done
)

func newJob() any {
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	return &job{done: make(chan struct{}, 1), timer: timer}
}

// begin reports whether the job may be decided. If so, its caller can no longer withdraw it.
func (j *job) begin() bool { return j.place.CompareAndSwap(queued, begun) || j.place.Load() == begun }

func (j *job) hasLeft() bool { return j.place.Load() == left }

// alone reports whether the job must be a batch by itself, because it claims something that is unique among all
// merchants. Beside another job with the same claim neither could be saved, and each would be decided without knowing
// of the other.
//
// A wide job is alone too, for the sake of the others: see wideFrom.
func (j *job) alone() bool { return len(j.keys.GUIDs) > 0 || j.wide }

// replays reports whether the answer is that of a request carried out before.
func (j *job) replays() bool { return j.changes.Replay != nil }

// wait returns nil when the job is done and belongs to the caller again. Otherwise the lane still holds it.
func (j *job) wait(ctx context.Context, patience time.Duration) error {
	var late <-chan time.Time
	if patience > 0 {
		j.timer.Reset(patience)
		defer j.timer.Stop()
		late = j.timer.C
	}
	var err error
	select {
	case <-j.done:
		return nil
	case <-ctx.Done():
		err = fmt.Errorf("left before the answer, the outcome is open: %w", ctx.Err())
	case <-late:
		if j.place.CompareAndSwap(queued, left) {
			return fmt.Errorf("not begun within %v: %w", patience, ErrBusy)
		}
		err = fmt.Errorf("no answer within %v: %w", patience, command.ErrUnknown)
	}
	select {
	case <-j.done:
		return nil
	default:
		return err
	}
}
