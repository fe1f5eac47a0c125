package engine

import "tongka/internal/recent"

const (
	// recentMost is how many request ids a lane remembers at least; they take a few megabytes.
	recentMost = 1 << 16
	// cautiousFor is for how many batches all request ids of a merchant are asked for: after another writer was seen
	// there, or a request that was presumed to be new and is not.
	cautiousFor = 1000
)

// recentIDs are the request ids that came of late, by digest. One that has not been heard is nearly always
// new, and is taken to be so; what comes again mostly does so soon.
type recentIDs struct{ ids recent.Set[uint64] }

// again reports whether the id was heard before, and remembers it. Of an id that was not, it may be wrong,
// hardly ever.
func (h *recentIDs) again(digest uint64) bool {
	before := h.ids.Has(digest)
	if h.ids.Fresh() == recentMost {
		h.ids.Turn()
	}
	h.ids.Add(digest)
	return before
}
