package ledger

// Allocation is what an entry added to one lot; negative if it took.
type Allocation struct {
	Lot       EntryID
	GoodUntil Date
	Principal Fen
	Bonus     Fen
}

// PointAllocation is what an entry added to the points of one last day; negative if it took.
type PointAllocation struct {
	GoodUntil Date
	Points    int64
}

// RuleHit is a recharge rule that applied, and what it gave.
type RuleHit struct {
	Name   string
	Money  Fen
	Points int64
}

// Whoever takes the principal of a lot back does not keep the bonus given for it: it leaves with the principal. If
// bills have spent the bonus before the principal (bonus_first), there is none left to take, so the card records how
// much is missing. When a refund brings that bonus back, it is forfeited. The same holds for cash back that was spent
// before its bill is refunded.

// SameLot reports whether two allocations are of one lot.
func (p Allocation) SameLot(q Allocation) bool { return p.Lot == q.Lot && p.GoodUntil == q.GoodUntil }

// Forfeit is how much bonus of a lot is forfeited as soon as it comes back. The lot may be empty and so not among the
// card's lots. While a Forfeit exists the lot has no bonus, except between the entry that brings some back and the
// next one.
type Forfeit struct {
	Lot       EntryID
	GoodUntil Date
	Bonus     Fen
}

// PointPay is how points paid part of a bill. The zero value means they did not.
type PointPay struct {
	Points int64 // added to the card: negative on the bill, positive on a refund
	Worth  Fen   // what they pay of the bill; on a refund, what they had paid
	Ratio  int64 // points per yuan when the bill was paid
}

// MoneyOf returns the sum of allocations, principal and bonus.
func MoneyOf(parts []Allocation) (sum Fen) {
	for _, p := range parts {
		sum += p.Principal + p.Bonus
	}
	return sum
}
