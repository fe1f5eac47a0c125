package job

import (
	"context"
	"slices"
	"testing"
	"time"

	"tongka/internal/ledger"
)

// keptBooks notes what a sweep deletes.
type keptBooks struct {
	dueBooks
	guards, messages, idle, ended, jobs time.Time
	exchanges                           []time.Time
}

// DropExchanges has more the first time.
func (b *keptBooks) DropExchanges(_ context.Context, _ ledger.MerchantID, before time.Time, _ int) (bool, error) {
	b.exchanges = append(b.exchanges, before)
	return len(b.exchanges) == 1, nil
}

func (b *keptBooks) DropGuards(_ context.Context, before time.Time) error {
	b.guards = before
	return nil
}

func (b *keptBooks) DropMessages(_ context.Context, before time.Time) error {
	b.messages = before
	return nil
}

func (b *keptBooks) DropSessions(_ context.Context, idle, now time.Time) error {
	b.idle, b.ended = idle, now
	return nil
}

func (b *keptBooks) DropJobs(_ context.Context, before time.Time) error {
	b.jobs = before
	return nil
}

func (*keptBooks) SaveSeen(context.Context, time.Time) error { return nil }

func (*keptBooks) Merchants(context.Context) ([]ledger.Merchant, error) {
	return []ledger.Merchant{{ID: 1, Zone: time.UTC}}, nil
}

// fixedClock is a clock that stands still.
type fixedClock struct{ at time.Time }

func (c fixedClock) Now() time.Time { return c.at }

func (fixedClock) Doubt() error { return nil }

// A round deletes what has had no effect for long: guards, messages, sessions that were idle for too long or ended, and
// jobs that ended long ago.
func TestRoundDeletesWhatIsOver(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)
	b := &keptBooks{}
	if _, err := (&Sweep{Books: b, Do: b, Clock: fixedClock{now}}).Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	for keep, want := range map[time.Duration][]time.Time{
		0: nil, time.Hour: {now.Add(-time.Hour), now.Add(-time.Hour)}, KeepNone: {now, now},
	} {
		b := &keptBooks{}
		if _, err := (&Sweep{Books: b, Do: b, Clock: fixedClock{now}, KeepRequests: keep}).Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(b.exchanges, want) {
			t.Errorf("kept for %v: requests of tills were deleted before %v, until there are no more", keep, b.exchanges)
		}
	}
	if b.guards != now.Add(-ledger.GuardKept) || b.messages != now.Add(-keepMessages) ||
		b.idle != now.Add(-ledger.SessionIdle) || b.ended != now || b.jobs != now.Add(-keepJobs) {
		t.Errorf("deleted before %v, %v, %v, %v and %v", b.guards, b.messages, b.idle, b.ended, b.jobs)
	}
}
