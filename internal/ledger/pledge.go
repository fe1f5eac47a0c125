package ledger

// Pledge is how much money stays on a card for the points it owes: what they would pay of a bill, rounded up;
// nothing where points are no money. So what points have bought is paid for when the bill that earned them is
// refunded: by points that are earned later, or by money (decision 0031).
func (s Settings) Pledge(c *Card) Fen {
	if s.PointsRatio <= 0 || c.PointsOwed <= 0 {
		return 0
	}
	return Fen(MulDiv(min(c.PointsOwed, MaxPoints), 100, s.PointsRatio, s.PointsRatio-1))
}

// TakesMoney reports whether money leaves the card by entries of the kind.
func (k Kind) TakesMoney() bool { return k.PaysOut() || k.TakesInOrder() }

// BreaksPledge reports whether less than the pledge is left on a card after an entry that took money off it, or
// points that are owed were forgiven with the card. A bill may go as far as the card's credit.
func (s Settings) BreaksPledge(c *Card, e *Entry) bool {
	if !e.Kind.TakesMoney() {
		return false
	}
	if e.Kind == CardReturned {
		owed := Card{PointsOwed: -e.PointsOwed}
		return s.Pledge(&owed) > 0
	}
	left := c.Amount()
	if e.Kind.TakesInOrder() {
		left = c.CanPay()
	}
	return left < s.Pledge(c)
}
