package ledger

import "time"

// TimeBack is a point to which a merchant's time was taken back.
type TimeBack struct {
	Entry EntryID
	At    time.Time
}

// DoneAt returns when the entry was done: its date, but no later than a point to which time was taken back after it.
// Measured so, a card's entries never go back in time. backs are all of the merchant's.
func DoneAt(id EntryID, at time.Time, backs []TimeBack) time.Time {
	for _, b := range backs {
		if id < b.Entry && at.After(b.At) {
			at = b.At
		}
	}
	return at
}
