// Package clock tells the time, and whether it can be trusted.
//
// A machine's wall clock may be wrong: a battery is empty, somebody typed the wrong year, a time server is wrong
// for seconds. What depends on the time cannot undo itself: bonus, points and coupons expire by it. So time is
// counted by a clock that never steps, from a moment that was confirmed, and follows the wall clock only within
// Step. If the wall clock differs by more it is in doubt until it agrees again or a person confirms it; up to a Pause,
// the system's or the database's word is enough (decision 0023).
//
// It promises: its time never follows a step of more than Step that nobody confirmed; if nobody confirms the time at
// a start, it tells none that could let anything expire, and says why; and what a command writes confirms no more than
// a Pause to a server. It never sets a clock.
package clock

import "time"

const (
	// Step is how far the wall clock may differ, within an hour, from the running clock.
	Step = 5 * time.Minute
	// Gap is how old the newest known time may be at a start for the wall clock to be trusted without
	// confirmation: over a weekend.
	Gap = 72 * time.Hour
	// Pause is how far the system's word moves the time while the program runs: a virtual machine that is paused
	// overnight goes on with all its clocks late, and is then set right by a time server.
	Pause = 24 * time.Hour
	// anchorFor is how long time is counted from the same moment.
	anchorFor = time.Hour
)

// Reading is what the machine's clocks show at one moment.
type Reading struct {
	Wall time.Time     // UTC
	Mono time.Duration // of a clock that never steps, but may stop while the machine sleeps
	Boot time.Duration // of a clock that goes on meanwhile; 0 = there is none, or it was not read
}

// Guard counts time from a moment that was confirmed. The zero value has no such moment.
type Guard struct {
	anchor Reading
	known  bool
}

// From returns a guard that counts from a moment at which the wall clock is right.
func From(r Reading) Guard { return Guard{anchor: r, known: true} }

// Known reports whether there is a moment to count from.
func (g Guard) Known() bool { return g.known }

// At returns the time at a reading, and how far the wall clock is ahead of it (negative: behind), 0 if it is within
// Step. The guard must have a moment to count from.
func (g Guard) At(r Reading) (now time.Time, off time.Duration) {
	now = g.anchor.Wall.Add(r.Mono - g.anchor.Mono)
	if off = r.Wall.Sub(now); within(off) {
		return r.Wall, 0
	}
	if r.Boot != 0 && g.anchor.Boot != 0 { // the machine may have slept
		awake := g.anchor.Wall.Add(r.Boot - g.anchor.Boot)
		if off = r.Wall.Sub(awake); within(off) {
			return r.Wall, 0
		}
		now = awake
	}
	return now, off
}

// Keep returns a guard that counts from a later reading at which the wall clock agreed, once the old moment is an
// hour old. Because it is kept for an hour, a clock that is moved on by many small steps is in doubt too.
func (g Guard) Keep(r Reading) Guard {
	if _, off := g.At(r); off != 0 || r.Mono-g.anchor.Mono < anchorFor && r.Boot-g.anchor.Boot < anchorFor {
		return g
	}
	return From(r)
}

func within(d time.Duration) bool { return d.Abs() <= Step }
