package ledger

import (
	"slices"
	"testing"
	"time"
)

// Every kind has a line in the table, and a card keeps the time of its newest entry of the kinds by which its holder
// uses it (invariant 03). Among them are none that the merchant makes while he stays away.
func TestUses(t *testing.T) {
	t.Parallel()
	for k := range uses {
		if !slices.Contains(Kinds, k) {
			t.Errorf("%v is in the table and not among the kinds", k)
		}
	}
	want := []Kind{
		Opened, CardReturned, CardReplaced, Recharged, Consumed, TransferredOut, Withdrawn, PointsUsed, Renewed,
		AccountCharged, MergedOut, MergedIn, AmountHeld,
	}
	opened := time.Date(2026, 5, 4, 11, 0, 0, 0, time.UTC)
	for _, k := range Kinds {
		if _, chosen := uses[k]; !chosen {
			t.Errorf("it is not said whether a card is used by a %v", k)
		}
		c := Card{
			Merchant: 1, ID: 2, Seq: 3, Last: opened, Used: opened, Status: Active, Charges: Charges{Bills: 1},
			Holds: []Hold{{Until: opened.Add(2 * time.Hour)}}, // by entry 0, to which what refers to none refers here
		}
		e := Entry{
			Merchant: 1, ID: 9, Card: 2, Seq: 4, Kind: k, At: opened.Add(time.Hour), Status: Active, CardExpires: 2027_01_01,
			Details: &Details{Pass: 1},
		}
		e.Tally = c.Tally.Plus(&e)
		if _, err := c.Fold(&e); err != nil {
			t.Errorf("%v: %v", k, err)
		}
		if used := c.Used.Equal(e.At); used != slices.Contains(want, k) || !used && !c.Used.Equal(opened) {
			t.Errorf("after a %v the card was used at %v", k, c.Used)
		}
		if !c.Last.Equal(e.At) {
			t.Errorf("after a %v its newest entry is of %v", k, c.Last)
		}
	}
}

// A card that is used in time that was taken back, and again, was used when the newest of these entries says.
func TestUsedGoesBack(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 5, 4, 11, 0, 0, 0, time.UTC)
	c := Card{Merchant: 1, ID: 2, Seq: 3, Last: at, Used: at, Status: Active}
	e := Entry{
		Merchant: 1, ID: 9, Card: 2, Seq: 4, Kind: AccountCharged, At: at.Add(-time.Hour), Back: 8, Status: Active,
	}
	e.Tally = c.Tally.Plus(&e)
	if _, err := c.Fold(&e); err != nil || !c.Used.Equal(e.At) {
		t.Errorf("used at %v, %v", c.Used, err)
	}
}
