package ledger

// Pledge returns the money that must stay on a card for the points it owes: what they would pay of a bill, rounded
// up; 0 if points cannot pay. So what was bought with points is paid for when the bill that earned them is refunded:
// with points earned later, or with money (decision 0031).
func (s Settings) Pledge(c *Card) Fen {
	if s.PointsRatio <= 0 || c.PointsOwed <= 0 {
		return 0
	}
	return Fen(MulDiv(min(c.PointsOwed, MaxPoints), 100, s.PointsRatio, s.PointsRatio-1))
}

// PartPaid returns how much of a bill the card pays if the rest may be paid elsewhere: all that it has, but for what
// is held on it and what it must keep for the points it owes.
func (s Settings) PartPaid(c *Card, bill Fen) Fen {
	return min(bill, max(0, c.Available()-s.Pledge(c)))
}

// TakesMoney reports whether money leaves the card by entries of the kind.
func (k Kind) TakesMoney() bool { return k.PaysOut() || k.TakesInOrder() }

// BreaksPledge reports whether a card holds less than its pledge after an entry that took or held money on it, or was
// returned while it owed points. Bills may use the card's credit too. What is held is kept apart from the pledge, so a
// capture takes nothing of it.
func (s Settings) BreaksPledge(c *Card, e *Entry) bool {
	if !e.Kind.TakesMoney() && e.Kind != AmountHeld || e.Captures() {
		return false
	}
	if e.Kind == CardReturned {
		owed := Card{PointsOwed: max(0, e.Points-e.PointsOwed)} // what there is pays first, where both were brought back
		return s.Pledge(&owed) > 0
	}
	left := c.Amount()
	if e.Kind.TakesInOrder() || e.Kind == AmountHeld {
		left = c.CanPay()
	}
	if len(c.Holds) > 0 {
		free := c.Free(e.At)
		if free < 0 {
			return false // BreaksHolds says so
		}
		left = min(left, free)
	}
	return left < s.Pledge(c)
}
