package hook

import (
	"math/rand/v2"
	"testing"
	"time"

	"tongka/internal/ledger"
)

// TestPauses: a pause doubles up to an hour, and is from half to one and a half of that.
func TestPauses(t *testing.T) {
	t.Parallel()
	low, high := func(int64) int64 { return 0 }, func(n int64) int64 { return n - 1 }
	for tries, want := range map[int]time.Duration{
		1: 5 * time.Second, 2: 10 * time.Second, 5: 80 * time.Second, 10: 2560 * time.Second, 11: time.Hour, 99: time.Hour,
	} {
		if least, most := pauseAfter(tries, low), pauseAfter(tries, high); least != want/2 || most != want*3/2-1 {
			t.Errorf("after %d tries from %v to %v, want about %v", tries, least, most, want)
		}
	}
	if got := pauseAfter(99, high); got >= furthest {
		t.Errorf("a pause of %v, and what waits so long is due", got)
	}
}

// TestThreeDays: a webhook that fails all the time is tried for three days, about once an hour in the end, and then
// paused.
func TestThreeDays(t *testing.T) {
	t.Parallel()
	begun := time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)
	r := rand.New(rand.NewPCG(1, 2))
	now, s := begun, ledger.WebhookState{}
	for s.Paused.IsZero() {
		if fails(&s, now, r.Int64N); !s.Next.After(now) || !s.Since.Equal(begun) {
			t.Fatalf("after %v: %+v", now.Sub(begun), s)
		}
		now = s.Next
	}
	if lasted := s.Paused.Sub(begun); lasted < patience || lasted > patience+furthest || s.Tries < 60 || s.Tries > 100 {
		t.Errorf("paused after %v and %d tries", lasted, s.Tries)
	}
}

// TestPausesOfAWrongClock: a clock that jumps ahead by days pauses nothing at once, and one that was set back does not
// make a failure last for ever.
func TestPausesOfAWrongClock(t *testing.T) {
	t.Parallel()
	none := func(int64) int64 { return 0 }
	now, s := time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC), ledger.WebhookState{}
	fails(&s, now, none)
	fails(&s, now.AddDate(1, 0, 0), none)
	if !s.Paused.IsZero() {
		t.Errorf("paused after two tries: %+v", s)
	}
	s = ledger.WebhookState{}
	fails(&s, now.AddDate(1, 0, 0), none)
	fails(&s, now, none)
	if !s.Since.Equal(now) {
		t.Errorf("failing since %v, and it is %v", s.Since, now)
	}
}
