package clock

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

// Machine is where the time is read, in one place.
type Machine struct {
	Read   func() Reading       // without Boot: it is asked for every time somebody wants to know the time
	Boot   func() time.Duration // 0 = there is no such clock
	Kernel func() Kernel        // the system's word
}

// Witness finds what the database knows of the time: all of Evidence but Wall, Expected and Kernel.
type Witness func(context.Context) (Evidence, error)

// lookEvery is how often the wall clock is looked at, besides whenever somebody asks for the time.
const lookEvery = time.Second

// Clock tells the time that the program goes by. It is safe for many callers at once.
type Clock struct {
	machine Machine
	witness Witness
	log     *slog.Logger
	lenient bool
	state   atomic.Pointer[state]
}

// state is replaced whole.
type state struct {
	guard    Guard
	doubt    *Doubt    // nil = the wall clock was believed when it was looked at last
	latest   time.Time // while no moment is known: the newest that the books know
	accepted time.Time // the newest that a person vouched for, and that was heard of
}

// New is a clock that knows nothing yet: Look must be called once.
func New(m Machine, w Witness, log *slog.Logger) *Clock {
	c := &Clock{machine: m, witness: w, log: log}
	c.state.Store(&state{doubt: &Doubt{Why: "nobody has looked at the clock yet"}})
	return c
}

// Fixed is a clock that believes now, whatever it says.
func Fixed(now func() time.Time) *Clock {
	c := &Clock{machine: Machine{Read: func() Reading { return Reading{Wall: now()} }}, lenient: true}
	c.state.Store(&state{})
	return c
}

// BeLenient has the clock believe whatever the machine says from now on, for books in which nothing is lost.
func (c *Clock) BeLenient() { c.lenient = true }

// at holds a reading against the guard. The clock that goes on while the machine sleeps is read only where the
// other one parts from the wall clock.
func (c *Clock) at(g Guard, r Reading) (now time.Time, off time.Duration) {
	if now, off = g.At(r); off == 0 || c.machine.Boot == nil {
		return now, off
	}
	r.Boot = c.machine.Boot()
	return g.At(r)
}

// Now is the time that the program goes by, in UTC: the wall clock's while that is believed; then the one
// reckoned from when it last was; and while none is known, the newest that the books know, or the wall
// clock's if that is earlier.
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

// Wall is what the machine's clock shows, whether it is believed or not.
func (c *Clock) Wall() time.Time { return c.machine.Read().Wall }

// Refused is why nothing may be written: no time is known, or the one that is known is wrong; nil when there
// is one, though the wall clock may be in doubt.
func (c *Clock) Refused() error {
	if s := c.state.Load(); !c.lenient && !s.guard.Known() {
		return s.doubt
	}
	return nil
}

// Doubt is why the wall clock is not believed now; nil when it is. Nothing is expired while it is in doubt.
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

// Watch looks at the clock every second until ctx ends.
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
			c.log.Warn("nothing is known of the time", "error", err)
		}
	}
}

// Look holds the wall clock against all that is known, where it is in doubt or has not been looked at. The
// error is the database's.
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
			c.believe(s, s.guard.Keep(r), "it is where it must be again")
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
		found.Accepted = time.Time{} // it was heard of before the clock was set
	}
	d := found.Doubt()
	if d == nil {
		s.accepted = accepted
		c.believe(s, From(r), "it is vouched for")
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

// believe goes on from a reading.
func (c *Clock) believe(s state, g Guard, why string) {
	if s.doubt != nil && s.guard.Known() {
		c.log.Warn("the clock is believed again: "+why, "now", c.machine.Read().Wall)
	}
	if s.doubt != nil || g != s.guard {
		c.state.Store(&state{guard: g, accepted: s.accepted})
	}
}

// doubt holds the time, or gives it up where it is known to be wrong.
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

// Advice is what an operator can do about a doubt.
func Advice(d *Doubt) string {
	if d.Behind {
		return "set the clock of this machine right; if it is right, and was ahead before, type `tongka clock take-back` " +
			"and today's date"
	}
	return "set the clock of this machine right; if it is right, type `tongka clock accept` and today's date"
}
