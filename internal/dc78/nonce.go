package dc78

import (
	"crypto/sha256"
	"sync"
	"time"

	"tongka/internal/recent"
	"tongka/internal/scheme"
)

const (
	// remembered is how long a nonce is kept. A request is accepted from one window before its timestamp to one
	// window after, and a shop's own scheme may have the longest window.
	remembered = 2 * scheme.MaxWindow * time.Second
	// maxNonces limits how many are kept, which takes some 50 MB. Beyond it the oldest are forgotten early:
	// somebody who then repeats a recent read does less harm than if all reads were refused.
	maxNonces = 1 << 20
)

// nonces holds the recently used nonces, so that nobody who listens can repeat a read. It guards only reads and
// is lost when the program ends. A change is guarded by its request id, which is in the commit and outlives the
// program (call.requestKey).
//
// The nonces are kept in two generations. The newer one ends when it is full, or so old that the older one is not
// needed any more.
type nonces struct {
	most int // in a generation

	mu    sync.Mutex
	since time.Time // when the newer generation was begun
	used  recent.Set[nonceKey]
}

// nonceKey is a digest of shop and nonce, so that a long nonce takes no more memory than a short one.
type nonceKey [16]byte

func newNonces(most int) *nonces {
	return &nonces{most: most / 2}
}

// use records the nonce and returns nil, unless the shop used it recently. now must not run backwards, except
// when a wrong time is corrected: then all nonces are forgotten.
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

// mostBack is how far the program's clock may run backwards by itself. It stays within five minutes of the
// machine's (internal/clock), so a longer step means that somebody corrected a wrong time.
const mostBack = 2 * window

// forward is a clock that does not run backwards, so that a request which was too old stays too old when the
// machine's clock is set back (invariant 41). It does follow a correction of more than mostBack. Otherwise no
// till would be admitted until the wrong time had come.
type forward struct {
	mu     sync.Mutex
	latest time.Time
}

// at returns now, or the latest time it was called with if that is at most mostBack later.
func (f *forward) at(now time.Time) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now.After(f.latest) || f.latest.Sub(now) > mostBack {
		f.latest = now
	}
	return f.latest
}
