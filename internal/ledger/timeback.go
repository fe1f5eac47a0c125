package ledger

import "time"

// TimeBack is where a merchant's time was taken back to.
type TimeBack struct {
	Entry EntryID
	At    time.Time
}

// DoneAt is when the entry was done: as it is dated, but no later than the time was taken back to after it.
// By that, a card's entries never go back in time. backs are all of the merchant's.
func DoneAt(id EntryID, at time.Time, backs []TimeBack) time.Time {
	for _, b := range backs {
		if id < b.Entry && at.After(b.At) {
			at = b.At
		}
	}
	return at
}
