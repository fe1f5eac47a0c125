package ledger

// Status is where a card stands in its life (invariant 26).
type Status int

const (
	Active Status = iota + 1
	Lost
	Returned // closed for good, holds nothing
	Replaced // closed for good, what it held is on another card
	Stopped
)

// Statuses are all of them, for tables that must be complete.
var Statuses = []Status{Active, Lost, Returned, Replaced, Stopped}

// Holder is the person who carries a card.
type Holder struct {
	Name     string
	Phone    string
	Gender   int  // 1 male, 0 female: the numbers of the member-cjb wire
	Birthday Date // 0 = not known
}
