package verify

import (
	"testing"
	"time"

	"tongka/internal/ledger"
)

// forge adds an entry to the journal as somebody would who knows how everything is made: sums, balances, tally, hash,
// head and card are right, so that only what the entry does gives it away.
func (b *books) forge(t *testing.T, card int, e ledger.Entry) {
	t.Helper()
	c := &b.cards[card]
	e.Merchant, e.ID, e.Card, e.Seq = 1, ledger.EntryID(len(b.entries)+1), c.ID, c.Seq+1
	if e.At.IsZero() {
		e.At = b.entries[len(b.entries)-1].At
	}
	for i := range e.Allocations {
		if e.Allocations[i].Lot == itsOwn {
			e.Allocations[i].Lot = e.ID
		}
		e.Principal += e.Allocations[i].Principal
		e.Bonus += e.Allocations[i].Bonus
	}
	for _, p := range e.PointAllocations {
		e.Points += p.Points
	}
	e.PrincipalAfter, e.BonusAfter = c.Principal+e.Principal, c.Bonus+e.Bonus
	e.PointsAfter, e.OwedAfter = c.Points+e.Points, c.PointsOwed+e.PointsOwed
	if e.Level == 0 {
		e.Level = c.Level
	}
	if e.Status == 0 {
		e.Status = c.Status
	}
	e.Hash = e.Chain(c.Hash)
	tallied := *c
	if _, err := tallied.Fold(&e); err != nil {
		e.Tally = tallied.Tally // Fold checks the tally it has just calculated
	}
	if _, err := c.Fold(&e); err != nil {
		t.Fatal(err)
	}
	b.entries = append(b.entries, e)
	b.heads[0].LastEntry, b.heads[0].LastAt = e.ID, e.At
}

// itsOwn stands for the lot that a forged entry makes.
const itsOwn = -1

