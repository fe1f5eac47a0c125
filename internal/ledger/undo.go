package ledger

import "slices"

// OfKind returns the entries of one kind.
func OfKind(entries []*Entry, k Kind) (chosen []*Entry) {
	for _, e := range entries {
		if e.Kind == k {
			chosen = append(chosen, e)
		}
	}
	return chosen
}

// Refundable returns what is left to refund of what the card paid.
func Refundable(bill *Entry, refunds []*Entry) Fen {
	left := -bill.Delta()
	for _, r := range refunds {
		left -= r.Delta()
	}
	return left
}

// Undone reports whether nothing of an entry is left to undo, by the entries that refer to it: of a bill refunds may
// leave a part, all others are undone at most once (invariant 13).
func Undone(e *Entry, by []*Entry) bool {
	if e.Kind == Consumed {
		refunds := OfKind(by, ConsumeRefunded)
		return len(refunds) > 0 && Refundable(e, refunds) == 0
	}
	return len(by) > len(OfKind(by, LotsExpired)) // the expiry of its bonus undid nothing
}

// StillTaken returns the bill's allocations as positive amounts, less what refunds gave back.
func StillTaken(bill *Entry, refunds []*Entry) []Allocation {
	taken := slices.Clone(bill.Allocations)
	for i := range taken {
		taken[i].Principal, taken[i].Bonus = -taken[i].Principal, -taken[i].Bonus
		for _, r := range refunds {
			for _, p := range r.Allocations {
				if p.SameLot(taken[i]) {
					taken[i].Principal -= p.Principal
					taken[i].Bonus -= p.Bonus
				}
			}
		}
	}
	return taken
}

// PaidNothing is what the refusal of a refund says of a bill that left no trace.
const PaidNothing = "paid nothing"

// LeftTrace reports whether the bill changed anything that a refund could give or take back. A bill that was paid
// elsewhere entirely and earned nothing did not.
func (e *Entry) LeftTrace() bool {
	return e.Delta() != 0 || len(e.Coupons) > 0 || e.ByPoints.Points != 0 || e.Earned() != 0
}

// PointsBack returns how many points a refund takes back if the amount stays remains of what the card paid.
func PointsBack(bill *Entry, refunds []*Entry, stays Fen) int64 {
	kept := bill.Earned()
	for _, r := range refunds {
		kept += r.Earned()
	}
	return kept - bill.EarnedKept(stays)
}

// EarnedKept returns how many of the points a bill earned are kept while the card still pays the amount stays of it:
// in proportion to what the card paid, whatever was paid elsewhere, and rounded down, so that a refund in several
// parts gains nothing (invariant 31).
func (e *Entry) EarnedKept(stays Fen) int64 {
	paid := -e.Delta()
	if paid <= 0 || stays <= 0 || e.Earned() <= 0 {
		return 0
	}
	return MulDiv(e.Earned(), int64(min(stays, paid)), int64(paid), 0)
}
