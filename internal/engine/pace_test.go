package engine

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A large work pauses beside tills, for no longer than is bounded, and not at all when none has done anything for a
// moment. Of several goroutines that share a pace one rests after the other.
func TestPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tills := false
		p := NewPace(9, func(context.Context) bool { return tills })
		rests := func(what string, took, want time.Duration) {
			t.Helper()
			begun := time.Now()
			if err := p.Rest(t.Context(), took); err != nil {
				t.Fatal(err)
			}
			if paused := time.Since(begun); paused != want {
				t.Errorf("%s: a pause of %v, want %v", what, paused, want)
			}
		}
		rests("the first look", time.Second, paceLook)
		time.Sleep(paceLook)
		rests("no till", time.Second, 0)
		tills = true
		time.Sleep(paceLook)
		rests("beside tills", 10*time.Millisecond, 90*time.Millisecond)
		rests("a piece that nothing divides", time.Minute, 10*time.Second)
		rests("and again", 10*time.Millisecond, 90*time.Millisecond)
		begun := time.Now()
		var running sync.WaitGroup
		for range 3 {
			running.Go(func() { _ = p.Rest(t.Context(), 10*time.Millisecond) })
		}
		running.Wait()
		if paused := time.Since(begun); paused != 270*time.Millisecond {
			t.Errorf("three rested for %v, want 90 ms each", paused)
		}
		tills = false
		rests("they were at work just now", 10*time.Millisecond, 90*time.Millisecond)
		time.Sleep(paceCalm)
		rests("they have gone", time.Second, 0)
	})
}

// A pause, and the wait for another's, ends with the work.
func TestPaceEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := NewPace(9, func(context.Context) bool { return true })
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		for range 2 {
			running.Go(func() {
				if err := p.Rest(ctx, time.Minute); !errors.Is(err, context.Canceled) {
					t.Errorf("got %v, want that it was canceled", err)
				}
			})
		}
		time.Sleep(2 * paceLook)
		cancel()
		running.Wait()
	})
}
