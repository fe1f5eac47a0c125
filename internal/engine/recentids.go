package engine

import "tongka/internal/recent"

const (
	// recentMost is the minimum number of request ids a lane remembers. They take a few megabytes.
	recentMost = 1 << 16
	// cautiousFor is the number of batches for which all request ids of a merchant are looked up after another writer
	// was seen there, or after a request that was assumed to be new was not.
	cautiousFor = 1000
)

// recentIDs holds digests of the request ids that came recently. One that was not seen is nearly always new and is
// assumed to be; repetitions mostly come soon after the first.
type recentIDs struct{ ids recent.Set[uint64] }

// again reports whether the id was seen before, and remembers it. Since digests can collide it may, very rarely,
// report true for an id that was not.
func (h *recentIDs) again(digest uint64) bool {
	before := h.ids.Has(digest)
	if h.ids.Fresh() == recentMost {
		h.ids.Turn()
	}
	h.ids.Add(digest)
	return before
}
