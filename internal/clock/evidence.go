package clock

import (
	"fmt"
	"time"
)

// Kernel is the operating system's word on whether its clock is synchronised.
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

// Evidence is all that speaks for or against the wall clock.
type Evidence struct {
	Wall     time.Time
	Expected time.Time // by the running clock; zero at a start
	Newest   time.Time // of all entries; zero where there is none
	Seen     time.Time // when a server last knew the time; zero = never
	Accepted time.Time // when a person last vouched for the time or took it back, if that is news; zero = never
	Server   time.Time // the database server's clock; zero = it has none of its own
	Apart    bool      // that server is another machine, so that its clock may vouch for this one
	// when the database's files were written; zero = unknown. A wrong clock wrote that too, so it vouches for nothing
	Files  time.Time
	Kernel Kernel
}

// Doubt is why the wall clock is not believed.
type Doubt struct {
	Why    string
	Behind bool // the wall clock is behind what was written
	// Ahead says that the journal is ahead of a time that is vouched for: what is written now is dated wrong.
	Ahead bool
}

// Error says why.
func (d *Doubt) Error() string { return d.Why }

// Doubt is nil when the wall clock may be believed. The time a server last knew counts as the newest entry
// does. In this order: nothing was ever written; a person vouched while the server runs; what was written is
// ahead; a person vouched before; the database server says otherwise; it is not long since the last entry; the
// system or the database server vouches.
func (e Evidence) Doubt() *Doubt {
	known := e.Newest
	if e.Seen.After(known) {
		known = e.Seen
	}
	switch vouched := e.vouched(); {
	case known.IsZero():
		return nil
	case e.running() && e.near(e.Accepted): // this server may have written ahead of it since
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
	case vouched, !e.running() && e.near(known), e.ofOthers():
		return nil
	}
	return &Doubt{Why: fmt.Sprintf("%s: the system %v", e.alone(known), e.Kernel)}
}

// alone is what happened to a clock for which nobody vouches.
func (e Evidence) alone(known time.Time) string {
	switch {
	case !e.running():
		return fmt.Sprintf("nothing was written for %s, and nobody vouches for the clock of this machine",
			span(e.Wall.Sub(known)))
	case e.Wall.After(e.Expected):
		return fmt.Sprintf("the clock of this machine was set forward by %s, and nobody vouches for it",
			span(e.Wall.Sub(e.Expected)))
	}
	return fmt.Sprintf("the clock of this machine was set back by %s, and nobody vouches for it",
		span(e.Wall.Sub(e.Expected)))
}

// running reports whether this is no start: the running clock says what time it should be.
func (e Evidence) running() bool { return !e.Expected.IsZero() }

// vouched reports whether the system or another machine says that the wall clock is right.
func (e Evidence) vouched() bool {
	return e.Kernel == Synchronised || !e.Server.IsZero() && e.Apart && within(e.Wall.Sub(e.Server))
}

// near reports whether a time lies shortly before the wall clock.
func (e Evidence) near(at time.Time) bool {
	ago := e.Wall.Sub(at)
	return !at.IsZero() && ago >= -Step && ago <= Gap
}

// ofOthers reports whether there are entries that this server, by its own time, cannot have written: another
// one is where the wall clock is.
func (e Evidence) ofOthers() bool {
	return e.running() && e.Newest.Sub(e.Expected) > Step && e.near(e.Newest)
}

// span is a length of time as people say it.
func span(d time.Duration) string {
	d = d.Abs()
	if days := d / (24 * time.Hour); days >= 3 {
		return fmt.Sprintf("%d days", days)
	}
	return d.Round(time.Second).String()
}
