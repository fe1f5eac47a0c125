package clock

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

// Machine is the only place where clocks are read.
type Machine struct {
	Read   func() Reading       // all fields but Boot; called each time somebody asks for the time
	Boot   func() time.Duration // 0 = there is no such clock
	Kernel func() Kernel        // what the operating system says
}

// Witness returns what the database knows of the time: the Evidence without Wall, Expected and Kernel.
type Witness func(context.Context) (Evidence, error)

// lookEvery is how often the wall clock is checked, besides each time somebody asks for the time.
const lookEvery = time.Second

// Clock tells the program's time. It may be used by several goroutines at once.
type Clock struct {
	machine Machine
	witness Witness
	log     *slog.Logger
	lenient bool
	state   atomic.Pointer[state]
}

// state is never modified, only replaced as a whole.
type state struct {
	guard    Guard
	doubt    *Doubt    // nil = the wall clock was trusted at the last look
	latest   time.Time // while no moment is known: the newest time in the books
	accepted time.Time // the newest time a person confirmed, as far as Look has used it
}

// New returns a clock that knows nothing yet: Look must be called once.
func New(m Machine, w Witness, log *slog.Logger) *Clock {
	c := &Clock{machine: m, witness: w, log: log}
	c.state.Store(&state{doubt: &Doubt{Why: "nobody has looked at the clock yet"}})
	return c
}

// Fixed returns a clock that trusts now, whatever it returns.
func Fixed(now func() time.Time) *Clock {
	c := &Clock{machine: Machine{Read: func() Reading { return Reading{Wall: now()} }}, lenient: true}
	c.state.Store(&state{})
	return c
}

// BeLenient makes the clock trust the machine from now on. It is for books in which nothing can be lost.
func (c *Clock) BeLenient() { c.lenient = true }

// at checks a reading against the guard. The clock that goes on while the machine sleeps is read only if the other
// one differs from the wall clock.
func (c *Clock) at(g Guard, r Reading) (now time.Time, off time.Duration) {
	if now, off = g.At(r); off == 0 || c.machine.Boot == nil {
		return now, off
	}
	r.Boot = c.machine.Boot()
	return g.At(r)
}

// Now returns the program's time in UTC: the wall clock while it is trusted; otherwise the time counted from when it
// last was; and if no such moment is known, the newest time in the books, or the wall clock if that is earlier.
func (c *Clock) Now() time.Time {
	s := c.state.Load()
	switch r := c.machine.Read(); {
	case c.lenient:
		return r.Wall
	case s.guard.Known():
		now, _ := c.at(s.guard, r)
		return now
	case s.latest.Before(r.Wall):
		return s.latest
	default:
		return r.Wall
	}
}

// Wall returns what the machine's clock shows, whether it is trusted or not.
func (c *Clock) Wall() time.Time { return c.machine.Read().Wall }

// Refused returns why nothing may be written: no time is known, or the known one is wrong. It returns nil if a time
// is known, even if the wall clock is in doubt.
func (c *Clock) Refused() error {
	if s := c.state.Load(); !c.lenient && !s.guard.Known() {
		return s.doubt
	}
	return nil
}

// Doubt returns why the wall clock is not trusted, nil if it is. Nothing expires while it is in doubt.
func (c *Clock) Doubt() error {
	if c.lenient {
		return nil
	}
	s := c.state.Load()
	switch {
	case s.doubt != nil:
		return s.doubt
	case s.guard.Known():
		if _, off := c.at(s.guard, c.machine.Read()); off != 0 {
			return &Doubt{Why: "the clock of this machine was set by " + span(off)}
		}
	}
	return nil
}

// Watch checks the clock every second until ctx ends.
func (c *Clock) Watch(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := c.Look(ctx); err != nil && ctx.Err() == nil {
			c.log.Warn("cannot check the clock", "error", err)
		}
	}
}

// Look checks the wall clock against all evidence, if it is in doubt or was never checked. The error is that of
// reading the database.
func (c *Clock) Look(ctx context.Context) error {
	s := *c.state.Load()
	r := c.machine.Read()
	if c.machine.Boot != nil {
		r.Boot = c.machine.Boot()
	}
	e := Evidence{}
	if s.guard.Known() {
		now, off := s.guard.At(r)
		if off == 0 {
			c.believe(s, s.guard.Keep(r), "it agrees with the running clock")
			return nil
		}
		e.Expected = now
	}
	if c.witness == nil {
		return nil
	}
	found, err := c.witness(ctx)
	if err != nil {
		return err
	}
	accepted := found.Accepted
	found.Wall, found.Expected, found.Kernel = r.Wall, e.Expected, c.machine.Kernel()
	if s.guard.Known() && accepted.Equal(s.accepted) {
		found.Accepted = time.Time{} // the person confirmed it before the clock was set
	}
	d := found.Doubt()
	if d == nil {
		s.accepted = accepted
		c.believe(s, From(r), "it is confirmed")
		return nil
	}
	c.doubt(s, d, latest(found.Newest, found.Seen))
	return nil
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// believe trusts the wall clock again, from a reading on.
func (c *Clock) believe(s state, g Guard, why string) {
	if s.doubt != nil && s.guard.Known() {
		c.log.Warn("the clock is trusted again: "+why, "now", c.machine.Read().Wall)
	}
	if s.doubt != nil || g != s.guard {
		c.state.Store(&state{guard: g, accepted: s.accepted})
	}
}

// doubt keeps counting time from the last trusted moment, or gives that up if it is known to be wrong.
func (c *Clock) doubt(s state, d *Doubt, newest time.Time) {
	if s.doubt == nil || s.doubt.Ahead != d.Ahead || !s.guard.Known() && s.latest.IsZero() {
		c.log.Error("the clock is in doubt, nothing expires: "+d.Why, "what to do", Advice(d))
	}
	next := state{guard: s.guard, doubt: d, latest: newest, accepted: s.accepted}
	if d.Ahead {
		next.guard = Guard{}
	}
	c.state.Store(&next)
}

// Advice returns what an operator can do about a doubt.
func Advice(d *Doubt) string {
	if d.Behind {
		return "set the clock of this machine right; if it is right, and was ahead before, type `tongka clock take-back` " +
			"and today's date"
	}
	return "set the clock of this machine right; if it is right, type `tongka clock accept` and today's date"
}
