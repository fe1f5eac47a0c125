package hook

import (
	"time"

	"tongka/internal/ledger"
)

// Limits of how long something is tried.
const (
	firstPause   = 5 * time.Second
	longestPause = time.Hour
	patience     = 3 * 24 * time.Hour // that a webhook may fail without an end
	// leastTries may have failed before a webhook is paused, however long ago the first did: a clock that was wrong for a
	// while pauses nothing.
	leastTries = 20
)

// pauseAfter returns how long to wait after so many failures in a row: from half of a time that doubles to one and a
// half of it, so that webhooks that failed together do not come back together. random returns a number below n.
func pauseAfter(tries int, random func(n int64) int64) time.Duration {
	d := min(firstPause<<min(tries-1, 20), longestPause)
	return d/2 + time.Duration(random(int64(d)))
}

// furthest is the longest that pauseAfter returns.
const furthest = longestPause + longestPause/2

// fails notes in a state that a try has failed at a time, and when to try next, or that it is not tried any more.
func fails(s *ledger.WebhookState, now time.Time, random func(n int64) int64) {
	s.Tries++
	if s.Since.IsZero() || s.Since.After(now) {
		s.Since = now
	}
	s.Next = now.Add(pauseAfter(s.Tries, random))
	if s.Tries >= leastTries && now.Sub(s.Since) >= patience {
		s.Paused = now
	}
}