// forgeries are entries that add up but that no command makes, each with the check that must find it. Card 0 is
// active, card 1 is active and owes, card 3 was renewed.
var forgeries = []struct {
	invariant int
	what      string
	card      int
	entry     ledger.Entry
}{
	{56, "a transfer in without one out", 0, ledger.Entry{
		Kind: ledger.TransferredIn, Gross: 5, Net: 5, OtherCard: "A0009",
		Allocations: []ledger.Allocation{{Lot: itsOwn, GoodUntil: ledger.Forever, Principal: 5}},
	}},
	{
		56, "a transfer out without one in", 0,
		ledger.Entry{Kind: ledger.TransferredOut, Gross: 5, Net: 5, OtherCard: "A0009"},
	},
	{57, "a refund of nothing", 0, ledger.Entry{Kind: ledger.ConsumeRefunded}},
	{57, "a refund of a recharge", 0, ledger.Entry{Kind: ledger.ConsumeRefunded, RefersTo: 7}},
	{57, "a refund of a bill to come", 0, ledger.Entry{Kind: ledger.ConsumeRefunded, RefersTo: 999}},
	{57, "a reversal of nothing", 0, ledger.Entry{Kind: ledger.RechargeReversed, Gross: 5, Net: 5}},
	{
		57, "an invoice taken back that was none", 0,
		ledger.Entry{Kind: ledger.InvoiceReversed, Gross: 5, Net: 5, Invoice: 5},
	},
	{57, "a stop that undoes something", 0, ledger.Entry{Kind: ledger.CardStopped, Status: ledger.Stopped, RefersTo: 7}},
	{57, "principal booked as expired", 0, ledger.Entry{Kind: ledger.LotsExpired}},
	{
		57, "bonus given by an expiry", 0,
		ledger.Entry{
			Kind: ledger.LotsExpired, Allocations: []ledger.Allocation{{Lot: itsOwn, GoodUntil: ledger.Forever, Bonus: 5}},
		},
	},
	{
		57, "points given by an expiry", 0,
		ledger.Entry{
			Kind: ledger.LotsExpired, PointAllocations: []ledger.PointAllocation{{GoodUntil: 2026_12_31, Points: 5}},
		},
	},
	{57, "an expiry of nothing", 0, ledger.Entry{Kind: ledger.LotsExpired}},
	{57, "a million points on a bill of 0", 0, ledger.Entry{
		Kind: ledger.Consumed, PayRate: ledger.Percent100,
		PointAllocations: []ledger.PointAllocation{{GoodUntil: 2026_12_31, Points: 1_000_000}},
	}},
	{57, "an opening balance in mid-life", 0, ledger.Entry{
		Kind: ledger.BalanceOpened, Gross: 5, Net: 5,
		Allocations: []ledger.Allocation{{Lot: itsOwn, GoodUntil: ledger.Forever, Principal: 5}},
	}},
	{57, "a level changed by a points entry", 0, ledger.Entry{
		Kind: ledger.PointsAdjusted, Level: 9, PointAllocations: []ledger.PointAllocation{{GoodUntil: 2026_12_31, Points: 5}},
	}},
	{57, "points adjusted by none", 0, ledger.Entry{Kind: ledger.PointsAdjusted}},
	{
		57, "points used that were given", 0,
		ledger.Entry{Kind: ledger.PointsUsed, PointAllocations: []ledger.PointAllocation{{GoodUntil: 2026_12_31, Points: 5}}},
	},
	{57, "bonus to be forfeited because of a level", 0, ledger.Entry{
		Kind: ledger.LevelChanged, Level: 2, Forfeits: []ledger.Forfeit{{Lot: 7, GoodUntil: ledger.Forever, Bonus: 1}},
	}},
	{57, "a holder changed by a level", 0, ledger.Entry{Kind: ledger.LevelChanged, Holder: &ledger.Holder{Name: "别人"}}},
	{
		57, "a credit given by a phone", 0,
		ledger.Entry{Kind: ledger.PhoneBound, Details: &ledger.Details{ExtID: "101", Pass: 1, Credit: 5}},
	},
	{
		57, "a last good day moved by a change of holder", 0,
		ledger.Entry{Kind: ledger.HolderModified, Holder: &ledger.Holder{Name: "某人"}, CardExpires: 2099_12_31},
	},
	{
		57, "an invoice written by a stop", 0,
		ledger.Entry{Kind: ledger.PointsUsed, Invoice: -5, PointAllocations: []ledger.PointAllocation{{Points: 0}}},
	},
	{57, "a recharge in two lots", 0, ledger.Entry{
		Kind: ledger.Recharged, Gross: 5, Net: 5,
		Allocations: []ledger.Allocation{
			{Lot: itsOwn, GoodUntil: ledger.Forever, Principal: 3}, {Lot: itsOwn, GoodUntil: 2027_12_31, Principal: 2},
		},
	}},
	{57, "a recharge into another's lot", 0, ledger.Entry{
		Kind: ledger.Recharged, Gross: 5, Net: 5,
		Allocations: []ledger.Allocation{{Lot: 7, GoodUntil: ledger.Forever, Principal: 5}},
	}},
	{57, "money moved on a card that had expired", 3, ledger.Entry{
		At: time.Date(2028, 2, 2, 0, 0, 0, 0, time.UTC), Kind: ledger.Recharged, Gross: 5, Net: 5,
		Allocations: []ledger.Allocation{{Lot: itsOwn, GoodUntil: ledger.Forever, Principal: 5}},
	}},
	{57, "an unknown kind", 0, ledger.Entry{Kind: 999}},
	{57, "an unknown kind without a number", 0, ledger.Entry{}},
}

// An entry that adds up and has a right hash must still be what its kind may do.
func TestForgedEntriesAreFound(t *testing.T) {
	t.Parallel()
	for _, tt := range forgeries {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			b := sound(t)
			e := tt.entry
			switch {
			case e.Kind == ledger.TransferredOut, tt.what == "principal booked as expired":
				e.Allocations = takeOut(&b.cards[tt.card], 5)
			case e.Kind == ledger.RechargeReversed:
				e.Allocations = takeOut(&b.cards[tt.card], 5)
			}
			b.forge(t, tt.card, e)
			if r := run(t, b)[tt.invariant]; r.Violations == 0 {
				t.Errorf("invariant %02d held", tt.invariant)
			}
		})
	}
	t.Run("an unexpired bonus booked as expired", func(t *testing.T) {
		t.Parallel()
		b := sound(t)
		for _, l := range b.cards[0].Lots {
			if l.Bonus > 0 {
				b.forge(t, 0, ledger.Entry{
					Kind: ledger.LotsExpired, Allocations: []ledger.Allocation{{Lot: l.ID, GoodUntil: l.GoodUntil, Bonus: -l.Bonus}},
				})
				break
			}
		}
		if r := run(t, b)[57]; r.Violations != 1 {
			t.Errorf("%d violations, want 1", r.Violations)
		}
	})
}

// takeOut takes principal from the card's first lot that has enough.
func takeOut(c *ledger.Card, amount ledger.Fen) []ledger.Allocation {
	for _, l := range c.Lots {
		if l.Principal >= amount {
			return []ledger.Allocation{{Lot: l.ID, GoodUntil: l.GoodUntil, Principal: -amount}}
		}
	}
	return nil
}
