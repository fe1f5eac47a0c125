package ledger

import (
	"fmt"
	"slices"
)

// Of returns the cash back on a bill of which the card paid that amount: whole steps only, and never more than was
// paid.
func (b CashBack) Of(paid Fen) Fen {
	if b.Each <= 0 || b.Back <= 0 {
		return 0
	}
	steps := paid / b.Each
	if steps > paid/b.Back {
		return paid
	}
	return steps * b.Back
}

// GivesCashBack reports whether the entry gives cash back, as a new lot of its own.
func (e *Entry) GivesCashBack() bool {
	return e.Kind == CashedBack && e.Delta() > 0 && len(e.Allocations) == 1 && e.Allocations[0].Lot == e.ID
}

// PutsBack reports whether the entry puts back what was taken instead of cash back that had been spent, because the
// bill it was spent on was refunded.
func (e *Entry) PutsBack() bool {
	return e.Kind == CashedBack && e.Delta() > 0 && !e.GivesCashBack()
}

// CashBackOf returns the entry that gave a bill's cash back, nil if none did, and how much of it is left after the
// entries that took some of it back.
func CashBackOf(posted []*Entry) (given *Entry, left Fen) {
	for _, e := range posted {
		if e.PutsBack() {
			continue
		}
		left += e.Delta()
		if e.Delta() > 0 {
			given = e
		}
	}
	return given, left
}

// CashBackKept returns how much of a bill's cash back is kept while the card still pays the amount stays of the bill:
// in proportion, rounded down, so that a refund in several parts gains nothing.
func (e *Entry) CashBackKept(given, stays Fen) Fen {
	paid := -e.Delta()
	if paid <= 0 || stays <= 0 || given <= 0 {
		return 0
	}
	return Fen(MulDiv(int64(given), int64(stays), int64(paid), 0))
}

// cashBackAddsUp reports whether the amounts of a cash back entry agree: given, it is bonus only and no more than was
// paid; taken or put back, gross and net both equal what moved.
func (e *Entry) cashBackAddsUp() bool {
	switch {
	case e.Delta() < 0:
		return e.Net == e.Gross && e.Net == -e.Delta() && e.Principal <= 0 && e.Bonus <= 0
	case e.PutsBack():
		return e.Net == e.Gross && e.Net == e.Delta() && e.Principal >= 0 && e.Bonus >= 0
	}
	return e.Principal == 0 && e.Net == e.Bonus && e.Net > 0 && e.Net <= e.Gross
}

// cashBackLots returns an error unless cash back is given as one new lot of bonus, taken from lots that exist, or
// put back into such lots.
func cashBackLots(c *Card, e *Entry) error {
	gives, puts := e.GivesCashBack(), e.PutsBack()
	if !puts && (c.Status != Active || c.pastLastDay(e)) {
		return fmt.Errorf("entry %d gives or takes cash back on a card that cannot be used", e.ID)
	}
	if e.Delta() == 0 {
		return fmt.Errorf("entry %d moves no cash back", e.ID)
	}
	for _, p := range e.Allocations {
		switch {
		case gives && p.Principal != 0, (p.Lot == e.ID) != gives:
			return fmt.Errorf("entry %d gives or takes cash back in lot %d", e.ID, p.Lot)
		case puts && min(p.Principal, p.Bonus) < 0, !puts && !gives && max(p.Principal, p.Bonus) > 0:
			return fmt.Errorf("entry %d gives and takes cash back", e.ID)
		}
	}
	return cashBackElsewhere(c, e)
}

// cashBackElsewhere returns an error unless what an entry takes from other lots than the cash back's own is also to
// be forfeited from the own lot, and is taken principal first.
func cashBackElsewhere(c *Card, e *Entry) error {
	if n := len(e.Forfeits); n > 1 || e.Delta() > 0 && n > 0 || (e.Version > 0) != (n > 0) {
		return fmt.Errorf("entry %d moves cash back of %v and has %d lots forfeited", e.ID, e.Delta(), n)
	}
	if len(e.Forfeits) == 0 {
		return nil
	}
	var elsewhere, bonus Fen
	principal := c.Principal + c.Debt()
	for _, p := range e.Allocations {
		if p.Lot == e.Forfeits[0].Lot && p.GoodUntil == e.Forfeits[0].GoodUntil {
			continue
		}
		elsewhere -= p.Principal + p.Bonus
		bonus -= p.Bonus
		if !p.IsDebt() {
			principal += p.Principal
		}
	}
	if elsewhere != e.Forfeits[0].Bonus || bonus > 0 && principal > 0 {
		return fmt.Errorf("entry %d takes %v of cash back from other lots, %v of it bonus, with %v of principal there", e.ID,
			elsewhere, bonus, principal)
	}
	return nil
}

// TakeBack returns the allocations that take cash back off the card: own from the lot that made created, which must
// hold that much, and spent, which is no longer there, from the other lots, principal first.
func (c *Card) TakeBack(made Allocation, own, spent Fen, today Date) ([]Allocation, error) {
	off := Allocation{Lot: made.Lot, GoodUntil: made.GoodUntil, Bonus: -own}
	others := *c
	others.addLot(off)
	others.Bonus -= own
	parts, err := others.takeLiveFirst(spent, today)
	if err == nil && own > 0 {
		parts = append(parts, off)
	}
	return parts, err
}

// takeLiveFirst takes an amount from the lots, principal first. Bonus past its last day is taken only for what the
// other lots do not cover.
func (c *Card) takeLiveFirst(amount Fen, today Date) ([]Allocation, error) {
	live := c.unexpired(today)
	parts, err := Take(&live, min(amount, max(0, live.Amount())), PrincipalFirst)
	if err != nil {
		return nil, err
	}
	left := *c
	for _, p := range parts {
		amount += p.Principal + p.Bonus
		left.addLot(p)
		left.Principal += p.Principal
		left.Bonus += p.Bonus
	}
	rest, err := Take(&left, amount, PrincipalFirst)
	return append(parts, rest...), err
}

// TakenElsewhere returns what of a bill's cash back was taken from other lots than its own and is not yet put back,
// as positive amounts, with debt last.
func TakenElsewhere(posted []*Entry, own EntryID) (taken []Allocation) {
	for _, e := range posted {
		for _, p := range e.Allocations {
			if p.Lot == own {
				continue
			}
			i := slices.IndexFunc(taken, p.SameLot)
			if i < 0 {
				i = len(taken)
				taken = append(taken, Allocation{Lot: p.Lot, GoodUntil: p.GoodUntil})
			}
			taken[i].Principal -= p.Principal
			taken[i].Bonus -= p.Bonus
		}
	}
	if i := slices.IndexFunc(taken, Allocation.IsDebt); i >= 0 {
		debt := taken[i]
		taken = append(slices.Delete(taken, i, i+1), debt)
	}
	return taken
}
