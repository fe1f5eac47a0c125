package ledger

import "fmt"

// Allows refuses a bill that the account does not pay for a card with those signed bills.
func (a HouseAccount) Allows(signed Signed, amount Fen) error {
	switch {
	case a.ID == 0:
		return Refuse(NoAccount)
	case a.Fixed > 0 && amount > a.Fixed:
		return Refuse(SignedTooMuch, a.Fixed.String())
	case a.MaxAmount > 0 && amount > a.MaxAmount-signed.Amount:
		return Refuse(SignedTooMuch, max(0, a.MaxAmount-signed.Amount).String())
	case a.MaxCount > 0 && signed.Bills >= a.MaxCount:
		return Refuse(SignedTooOften)
	}
	return nil
}

// foldSigned updates the sum of bills charged to a house account.
func (c *Card) foldSigned(e *Entry) error {
	switch e.Kind {
	case AccountCharged:
		c.Signed.Amount += e.Gross
		c.Signed.Bills++
	case ChargeRefunded:
		c.Signed.Amount -= e.Gross
		c.Signed.Bills--
	}
	if c.Signed.Amount < 0 || c.Signed.Bills < 0 {
		return fmt.Errorf("entry %d takes back more than was signed for", e.Seq)
	}
	return nil
}

// signedAddsUp reports whether the entry names a house account if and only if it charges or refunds one.
func (e *Entry) signedAddsUp() bool {
	if e.Kind != AccountCharged && e.Kind != ChargeRefunded {
		return e.ChargedTo == 0
	}
	return e.ChargedTo > 0 && e.Gross > 0 && e.Net == e.Gross && e.Earned() == 0
}
