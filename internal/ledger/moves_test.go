package ledger

import (
	"slices"
	"testing"
	"time"
)

// Every kind has a line in the table and a name, and the table has no other lines (invariant 57).
func TestInvariant57TableIsClosed(t *testing.T) {
	t.Parallel()
	for _, k := range Kinds {
		if _, ok := allowed[k]; !ok {
			t.Errorf("%v may do nothing", k)
		}
		if KindNames[k] == "" {
			t.Errorf("kind %d has no name", k)
		}
	}
	for k := range allowed {
		if !slices.Contains(Kinds, k) {
			t.Errorf("%v is in the table and not among the kinds", k)
		}
	}
}

// No entry brings back a card that was returned or replaced, and none follows on one but that somebody has looked at
// the holder's data (invariant 26).
func TestInvariant26ClosedStaysClosed(t *testing.T) {
	t.Parallel()
	for _, k := range Kinds {
		for _, closed := range []Status{Returned, Replaced} {
			for _, to := range []Status{Active, Lost, Stopped, Returned, Replaced} {
				if look := k == DataShown && to == closed; k.Takes(closed, to) && !look {
					t.Errorf("a %v may follow on a card with status %d and give it status %d", k, closed, to)
				}
			}
		}
	}
}

// A kind moves money if and only if the table of postings knows the other side.
func TestInvariant57MoneyHasTwoSides(t *testing.T) {
	t.Parallel()
	for _, k := range Kinds {
		m := allowed[k]
		if _, posts := MoneySides[k]; posts != (m.principal != 0 || m.bonus != 0) {
			t.Errorf("%v moves money: %v, and has sides: %v", k, !posts, posts)
		}
	}
}

// Days are checked against the farthest zones there are.
func TestDaysOfTheFarthestZones(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 5, 4, 11, 0, 0, 0, time.UTC)
	if first, last := EarliestDay(at), LatestDay(at); first != 2026_05_03 || last != 2026_05_05 {
		t.Errorf("it was %v to %v", first, last)
	}
}

// Every fact has a name of its own, and a set has the name of its first.
func TestFactsAreNamed(t *testing.T) {
	t.Parallel()
	named := map[string]bool{"": true}
	for f := aBill; f <= aLevel; f <<= 1 {
		if named[f.String()] || (f|aLevel).String() != f.String() {
			t.Errorf("fact %d is called %q, and with another level %q", f, f, f|aLevel)
		}
		named[f.String()] = true
	}
	if len(factNames) != len(named)-1 || facts(0).String() != "nothing" {
		t.Errorf("%d names for %d facts, and none is %q", len(factNames), len(named)-1, facts(0))
	}
}
