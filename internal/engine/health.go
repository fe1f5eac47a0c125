package engine

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// mostFailed is how many saves fail one after the other before the store is said to fail. One that fails
// may be the fault of what was to be saved.
const mostFailed = 3

// health is how a lane is, for those who ask from outside of it.
type health struct {
	oldest atomic.Int64 // when the oldest command came that is not answered, in Unix nanoseconds; 0 = none is there

	mu     sync.Mutex
	failed int       // so many saves failed since the last that succeeded
	last   time.Time // when the last of them did
	why    error     // and why
}

// saved notes what became of a save. One that was stale says nothing about the store.
func (h *health) saved(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err == nil {
		h.failed, h.last, h.why = 0, time.Time{}, nil
		return
	}
	h.failed++
	h.last, h.why = time.Now(), err
}

func (h *health) failing() (last time.Time, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.failed < mostFailed {
		return time.Time{}, nil
	}
	return h.last, fmt.Errorf("%d saves failed in a row, the last one: %w", h.failed, h.why)
}

// Oldest is how long the command has waited that waits longest for its answer; 0 = none waits.
func (e *Engine) Oldest() time.Duration {
	var oldest time.Duration
	for _, l := range e.lanes {
		if since := l.health.oldest.Load(); since != 0 {
			oldest = max(oldest, time.Since(time.Unix(0, since)))
		}
	}
	return oldest
}

// Failing is why saves fail and when the last one did: none has succeeded since several failed in a row.
// The error is nil when they do not. It stays until a save succeeds or Recovered is called, for who hears
// of it may send no more commands.
func (e *Engine) Failing() (last time.Time, err error) {
	for _, l := range e.lanes {
		if last, err = l.health.failing(); err != nil {
			return last, err
		}
	}
	return time.Time{}, nil
}

// Recovered says that the store was seen to take a save again.
func (e *Engine) Recovered() {
	for _, l := range e.lanes {
		l.health.saved(nil)
	}
}
