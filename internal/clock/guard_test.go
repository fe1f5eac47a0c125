package clock

import (
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)

// reading returns the clocks' state at a time after noon, with the wall clock off by that much.
func reading(after, off time.Duration) Reading {
	return Reading{Wall: noon.Add(after + off), Mono: time.Minute + after}
}

// TestGuardHolds: a step within the bound is followed; one beyond it is not, forward or back, however often the clock
// is read. When the wall clock agrees again it is trusted again.
func TestGuardHolds(t *testing.T) {
	t.Parallel()
	g := From(reading(0, 0))
	for _, c := range []struct {
		after, off time.Duration
		held       bool
	}{
		{time.Second, 0, false}, {time.Second, Step, false}, {time.Second, -Step, false},
		{2 * time.Second, Step + time.Second, true}, {2 * time.Second, -Step - time.Second, true},
		{3 * time.Second, 40 * 24 * time.Hour, true}, {4 * time.Second, 400 * 24 * time.Hour, true},
		{time.Hour, -60 * 24 * time.Hour, true}, {2 * time.Hour, 0, false},
	} {
		r := reading(c.after, c.off)
		now, off := g.At(r)
		g = g.Keep(r)
		if held := off != 0; held != c.held || held && (off != c.off || !now.Equal(noon.Add(c.after))) || !held &&
			!now.Equal(r.Wall) {
			t.Errorf("after %v with the wall clock off by %v: it is %v, off by %v", c.after, c.off, now.Sub(noon), off)
		}
	}
}

// TestGuardIsNotPushed: a clock moved by steps that are each within the bound is in doubt once they sum to more than
// the bound within an hour.
func TestGuardIsNotPushed(t *testing.T) {
	t.Parallel()
	g, pushed, held := From(reading(0, 0)), time.Duration(0), false
	for n := range 60 {
		pushed += time.Minute
		r := reading(time.Duration(n)*time.Second, pushed)
		_, off := g.At(r)
		held = held || off != 0
		g = g.Keep(r)
	}
	if !held {
		t.Errorf("the clock went %v ahead in a minute", pushed)
	}
	// A clock that runs a second an hour fast is not in doubt, however long it runs.
	g = From(reading(0, 0))
	for hours := range 10_000 {
		r := reading(time.Duration(hours)*time.Hour, time.Duration(hours)*time.Second)
		if _, off := g.At(r); off != 0 {
			t.Fatalf("after %d hours it is off by %v", hours, off)
		}
		g = g.Keep(r)
	}
}

// TestGuardAfterSleep: while the machine sleeps one clock stops and another goes on. If there is only the first, the
// time is in doubt afterwards.
func TestGuardAfterSleep(t *testing.T) {
	t.Parallel()
	before := reading(0, 0)
	before.Boot = time.Hour
	after := Reading{Wall: noon.Add(8 * 24 * time.Hour), Mono: before.Mono + time.Second}
	if _, off := From(before).At(after); off == 0 {
		t.Error("without a clock that goes on, a week of sleep is no step")
	}
	after.Boot = before.Boot + 8*24*time.Hour
	if now, off := From(before).At(after); off != 0 || !now.Equal(after.Wall) {
		t.Errorf("after a week of sleep it is %v, off by %v", now, off)
	}
	after.Wall = after.Wall.Add(40 * 24 * time.Hour) // and a step besides
	if now, off := From(before).At(after); off != 40*24*time.Hour || !now.Equal(noon.Add(8*24*time.Hour)) {
		t.Errorf("after a week of sleep and a step it is %v, off by %v", now, off)
	}
}

