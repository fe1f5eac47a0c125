package ledger

import "time"

// Bindable reports whether a phone may be bound to the card today.
func (c *Card) Bindable(today Date) bool {
	return c.Kind == Common && c.Status == Active && !c.Expired(today)
}

// Card is an account. All its amounts are the fold of its entries (invariant 03).
type Card struct {
	Merchant MerchantID
	ID       CardID
	Number   string // as it was first written
	Kind     CardKind
	OpenedAt time.Time // of its first entry

	OpenedShop ShopID // of its first entry; 0 = at none
	Status     Status
	Level      LevelID
	Expires    Date // last good day; 0 = no end
	Holder     Holder
	Details    Details

	Principal   Fen // paid for by the holder, less what is owed: see Debt
	Bonus       Fen // given by the merchant; never paid out
	Points      int64
	PointsOwed  int64 // points that were spent before the bill that earned them was refunded; earned points pay them first
	SumRecharge Fen   // paid in, net of reversals
	SumConsume  Fen   // paid with the card, net of refunds
	// paid in by pay types that are, net of what was paid out of it, sent to other cards and invoiced; negative where
	// invoiced money was given back, which is so no more
	Invoiceable Fen

	Signed Signed // bills that its level's account pays

	// Lots are what is left of the card's recharges in the order they are taken: soonest expiring,
	// then oldest. What is owed stands before them. While MoreLots, they are only the first of them.
	Lots      []Lot
	MoreLots  bool
	LotsApart bool       // they are kept as rows of their own, not with the card: see CardLots
	PointLots []PointLot // by expiry; their sum is Points
	Forfeits  []Forfeit  // in the order of the lots

	Seq   int64    // of its newest entry; entries are numbered 1, 2, 3 …
	Hash  [32]byte // of its newest entry
	Last  time.Time
	Tally Tally
}

// Key is how the card is named.
func (c *Card) Key() CardKey { return CardNamed(c.Merchant, c.Number) }

// Amount is what the card has: principal and bonus. Below zero it is what the holder owes.
func (c *Card) Amount() Fen { return c.Principal + c.Bonus }

// Expired reports whether the card's last good day has passed.
func (c *Card) Expired(today Date) bool { return c.Expires != 0 && today > c.Expires }

// NextExpiry is the soonest day after which a bonus or points on the card are good no more; 0 when
// nothing on it expires. Where only the first lots are loaded and none of them has a bonus, it is a
// day that is not later than that.
func (c *Card) NextExpiry() Date {
	next := Forever
	if c.MoreLots && c.Bonus > 0 {
		next = FirstDay
		if n := len(c.Lots); n > 0 {
			next = max(FirstDay, c.Lots[n-1].GoodUntil)
		}
	}
	for _, l := range c.Lots { // in order of expiry
		if l.Bonus > 0 {
			next = l.GoodUntil
			break
		}
	}
	if len(c.PointLots) > 0 {
		next = min(next, c.PointLots[0].GoodUntil)
	}
	if next == Forever {
		return 0
	}
	return next
}

// DistinctNumber is how a card is named whose number another card has in other letter case, since books from
// before that was ruled out were brought up to date. Only a number with letters can be one.
func (c *Card) DistinctNumber() string {
	if Digits(c.Number, 1, len(c.Number)) {
		return c.Number
	}
	return distinct + c.Number
}

// Signed is what a card's bills add up to that were signed for, net of those that were taken back.
type Signed struct {
	Amount Fen
	Bills  int
}
