package ledger

import (
	"fmt"
	"slices"
	"time"
)

// Free returns what the card can pay besides what is held on it. It is below zero only where a credit, a debt or the
// time moved beneath a hold.
func (c *Card) Free(now time.Time) Fen { return c.Amount() + c.Details.Credit - c.HeldAt(now) }

// Available returns how much a new bill can take off a settled card: its balance and its credit, without what is held.
func (c *Card) Available() Fen { return max(0, c.Free(time.Time{})) }

// AvailableAmount returns the card's balance without what is held, for whoever shows a balance as what can be spent. A
// credit is no part of that, but pays for what is held first: it is below what was there only as far as it must be.
func (c *Card) AvailableAmount() Fen {
	held := c.Held()
	if held == 0 {
		return c.Amount()
	}
	return min(c.Amount(), c.Free(time.Time{}))
}

// AvailableParts returns AvailableAmount as principal and bonus, for whoever shows them apart. What is held is taken
// off principal first, so that none is shown that could not be paid out.
func (c *Card) AvailableParts() (principal, bonus Fen) {
	less := c.Amount() - c.AvailableAmount()
	off := min(less, max(0, c.Principal))
	return c.Principal - off, c.Bonus - (less - off)
}

// Hold returns the card's hold that an entry placed, if it is there.
func (c *Card) Hold(id EntryID) (Hold, bool) {
	if i := c.holdAt(id); i >= 0 {
		return c.Holds[i], true
	}
	return Hold{}, false
}

func (c *Card) holdAt(id EntryID) int {
	return slices.IndexFunc(c.Holds, func(h Hold) bool { return h.ID == id })
}

// EndedHolds returns the holds that have ended by themselves, oldest first.
func (c *Card) EndedHolds(now time.Time) (ended []Hold) {
	for _, h := range c.Holds {
		if h.Over(now) {
			ended = append(ended, h)
		}
	}
	return ended
}

// NextHoldEnd returns when the first of the card's holds ends; the zero time if it has none.
func (c *Card) NextHoldEnd() (next time.Time) {
	for _, h := range c.Holds {
		if next.IsZero() || h.Until.Before(next) {
			next = h.Until
		}
	}
	return next
}

// Captures reports whether the entry is a bill that a hold pays.
func (e *Entry) Captures() bool { return e.Kind == Consumed && e.Released == ByCapture }

// TakesHeld reports whether the entry captures or releases what is held.
func (e *Entry) TakesHeld() bool { return e.Kind == HoldReleased || e.Captures() }

// MovesHold reports whether the entry places a hold, or takes from one.
func (e *Entry) MovesHold() bool { return e.Kind == AmountHeld || e.TakesHeld() }

// HoldFate is what became of a hold.
type HoldFate struct {
	Left     Fen      // what is held still, if it is not over
	Captured Fen      // what bills took of it
	Ended    Released // why nothing is left of it, or will be: ByCapture, unless it was released or has expired
	By       EntryID  // the newest entry that took from it; 0 = none did
}

// FateOf returns what became of the hold that an entry placed, by the entries that refer to it, of which one may be
// listed twice.
func FateOf(placed *Entry, after []*Entry) HoldFate {
	fate, seen := HoldFate{Left: placed.Gross, Ended: ByCapture}, map[EntryID]bool{}
	for _, e := range after {
		if e.RefersTo != placed.ID || !e.TakesHeld() || seen[e.ID] {
			continue
		}
		seen[e.ID] = true
		fate.By, fate.Left = max(fate.By, e.ID), fate.Left-e.Gross
		if e.Captures() {
			fate.Captured += e.Gross
		}
		if e.Released != ByCapture {
			fate.Ended = e.Released
		}
	}
	return fate
}

// At returns the fate at a time. A hold that is over is booked as expired a little later.
func (f HoldFate) At(placed *Entry, now time.Time) HoldFate {
	if f.Left > 0 && !now.Before(placed.HeldUntil) {
		f.Left, f.Ended = 0, ByExpiry
	}
	return f
}

