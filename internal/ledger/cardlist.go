package ledger

import (
	"cmp"
	"time"
)

// CardsLooked is how many cards a list looks at for one page, unless the query says otherwise. However few cards are
// wanted, a page is found at once; it may be short then, and says where to go on.
const CardsLooked = 5000

// CardsQuery asks for the next of a merchant's cards in the order of their numbers, compared byte by byte as FoldNumber
// returns them.
type CardsQuery struct {
	Merchant MerchantID
	After    string // the number, folded, behind which to begin; "" = with the first card
	Limit    int    // cards returned at most
	Looks    int    // cards looked at, at most; 0 = CardsLooked
	Filter   CardFilter
}

// CardsPage is what a CardsQuery finds.
type CardsPage struct {
	Cards []Card // each with its first FrontLots lots
	Next  string // the number behind which to go on, although there may be no more; "" = there are no more
}

// CardFilter chooses cards by what the books have of them: an expiry that no entry has carried out yet does not count.
// The zero value chooses all cards but those that were taken back with their import (Card.Freed): these are chosen only
// among cards that were returned.
type CardFilter struct {
	Level       LevelID
	Status      Status
	Shop        ShopID    // where it was opened, as Card.Opening returns it
	AtLeast     *Fen      // of principal and bonus together; nil = no bound
	AtMost      *Fen      //
	UsedFrom    time.Time // Card.Used: at that time or later, in whole milliseconds
	UsedBefore  time.Time // earlier than that
	BirthMonth  int       // of the holder, 1 to 12
	ExpiresFrom Date      // its last good day; a card without one is good for ever
	ExpiresTo   Date      //
}

// All reports whether the filter asks for nothing.
func (f *CardFilter) All() bool { return *f == CardFilter{} }

// Chooses reports whether the filter chooses a card.
func (f *CardFilter) Chooses(c *Card) bool {
	_, shop, _ := c.Opening()
	expires := cmp.Or(c.Expires, Forever)
	switch {
	case f.Level != 0 && c.Level != f.Level,
		f.Status != 0 && c.Status != f.Status,
		f.Status != Returned && c.Freed(),
		f.Shop != 0 && shop != f.Shop,
		f.AtLeast != nil && c.Amount() < *f.AtLeast,
		f.AtMost != nil && c.Amount() > *f.AtMost,
		!f.UsedFrom.IsZero() && c.Used.Before(f.UsedFrom),
		!f.UsedBefore.IsZero() && !c.Used.Before(f.UsedBefore),
		f.BirthMonth != 0 && int(c.Holder.Birthday/100%100) != f.BirthMonth,
		f.ExpiresFrom != 0 && expires < f.ExpiresFrom,
		f.ExpiresTo != 0 && expires > f.ExpiresTo:
		return false
	}
	return true
}
