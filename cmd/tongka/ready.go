package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"tongka/internal/httpd"
	"tongka/internal/store"
)

const (
	// readyFor is how long an answer of /readyz is reused for everybody who asks.
	readyFor = time.Second
	// readyLimit bounds all checks for one answer together.
	readyLimit = 2 * time.Second
	// longWait is how long a command may wait before the server reports that it is not ready.
	longWait = 10 * time.Second
	// quiet is the time since the last failed save after which a save is tried to find out whether saves still fail.
	quiet = 10 * time.Second
)

// check is one reason not to be ready. The name is shown to everybody who asks, so it must hold no secret; the
// error of ask goes to the log only.
type check struct {
	name string
	ask  func(context.Context) error
}

// readiness reports whether the server can work now. However many ask, the checks are made at most once in readyFor.
type readiness struct {
	checks []check
	clock  func() time.Time

	mu    sync.Mutex
	asked time.Time
	why   []string // names of the checks that failed
	err   error    // their errors, joined
}

// newReadiness returns a readiness of these checks. A check fails by returning an error.
func newReadiness(clock func() time.Time, checks ...check) *readiness {
	return &readiness{checks: checks, clock: clock}
}

// now returns the names of the checks that failed, and their errors joined; nil if none did.
func (r *readiness) now(ctx context.Context) (why []string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at := r.clock(); r.asked.IsZero() || at.Sub(r.asked) >= readyFor || at.Before(r.asked) {
		// Others wait for this answer too, so it must not be cancelled when the first caller goes away.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyLimit)
		defer cancel()
		r.why, r.err = r.ask(ctx)
		r.asked = r.clock()
	}
	return r.why, r.err
}

// yes reports whether all checks passed.
func (r *readiness) yes(ctx context.Context) bool {
	_, err := r.now(ctx)
	return err == nil
}

func (r *readiness) ask(ctx context.Context) (why []string, err error) {
	for _, c := range r.checks {
		if no := c.ask(ctx); no != nil {
			why, err = append(why, c.name), errors.Join(err, fmt.Errorf("%s: %w", c.name, no))
		}
	}
	return why, err
}

// ServeHTTP responds with 200 and "ready", or with 503 and a line for each check that failed.
func (r *readiness) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	why, err := r.now(req.Context())
	if err != nil {
		httpd.NoteOf(req.Context()).Err = fmt.Errorf("not ready: %w", err)
		httpd.RetryAfter(w.Header(), readyFor)
		http.Error(w, "not ready: "+strings.Join(why, "\nnot ready: "), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}

// checks returns all reasons why the server may not be ready. A new one is added here.
func (s *service) checks() []check {
	return []check{
		{"the database does not answer", s.books.Ping},
		{"the database file was moved or replaced", func(context.Context) error { return s.books.Moved() }},
		{"saves fail", s.books.saves},
		{"a command waits for too long", s.books.waits},
		{"the clock is in doubt", func(context.Context) error { return s.books.clock.Doubt() }},
		{"the settings cannot be read", func(context.Context) error { return s.directory.Outdated() }},
	}
}

// saves returns why saves fail, or nil. While commands arrive, their saves show whether saving works again. If none
// has arrived for a while, because a load balancer sends them elsewhere, a save is tried. A database file that was
// moved is left to a check of its own, which notices at once when it is back.
func (b *books) saves(ctx context.Context) error {
	last, failing := b.engine.Failing()
	if failing == nil || errors.Is(failing, store.ErrMoved) {
		return nil
	}
	if time.Since(last) < quiet {
		return failing
	}
	if err := b.Probe(ctx); err != nil {
		return errors.Join(failing, err)
	}
	b.engine.Recovered()
	return nil
}

// waits returns an error if a command has waited too long: its lane is then held up by the database or by a bug.
func (b *books) waits(context.Context) error {
	if wait := b.engine.Oldest(); wait > longWait {
		return fmt.Errorf("the oldest has waited for %v", wait.Round(time.Second))
	}
	return nil
}
