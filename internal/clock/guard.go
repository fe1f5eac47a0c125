// Package clock says what time it is, and whether that can be believed.
//
// A machine's wall clock may be wrong: a battery is empty, somebody typed the wrong year, a time server lies
// for seconds. What rests on the time cannot be undone by itself: bonus, points and coupons expire by it. So
// the time goes on by the clock that never steps from a moment somebody vouched for, and follows the wall
// clock only within Step. A wall clock that parts from that is in doubt, until it comes back, the system
// or the database vouches for it, or a person does (decision 0023).
//
// It promises: the time it tells never follows a step beyond Step that nobody vouched for; at a start
// that nobody vouches for it tells none that could expire anything, and says why. It never sets a clock.
package clock

import "time"

const (
	// Step is how far the wall clock may part, within an hour, from where the running clock has it.
	Step = 5 * time.Minute
	// Gap is how long nothing may have been known of the time for the wall clock to be believed at a start
	// without anybody's word: over a weekend.
	Gap = 72 * time.Hour
	// anchorFor is how long a moment that was vouched for is reckoned from.
	anchorFor = time.Hour
)

// Reading is what the machine's clocks show at one moment.
type Reading struct {
	Wall time.Time     // UTC
	Mono time.Duration // of a clock that never steps, but may stand still while the machine sleeps
	Boot time.Duration // of one that goes on meanwhile; 0 = there is none, or it was not read
}

// Guard reckons from a moment somebody vouched for. The zero value knows of none.
type Guard struct {
	anchor Reading
	known  bool
}

// From is a guard that reckons from a moment at which the wall clock is right.
func From(r Reading) Guard { return Guard{anchor: r, known: true} }

// Known reports whether there is a moment to reckon from.
func (g Guard) Known() bool { return g.known }

// At is the time at a reading, and how far the wall clock stands ahead of it (negative: behind); 0 when the
// wall clock is within Step. It must know a moment to reckon from.
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

// Keep is the guard reckoning from a later moment at which the wall clock was where it must be, once the old
// one is an hour old. So a clock that is pushed on by many small steps is in doubt too.
func (g Guard) Keep(r Reading) Guard {
	if _, off := g.At(r); off != 0 || r.Mono-g.anchor.Mono < anchorFor && r.Boot-g.anchor.Boot < anchorFor {
		return g
	}
	return From(r)
}

func within(d time.Duration) bool { return d.Abs() <= Step }
