package recent_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tongka/internal/recent"
)

// A set has exactly what was added since the turn before the last one.
func TestPropertySet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var s recent.Set[int]
		var fresh, before []int
		for range rapid.IntRange(1, 50).Draw(t, "steps") {
			switch rapid.IntRange(0, 8).Draw(t, "step") {
			case 0:
				s.Turn()
				fresh, before = nil, fresh
			case 1:
				s.Clear()
				fresh, before = nil, nil
			default:
				key := rapid.IntRange(0, 9).Draw(t, "key")
				if s.Add(key); !slices.Contains(fresh, key) {
					fresh = append(fresh, key)
				}
			}
			for key := range 10 {
				if want := slices.Contains(fresh, key) || slices.Contains(before, key); s.Has(key) != want {
					t.Fatalf("has %d = %v, want %v", key, !want, want)
				}
			}
			if s.Fresh() != len(fresh) || s.Len() != len(fresh)+len(before) {
				t.Fatalf("%d fresh of %d, want %d of %d", s.Fresh(), s.Len(), len(fresh), len(fresh)+len(before))
			}
		}
	})
}
