package ledger

import "time"

// Limits of holds. A hold is for what is about to be paid; what stays for longer is a deposit and better a sale.
const (
	HoldUsual   = 24 * time.Hour      // how long a hold lasts if nothing else is asked for
	HoldLongest = 31 * 24 * time.Hour // and how long at most
	MaxHolds    = 20                  // on one card at a time, as they are stored in its row
)

// Hold is an amount that is reserved on a card for a bill to come. It says how much, not which lots: a capture takes
// lots in the order of any bill. Until it ends, nothing else takes that much off the card (invariant 63).
type Hold struct {
	ID     EntryID // the entry that placed it
	Amount Fen     // what is left of it
	Until  time.Time
}

// Over reports whether the hold has ended by itself.
func (h *Hold) Over(now time.Time) bool { return !now.Before(h.Until) }

// Same reports whether both are one hold with as much left of it.
func (h Hold) Same(o Hold) bool {
	return h.ID == o.ID && h.Amount == o.Amount && h.Until.Equal(o.Until)
}

// Released is why a hold, or a part of it, was released. A bill that a hold pays says ByCapture too.
type Released int

const (
	ByCaller  Released = iota + 1 // somebody asked for it
	ByCapture                     // a bill captured it, or this is what the bill left
	ByExpiry                      // it ended by itself
)

// ReleasedNames are the names of reasons in files and on wires.
var ReleasedNames = map[Released]string{ByCaller: "released", ByCapture: "captured", ByExpiry: "expired"}

func (r Released) String() string { return ReleasedNames[r] }
