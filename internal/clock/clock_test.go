package clock

import (
	"context"
	"log/slog"
	"testing"
	"time"
)

// lab is a machine whose clocks a test moves, and a database that knows what the test says.
type lab struct {
	r      Reading
	kernel Kernel
	known  Evidence
}

func (l *lab) clock(t *testing.T) *Clock {
	t.Helper()
	c := New(Machine{
		Read:   func() Reading { return Reading{Wall: l.r.Wall, Mono: l.r.Mono} },
		Boot:   func() time.Duration { return l.r.Boot },
		Kernel: func() Kernel { return l.kernel },
	}, func(context.Context) (Evidence, error) { return l.known, nil }, slog.New(slog.DiscardHandler))
	l.look(t, c)
	return c
}

func (l *lab) look(t *testing.T, c *Clock) {
	t.Helper()
	if err := c.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// pass lets time pass and moves the wall clock by a step besides.
func (l *lab) pass(d, step time.Duration) {
	l.r.Wall, l.r.Mono, l.r.Boot = l.r.Wall.Add(d+step), l.r.Mono+d, l.r.Boot+d
}

// is checks what a clock says: the time, whether anything may be written, and whether anything expires.
func is(t *testing.T, what string, c *Clock, now time.Time, writes, expires bool) {
	t.Helper()
	if got := c.Now(); !got.Equal(now) || (c.Refused() == nil) != writes || (c.Doubt() == nil) != expires {
		t.Errorf("%s: it is %v, want %v; refused: %v, doubt: %v", what, got, now, c.Refused(), c.Doubt())
	}
}

const days40 = 40 * 24 * time.Hour

// TestJumpWhileRunning: a wall clock that is wrong for seconds, whether a look sees it or not, does not affect the
// time, and is in doubt at once.
func TestJumpWhileRunning(t *testing.T) {
	t.Parallel()
	l := &lab{r: Reading{Wall: noon, Mono: 1, Boot: 1}, known: Evidence{Newest: noon}}
	c := l.clock(t)
	is(t, "begun", c, noon, true, true)
	for _, step := range []time.Duration{days40, 10 * days40, -days40} {
		for _, looked := range []bool{false, true} {
			before := l.r.Wall
			l.pass(time.Second, step)
			if looked {
				l.look(t, c)
			}
			is(t, "while it is off", c, before.Add(time.Second), true, false)
			l.pass(time.Second, -step)
			if looked {
				l.look(t, c)
			}
			is(t, "back again", c, before.Add(2*time.Second), true, true)
		}
	}
}

// TestSystemIsWrong: a time server that is wrong for seconds moves the clocks of this machine and of the database
// server by 40 days, and the system calls them synchronised. The time does not follow, forward or back.
func TestSystemIsWrong(t *testing.T) {
	t.Parallel()
	for _, step := range []time.Duration{days40, -days40} {
		l := &lab{r: Reading{Wall: noon, Mono: 1, Boot: 1}, kernel: Synchronised, known: Evidence{Newest: noon}}
		c := l.clock(t)
		l.pass(time.Second, step)
		l.known.Server, l.known.Apart = l.r.Wall, true
		l.look(t, c)
		is(t, "while it is off", c, noon.Add(time.Second), true, false)
		l.pass(time.Second, -step)
		l.known.Server = l.r.Wall
		l.look(t, c)
		is(t, "back again", c, noon.Add(2*time.Second), true, true)
	}
}

// TestJumpThatIsRight: a step of less than a day that the system or another clock confirms is followed, and any that
// another server or a person confirms.
func TestJumpThatIsRight(t *testing.T) {
	t.Parallel()
	for name, vouch := range map[string]func(*lab){
		"system":         func(l *lab) { l.kernel = Synchronised },
		"another server": func(l *lab) { l.known.Newest = l.r.Wall },
		"another clock":  func(l *lab) { l.known.Server, l.known.Apart = l.r.Wall, true },
		"a person":       func(l *lab) { l.known.Newest, l.known.Accepted = l.r.Wall, l.r.Wall },
	} {
		l := &lab{r: Reading{Wall: noon, Mono: 1, Boot: 1}, known: Evidence{Newest: noon, Accepted: noon.Add(-time.Hour)}}
		c := l.clock(t)
		// the person who confirmed the time an hour ago did not mean this
		l.pass(time.Second, 20*time.Hour)
		l.look(t, c)
		is(t, name+", before", c, noon.Add(time.Second), true, false)
		vouch(l)
		l.look(t, c)
		is(t, name, c, l.r.Wall, true, true)
	}
}

// TestStartInDoubt: without confirmation at a start nothing may be written and the newest known time is used; the
// clock recovers by itself when somebody confirms the time.
func TestStartInDoubt(t *testing.T) {
	t.Parallel()
	l := &lab{r: Reading{Wall: noon.Add(days40), Mono: 1, Boot: 1}, known: Evidence{Newest: noon}}
	c := l.clock(t)
	is(t, "40 days ahead", c, noon, false, false)
	l.pass(time.Hour, -days40)
	l.look(t, c)
	is(t, "right again", c, noon.Add(time.Hour), true, true)

	l = &lab{r: Reading{Wall: noon, Mono: 1, Boot: 1}, known: Evidence{Newest: noon.Add(days40)}}
	c = l.clock(t)
	is(t, "behind", c, noon, false, false)
	l.known.Newest, l.known.Accepted = l.r.Wall, l.r.Wall
	l.look(t, c)
	is(t, "taken back", c, noon, true, true)
}

// TestWrongTimeWasAccepted: after the wall clock is set right nothing expires, though the system's word is not enough
// to stop what runs; and once the time is taken back it is believed.
func TestWrongTimeWasAccepted(t *testing.T) {
	t.Parallel()
	l := &lab{
		r:     Reading{Wall: noon.Add(days40), Mono: 1, Boot: 1},
		known: Evidence{Newest: noon.Add(days40), Accepted: noon.Add(days40)},
	}
	c := l.clock(t)
	is(t, "accepted", c, noon.Add(days40), true, true)
	l.pass(time.Second, -days40)
	l.look(t, c)
	is(t, "set back", c, noon.Add(days40+time.Second), true, false)
	l.kernel = Synchronised
	l.look(t, c)
	is(t, "set back and vouched for", c, noon.Add(days40+time.Second), true, false)
	is(t, "started again", l.clock(t), noon.Add(time.Second), false, false)
	l.known.Newest, l.known.Accepted = l.r.Wall, l.r.Wall
	l.look(t, c)
	is(t, "taken back", c, noon.Add(time.Second), true, true)
}

// BenchmarkNow measures what each question for the time costs.
func BenchmarkNow(b *testing.B) {
	c := New(System(), func(context.Context) (Evidence, error) { return Evidence{}, nil }, slog.New(slog.DiscardHandler))
	if err := c.Look(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		c.Now()
	}
}
