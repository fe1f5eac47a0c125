package hook

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"tongka/internal/ledger"
)

// Store has the webhooks, how far they are, and the journals.
type Store interface {
	// DueWebhooks returns the webhooks for which there is something to do. One that waits for a time later than latest
	// waits no longer.
	DueWebhooks(ctx context.Context, now, latest time.Time) ([]ledger.DueWebhook, error)
	// DueWebhook returns one of them, as it is now; ok is false if there is nothing to do for it any more.
	DueWebhook(ctx context.Context, of ledger.WebhookKey, now, latest time.Time) (
		due ledger.DueWebhook, ok bool, err error)
	WebhookAgains(ctx context.Context, of ledger.WebhookKey) ([]ledger.WebhookAgain, error)
	// SaveWebhookState saves a state whose turn was increased by one, with tries and how far again is (nil = it is not
	// about that), or returns command.ErrStale and saves nothing.
	SaveWebhookState(
		ctx context.Context, state ledger.WebhookState, tries []ledger.WebhookTry, again *ledger.WebhookAgain) error
	// OldWebhookTries returns the webhooks that have tries from before a time.
	OldWebhookTries(ctx context.Context, before time.Time) ([]ledger.WebhookKey, error)
	// DropWebhookTries removes old tries, about as many as most, and reports whether there are more.
	DropWebhookTries(ctx context.Context, of ledger.WebhookKey, before time.Time, most int) (bool, error)
	// EachEntry calls fn with the merchant's entries after the given one, by id, until fn returns an error, which it
	// returns. fn may keep the entry.
	EachEntry(ctx context.Context, merchant ledger.MerchantID, after ledger.EntryID, fn func(*ledger.Entry) error) error
}

// Poster sends an event; Client is one.
type Poster interface {
	Post(ctx context.Context, to string, header http.Header, body []byte) Answer
}

// Config configures a runner. A zero field has the default given.
type Config struct {
	Store  Store
	Poster Poster
	// Body returns what is sent of an entry: the whole event, with its id.
	Body func(id string, e *ledger.Entry) ([]byte, error)
	// Keys returns the keys that sign what is sent to a webhook.
	Keys func(*ledger.Webhook) ([][]byte, error)

	Bell    <-chan struct{} // wakes the runner after a commit; nil = it only looks
	Logger  *slog.Logger
	Clock   func() time.Time    // default time.Now; for pauses, leases and the time of tries
	Random  func(n int64) int64 // below n; default that of math/rand
	Observe Observe

	Page     int           // most entries that are read at a time for a webhook; default 1000
	Flight   int           // requests to a webhook that are under way at a time; default 32
	Webhooks int           // that are sent to at a time, and as many that fail; default 256
	Poll     time.Duration // between looks if nothing wakes it; default 5 s
	Gather   time.Duration // least time between two looks; default 200 ms
	Note     time.Duration // between two saves of how far a webhook is; default 1 s
	Turn     time.Duration // after which a webhook gives its place to another; default 5 s
	Lease    time.Duration // how long a process that died keeps others out; default 30 s
	Keep     time.Duration // how long tries are kept; default 7 days
}

// Observe has hooks for metrics. Nil hooks are not called.
type Observe struct {
	Tried  func(delivered bool) // one try
	Paused func()               // a webhook was given up for now
}

