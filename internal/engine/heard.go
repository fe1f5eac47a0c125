package engine

import (
	"hash/maphash"

	"tongka/internal/ledger"
)

const (
	// heardMost is how many request ids a lane remembers at least; they take a few megabytes.
	heardMost = 1 << 16
	// waryFor is for how many batches every request id is asked for, after a save that was called stale.
	waryFor = 1000
)

// heard are the request ids that came of late, by digest. One that has not been heard is nearly always
// new, and is taken to be so; what comes again mostly does so soon.
//
// It is two sets: the one being filled, and the one filled before it.
type heard struct {
	seed          maphash.Seed
	fresh, before map[uint64]struct{}
}

func newHeard() *heard {
	return &heard{seed: maphash.MakeSeed(), fresh: map[uint64]struct{}{}, before: map[uint64]struct{}{}}
}

// again reports whether the id was heard before, and remembers it. Of an id that was not, it may be wrong,
// hardly ever.
func (h *heard) again(key ledger.RequestKey) bool {
	sum := maphash.Comparable(h.seed, key)
	_, fresh := h.fresh[sum]
	_, before := h.before[sum]
	if !fresh {
		if len(h.fresh) == heardMost {
			h.fresh, h.before = h.before, h.fresh
			clear(h.fresh)
		}
		h.fresh[sum] = struct{}{}
	}
	return fresh || before
}
