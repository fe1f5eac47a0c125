package command

import (
	"errors"
	"time"

	"tongka/internal/ledger"
)

// ReverseOpenings takes back that cards were brought from another system, each unless something was done with it since.
// What such a card brought leaves it, its coupons are void, it is closed, and its number and its inner code are free
// for another card. It stays readable under a name that no card can be opened by (ledger.Card.FreedNumber).
// Changes.Refused lists the cards that were used.
type ReverseOpenings struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Cards    []BroughtCard
}

// BroughtCard is a card that was brought from another system, with the first and the last of the entries that brought
// it. They may be one.
type BroughtCard struct {
	Number      string
	First, Last ledger.EntryID
}

// Keys names the cards with their unused coupons, and the entries.
func (r ReverseOpenings) Keys() (k Keys) {
	for _, c := range r.Cards {
		k.Cards = append(k.Cards, ledger.FoldNumber(c.Number))
		k.Entries = append(k.Entries, c.First, c.Last)
	}
	k.Wallets = k.Cards
	return k
}

func (r ReverseOpenings) mayMakeNoEntry() bool { return true }

// Decide takes back those that may be.
func (r ReverseOpenings) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, r.Merchant, r.By)
	if err != nil {
		return Changes{}, err
	}
	for n, c := range r.Cards {
		err := ofRow(n, d.reverseOpening(c))
		if row, refused := errors.AsType[RowRefusal](err); refused {
			d.ch.Refused = append(d.ch.Refused, row)
		} else if err != nil {
			return Changes{}, err
		}
	}
	return d.finish()
}

// reverseOpening takes back what a card brought, and closes it.
func (d *draft) reverseOpening(brought BroughtCard) error {
	c, err := d.untouched(brought)
	if err != nil {
		return err
	}
	e := ledger.Entry{
		Kind: ledger.OpeningReversed, Status: ledger.Returned, RefersTo: brought.First, Number: c.FreedNumber(),
		Allocations: c.AllParts(), Coupons: d.dropCoupons(c), Details: c.Details.WithoutExtID(),
	}
	for _, l := range c.Filled() {
		e.Gross += l.Principal
		e.Net += l.Principal + l.Bonus
	}
	for _, l := range c.PointLots {
		e.PointAllocations = append(e.PointAllocations, ledger.PointAllocation{GoodUntil: l.GoodUntil, Points: -l.Points})
	}
	d.ch.Freed = append(d.ch.Freed, c.Key().Number)
	d.post(c, e)
	return nil
}

// untouched returns a copy of the card that entries have brought, if these are all that it has.
func (d *draft) untouched(brought BroughtCard) (*ledger.Card, error) {
	first, last := d.s.entries.get(brought.First), d.s.entries.get(brought.Last)
	known := d.s.card(ledger.FoldNumber(brought.Number))
	switch {
	case first == nil, last == nil, first.Kind != ledger.Opened, last.Card != first.Card, !last.SameCommand(first):
		return nil, ledger.Refuse(ledger.EntryNotFound)
	case known == nil, known.ID != first.Card, known.Seq != last.Seq, !known.Untouched():
		return nil, ledger.Refuse(ledger.CardWasUsed, brought.Number)
	}
	c := *known
	return &c, nil
}