func (c Config) withDefaults() Config {
	if c.Observe.Tried == nil {
		c.Observe.Tried = func(bool) {}
	}
	if c.Observe.Paused == nil {
		c.Observe.Paused = func() {}
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Random == nil {
		c.Random = rand.Int64N //nolint:gosec // no secret: it spreads tries
	}
	for _, n := range []struct {
		to   *int
		want int
	}{{&c.Page, 1000}, {&c.Flight, 32}, {&c.Webhooks, 256}} {
		if *n.to == 0 {
			*n.to = n.want
		}
	}
	for _, d := range []struct {
		to   *time.Duration
		want time.Duration
	}{
		{&c.Poll, 5 * time.Second}, {&c.Gather, 200 * time.Millisecond}, {&c.Note, time.Second},
		{&c.Turn, 5 * time.Second},
		{&c.Lease, 30 * time.Second}, {&c.Keep, 7 * 24 * time.Hour},
	} {
		if *d.to == 0 {
			*d.to = d.want
		}
	}
	return c
}

// Runner sends to all webhooks.
type Runner struct {
	cfg   Config
	me    int64         // this process as a holder of leases
	well  chan struct{} // places for webhooks that are well
	ill   chan struct{} // places for those that fail, so that these never wait for them
	swept time.Time     // when old tries were removed last

	mu      sync.Mutex
	working map[ledger.WebhookKey]*worker // those of this process
	running sync.WaitGroup
}

// New makes a runner.
func New(cfg Config) *Runner {
	cfg = cfg.withDefaults()
	return &Runner{
		cfg: cfg, me: 1 + rand.Int64N(1<<62), //nolint:gosec // no secret: it tells processes apart
		well: make(chan struct{}, cfg.Webhooks), ill: make(chan struct{}, cfg.Webhooks),
		working: map[ledger.WebhookKey]*worker{},
	}
}

// Run sends until ctx ends, and then lets what is under way end and notes how far it came.
func (r *Runner) Run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := r.look(ctx); err != nil && ctx.Err() == nil {
			r.cfg.Logger.Error("look for webhooks", "error", err)
		}
		r.wait(ctx)
	}
	r.running.Wait()
}

// wait waits until the next look is due.
func (r *Runner) wait(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(r.cfg.Gather):
	}
	select {
	case <-ctx.Done():
	case <-r.cfg.Bell:
	case <-time.After(r.cfg.Poll):
	}
}

// Round sends all that is due, and returns when that has come to its end.
func (r *Runner) Round(ctx context.Context) error {
	err := r.look(ctx)
	r.running.Wait()
	return err
}

// look begins to work for the webhooks for which there is something to do and nobody works.
func (r *Runner) look(ctx context.Context) error {
	now := r.cfg.Clock()
	if err := r.sweep(ctx, now); err != nil {
		return err
	}
	due, err := r.cfg.Store.DueWebhooks(ctx, now, now.Add(furthest))
	if err != nil {
		return err
	}
	for i := range due {
		s := &due[i].State
		if ledger.MayHold(r.me, s.Holder, s.Until, now, r.cfg.Lease) {
			r.begin(ctx, &due[i])
		}
	}
	return nil
}

// begin works for a webhook, unless that is done already.
func (r *Runner) begin(ctx context.Context, due *ledger.DueWebhook) {
	key := due.Key()
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.working[key]
	if w == nil {
		w = &worker{runner: r, WebhookKey: key, page: firstPage}
		r.working[key] = w
	}
	if w.busy || r.cfg.Clock().Before(w.rests) {
		return
	}
	w.busy = true
	fails := due.State.At(&due.Webhook).Tries > 0
	r.running.Go(func() {
		w.work(ctx, fails)
		r.mu.Lock()
		defer r.mu.Unlock()
		w.busy = false
	})
}

// sweepEvery is how often old tries are removed, dropAtOnce how many in one transaction.
const (
	sweepEvery = time.Hour
	dropAtOnce = 1000
)

// sweep removes old tries of all webhooks, now and then.
func (r *Runner) sweep(ctx context.Context, now time.Time) error {
	if since := now.Sub(r.swept); since >= 0 && since < sweepEvery {
		return nil
	}
	before := now.Add(-r.cfg.Keep)
	old, err := r.cfg.Store.OldWebhookTries(ctx, before)
	if err != nil {
		return err
	}
	for _, of := range old {
		for more := true; more; {
			if more, err = r.cfg.Store.DropWebhookTries(ctx, of, before, dropAtOnce); err != nil {
				return err
			}
		}
	}
	r.swept = now
	return nil
}
