package ledger

// BillAddsUp reports whether what the entry says was paid, given, paid out or given back agrees with
// what moved (invariants 08, 09 and 12), and whether what may be invoiced and who pays a signed bill go with
// it.
func (e *Entry) BillAddsUp() bool {
	if !e.invoiceAddsUp() || !e.signedAddsUp() {
		return false
	}
	adds, known := billSums[e.Kind]
	return !known || adds(e)
}

// billSums are the sums of each kind whose entries are about an amount.
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
	ConsumeRefunded:  func(e *Entry) bool { return e.Gross == e.Net && e.Net == e.Delta() },
	Withdrawn:        paysOutPrincipal,
	CardReturned:     paysOutPrincipal,
	TransferredOut:   takesAll,
	RechargeReversed: takesAll,
	TransferredIn:    bringsAll,
	BalanceOpened:    bringsAll,
	Invoiced:         func(e *Entry) bool { return e.Gross == e.Net },
	InvoiceReversed:  func(e *Entry) bool { return e.Gross == e.Net },
	BonusForfeited:   func(e *Entry) bool { return e.Gross == e.Net && e.Net == -e.Bonus },
}

func paysOutPrincipal(e *Entry) bool { return e.Gross == e.Net && e.Net == -e.Principal }
func takesAll(e *Entry) bool         { return e.Gross == -e.Principal && e.Net == -e.Delta() }
func bringsAll(e *Entry) bool        { return e.Gross == e.Principal && e.Net == e.Delta() }

// consumeAddsUp reports whether what is to be paid follows from the bill, its discount and what else pays of it.
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

// EarnedAddsUp reports whether an entry that is a bill earned points only where the card paid (invariant 55).
// Bills of before the version earned them on what was paid elsewhere too.
func (e *Entry) EarnedAddsUp() bool {
	switch {
	case e.Kind != Consumed:
		return true
	case e.Earned() < 0:
		return false
	case e.Version == EntryVersion && e.PaidElsewhere() == 0:
		return false // only where it makes a difference
	case e.Version == EntryVersion || e.PaidElsewhere() == 0:
		return e.Earned() == 0 || e.Delta() != 0
	}
	return true
}
