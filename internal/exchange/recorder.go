package exchange

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"tongka/internal/auth"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
)

const (
	saveEvery   = time.Second
	saveAtATime = 200 // rows, so that tills hardly wait for them
	queued      = 1024
	// SlowFrom is how long a till waits before its request counts as slow.
	SlowFrom = 500 * time.Millisecond
	// Of one merchant, so many are kept a second: of what went well, of what did not, and of senders that are not known.
	// These could otherwise fill the table.
	wellASecond, illASecond, strangeASecond = 50, 50, 1
	strangeAtOnce                           = 60
)

// Store saves exchanges: internal/store.
type Store interface {
	AddExchanges(ctx context.Context, all []ledger.Exchange) error
}

// Recorder keeps exchanges. Take may be called by many goroutines, also before Run and after it has ended.
type Recorder struct {
	store  Store
	log    *slog.Logger
	queue  chan taken
	limits [3]*auth.Limiter[ledger.MerchantID] // by sort

	dropped sync.Map // of *atomic.Int64 by ledger.MerchantID
	used    sync.Map // of *atomic.Int64 by ledger.AgentID: when it was last seen, in milliseconds
}

// The sorts of exchanges, each with a limit of its own.
const (
	well = iota
	ill
	strange
)

// New returns a recorder that saves to a store. clock is the one that rates are counted by.
func New(store Store, log *slog.Logger, clock func() time.Time) *Recorder {
	limit := func(aSecond, atOnce int) *auth.Limiter[ledger.MerchantID] {
		return auth.NewLimiter[ledger.MerchantID](auth.Limit{PerSecond: aSecond, Burst: atOnce}, clock)
	}
	return &Recorder{
		store: store, log: log, queue: make(chan taken, queued),
		limits: [3]*auth.Limiter[ledger.MerchantID]{
			well: limit(wellASecond, 0), ill: limit(illASecond, 0), strange: limit(strangeASecond, strangeAtOnce),
		},
	}
}

// Take keeps an exchange, or counts that it was not kept. It never waits. One that names no merchant is nobody's to
// look at, and is dropped.
func (r *Recorder) Take(x httpd.Exchange) {
	note := x.Note
	merchant := cmp.Or(note.Merchant, note.Claimed)
	if merchant == 0 {
		return
	}
	if note.Merchant != 0 && note.AgentID != 0 && !note.Tried {
		number[ledger.AgentID](&r.used, note.AgentID).Store(x.At.UnixMilli())
	}
	mark, sort := ledger.ExchangeFine, well
	switch {
	case note.Outcome != "ok" && note.Outcome != "replayed":
		mark, sort = ledger.ExchangeFailed, ill
	case x.Took >= SlowFrom:
		mark, sort = ledger.ExchangeSlow, ill
	}
	if note.Merchant == 0 {
		sort = strange
	}
	if len(r.queue) == cap(r.queue) || r.limits[sort].Wait(merchant) > 0 {
		number[ledger.MerchantID](&r.dropped, merchant).Add(1)
		return
	}
	one := takenOf(&x, ledger.Exchange{
		Merchant: merchant, At: x.At, ID: note.ID, Agent: note.AgentID, Shop: note.Shop, Dialect: note.Dialect,
		Endpoint: note.Endpoint, Outcome: note.Outcome, Reason: coreReason(note.Reason), Mark: mark, Status: x.Status,
		Took: x.Took,
	})
	select {
	case r.queue <- one:
	default:
		number[ledger.MerchantID](&r.dropped, merchant).Add(1)
	}
}

// coreReasons are what the core's reasons are called.
var coreReasons = func() map[string]bool {
	all := map[string]bool{}
	for _, name := range ledger.ReasonNames {
		all[name] = true
	}
	return all
}()

// coreReason returns a reason for a refusal if it is one of the core's. A dialect's own is in the answer.
func coreReason(reason string) string {
	if coreReasons[reason] {
		return reason
	}
	return ""
}

// number returns the number that is counted for a key.
func number[K comparable](all *sync.Map, key K) *atomic.Int64 {
	if n, ok := all.Load(key); ok {
		return n.(*atomic.Int64) //nolint:forcetypeassert // nothing else is in it
	}
	n, _ := all.LoadOrStore(key, new(atomic.Int64))
	return n.(*atomic.Int64) //nolint:forcetypeassert // nothing else is in it
}

// Dropped returns how many of a merchant's exchanges were not kept since the program began.
func (r *Recorder) Dropped(merchant ledger.MerchantID) int64 {
	if n, ok := r.dropped.Load(merchant); ok {
		return n.(*atomic.Int64).Load() //nolint:forcetypeassert // nothing else is in it
	}
	return 0
}

// LastUse returns when an agent was last seen since the program began; zero if it was not.
func (r *Recorder) LastUse(agent ledger.AgentID) time.Time {
	if n, ok := r.used.Load(agent); ok {
		return time.UnixMilli(n.(*atomic.Int64).Load()) //nolint:forcetypeassert // nothing else is in it
	}
	return time.Time{}
}

// Run saves what is taken until ctx is done, and then what is left.
func (r *Recorder) Run(ctx context.Context) {
	tick := time.NewTicker(saveEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			for r.save(context.WithoutCancel(ctx)) {
			}
			return
		case <-tick.C:
			r.save(ctx)
		}
	}
}

// save saves the next of those that wait, and reports whether there were any.
func (r *Recorder) save(ctx context.Context) bool {
	var all []ledger.Exchange
	for len(all) < saveAtATime {
		select {
		case one := <-r.queue:
			row, err := one.told()
			if err != nil {
				r.lost(err, one.row.Merchant)
				continue
			}
			all = append(all, row)
			continue
		default:
		}
		break
	}
	if len(all) == 0 {
		return false
	}
	if err := r.store.AddExchanges(ctx, all); err != nil {
		for i := range all {
			number[ledger.MerchantID](&r.dropped, all[i].Merchant).Add(1)
		}
		r.log.ErrorContext(ctx, "requests not kept", "error", err, "requests", len(all))
	}
	return true
}

// lost counts one that could not be kept.
func (r *Recorder) lost(err error, merchant ledger.MerchantID) {
	number[ledger.MerchantID](&r.dropped, merchant).Add(1)
	r.log.Error("request not kept", "error", err)
}
