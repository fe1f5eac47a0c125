package ledger_test

import (
	"testing"

	"tongka/internal/ledger"
)

// Active cards come first, and among them the one used last.
func TestSortFound(t *testing.T) {
	t.Parallel()
	cards := []ledger.Card{
		{ID: 1, Status: ledger.Stopped, Used: monday.AddDate(0, 0, 2)}, {ID: 2, Status: ledger.Active, Used: monday},
		{ID: 3, Status: ledger.Active, Used: monday.AddDate(0, 0, 1)},
		{ID: 5, Status: ledger.Lost, Used: monday}, {ID: 4, Status: ledger.Replaced, Used: monday},
	}
	ledger.SortFound(cards)
	for i, want := range []ledger.CardID{3, 2, 1, 4, 5} {
		if cards[i].ID != want {
			t.Errorf("card %d stands at %d, want %d", cards[i].ID, i, want)
		}
	}
}
