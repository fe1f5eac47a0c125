package engine

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// mostFailed is how many consecutive saves must fail before the store is said to be failing. A single one may fail
// because of what it was to save.
const mostFailed = 3

// health is the state of a lane, as read from outside of it.
type health struct {
	oldest atomic.Int64 // arrival of the oldest command not yet answered, in Unix nanoseconds; 0 = none

	mu     sync.Mutex
	failed int       // number of saves that failed since the last success
	last   time.Time // when the last of them failed
	why    error     // and its error
}

// saved notes the outcome of a save. It is not called for a stale save, which says nothing about the store.
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

// Oldest returns how long the oldest command has been waiting for its answer; 0 = none is waiting.
func (e *Engine) Oldest() time.Duration {
	var oldest time.Duration
	for _, l := range e.lanes {
		if since := l.health.oldest.Load(); since != 0 {
			oldest = max(oldest, time.Since(time.Unix(0, since)))
		}
	}
	return oldest
}

// Failing returns an error if several consecutive saves have failed and none has succeeded since, and the time of the
// last failure. The error stays until a save succeeds or Recovered is called: whoever sees it may stop sending
// commands, and then no save could clear it.
func (e *Engine) Failing() (last time.Time, err error) {
	for _, l := range e.lanes {
		if last, err = l.health.failing(); err != nil {
			return last, err
		}
	}
	return time.Time{}, nil
}

// Recovered notes that the store was seen to accept a save again.
func (e *Engine) Recovered() {
	for _, l := range e.lanes {
		l.health.saved(nil)
	}
}