// TestDoubt is the table of evidence for and against the wall clock.
func TestDoubt(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	ago := func(d time.Duration) time.Time { return noon.Add(-d) }
	for _, c := range []struct {
		name   string
		e      Evidence
		doubt  bool
		behind bool // the journal is ahead of a confirmed time
	}{
		{"nothing was ever written", Evidence{}, false, false},
		{"over a weekend", Evidence{Newest: ago(Gap)}, false, false},
		{"longer", Evidence{Newest: ago(Gap + time.Second)}, true, false},
		{"longer, and the server ran until yesterday", Evidence{Newest: ago(90 * day), Seen: ago(day)}, false, false},
		{"longer, and the files were written by who knows what clock", Evidence{Newest: ago(90 * day), Files: ago(time.Hour)}, true, false},
		{"months, and the system vouches", Evidence{Newest: ago(90 * day), Kernel: Synchronised}, false, false},
		{"months, and the system does not", Evidence{Newest: ago(90 * day), Kernel: Unsynchronised}, true, false},
		{"months, and another machine agrees", Evidence{Newest: ago(90 * day), Server: ago(time.Second), Apart: true}, false, false},
		{"months, and this machine agrees with itself", Evidence{Newest: ago(90 * day), Server: ago(time.Second)}, true, false},
		{"months, and somebody said so", Evidence{Newest: ago(time.Minute), Accepted: ago(time.Minute)}, false, false},
		{"the database server says otherwise", Evidence{Newest: ago(time.Minute), Server: ago(40 * day), Kernel: Synchronised}, true, false},
		{"it says otherwise, and somebody looked", Evidence{Newest: ago(time.Minute), Server: ago(40 * day), Accepted: ago(time.Minute)}, false, false},
		{"a little behind", Evidence{Newest: ago(-Step)}, false, false},
		{"behind", Evidence{Newest: ago(-Step - time.Second)}, true, false},
		{"behind, and somebody had vouched for that", Evidence{Newest: ago(-40 * day), Accepted: ago(-40 * day)}, true, false},
		{"behind, and the system vouches", Evidence{Newest: ago(-40 * day), Kernel: Synchronised}, true, true},
		{"behind when a server last knew the time", Evidence{Newest: ago(day), Seen: ago(-40 * day)}, true, false},
		{"set forward", Evidence{Expected: ago(40 * day), Newest: ago(40 * day)}, true, false},
		{"set forward, by no more than a weekend", Evidence{Expected: ago(2 * day), Newest: ago(2 * day)}, true, false},
		{"paused overnight, and the system vouches", Evidence{Expected: ago(day), Newest: ago(day), Kernel: Synchronised}, false, false},
		{"paused overnight, and another machine agrees", Evidence{Expected: ago(day), Newest: ago(day), Server: ago(0), Apart: true}, false, false},
		{"set forward by more, and the system vouches", Evidence{Expected: ago(day + time.Second), Newest: ago(day), Kernel: Synchronised}, true, false},
		{"set forward by 40 days, and the system vouches", Evidence{Expected: ago(40 * day), Newest: ago(40 * day), Kernel: Synchronised}, true, false},
		{"set forward by 40 days, and another machine with it", Evidence{Expected: ago(40 * day), Newest: ago(40 * day), Server: ago(0), Apart: true, Kernel: Synchronised}, true, false},
		{"set forward, and another server writes there", Evidence{Expected: ago(40 * day), Newest: ago(time.Minute)}, false, false},
		{"set forward, and another server knew the time there", Evidence{Expected: ago(40 * day), Newest: ago(40 * day), Seen: ago(day)}, false, false},
		{"set forward, and another server was there before", Evidence{Expected: ago(40 * day), Newest: ago(day + time.Second)}, true, false},
		{"set forward, and another server is ten minutes ahead", Evidence{Expected: ago(2 * day), Newest: ago(2*day - 10*time.Minute)}, true, false},
		{"set forward, and somebody looked", Evidence{Expected: ago(40 * day), Newest: ago(time.Minute), Accepted: ago(time.Minute)}, false, false},
		{"set back", Evidence{Expected: ago(-40 * day), Newest: ago(-40 * day)}, true, false},
		{"set back by a day, and the system vouches", Evidence{Expected: ago(-day), Newest: ago(-day), Kernel: Synchronised}, true, true},
		{"set back by 40 days, and the system vouches", Evidence{Expected: ago(-40 * day), Newest: ago(-40 * day), Kernel: Synchronised}, true, false},
		{"set back, the time was taken back, and this server wrote since", Evidence{Expected: ago(-40 * day), Newest: ago(-40 * day), Accepted: ago(time.Second)}, false, false},
		{"set back, and the time was taken back", Evidence{Expected: ago(-40 * day), Newest: ago(time.Second), Accepted: ago(time.Second)}, false, false},
		{"a command, a day after the last entry", Evidence{Command: true, Newest: ago(day)}, false, false},
		{"a command, later", Evidence{Command: true, Newest: ago(day + time.Second)}, true, false},
		{"a command, over a weekend", Evidence{Command: true, Newest: ago(Gap)}, true, false},
		{"a command, later, and a server knew the time an hour ago", Evidence{Command: true, Newest: ago(40 * day), Seen: ago(time.Hour)}, false, false},
		{"a command, later, and the system vouches", Evidence{Command: true, Newest: ago(40 * day), Seen: ago(40 * day), Kernel: Synchronised}, true, false},
		{"a command, later, and another machine agrees", Evidence{Command: true, Newest: ago(40 * day), Server: ago(0), Apart: true, Kernel: Synchronised}, true, false},
		{"a command, later, and somebody looked", Evidence{Command: true, Newest: ago(time.Minute), Accepted: ago(time.Minute)}, false, false},
		{"a command, in new books", Evidence{Command: true, Kernel: Unsynchronised}, false, false},
		{"a command, behind", Evidence{Command: true, Newest: ago(-40 * day)}, true, false},
		{"a long command whose clock is set forward, and the system vouches", Evidence{Command: true, Expected: ago(40 * day), Newest: ago(40 * day), Kernel: Synchronised}, true, false},
		{"a long command that was paused overnight, and the system vouches", Evidence{Command: true, Expected: ago(day), Newest: ago(2 * day), Kernel: Synchronised}, false, false},
	} {
		c.e.Wall = noon
		if d := c.e.Doubt(); (d != nil) != c.doubt || d != nil && d.Ahead != c.behind {
			t.Errorf("%s: got %+v", c.name, d)
		}
	}
}
