package ledger

// CouponPart is what an entry did with one coupon.
type CouponPart struct {
	Coupon CouponID
	State  CouponState // after it
	Pays   Fen         // of the bill; on a refund, what it had paid
	Number string      // of the coupon, on the entry that sent it
	Until  Date        // its last good day, where a refund moved that
}

// CouponOffer is what all coupons of one sending have in common.
type CouponOffer struct {
	CouponTerms
	From, Until Date
	Subject     string
}

// Allocation is what an entry added to one lot; negative where it took.
type Allocation struct {
	Lot       EntryID
	GoodUntil Date
	Principal Fen
	Bonus     Fen
}

// PointAllocation is what an entry added to the points of one day; negative where it took.
type PointAllocation struct {
	GoodUntil Date
	Points    int64
}

// RuleHit is one recharge rule that applied, with what it gave.
type RuleHit struct {
	Name   string
	Money  Fen
	Points int64
}

// Whoever takes the principal of a lot out again does not keep the bonus he was given for bringing it:
// what is on the lot goes with it. Where bills have spent that bonus before the principal, as they do when
// it goes first, there is none to go, and the card remembers how much there should have been. When a refund
// brings it back, that much is forfeited. It is the same with cash back that was spent when its bill is refunded.

// Forfeit is how much bonus of a lot is forfeited as soon as it comes back. The lot may be empty, and then it
// is not among the card's. While there is such, the lot has no bonus but between the entry that brings some
// back and the one behind it.
type Forfeit struct {
	Lot       EntryID
	GoodUntil Date
	Bonus     Fen
}

// PointPay is how points paid of a bill; the zero value is not at all.
type PointPay struct {
	Points int64 // added to the card: negative on the bill, positive where a refund gave them back
	Worth  Fen   // what they pay of the bill; on a refund, what they had paid
	Ratio  int64 // points that stood for a yuan when the bill was paid
}

// MoneyOf is what parts add up to.
func MoneyOf(parts []Allocation) (sum Fen) {
	for _, p := range parts {
		sum += p.Principal + p.Bonus
	}
	return sum
}
