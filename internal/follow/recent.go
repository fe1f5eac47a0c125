package follow

import (
	"sort"
	"sync"
	"time"

	"tongka/internal/ledger"
)

const (
	// recentMost is how many entries a generation of what was saved recently may have: more than a server saves between
	// two rounds of a follower. An entry takes some 700 bytes, and there are two generations.
	recentMost = 16_384
	// recentFor is how long a generation lasts at most, so that a quiet server keeps next to nothing.
	recentFor = 5 * time.Second
)

// Recent keeps the entries that this process has saved in the last seconds, so that its followers need not read them
// from the database: for most of them that costs more than all else they do. A nil one has nothing.
//
// It has only what was saved for certain. Where another process has saved something in between there is a gap, and what
// is behind the gap is not handed out before the follower has come that far by reading. It may be used by several
// goroutines at once.
type Recent struct {
	clock func() time.Time

	mu            sync.Mutex
	fresh, before map[ledger.MerchantID][][]ledger.Entry // as they were saved together; these are never changed
	count         int                                    // entries in fresh
	turned        time.Time
}

// NewRecent returns an empty one.
func NewRecent(clock func() time.Time) *Recent {
	return &Recent{clock: clock, fresh: map[ledger.MerchantID][][]ledger.Entry{}, turned: clock()}
}

// Add adds a merchant's entries that were saved together, in the order of their ids. They must not be changed any more.
func (r *Recent) Add(merchant ledger.MerchantID, entries []ledger.Entry) {
	if len(entries) == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := r.clock(); r.count >= recentMost || now.Sub(r.turned) >= recentFor {
		r.before, r.fresh = r.fresh, make(map[ledger.MerchantID][][]ledger.Entry, len(r.fresh))
		r.count, r.turned = 0, now
	}
	r.fresh[merchant] = append(r.fresh[merchant], entries)
	r.count += len(entries)
}

// After returns at most that many of a merchant's entries, beginning with the one that follows the given one; none if
// that one is not there, though later ones may be.
func (r *Recent) After(merchant ledger.MerchantID, id ledger.EntryID, most int) (page []*ledger.Entry) {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	saved := [][][]ledger.Entry{r.before[merchant], r.fresh[merchant]}
	r.mu.Unlock()
	for _, batches := range saved {
		first := sort.Search(len(batches), func(i int) bool { return batches[i][len(batches[i])-1].ID > id })
		for _, batch := range batches[first:] {
			for i := range batch {
				if batch[i].ID <= id {
					continue
				}
				if batch[i].ID != id+1 || len(page) == most {
					return page
				}
				page, id = append(page, &batch[i]), id+1
			}
		}
	}
	return page
}
