package ledger_test

import (
	"testing"
	"time"

	"tongka/internal/ledger"
)

// TestDoneAt: an entry dated by a clock that was wrong counts as done at the time it was taken back to.
func TestDoneAt(t *testing.T) {
	t.Parallel()
	backs := []ledger.TimeBack{{Entry: 10, At: monday}, {Entry: 20, At: monday.Add(time.Hour)}}
	for _, c := range []struct {
		id       ledger.EntryID
		at, want time.Duration
	}{
		{9, time.Minute, 0}, {9, -time.Minute, -time.Minute}, {11, time.Minute, time.Minute}, {12, 2 * time.Hour, time.Hour},
		{21, 2 * time.Hour, 2 * time.Hour},
	} {
		if got := ledger.DoneAt(c.id, monday.Add(c.at), backs); !got.Equal(monday.Add(c.want)) {
			t.Errorf("entry %d at %v: got %v", c.id, c.at, got.Sub(monday))
		}
	}
}
