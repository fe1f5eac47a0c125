package ledger

import "fmt"

// What a card owes is a lot of its own: number 0, before all others, with a principal below zero and no
// bonus. A bill takes it when all other lots are empty, and so does cash back that is taken again; a refund
// of the bill gives it back before them. What is paid in later stands beside it, and the card has what the
// two add up to.

// DebtPart adds to what a card owes when amount is negative, and takes off it when it is not.
func DebtPart(amount Fen) Allocation { return Allocation{Principal: amount} }

func (p Allocation) IsDebt() bool { return p.Lot == 0 }

// Debt is what the card has taken on credit and not given back by refunds. Principal is less that.
func (c *Card) Debt() Fen {
	if len(c.Lots) > 0 && c.Lots[0].ID == 0 {
		return -c.Lots[0].Principal
	}
	return 0
}

// Filled are the loaded lots that hold something.
func (c *Card) Filled() []Lot {
	if c.Debt() > 0 {
		return c.Lots[1:]
	}
	return c.Lots
}

// CanPay is how much of a bill the card can pay: what it has, and its credit.
func (c *Card) CanPay() Fen { return max(0, c.Amount()+c.Details.Credit) }

// creditKept holds that no entry leaves a card below nothing that may not: a bill goes as far as its
// credit, and nothing is paid out of it (invariant 05). That bonus expires, a credit is lowered or a
// recharge is reversed may leave a card further below.
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
