package auth

import (
	"container/list"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// defaultKeys is the number of callers that a Limiter remembers by default.
const defaultKeys = 65536

// Limit is how often one caller may call.
type Limit struct {
	PerSecond int // sustained rate; 0 = no limit
	Burst     int // calls at once after a pause; 0 = PerSecond
	Keys      int // callers remembered; 0 = 65536
}

// Limiter holds each caller to a Limit. It remembers a bounded number of callers; to remember another it forgets
// the one that has been quiet longest, which then starts again with a full burst. A nil Limiter lets every call
// pass.
type Limiter[K comparable] struct {
	limit Limit
	clock func() time.Time

	mu     sync.Mutex
	recent *list.List // of *caller[K], the most recent first
	known  map[K]*list.Element
}

type caller[K comparable] struct {
	key    K
	bucket *rate.Limiter
}

// NewLimiter returns a Limiter that reads the time from clock, or nil if limit.PerSecond is not positive.
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

// Wait returns how long the caller must wait before its next call. If it returns 0, the call may proceed and has
// been counted; a call that has to wait is not counted.
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

// Room returns how many calls the caller may make at once after a pause, and how many right now; ok is false if there
// is no limit.
func (l *Limiter[K]) Room(key K) (most, now int, ok bool) {
	if l == nil {
		return 0, 0, false
	}
	return l.limit.Burst, max(0, int(l.bucket(key).TokensAt(l.clock()))), true
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

// Neighbourhood returns the address under which calls from a are counted: a itself for IPv4, the /64 network for
// IPv6, since one subscriber usually has all addresses of a /64.
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
