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
	// readyFor is how long an answer of /readyz stands: so long, whoever asks gets the one there is.
	readyFor = time.Second
	// readyLimit bounds what is asked for one answer.
	readyLimit = 2 * time.Second
	// longWait is how long a command may wait before the server is taken out of service.
	longWait = 10 * time.Second
	// quiet is how long no save must have failed before one is tried to find out whether they still do.
	quiet = 10 * time.Second
)

// check is one reason not to be ready. Name is for everybody who asks and holds no secret; what ask
// returns is for the log.
type check struct {
	name string
	ask  func(context.Context) error
}

// readiness says whether the server can work now. However many ask, each check is asked once in readyFor.
type readiness struct {
	checks []check
	clock  func() time.Time

	mu    sync.Mutex
	asked time.Time
	why   []string // names of the checks that say no
	err   error    // what these say
}

// newReadiness makes one of its checks, each of which says no by an error.
func newReadiness(clock func() time.Time, checks ...check) *readiness {
	return &readiness{checks: checks, clock: clock}
}

// now returns the names of the checks that say no, and what they say.
func (r *readiness) now(ctx context.Context) (why []string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at := r.clock(); r.asked.IsZero() || at.Sub(r.asked) >= readyFor || at.Before(r.asked) {
		// Others wait for this answer too, so it does not end with who asked first.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyLimit)
		defer cancel()
		r.why, r.err = r.ask(ctx)
		r.asked = r.clock()
	}
	return r.why, r.err
}

// yes says whether no check says no.
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

// ServeHTTP answers 200 "ready", or 503 with a line for each reason why not.
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

// checks are why the server may not be ready. Whoever has a reason of his own adds it here.
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

// saves says why saves fail. While commands come, these show whether they still do. When none comes any
// more, because who sends them has heard of it, one is tried. That the file was moved is a check of its own, which
// notices at once when it is back.
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

// waits says that a command has waited too long: the lane is held up, by the database or a bug.
func (b *books) waits(context.Context) error {
	if wait := b.engine.Oldest(); wait > longWait {
		return fmt.Errorf("the oldest has waited for %v", wait.Round(time.Second))
	}
	return nil
}
