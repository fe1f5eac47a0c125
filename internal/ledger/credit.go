package ledger

import "fmt"

// What a card owes is kept as a lot: number 0, before all others, with a negative principal and no bonus. A bill adds
// to it when all other lots are empty, and so does cash back that is taken back; a refund of the bill pays it off
// before it fills other lots. Money paid in later is a lot beside it, and the card's balance is the sum.

// DebtPart returns an allocation that adds to what a card owes if amount is negative, and pays it off if it is
// positive.
func DebtPart(amount Fen) Allocation { return Allocation{Principal: amount} }

func (p Allocation) IsDebt() bool { return p.Lot == 0 }

// Debt returns what the card has taken on credit and refunds have not given back. It is already deducted from
// Principal.
func (c *Card) Debt() Fen {
	if len(c.Lots) > 0 && c.Lots[0].ID == 0 {
		return -c.Lots[0].Principal
	}
	return 0
}

// Filled returns the loaded lots without the debt.
func (c *Card) Filled() []Lot {
	if c.Debt() > 0 {
		return c.Lots[1:]
	}
	return c.Lots
}

// CanPay returns how much of a bill the card can pay: its balance plus its credit.
func (c *Card) CanPay() Fen { return max(0, c.Amount()+c.Details.Credit) }

// creditKept returns an error if an entry leaves a card further below zero than it may: a bill may use up its credit,
// and nothing may be paid out of a debt (invariant 05). A bonus that expires, a credit that is lowered and a recharge
// that is reversed may leave the card below its credit.
func (c *Card) creditKept(e *Entry) error {
	switch {
	case c.Principal+c.Debt() < 0:
		return fmt.Errorf("entry %d leaves a principal below what is owed", e.Seq)
	case e.Kind.TakesInOrder() && e.Delta() < 0 && c.Amount() < -c.Details.Credit:
		return fmt.Errorf("entry %d goes beyond the card's credit", e.Seq)
	case c.Principal < 0 && (e.Kind == Withdrawn || e.Kind == TransferredOut || e.Kind == CardReturned):
		return fmt.Errorf("entry %d pays out what is owed", e.Seq)
	}
	return nil
}
