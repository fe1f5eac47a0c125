package auth

import (
	"container/list"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// defaultKeys is how many callers a Limiter remembers unless told otherwise.
const defaultKeys = 65536

// Limit is how often one caller may ask.
type Limit struct {
	PerSecond int // in the long run; 0 = no limit
	Burst     int // at once; 0 = PerSecond
	Keys      int // callers remembered; 0 = 65536
}

// Limiter holds each caller to a Limit. It remembers a bounded number of them and forgets whoever has
// been quiet longest. A nil Limiter lets everything pass.
type Limiter[K comparable] struct {
	limit Limit
	clock func() time.Time

	mu     sync.Mutex
	recent *list.List // of *caller[K], the latest first
	known  map[K]*list.Element
}

type caller[K comparable] struct {
	key    K
	bucket *rate.Limiter
}

// NewLimiter returns nil when there is no limit.
func NewLimiter[K comparable](limit Limit, clock func() time.Time) *Limiter[K] {
	if limit.PerSecond <= 0 {
		return nil
	}
	if limit.Burst <= 0 {
		limit.Burst = limit.PerSecond
	}
	if limit.Keys <= 0 {
		limit.Keys = defaultKeys
	}
	return &Limiter[K]{limit: limit, clock: clock, recent: list.New(), known: map[K]*list.Element{}}
}

// Wait is how long the caller has to wait before it may ask; 0 means that it may, and that this was
// counted.
func (l *Limiter[K]) Wait(key K) time.Duration {
	if l == nil {
		return 0
	}
	now := l.clock()
	ask := l.bucket(key).ReserveN(now, 1)
	wait := ask.DelayFrom(now)
	if wait > 0 {
		ask.CancelAt(now)
	}
	return wait
}

func (l *Limiter[K]) bucket(key K) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e, ok := l.known[key]; ok {
		l.recent.MoveToFront(e)
		return e.Value.(*caller[K]).bucket
	}
	if l.recent.Len() >= l.limit.Keys {
		quiet := l.recent.Back()
		delete(l.known, quiet.Value.(*caller[K]).key)
		l.recent.Remove(quiet)
	}
	c := &caller[K]{key: key, bucket: rate.NewLimiter(rate.Limit(l.limit.PerSecond), l.limit.Burst)}
	l.known[key] = l.recent.PushFront(c)
	return c.bucket
}

// Neighbourhood is what an address counts as: itself, or its /64 network in IPv6, of which one caller
// has all addresses.
func Neighbourhood(a netip.Addr) netip.Addr {
	a = a.Unmap()
	if !a.Is6() {
		return a
	}
	p, err := a.WithZone("").Prefix(64)
	if err != nil {
		return a
	}
	return p.Addr()
}
