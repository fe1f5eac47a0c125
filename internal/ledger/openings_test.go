package ledger_test

import (
	"testing"
	"time"

	"tongka/internal/ledger"
)

// A card is taken back only while it has no entry but those that brought it, as a whole, and its number is free then
// (invariant 57).
func TestInvariant57WhatTakingBackMayDo(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
	brought := ledger.Card{
		Merchant: 1, ID: 7, Number: "6001", Status: ledger.Active, Level: 1, OpenedAt: at, Last: at, Seq: 2,
		Principal: 65, Bonus: 20, Points: 3, Details: ledger.Details{ExtID: "101", Remarks: "老客"},
		Lots:      []ledger.Lot{{Principal: -35}, {ID: 2, GoodUntil: ledger.Forever, Principal: 100, Bonus: 20}},
		PointLots: []ledger.PointLot{{GoodUntil: ledger.Forever, Points: 3}},
		Tally:     ledger.Tally{{Kind: ledger.Opened, N: 1}, {Kind: ledger.BalanceOpened, MovedPoints: true, N: 1}},
	}
	for _, c := range []struct {
		name  string
		other func(*ledger.Card, *ledger.Entry)
		want  bool
	}{
		{"all of it", func(*ledger.Card, *ledger.Entry) {}, true},
		{"of a lost card", func(c *ledger.Card, _ *ledger.Entry) { c.Status = ledger.Lost }, true},
		{"of a card that was used", func(c *ledger.Card, _ *ledger.Entry) {
			c.Tally = append(c.Tally, ledger.Count{Kind: ledger.Consumed, N: 1})
		}, false},
		{"of a card that was lost later", func(c *ledger.Card, _ *ledger.Entry) { c.Last = at.Add(time.Second) }, false},
		{"of a returned card", func(c *ledger.Card, _ *ledger.Entry) { c.Status = ledger.Returned }, false},
		{"less than all", func(_ *ledger.Card, e *ledger.Entry) { e.Allocations[1].Bonus = -19 }, false},
		{"not what is owed", func(_ *ledger.Card, e *ledger.Entry) { e.Allocations = e.Allocations[1:] }, false},
		{"without the points", func(_ *ledger.Card, e *ledger.Entry) { e.PointAllocations = nil }, false},
		{"a number that stays taken", func(_ *ledger.Card, e *ledger.Entry) { e.Number = "6001" }, false},
		{"a name that is another card's", func(_ *ledger.Card, e *ledger.Entry) { e.Number = "=6001=8" }, false},
		{"no number", func(_ *ledger.Card, e *ledger.Entry) { e.Number = "" }, false},
		{"other details", func(_ *ledger.Card, e *ledger.Entry) { e.Details.Remarks = "" }, false},
		{"a card that stays open", func(_ *ledger.Card, e *ledger.Entry) { e.Status = ledger.Active }, false},
		{"of no opening", func(_ *ledger.Card, e *ledger.Entry) { e.RefersTo = 0 }, false},
	} {
		card := brought
		e := ledger.Entry{
			Merchant: 1, ID: 9, Kind: ledger.OpeningReversed, At: at, RefersTo: 1, Status: ledger.Returned, Number: "=6001=7",
			Gross: 100, Net: 120, Details: &ledger.Details{Remarks: "老客"},
			Allocations: []ledger.Allocation{
				ledger.DebtPart(35), {Lot: 2, GoodUntil: ledger.Forever, Principal: -100, Bonus: -20},
			},
			PointAllocations: []ledger.PointAllocation{{GoodUntil: ledger.Forever, Points: -3}},
		}
		c.other(&card, &e)
		if _, err := card.Post(&e); (err == nil) != c.want {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
