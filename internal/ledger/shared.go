package ledger

import "fmt"

// A bill that several cards pay is an entry on each of them, one after the other: each is a bill of what the card
// before it left, without discount, coupons or points. OtherCard of each but the last names the card that goes on, and
// RefersTo of each but the first is the first (invariant 64).

// MaxPayers is how many cards may pay one bill.
const MaxPayers = 8

// PaysRest reports whether the entry pays what other cards left of a bill.
func (e *Entry) PaysRest() bool { return e.Kind == Consumed && e.RefersTo != 0 && !e.Captures() }

// Shared reports whether other cards pay the same bill.
func (e *Entry) Shared() bool { return e.PaysRest() || e.Kind == Consumed && e.OtherCard != "" }

// First returns the first entry of the bill that the entry is of.
func (e *Entry) First() EntryID {
	if e.PaysRest() {
		return e.RefersTo
	}
	return e.ID
}

// sharesBill returns an error if the entry cannot be one of a bill that several cards pay.
func (e *Entry) sharesBill() error {
	switch {
	case e.OtherCard != "" && e.PaidElsewhere() <= 0:
		return fmt.Errorf("entry %d leaves nothing to another card", e.ID)
	case e.PaysRest() && (e.Discountable != 0 || len(e.Coupons) > 0 || e.ByPoints != PointPay{}):
		return fmt.Errorf("entry %d pays the rest of a bill, and has a discount, coupons or points", e.ID)
	}
	return nil
}

// WholeBill returns a bill that several cards pay as if one card had: the first entry, with what all of them paid and
// earned. Entries of other kinds are left out.
func WholeBill(entries []Entry) (whole Entry) {
	for i := range entries {
		switch e := &entries[i]; {
		case e.Kind != Consumed:
		case whole.Kind == 0:
			whole = *e
		default:
			whole.Principal += e.Principal
			whole.Bonus += e.Bonus
			whole.Points += e.Points
			whole.PointsOwed += e.PointsOwed
		}
	}
	return whole
}

// GoesOn returns an error unless the entry pays what another card left of the same bill: number is that of its own
// card.
func (e *Entry) GoesOn(before *Entry, number string) error {
	switch {
	case e.RefersTo != before.First(), e.Card == before.Card, !e.SameCommand(before), e.Asked != before.Asked:
		return fmt.Errorf("entry %d does not go on with the bill of entry %d", e.ID, before.ID)
	case number != before.OtherCard:
		return fmt.Errorf("entry %d leaves its rest to another card than that of entry %d", before.ID, e.ID)
	case e.Gross != before.PaidElsewhere():
		return fmt.Errorf("entry %d pays of %v, and entry %d left %v", e.ID, e.Gross, before.ID, before.PaidElsewhere())
	}
	return nil
}
