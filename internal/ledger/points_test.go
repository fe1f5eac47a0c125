package ledger

import (
	"math"
	"testing"
)

// Points are worth what the ratio says, rounded down to the fen, so that paying in parts is worth no more than
// paying at once (invariant 32).
func TestInvariant32WorthOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		points, ratio int64
		want          Fen
	}{
		{100, 0, 0}, {100, -1, 0}, {0, 100, 0}, {-5, 100, 0},
		{1, 100, 1}, {250, 100, 2_50}, {7, 1, 7_00}, {2, 300, 0}, {3, 300, 1}, {5, 300, 1}, {6, 300, 2},
		{MaxPoints, 1, 100 * Fen(MaxPoints)}, {math.MaxInt64, 1, 100 * Fen(MaxPoints)},
	} {
		if got := (Settings{PointsRatio: c.ratio}).WorthOf(c.points); got != c.want {
			t.Errorf("%d points at %d: got %v, want %v", c.points, c.ratio, got, c.want)
		}
	}
	for ratio := int64(1); ratio < 400; ratio += 7 {
		set := Settings{PointsRatio: ratio}
		for a := range int64(40) {
			for b := range int64(40) {
				if set.WorthOf(a)+set.WorthOf(b) > set.WorthOf(a+b) {
					t.Fatalf("at %d, %d and %d points are worth more than together", ratio, a, b)
				}
			}
		}
	}
}
