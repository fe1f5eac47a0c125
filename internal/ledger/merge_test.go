package ledger

import (
	"testing"
	"time"
)

// A merge leaves nothing on the card that it closes and takes no principal but what pays off a debt; points pay what is
// owed before they come; and what is given by hand is one bonus (invariant 57).
func TestInvariant57WhatAMergeMayDo(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 5, 4, 4, 0, 0, 0, time.UTC)
	lot := func(principal, bonus Fen) []Allocation {
		return []Allocation{{Lot: 3, GoodUntil: 2026_12_31, Principal: principal, Bonus: bonus}}
	}
	given := func(parts ...Fen) (all []Allocation) {
		for i, bonus := range parts {
			all = append(all, Allocation{Lot: 9, GoodUntil: 2026_12_31 - Date(i), Bonus: bonus})
		}
		return all
	}
	points := func(n int64) []PointAllocation { return []PointAllocation{{GoodUntil: 2026_12_31, Points: n}} }
	for _, c := range []struct {
		what string
		e    Entry
		ok   bool
	}{
		{"all", Entry{Kind: MergedOut, Bonus: -7, Invoice: -5, Allocations: lot(0, -7), PointsOwed: -2}, true},
		{"all but an invoice", Entry{Kind: MergedOut, Bonus: -7, Invoice: -4, Allocations: lot(0, -7), PointsOwed: -2}, false},
		{"all but a bonus", Entry{Kind: MergedOut, Bonus: -6, Invoice: -5, Allocations: lot(0, -6), PointsOwed: -2}, false},
		{"all but what is owed", Entry{Kind: MergedOut, Bonus: -7, Invoice: -5, Allocations: lot(0, -7), PointsOwed: -1}, false},
		{
			"principal", Entry{Kind: MergedOut, Principal: -3, Bonus: -7, Invoice: -5, Allocations: lot(-3, -7), PointsOwed: -2},
			false,
		},
		{"points that pay", Entry{Kind: MergedIn, Points: 1, PointsOwed: -2, PointAllocations: points(1)}, true},
		{"points that do not pay", Entry{Kind: MergedIn, Points: 1, PointsOwed: -1, PointAllocations: points(1)}, false},
		{"more that is owed", Entry{Kind: MergedIn, PointsOwed: 4}, true},
		{"a bonus", Entry{Kind: BonusGiven, Gross: 7, Net: 7, Bonus: 7, Allocations: given(7)}, true},
		{"two of them", Entry{Kind: BonusGiven, Gross: 7, Net: 7, Bonus: 7, Allocations: given(3, 4)}, false},
		{"principal by hand", Entry{Kind: BonusGiven, Gross: 7, Net: 7, Principal: 7, Allocations: []Allocation{
			{Lot: 9, GoodUntil: Forever, Principal: 7},
		}}, false},
	} {
		card := Card{
			Merchant: 1, ID: 2, Seq: 3, Status: Active, Level: 1, Bonus: 7, Invoiceable: 5, PointsOwed: 2, Lots: []Lot{
				{ID: 3, GoodUntil: 2026_12_31, Bonus: 7},
			},
		}
		e := c.e
		e.Merchant, e.ID, e.Card, e.Seq, e.Level, e.At, e.Status = 1, 9, 2, 4, 1, at, Active
		if e.Kind == MergedOut {
			e.Status = Returned
		}
		if e.Kind.Merges() {
			e.OtherCard = "6002"
		}
		e.PrincipalAfter, e.BonusAfter = card.Principal+e.Principal, card.Bonus+e.Bonus
		e.PointsAfter, e.OwedAfter = card.Points+e.Points, card.PointsOwed+e.PointsOwed
		if err := card.Allows(&e); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}
