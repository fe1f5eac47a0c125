package ledger

import (
	"fmt"
	"slices"
)

// Pairs returns an error if an entry may not stand directly after the one before it in the merchant's journal. Some
// entries make sense only in pairs, which one commit holds: what goes out of a card comes in on another (invariant
// 56), be it some money or all that there is, and a number that is replaced becomes a card of its own while the
// account gets the new one. before is nil at the beginning of the journal, and e is nil at its end.
func Pairs(before, e *Entry) error {
	switch {
	case before == nil && e == nil:
		return nil
	case before == nil:
		return e.standsAlone(nil)
	case before.Kind == TransferredOut:
		return arrives(before, e)
	case before.Kind == MergedOut:
		return merges(before, e)
	case before.Kind == HoldReleased && before.Released == ByCapture:
		return captures(before, e)
	case before.opensReplaced():
		return replaces(before, e)
	case e == nil:
		return nil
	}
	return e.standsAlone(before)
}

// standsAlone returns an error if e needs a partner before it and before is not that partner.
func (e *Entry) standsAlone(before *Entry) error {
	switch {
	case e.Kind == BonusForfeited:
		if before == nil || before.ID != e.RefersTo || before.Card != e.Card || !e.SameCommand(before) {
			return fmt.Errorf("entry %d forfeits bonus that the entry before it did not bring back", e.ID)
		}
	case e.Kind == TransferredIn, e.Kind == MergedIn:
		return fmt.Errorf("entry %d comes in from a card where nothing goes out", e.ID)
	case e.Kind == CardReplaced && !e.opensReplaced():
		return fmt.Errorf("entry %d replaces a number that nothing stands for", e.ID)
	}
	return nil
}

// arrives returns an error unless what comes in is what went out: principal as principal, bonus as bonus with its
// last days.
func arrives(out, in *Entry) error {
	switch {
	case in == nil || in.Kind != TransferredIn:
		return fmt.Errorf("entry %d goes out to a card where nothing comes in", out.ID)
	case in.Card == out.Card, in.ID != out.ID+1, !in.SameCommand(out):
		return fmt.Errorf("entry %d is not the other side of transfer %d", in.ID, out.ID)
	case in.Gross != out.Gross, in.Invoice != -out.Invoice, !slices.Equal(in.Allocations,
		Arriving(out.Allocations, in.ID)):
		return fmt.Errorf("entry %d brings in something else than went out by entry %d", in.ID, out.ID)
	case !out.sends(in):
		return fmt.Errorf("entry %d brings in %d points, of %d that went out by entry %d", in.ID, in.Earned(), -out.Points,
			out.ID)
	}
	return nil
}

// sends reports whether the points that a transfer brought in are those it took off the other card and whose last day
// had not passed, wherever its merchant is. Points that were owed before, or went beyond what left, are not sent.
func (e *Entry) sends(in *Entry) bool {
	brought := in.Earned()
	if brought < 0 || brought > -e.Earned() {
		return false
	}
	return OnSomeDay(e.At, func(today Date) bool {
		got, owed := AppendBrought(nil, &Card{PointsOwed: -in.PointsOwed}, e.Sent(-e.Earned(), today))
		return owed == in.PointsOwed && slices.Equal(got, in.PointAllocations)
	})
}

// merges returns an error unless what comes in is all that the other card had left: bonus with its last days, points
// with theirs and what was owed of them, coupons, and what may be invoiced.
func merges(out, in *Entry) error {
	if in == nil || in.Kind != MergedIn {
		return fmt.Errorf("entry %d merges a card into one where nothing comes in", out.ID)
	}
	paid := -out.Points - in.Points // of what both cards owed
	points, owed := Merged(paid+out.PointsOwed, out)
	switch {
	case in.Card == out.Card, in.ID != out.ID+1, !in.SameCommand(out):
		return fmt.Errorf("entry %d is not the other side of merge %d", in.ID, out.ID)
	case in.Invoice != -out.Invoice, !slices.Equal(in.Coupons, out.Coupons),
		!slices.Equal(in.Allocations, BonusArriving(out.Allocations, in.ID)):
		return fmt.Errorf("entry %d brings in something else than was left on the card of entry %d", in.ID, out.ID)
	case owed != in.PointsOwed || !slices.Equal(points, in.PointAllocations):
		return fmt.Errorf("entry %d brings in %d points and %d owed, of %d and %d that went out by entry %d", in.ID,
			in.Points, in.PointsOwed, -out.Points, -out.PointsOwed, out.ID)
	}
	return nil
}

// opensReplaced reports whether the entry opens a card for a number that was replaced.
func (e *Entry) opensReplaced() bool { return e.Kind == CardReplaced && e.Seq == 1 }

func replaces(old, e *Entry) error {
	if e == nil || e.Kind != CardReplaced || e.Seq == 1 {
		return fmt.Errorf("entry %d stands for a number that no card has replaced", old.ID)
	}
	if e.ID != old.ID+1 || !e.SameCommand(old) || e.OtherCard != old.Number || e.Number != old.OtherCard ||
		e.Level != old.Level {
		return fmt.Errorf("entry %d replaces another number than entry %d stands for", e.ID, old.ID)
	}
	return nil
}
