package ledger_test

import (
	"testing"

	"tongka/internal/ledger"
)

// A card that is returned breaks its pledge by what it owes beyond the points that were on it.
func TestReturnedCardsPledge(t *testing.T) {
	t.Parallel()
	s := ledger.Settings{PointsRatio: 100}
	for points, want := range map[int64]bool{0: true, 49: true, 50: false, 60: false} {
		e := ledger.Entry{Kind: ledger.CardReturned, Points: -points, PointsOwed: -50}
		if got := s.BreaksPledge(&ledger.Card{}, &e); got != want {
			t.Errorf("50 points owed, %d on the card: broken %v", points, got)
		}
	}
}
