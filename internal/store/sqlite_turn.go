package store

import "time"

const (
	// turnEvery is how often a turn that another has is asked for.
	turnEvery = time.Millisecond
	// turnPatience is how long a store waits for its turn, or for another to end his. Without one it writes all
	// the same: turns are manners, and what guards the books are the versions of the heads.
	turnPatience = time.Second
)

// turn is how several processes write one SQLite file. A server that is busy hardly ever leaves it unlocked,
// and one merchant's head moves with each of its commits, so who works beside it would wait, and then find
// that what it decided is stale, again and again. It takes the turn instead, by a lock on the file, and keeps
// it after a save that was stale until the next one; a server lets it go first.
type turn struct {
	hold  *hold
	mine  bool
	since time.Time // it is mine
	// tired is that somebody had the turn for longer than is good: he is not waited for again until he has
	// given it back.
	tired bool
}

// giveWay waits while another process has the turn, but no longer than turnPatience.
func (t *turn) giveWay() {
	for begun := time.Now(); ; time.Sleep(turnEvery) {
		taken, err := turnTaken(t.hold.file)
		if err != nil || !taken {
			t.tired = false
			return
		}
		if t.tired || time.Since(begun) > turnPatience {
			t.tired = true
			return
		}
	}
}

// take waits for the turn. One that was kept too long after a stale save is given back first: others may have
// ceased to wait for it.
func (t *turn) take() {
	if t.mine && time.Since(t.since) < turnPatience {
		return
	}
	t.end(false)
	for begun := time.Now(); time.Since(begun) < turnPatience; time.Sleep(turnEvery) {
		if ok, err := lockTurn(t.hold.file, true); ok || err != nil {
			t.mine, t.since = ok, time.Now()
			return
		}
	}
}

// end gives the turn back, unless again is true: after a stale save it is needed again at once.
func (t *turn) end(again bool) {
	if !t.mine || again {
		return
	}
	t.mine = false
	_, _ = lockTurn(t.hold.file, false) // it is gone with the process at the latest
}
