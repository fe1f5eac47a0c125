package ledger

import (
	"cmp"
	"slices"
)

// Tally counts a card's entries by kind and by whether they moved points. Each entry stores the tally up to itself,
// so that a page of history is found by searching the tallies instead of counting rows.
type Tally []Count

// Count is one line of a Tally.
type Count struct {
	Kind        Kind
	MovedPoints bool
	N           int64
}

func compareCounts(a, b Count) int {
	if a.Kind != b.Kind {
		return cmp.Compare(a.Kind, b.Kind)
	}
	switch {
	case a.MovedPoints == b.MovedPoints:
		return 0
	case b.MovedPoints:
		return -1
	}
	return 1
}

// Filter selects entries of a card's history. The zero value selects all.
type Filter struct {
	Kinds       []Kind // nil = every kind
	MovedPoints bool   // only those that moved points
}

func (f Filter) kind(k Kind) bool { return f.Kinds == nil || slices.Contains(f.Kinds, k) }

// Count returns how many of the counted entries match the filter.
func (t Tally) Count(f Filter) int64 {
	var n int64
	for _, c := range t {
		if f.kind(c.Kind) && (!f.MovedPoints || c.MovedPoints) {
			n += c.N
		}
	}
	return n
}
