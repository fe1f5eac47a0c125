package auth

import (
	"net/netip"
	"sync"
	"testing"
	"time"
)

// TestWait: a burst passes, then one call at a time at the sustained rate; callers have separate limits.
func TestWait(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	l := NewLimiter[string](Limit{PerSecond: 2, Burst: 3}, func() time.Time { return now })
	for _, step := range []struct {
		after time.Duration
		key   string
		wait  time.Duration
	}{
		{0, "a", 0},
		{0, "a", 0},
		{0, "a", 0},
		{0, "a", 500 * time.Millisecond},
		{0, "a", 500 * time.Millisecond}, // a call that had to wait is not counted
		{0, "b", 0},
		{500 * time.Millisecond, "a", 0},
		{0, "a", 500 * time.Millisecond},
	} {
		now = now.Add(step.after)
		if got := l.Wait(step.key); got != step.wait {
			t.Errorf("%s at %v waits %v, want %v", step.key, now.Sub(time.Unix(0, 0)), got, step.wait)
		}
	}
}

// TestWaitOff: without a limit every call passes.
func TestWaitOff(t *testing.T) {
	t.Parallel()
	l := NewLimiter[string](Limit{}, time.Now)
	for range 1000 {
		if got := l.Wait("a"); got != 0 {
			t.Fatalf("waits %v", got)
		}
	}
}

// TestLimiterIsBounded: when there are more callers than it remembers, it forgets the one that was quiet longest.
func TestLimiterIsBounded(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	l := NewLimiter[int](Limit{PerSecond: 1, Burst: 1, Keys: 3}, func() time.Time { return now })
	l.Wait(0)
	for stranger := 1; stranger < 1000; stranger++ {
		l.Wait(stranger)
		if l.Wait(0) == 0 {
			t.Fatal("the busy caller was forgotten")
		}
		if len(l.known) > 3 || l.recent.Len() != len(l.known) {
			t.Fatalf("%d callers are remembered", len(l.known))
		}
	}
}

// TestLimiterInParallel: of many calls at once, only as many pass as the limit allows.
func TestLimiterInParallel(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	l := NewLimiter[string](Limit{PerSecond: 10}, func() time.Time { return now })
	var running sync.WaitGroup
	passed := make(chan bool, 100)
	for range 100 {
		running.Go(func() { passed <- l.Wait("a") == 0 })
	}
	running.Wait()
	close(passed)
	n := 0
	for ok := range passed {
		if ok {
			n++
		}
	}
	if n != 10 {
		t.Errorf("%d passed, want 10", n)
	}
}

// TestNeighbourhood: all addresses of an IPv6 network count as one caller.
func TestNeighbourhood(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ from, want string }{
		{"203.0.113.9", "203.0.113.9"},
		{"::ffff:203.0.113.9", "203.0.113.9"},
		{"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"},
		{"fe80::1%eth0", "fe80::"},
	} {
		if got := Neighbourhood(netip.MustParseAddr(test.from)); got.String() != test.want {
			t.Errorf("%s counts as %s, want %s", test.from, got, test.want)
		}
	}
	if got := Neighbourhood(netip.Addr{}); got.IsValid() {
		t.Errorf("no address counts as %s", got)
	}
}

// Room tells how many calls are left, and calls that have to wait do not lower it.
func TestRoom(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	l := NewLimiter[string](Limit{PerSecond: 2}, func() time.Time { return now })
	for _, want := range []int{2, 1, 0, 0} {
		if most, left, ok := l.Room("a"); most != 2 || left != want || !ok {
			t.Errorf("%d of %d left, want %d", left, most, want)
		}
		l.Wait("a")
	}
	now = now.Add(time.Second)
	if _, left, _ := l.Room("a"); left != 2 {
		t.Errorf("%d left after a second", left)
	}
	if _, _, ok := (*Limiter[string])(nil).Room("a"); ok {
		t.Error("no limit has room")
	}
}
