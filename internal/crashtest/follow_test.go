package crashtest

import (
	"context"
	"testing"
	"time"

	"tongka/internal/ledger"
	"tongka/internal/pgtest"
	"tongka/internal/store"
)

// foldedWithin is how soon the totals must cover the whole journal once one server is left: the lease of a killed
// one must end, and what it left must be folded.
const foldedWithin = time.Minute

// TestDayTotalsOfTwoServers lets two servers on one database fold totals while both are busy and each is killed
// now and then. It fails if a bill is counted twice or not at all, or if no server continues the totals.
func TestDayTotalsOfTwoServers(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	openBooks(t, dsn)
	var book asked
	servers := [2]*server{startServer(t, dsn), startServer(t, dsn)}
	var stop [2]context.CancelFunc
	var done [2]<-chan struct{}
	begin := func(i, round int) {
		var ctx context.Context
		ctx, stop[i] = context.WithCancel(t.Context())
		done[i] = book.load(ctx, servers[i], round)
	}
	begin(0, 0)
	begin(1, 1)
	for round := range 6 {
		time.Sleep(1500 * time.Millisecond)
		i := round % 2
		servers[i].kill(t)
		stop[i]()
		<-done[i]
		if round < 5 {
			servers[i] = startServer(t, dsn)
			begin(i, round+2)
		}
	}
	stop[0]()
	<-done[0]
	book.settle(t, servers[0])
	waitFolded(t, dsn)
	servers[0].kill(t)
	checkBooks(t, dsn, &book)
}

// waitFolded waits until the totals cover the newest entry, and checks that they count as many entries as there
// are.
func waitFolded(t *testing.T, dsn string) {
	t.Helper()
	st, err := store.Open(t.Context(), dsn, store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	var upTo, last ledger.EntryID
	var counted int64
	for begun := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		err := st.Snapshot(t.Context(), func(v *store.View) error {
			cursors, err := v.CursorsOf(t.Context(), 1)
			if err != nil {
				return err
			}
			for _, c := range cursors {
				if c.Follower == ledger.DayTotals {
					upTo = c.Entry
				}
			}
			if _, last, err = v.Span(t.Context(), 1); err != nil {
				return err
			}
			counted = 0
			return v.EachDayTotal(t.Context(), 1, 0, 0, func(d *ledger.DayTotal) error {
				counted += d.Count
				return nil
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		if counted != int64(upTo) {
			t.Fatalf("the totals count %d entries up to entry %d", counted, upTo)
		}
		if last > cards && upTo == last {
			t.Logf("%d entries were folded in the end", last)
			return
		}
		if time.Since(begun) > foldedWithin {
			t.Fatalf("after %v the totals go up to entry %d of %d", foldedWithin, upTo, last)
		}
	}
}
