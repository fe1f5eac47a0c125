package engine

import "tongka/internal/recent"

const (
	// heardMost is how many request ids a lane remembers at least; they take a few megabytes.
	heardMost = 1 << 16
	// waryFor is for how many batches all request ids of a merchant are asked for: after another writer was seen
	// there, or a request that was presumed to be new and is not.
	waryFor = 1000
)

// heard are the request ids that came of late, by digest. One that has not been heard is nearly always
// new, and is taken to be so; what comes again mostly does so soon.
type heard struct{ ids recent.Set[uint64] }

// again reports whether the id was heard before, and remembers it. Of an id that was not, it may be wrong,
// hardly ever.
func (h *heard) again(digest uint64) bool {
	before := h.ids.Has(digest)
	if h.ids.Fresh() == heardMost {
		h.ids.Turn()
	}
	h.ids.Add(digest)
	return before
}
