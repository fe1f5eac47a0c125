package auth

import (
	"context"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"tongka/internal/ledger"
)

const (
	useEvery  = time.Minute      // how often a key's use is written at most
	useLimit  = 10 * time.Second // of one write
	usesQueue = 256
)

// UseStore keeps when API keys were last used: internal/store.
type UseStore interface {
	NoteUse(ctx context.Context, u ledger.KeyUse) error
}

// Uses tells a store when API keys are used. Note may be called by many goroutines, also before Run and after it has
// ended.
type Uses struct {
	store UseStore
	log   *slog.Logger
	clock func() time.Time
	queue chan ledger.KeyUse

	mu   sync.Mutex
	told map[ledger.AgentID]time.Time // the last use that was put into the queue
}

// NewUses returns a Uses that writes to a store once Run is called.
func NewUses(store UseStore, log *slog.Logger, clock func() time.Time) *Uses {
	return &Uses{
		store: store, log: log, clock: clock, queue: make(chan ledger.KeyUse, usesQueue),
		told: map[ledger.AgentID]time.Time{},
	}
}

// Note notes that a key is used, from an address. It never waits: where too many wait to be written, the key's next use
// is noted instead.
func (u *Uses) Note(key *ledger.Agent, from netip.Addr) {
	now := u.clock()
	u.mu.Lock()
	defer u.mu.Unlock()
	if age := now.Sub(u.told[key.ID]); age >= 0 && age < useEvery {
		return
	}
	select {
	case u.queue <- ledger.KeyUse{Merchant: key.Owner, Key: key.ID, At: now, Address: addressText(from)}:
		u.told[key.ID] = now
	default:
	}
}

// addressText returns an address as it is kept; "" if it is not known.
func addressText(from netip.Addr) string {
	if !from.IsValid() {
		return ""
	}
	return from.Unmap().String()
}

// Run writes what is noted until ctx is done, and then what is left.
func (u *Uses) Run(ctx context.Context) {
	for {
		select {
		case one := <-u.queue:
			u.write(ctx, one)
		case <-ctx.Done():
			for len(u.queue) > 0 {
				u.write(ctx, <-u.queue)
			}
			return
		}
	}
}

// write writes one use, whether or not ctx is done meanwhile. One that cannot be written is lost: the next is a minute
// away.
func (u *Uses) write(ctx context.Context, one ledger.KeyUse) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), useLimit)
	defer cancel()
	if err := u.store.NoteUse(ctx, one); err != nil {
		u.log.ErrorContext(ctx, "use of an API key not noted", "key", int64(one.Key), "error", err)
	}
}
