package ledger

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bindable reports whether a phone may be bound to the card today.
func (c *Card) Bindable(today Date) bool {
	return c.Kind == Common && c.Status == Active && !c.Expired(today)
}

// Card is an account. All its amounts follow from its entries by Fold (invariant 03).
type Card struct {
	Merchant MerchantID
	ID       CardID
	Number   string // as it was first written; letter case is kept
	Kind     CardKind
	OpenedAt time.Time // time of its first entry

	OpenedShop ShopID // shop of its first entry; 0 = none
	Status     Status
	Level      LevelID
	Expires    Date // last day it can be used; 0 = no end
	Holder     Holder
	Details    Details

	Principal Fen // paid in by the holder and not yet used; negative lots are owed, see Debt
	Bonus     Fen // given by the merchant; never paid out
	Points    int64
	// Points that were already spent when the bill that earned them was refunded. Points earned later pay them back first.
	PointsOwed  int64
	SumRecharge Fen // paid in, net of reversals
	SumConsume  Fen // paid with the card, net of refunds
	// What may still be invoiced: paid in by pay types that can be invoiced, less what was paid out, transferred to
	// other cards and invoiced. Entries of older versions could leave it negative, where invoiced money was given back.
	Invoiceable Fen

	Charges Charges // bills charged to its level's house account

	// Lots are what is left of the card's recharges, in the order in which they are taken: soonest expiring first, then
	// oldest. A lot that holds what is owed comes before them. If MoreLots, only the first ones are loaded.
	Lots      []Lot
	MoreLots  bool
	LotsApart bool       // the lots are stored as rows of their own, not with the card: see CardLots
	PointLots []PointLot // by expiry; they sum to Points
	Forfeits  []Forfeit  // in the order of the lots they belong to
	Holds     []Hold     // oldest first; those that have ended stay until an entry releases them

	Seq   int64     // number of its newest entry on the card: 1, 2, 3 …
	Hash  [32]byte  // hash of its newest entry
	Last  time.Time // time of its newest entry
	Used  time.Time // time of its newest entry of a kind by which its holder uses it: see Kind.Uses
	Tally Tally
}

// Key returns the key the card is looked up by.
func (c *Card) Key() CardKey { return CardNamed(c.Merchant, c.Number) }

// Amount returns principal plus bonus. Below zero it is what the holder owes.
func (c *Card) Amount() Fen { return c.Principal + c.Bonus }

// ProvesByPassword reports whether its holder agrees to sales by a password: it has one, and is no card in a phone,
// whose holder shows a code.
func (c *Card) ProvesByPassword() bool { return c.Kind != Micro && c.Details.Password != "" }

// HeldAt returns how much of the card is held at a time. A hold that has ended holds nothing, even if no entry has
// released it yet.
func (c *Card) HeldAt(now time.Time) (sum Fen) {
	for i := range c.Holds {
		if h := &c.Holds[i]; !h.Over(now) {
			sum += h.Amount
		}
	}
	return sum
}

// Held returns how much of a card is held whose ended holds were released, as those of Settled are.
func (c *Card) Held() Fen { return c.HeldAt(time.Time{}) }

// Expired reports whether the card's last good day has passed.
func (c *Card) Expired(today Date) bool { return c.Expires != 0 && today > c.Expires }

// NextExpiry returns the earliest last day of any bonus or points on the card, 0 if nothing on it expires. If only the
// first lots are loaded and none of them holds bonus, it returns a day that may be too early but is never too late.
// Bonus beneath a hold does not expire, see ExpiredOn.
func (c *Card) NextExpiry() Date {
	next := Forever
	if c.MoreLots && c.Bonus > 0 {
		next = FirstDay
		if n := len(c.Lots); n > 0 {
			next = max(FirstDay, c.Lots[n-1].GoodUntil)
		}
	}
	kept := c.Held()
	for _, l := range c.Lots { // in order of expiry
		if kept > 0 {
			kept -= l.keeps()
		} else if l.Bonus > 0 {
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

// DistinctNumber returns a name for a card whose number differs from another card's in letter case only. Such pairs are
// no longer allowed, but older books contained them and were migrated. Only a number with letters can be one of a pair.
func (c *Card) DistinctNumber() string {
	if Digits(c.Number, 1, len(c.Number)) {
		return c.Number
	}
	return distinct + c.Number
}

// FreedNumber returns the name under which a card is found once its number is free for another one.
func (c *Card) FreedNumber() string {
	return distinct + c.Number + distinct + strconv.FormatInt(int64(c.ID), 10)
}

// MergedAway reports whether the card is closed because all that it had went to another one.
func (c *Card) MergedAway() bool {
	return c.Status == Returned &&
		slices.ContainsFunc(c.Tally, func(n Count) bool { return n.Kind == MergedOut && n.N > 0 })
}

// Freed reports whether the card was taken back with the import that opened it, so that it is found by no number.
func (c *Card) Freed() bool {
	return c.Status == Returned && strings.HasPrefix(c.Number, distinct) &&
		strings.HasSuffix(c.Number, distinct+strconv.FormatInt(int64(c.ID), 10))
}

// NumberThen returns the number that people know the card by: that of one that was taken back is the one that was
// freed.
func (c *Card) NumberThen() string {
	if !c.Freed() {
		return c.Number
	}
	return strings.TrimSuffix(c.Number[len(distinct):], distinct+strconv.FormatInt(int64(c.ID), 10))
}

// Opening returns when the card was opened and at which shop; 0 = at none. known is false for a number that was
// replaced: its record begins with that, and the opening is that of the number in its stead.
func (c *Card) Opening() (at time.Time, shop ShopID, known bool) {
	if c.Status == Replaced {
		return time.Time{}, 0, false
	}
	return c.OpenedAt, c.OpenedShop, true
}

// Charges sums the bills of a card that were charged to a house account (挂账), net of refunds.
type Charges struct {
	Amount Fen
	Bills  int
}