// foldHolds updates the card's holds by an entry. It replaces the slice by a changed copy, like addLot.
func (c *Card) foldHolds(e *Entry) error {
	switch {
	case e.Kind == AmountHeld:
		c.Holds = append(slices.Clone(c.Holds), Hold{e.ID, e.Gross, e.HeldUntil})
	case e.Kind == HoldReleased:
		return c.takeHeld(e, e.Gross)
	case e.Captures():
		return c.takeHeld(e, -e.Delta())
	}
	return nil
}

// takeHeld takes from a hold what an entry releases or captures.
func (c *Card) takeHeld(e *Entry, amount Fen) error {
	i := c.holdAt(e.RefersTo)
	if i < 0 {
		return fmt.Errorf("entry %d is about hold %d, which is not there", e.Seq, e.RefersTo)
	}
	h := c.Holds[i]
	switch {
	case h.Over(e.At) != (e.Released == ByExpiry):
		return fmt.Errorf("entry %d takes from hold %d, which ends at %v", e.Seq, h.ID, h.Until)
	case amount > h.Amount:
		return fmt.Errorf("entry %d takes %v from hold %d, which has %v", e.Seq, amount, h.ID, h.Amount)
	case e.Kind == HoldReleased && (amount < h.Amount) != (e.Released == ByCapture):
		return fmt.Errorf("entry %d releases %v of the %v of hold %d", e.Seq, amount, h.Amount, h.ID)
	}
	holds := slices.Clone(c.Holds)
	if holds[i].Amount -= amount; holds[i].Amount == 0 {
		holds = slices.Delete(holds, i, i+1)
	}
	if c.Holds = holds; len(holds) == 0 {
		c.Holds = nil
	}
	return nil
}

// BreaksHolds reports whether an entry, the card's newest, took what is held on the card, held what was not there, or
// closed the card although something is held (invariant 63). before is what was Free when it was made, before it.
func (c *Card) BreaksHolds(before Fen, e *Entry) bool {
	if len(c.Holds) == 0 || c.HeldAt(e.At) == 0 {
		return false
	}
	free := c.Free(e.At)
	return e.Status == Returned || free < 0 && free < before
}

// holdsSome checks that an entry holds something, until a time that a hold may last to, on a card with room for it.
func holdsSome(c *Card, e *Entry) error {
	switch {
	case !e.HeldUntil.After(e.At) || e.HeldUntil.After(e.At.Add(HoldLongest)):
		return fmt.Errorf("entry %d holds something until %v", e.ID, e.HeldUntil)
	case len(c.Holds) >= MaxHolds:
		return fmt.Errorf("entry %d is one hold too many", e.ID)
	}
	return nil
}

// holdKnown checks that the reason of a release is one there is.
func holdKnown(_ *Card, e *Entry) error {
	if ReleasedNames[e.Released] == "" {
		return fmt.Errorf("entry %d releases a hold for the unknown reason %d", e.ID, int(e.Released))
	}
	return nil
}

// capturesOnly returns an error if a bill says that a hold pays it, and names none, or something else pays as well.
func (e *Entry) capturesOnly() error {
	switch {
	case e.Released == 0:
		return nil
	case !e.Captures() || e.RefersTo == 0:
		return fmt.Errorf("entry %d captures no hold", e.ID)
	case e.Gross != -e.Delta() || e.Discountable != 0 || len(e.Coupons) > 0 || e.ByPoints != PointPay{}:
		return fmt.Errorf("entry %d captures what is held, and something else pays", e.ID)
	}
	return nil
}

// captures returns an error unless e captures all that the release before it left of a hold.
func captures(release, e *Entry) error {
	if e == nil || !e.Captures() || e.ID != release.ID+1 || e.RefersTo != release.RefersTo || !e.SameCommand(release) {
		return fmt.Errorf("entry %d releases the rest of a capture, and none follows", release.ID)
	}
	return nil
}
