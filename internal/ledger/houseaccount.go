package ledger

import "fmt"

// Allows refuses a bill that the account does not pay for a card that has charged so much.
func (a HouseAccount) Allows(charged Charges, amount Fen) error {
	switch {
	case a.ID == 0:
		return Refuse(NoAccount)
	case a.Fixed > 0 && amount > a.Fixed:
		return Refuse(OverAccountLimit, a.Fixed.String())
	case a.MaxAmount > 0 && amount > a.MaxAmount-charged.Amount:
		return Refuse(OverAccountLimit, max(0, a.MaxAmount-charged.Amount).String())
	case a.MaxCount > 0 && charged.Bills >= a.MaxCount:
		return Refuse(OverAccountCount)
	}
	return nil
}

// foldCharges updates the sum of bills charged to a house account.
func (c *Card) foldCharges(e *Entry) error {
	switch e.Kind {
	case AccountCharged:
		c.Charges.Amount += e.Gross
		c.Charges.Bills++
	case ChargeRefunded:
		c.Charges.Amount -= e.Gross
		c.Charges.Bills--
	}
	if c.Charges.Amount < 0 || c.Charges.Bills < 0 {
		return fmt.Errorf("entry %d takes back more than was charged to the account", e.Seq)
	}
	return nil
}

// chargeAddsUp reports whether the entry names a house account if and only if it charges or refunds one.
func (e *Entry) chargeAddsUp() bool {
	if e.Kind != AccountCharged && e.Kind != ChargeRefunded {
		return e.ChargedTo == 0
	}
	return e.ChargedTo > 0 && e.Gross > 0 && e.Net == e.Gross && e.Earned() == 0
}
