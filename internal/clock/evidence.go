package clock

import (
	"fmt"
	"time"
)

// Kernel is what the operating system says about whether its clock is synchronised.
type Kernel int

const (
	Unknown Kernel = iota
	Synchronised
	Unsynchronised
)

// String is for people.
func (k Kernel) String() string {
	return [...]string{
		"does not say whether the clock is synchronised", "says that the clock is synchronised",
		"says that the clock is not synchronised",
	}[k]
}

// Evidence is everything that speaks for or against the wall clock.
type Evidence struct {
	Wall     time.Time
	Expected time.Time // the time by the running clock; zero at a start
	Newest   time.Time // of all entries; zero = there are none
	Seen     time.Time // when a server last knew the time; zero = never
	Accepted time.Time // when a person last confirmed or took back the time, unless Look used it before; zero = never
	Server   time.Time // the database server's clock; zero = it has none of its own
	Apart    bool      // the database server is another machine, so its clock may confirm this one
	// Files is when the database's files were last written; zero = unknown. A wrong clock would have dated them
	// too, so it confirms nothing.
	Files  time.Time
	Kernel Kernel
	// Command is true for a program that carries out a command and ends. It has watched no clock, and what it writes
	// would be taken for a server's, so at its start it believes no more than a running server.
	Command bool
}

// Doubt is why the wall clock is not trusted.
type Doubt struct {
	Why    string
	Behind bool // the wall clock is behind what was written
	// Ahead is true if the journal is ahead of a confirmed time: what is written now is dated wrong.
	Ahead bool
}

// Error returns Why.
func (d *Doubt) Error() string { return d.Why }

// Doubt returns nil if the wall clock may be trusted. The time a server last knew counts like an entry. The evidence
// is weighed in this order: nothing was ever written; a person confirmed the time while the server runs; what was
// written is ahead; a person confirmed it before; the database server's clock differs; the last entry is recent; the
// system or the database server confirms it, against a running clock by no more than a Pause; another server was
// there. A command goes no more than a Pause beyond the last entry either, unless a person confirmed it.
func (e Evidence) Doubt() *Doubt {
	known := e.known()
	switch vouched := e.vouched(); {
	case known.IsZero():
		return nil
	case e.running() && e.near(e.Accepted): // this server may have written entries ahead of it since then
		return nil
	case known.Sub(e.Wall) > Step:
		return &Doubt{
			fmt.Sprintf("the clock of this machine is %s behind the newest entry", span(known.Sub(e.Wall))), true, vouched,
		}
	case e.near(e.Accepted):
		return nil
	case !e.Server.IsZero() && !within(e.Wall.Sub(e.Server)):
		return &Doubt{
			Why: fmt.Sprintf("the clock of this machine and the database server's are %s apart", span(e.Wall.Sub(e.Server))),
		}
	case vouched, !e.running() && !e.farOff() && e.near(known), e.ofOthers():
		return nil
	case e.farOff():
		return &Doubt{Why: fmt.Sprintf("%s, which only a person can confirm", e.alone(known))}
	}
	return &Doubt{Why: fmt.Sprintf("%s, and nobody vouches for it: the system %v", e.alone(known), e.Kernel)}
}

// alone describes what happened to a clock that nobody confirms.
func (e Evidence) alone(known time.Time) string {
	switch {
	case !e.running():
		return fmt.Sprintf("the clock of this machine is %s after the last entry", span(e.Wall.Sub(known)))
	case e.Wall.After(e.Expected):
		return fmt.Sprintf("the clock of this machine was set forward by %s", span(e.Wall.Sub(e.Expected)))
	}
	return fmt.Sprintf("the clock of this machine was set back by %s", span(e.Wall.Sub(e.Expected)))
}

// known returns the last time that the books know of.
func (e Evidence) known() time.Time { return latest(e.Newest, e.Seen) }

// running reports whether the program has already trusted a moment, so that the running clock tells the time to expect.
func (e Evidence) running() bool { return !e.Expected.IsZero() }

// farOff reports whether the wall clock differs by more than a machine may have been paused: from the running clock,
// or, where a command has none yet, from the last entry.
func (e Evidence) farOff() bool {
	expected := e.Expected
	if !e.running() && e.Command {
		expected = e.known()
	}
	return !expected.IsZero() && e.Wall.Sub(expected).Abs() > Pause
}

// vouched reports whether the system or another machine confirms the wall clock. A time server that is wrong for
// seconds misleads both, so where it is far off they do not count.
func (e Evidence) vouched() bool {
	if e.farOff() {
		return false
	}
	return e.Kernel == Synchronised || !e.Server.IsZero() && e.Apart && within(e.Wall.Sub(e.Server))
}

// near reports whether a time is at most Gap before the wall clock, or Step after it.
func (e Evidence) near(at time.Time) bool {
	ago := e.Wall.Sub(at)
	return !at.IsZero() && ago >= -Step && ago <= Gap
}

// ofOthers reports whether the books know of a time that this server cannot have told them: another server's clock
// agrees with the wall clock, or did no more than a Pause ago.
func (e Evidence) ofOthers() bool {
	known := e.known()
	return e.running() && known.Sub(e.Expected) > Step && e.Wall.Sub(known) <= Pause
}

// span returns a length of time for people.
func span(d time.Duration) string {
	d = d.Abs()
	if days := d / (24 * time.Hour); days >= 3 {
		return fmt.Sprintf("%d days", days)
	}
	return d.Round(time.Second).String()
}
