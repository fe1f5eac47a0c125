package ledger

// Status is a card's state (invariant 26).
type Status int

const (
	Active Status = iota + 1
	Lost
	Returned // closed permanently, holds nothing
	Replaced // closed permanently, its money is on another card
	Stopped
)

// Statuses lists all statuses, for tables that must be complete.
var Statuses = []Status{Active, Lost, Returned, Replaced, Stopped}

// Holder is the person who carries a card.
type Holder struct {
	Name     string
	Phone    string
	Gender   int  // 1 male, 0 female, as on member-cjb
	Birthday Date // 0 = unknown
}
