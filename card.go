package tongka

import (
	"cmp"
	"slices"
	"time"
)

// CardID is a card's number inside its merchant's books. It is counted up from 1 and never shown as a secret.
type CardID int64

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
	Invoiceable Fen   // paid in by pay types that are, net of what was paid out of it, sent to other cards and invoiced; negative where invoiced money was given back, which is so no more

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

// FrontLots is how many lots of a card are loaded unless a command asks for all of them. It bounds
// what the cards of a batch can weigh, however many recharges are left on one of them.
const FrontLots = 32

// CardLots is how many lots are kept with the card they are on. Hardly a card ever has more, and of
// those that do every lot is a row of its own, so that a recharge of a card with very many does not
// write them all. Such a card keeps them apart until it has none left.
const CardLots = 16

// Key is how the card is named.
func (c *Card) Key() CardKey { return CardNamed(c.Merchant, c.Number) }

// Amount is what the card has: principal and bonus. Below zero it is what the holder owes.
func (c *Card) Amount() Fen { return c.Principal + c.Bonus }

// Expired tells whether the card's last good day has passed.
func (c *Card) Expired(today Date) bool { return c.Expires != 0 && today > c.Expires }

// NextExpiry is the soonest day after which a bonus or points on the card are good no more; 0 when
// nothing on it expires. Where only the first lots are loaded and none of them has a bonus, it is a
// day that is not later than that.
func (c *Card) NextExpiry() Date {
	next := Forever
	if c.MoreLots && c.Bonus > 0 {
		next = firstDay
		if n := len(c.Lots); n > 0 {
			next = max(firstDay, c.Lots[n-1].GoodUntil)
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

// Lot is what one recharge left on a card: a principal part, which never expires, and a bonus part,
// which is good through GoodUntil. The one with ID 0 is what the card owes.
type Lot struct {
	ID        EntryID // the entry that made it
	GoodUntil Date    // of the bonus; Forever when there is none or it never expires
	Principal Fen
	Bonus     Fen
}

// before is the order in which lots are taken.
func (l Lot) before(m Lot) bool {
	if l.GoodUntil != m.GoodUntil {
		return l.GoodUntil < m.GoodUntil
	}
	return l.ID < m.ID
}

func (l Lot) empty() bool { return l.Principal == 0 && l.Bonus == 0 }

// PointLot is the points of a card that are good through one day.
type PointLot struct {
	GoodUntil Date // Forever = they never expire
	Points    int64
}

// addLot adds part to the lot it names, makes that lot or drops it when nothing is left, and keeps
// the order. It works on a copy, and answers whether the lot lies behind the loaded ones.
func (c *Card) addLot(part Part) (behind bool) {
	lot := Lot{ID: part.Lot, GoodUntil: part.GoodUntil}
	i, found := slices.BinarySearchFunc(c.Lots, lot, compareLots)
	if !found && c.MoreLots && i == len(c.Lots) {
		return true
	}
	lots := make([]Lot, len(c.Lots), len(c.Lots)+1)
	copy(lots, c.Lots)
	if !found {
		lots = slices.Insert(lots, i, lot)
	}
	lots[i].Principal += part.Principal
	lots[i].Bonus += part.Bonus
	if lots[i].empty() {
		lots = slices.Delete(lots, i, i+1)
	}
	c.Lots = lots
	return false
}

func compareLots(a, b Lot) int {
	switch {
	case a.before(b):
		return -1
	case b.before(a):
		return 1
	}
	return 0
}

// lot finds a loaded lot.
func (c *Card) lot(id EntryID, goodUntil Date) (Lot, bool) {
	i, found := slices.BinarySearchFunc(c.Lots, Lot{ID: id, GoodUntil: goodUntil}, compareLots)
	if !found {
		return Lot{}, false
	}
	return c.Lots[i], true
}

// addPoints adds part to the points lot of its day, on a copy.
func (c *Card) addPoints(part PointPart) {
	lots := make([]PointLot, len(c.PointLots), len(c.PointLots)+1)
	copy(lots, c.PointLots)
	i, found := slices.BinarySearchFunc(lots, part.GoodUntil, func(l PointLot, d Date) int { return cmp.Compare(l.GoodUntil, d) })
	if !found {
		lots = slices.Insert(lots, i, PointLot{GoodUntil: part.GoodUntil})
	}
	lots[i].Points += part.Points
	if lots[i].Points == 0 {
		lots = slices.Delete(lots, i, i+1)
	}
	c.PointLots = lots
}
