package ledger

import (
	"cmp"
	"slices"
)

// FindMost is how many cards a Find examines. More than that have the same phone or open id only if it is a
// placeholder, such as one that clerks type when the field must not be empty.
const FindMost = 1000

// FindQuery asks for a merchant's cards by something else than their number: by the first of these fields that is not
// zero. Texts must be equal, and a phone must be as NormalPhone returns it. A query with no field set finds nothing.
type FindQuery struct {
	Merchant MerchantID
	ID       CardID
	ExtID    string
	Phone    string
	OpenID   string
}

// SortFound sorts cards into the order in which a Find returns them: active ones first, then by last use, newest first.
func SortFound(cards []Card) {
	slices.SortFunc(cards, func(a, b Card) int {
		return cmp.Or(blocked(&a)-blocked(&b), b.Used.Compare(a.Used), cmp.Compare(a.ID, b.ID))
	})
}

func blocked(c *Card) int {
	if c.Status == Active {
		return 0
	}
	return 1
}
