package tongka

import (
	"fmt"
	"time"
)

// Signed is what a card's bills add up to that were signed for, net of those that were taken back.
type Signed struct {
	Amount Fen
	Bills  int
}

// SignBill has a bill signed for: the signing account of the card's level pays it, outside these books.
// It moves no money and earns no points.
type SignBill struct {
	Merchant MerchantID
	By       Caller
	Card     string
	Amount   Fen
	Proof    *Proof // that the holder agrees; nil = the till has no way to send one
	Note     string
}

// Keys names the card.
func (b SignBill) Keys() Keys { return keysOf(b.Merchant, b.Card) }

// Decide counts the bill against the limits of the account.
func (b SignBill) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, b.Merchant, b.By)
	if err != nil {
		return Changes{}, err
	}
	if err := d.amountAllowed(b.Amount); err != nil {
		return Changes{}, err
	}
	c, err := d.usableCard(b.Card)
	if err != nil {
		return Changes{}, err
	}
	if err := d.prove(c, b.Proof, b.Amount); err != nil {
		return d.no(err)
	}
	account := d.m.LevelOf(c).Rights.Account
	if err := account.allows(c.Signed, b.Amount); err != nil {
		return Changes{}, err
	}
	d.post(c, Entry{Kind: BillSigned, Original: b.Amount, Actual: b.Amount, SignedTo: account.ID, Note: b.Note})
	return d.finishHolder(c), nil
}

// allows refuses a bill that the account does not pay for a card that has signed for so much.
func (a SigningAccount) allows(signed Signed, amount Fen) error {
	switch {
	case a.ID == 0:
		return refuse(NoAccount)
	case a.Fixed > 0 && amount > a.Fixed:
		return refuse(SignedTooMuch, a.Fixed.String())
	case a.MaxAmount > 0 && amount > a.MaxAmount-signed.Amount:
		return refuse(SignedTooMuch, max(0, a.MaxAmount-signed.Amount).String())
	case a.MaxCount > 0 && signed.Bills >= a.MaxCount:
		return refuse(SignedTooOften)
	}
	return nil
}

// RefundSigned takes a signed bill back, whole.
type RefundSigned struct {
	Merchant MerchantID
	By       Caller
	Card     string
	Entry    EntryID // of the bill
	Note     string
}

// Keys names the card and the bill.
func (r RefundSigned) Keys() Keys { return keysOfUndoing(r.Merchant, r.Card, r.Entry) }

// Decide takes the bill off what the card has signed for, once (invariant 13).
func (r RefundSigned) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, r.Merchant, r.By)
	if err != nil {
		return Changes{}, err
	}
	c, bill, err := d.undoing(r.Card, r.Entry, BillSigned, d.usable)
	if err != nil {
		return Changes{}, err
	}
	d.post(c, Entry{
		Kind: SignedRefunded, Of: bill.ID, Original: bill.Original, Actual: bill.Original, SignedTo: bill.SignedTo, Note: r.Note,
	})
	return d.finishHolder(c), nil
}

// foldSigned counts what an entry did to the bills that were signed for.
func (c *Card) foldSigned(e *Entry) error {
	switch e.Kind {
	case BillSigned:
		c.Signed.Amount += e.Original
		c.Signed.Bills++
	case SignedRefunded:
		c.Signed.Amount -= e.Original
		c.Signed.Bills--
	}
	if c.Signed.Amount < 0 || c.Signed.Bills < 0 {
		return fmt.Errorf("entry %d takes back more than was signed for", e.Seq)
	}
	return nil
}

// signedAddsUp tells whether an account stands where a bill was signed for, and nowhere else.
func (e *Entry) signedAddsUp() bool {
	if e.Kind != BillSigned && e.Kind != SignedRefunded {
		return e.SignedTo == 0
	}
	return e.SignedTo > 0 && e.Original > 0 && e.Actual == e.Original && e.Earned() == 0
}
