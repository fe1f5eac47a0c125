package ledger

import (
	"cmp"
	"slices"
)

// FindMost is how many cards a Find looks at. Only a phone or an open id that stands for nobody, like
// one that clerks type when they must type something, is on more.
const FindMost = 1000

// FindQuery asks for a merchant's cards by something else than their number: by the first of these
// that is not zero. Texts must be the very same, and a phone as NormalPhone has it; there is no card for
// a query without any.
type FindQuery struct {
	Merchant MerchantID
	ID       CardID
	ExtID    string
	Phone    string
	OpenID   string
}

// SortFound puts cards into the order in which a Find returns them: active ones before others, and
// among them the one used last first.
func SortFound(cards []Card) {
	slices.SortFunc(cards, func(a, b Card) int {
		return cmp.Or(blocked(&a)-blocked(&b), b.Last.Compare(a.Last), cmp.Compare(a.ID, b.ID))
	})
}

func blocked(c *Card) int {
	if c.Status == Active {
		return 0
	}
	return 1
}
