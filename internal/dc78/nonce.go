package dc78

import (
	"crypto/sha256"
	"sync"
	"time"

	"tongka/internal/recent"
)

const (
	// remembered is how long a nonce is kept: a request is fresh from its timestamp less the window to its
	// timestamp plus the window.
	remembered = 2 * window
	// maxNonces is how many are kept at most; they take some 50 MB then. Where more are used, the oldest are
	// forgotten early: to look up again what was just looked up does less harm than to let nobody look.
	maxNonces = 1 << 20
)

// nonces are those used of late, so that nobody who listens can ask the same again. They hold for
// actions that only read, and are forgotten when the program ends. What changes something does nothing
// twice for another reason, that outlives the program: its request id is in the commit (call.requestKey).
//
// A generation of them ends when it is full, or old enough that the one before it has been kept long enough.
type nonces struct {
	most int // in a generation

	mu    sync.Mutex
	since time.Time // when the newer generation was begun
	used  recent.Set[nonceKey]
}

// nonceKey is a digest of shop and nonce: what callers choose takes no more room than that.
type nonceKey [16]byte

func newNonces(most int) *nonces {
	return &nonces{most: most / 2}
}

// use answers nil when the shop has not used the nonce of late, and notes it. now must not run backwards, but
// where the time was taken back: what was used before that is forgotten.
func (n *nonces) use(s system, now time.Time) error {
	sum := sha256.Sum256([]byte(s.msid + "\n" + s.nonce))
	key := nonceKey(sum[:])
	n.mu.Lock()
	defer n.mu.Unlock()
	switch age := now.Sub(n.since); {
	case age >= 2*remembered, age < 0:
		n.used.Clear()
		n.since = now
	case age >= remembered, n.used.Fresh() >= n.most:
		n.used.Turn()
		n.since = now
	}
	if n.used.Has(key) {
		return faultReplay
	}
	n.used.Add(key)
	return nil
}

// mostBack is how far the program's clock may run backwards by itself. It follows the machine's within five
// minutes only (internal/clock); beyond that a person took a wrong time back.
const mostBack = 2 * window

// forward is a clock that does not run backwards: what was too old stays too old when the machine's
// clock is set back (invariant 41). When a time that was ahead is taken back, it goes back with it, or no till
// would be let in until that time has come.
type forward struct {
	mu     sync.Mutex
	latest time.Time
}

// at is now, or the latest time it was told if that is a little later.
func (f *forward) at(now time.Time) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now.After(f.latest) || f.latest.Sub(now) > mostBack {
		f.latest = now
	}
	return f.latest
}
