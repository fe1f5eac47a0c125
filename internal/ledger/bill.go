package ledger

// BillAddsUp reports whether the amounts the entry states (gross, net, what it gave or paid out) agree with what
// it moved on the card (invariants 08, 09 and 12). It also checks the entry's invoiceable amount and who is
// charged for a bill on a house account.
func (e *Entry) BillAddsUp() bool {
	if !e.invoiceAddsUp() || !e.chargeAddsUp() {
		return false
	}
	adds, known := billSums[e.Kind]
	return !known || adds(e)
}

// billSums holds the check for each kind of entry that states amounts.
var billSums = map[Kind]func(*Entry) bool{
	Consumed:   (*Entry).consumeAddsUp,
	CashedBack: (*Entry).cashBackAddsUp,
	Recharged: func(e *Entry) bool {
		bonus, points := SumHits(e.Rules)
		return e.Gross == e.Principal && e.Net == e.Delta() && e.Bonus == bonus && e.Earned() == points
	},
	Renewed: func(e *Entry) bool {
		return e.Gross == e.Net && e.Net == -e.Delta() && e.Earned() == 0
	},
	ConsumeRefunded:  givesAll,
	RenewalReversed:  givesAll,
	Withdrawn:        paysOutPrincipal,
	CardReturned:     paysOutPrincipal,
	TransferredOut:   takesAll,
	RechargeReversed: takesAll,
	TransferredIn:    bringsAll,
	BalanceOpened:    func(e *Entry) bool { return e.brings(1) },
	OpeningReversed:  func(e *Entry) bool { return e.brings(-1) },
	Invoiced:         statesOne,
	InvoiceReversed:  statesOne,
	BonusForfeited:   func(e *Entry) bool { return e.Gross == e.Net && e.Net == -e.Bonus },
	BonusGiven:       func(e *Entry) bool { return e.Gross == e.Net && e.Net == e.Bonus },
	AmountHeld:       statesOne,
	HoldReleased:     statesOne,
	MergedOut:        takesAll,
	MergedIn:         bringsAll,
}

func statesOne(e *Entry) bool        { return e.Gross == e.Net }
func paysOutPrincipal(e *Entry) bool { return e.Gross == e.Net && e.Net == -e.Principal }
func takesAll(e *Entry) bool         { return e.Gross == -e.Principal && e.Net == -e.Delta() }
func givesAll(e *Entry) bool         { return e.Gross == e.Net && e.Net == e.Delta() }
func bringsAll(e *Entry) bool        { return e.Gross == e.Principal && e.Net == e.Delta() }

// brings reports whether the entry states what a card brought from another system, sign 1, or what of that is taken
// back, sign -1. What the card owes is not among it.
func (e *Entry) brings(sign Fen) bool {
	principal := sign * e.Principal
	for _, p := range e.Allocations {
		if p.IsDebt() {
			principal -= sign * p.Principal
		}
	}
	return e.Gross == principal && e.Net == principal+sign*e.Bonus
}

// consumeAddsUp reports whether Net follows from the bill: gross, less the level's discount, coupons and points.
func (e *Entry) consumeAddsUp() bool {
	switch {
	case e.Gross > MaxFen || e.Discountable < 0 || e.Discountable > e.Gross:
		return false
	case e.PayRate < 0 || e.PayRate > Percent100 || e.PaidElsewhere() < 0 || e.Delta() > 0:
		return false
	}
	due := e.Gross - e.Discountable + e.Discountable.HalfUp(e.PayRate) - e.ByCoupons() - e.ByPoints.Worth
	return e.Net >= 0 && e.Net == due && e.pointsAddUp()
}

// EarnedAddsUp reports whether a bill earned points only on what the card itself paid (invariant 55). Entries of
// older versions also earned them on what was paid elsewhere, and are allowed to.
func (e *Entry) EarnedAddsUp() bool {
	switch {
	case e.Kind != Consumed:
		return true
	case e.Earned() < 0:
		return false
	case e.Version > 0 && e.PaidElsewhere() == 0:
		return false // Version is stored only if part of the bill was paid elsewhere
	case e.Version > 0 || e.PaidElsewhere() == 0:
		return e.Earned() == 0 || e.Delta() != 0
	}
	return true
}
