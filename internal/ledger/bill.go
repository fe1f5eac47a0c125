package ledger

// BillAddsUp reports whether what the entry says was paid, given, paid out or given back agrees with
// what moved (invariants 08, 09 and 12), and whether what may be invoiced and who pays a signed bill go with
// it.
func (e *Entry) BillAddsUp() bool {
	if !e.invoiceAddsUp() || !e.signedAddsUp() {
		return false
	}
	switch e.Kind {
	case Consumed:
		switch {
		case e.Original > MaxFen || e.Discountable < 0 || e.Discountable > e.Original:
			return false
		case e.Discount < 0 || e.Discount > Whole || e.Elsewhere() < 0 || e.CardMoney() > 0:
			return false
		}
		due := e.Original - e.Discountable + e.Discountable.HalfUp(e.Discount) - e.ByCoupons() - e.ByPoints.Worth
		return e.Actual >= 0 && e.Actual == due && e.pointsAddUp()
	case Recharged:
		bonus, points := SumHits(e.Rules)
		return e.Original == e.Principal && e.Actual == e.CardMoney() && e.Bonus == bonus && e.Earned() == points
	case Renewed:
		return e.Original == e.Actual && e.Actual == -e.CardMoney() && e.Earned() == 0
	case CashedBack:
		return e.cashBackAddsUp()
	case ConsumeRefunded:
		return e.Original == e.Actual && e.Actual == e.CardMoney()
	case Withdrawn, Closed:
		return e.Original == e.Actual && e.Actual == -e.Principal
	case TransferredOut, RechargeReversed:
		return e.Original == -e.Principal && e.Actual == -e.CardMoney()
	case TransferredIn, BalanceOpened:
		return e.Original == e.Principal && e.Actual == e.CardMoney()
	case Invoiced, InvoiceReversed:
		return e.Original == e.Actual
	case BonusForfeited:
		return e.Original == e.Actual && e.Actual == -e.Bonus
	default:
		return true
	}
}

// EarnedAddsUp tells whether an entry that is a bill earned points only where the card paid (invariant 55).
// Bills of before the version earned them on what was paid elsewhere too.
func (e *Entry) EarnedAddsUp() bool {
	switch {
	case e.Kind != Consumed:
		return true
	case e.Earned() < 0:
		return false
	case e.Version == EntryVersion && e.Elsewhere() == 0:
		return false // only where it makes a difference
	case e.Version == EntryVersion || e.Elsewhere() == 0:
		return e.Earned() == 0 || e.CardMoney() != 0
	}
	return true
}
