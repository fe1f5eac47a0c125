package store

import "time"

const (
	// turnEvery is how often a turn that another process has is asked for.
	turnEvery = time.Millisecond
	// turnPatience is how long a store waits for its turn, or for another process to end one. After that it writes
	// without a turn: turns only make the waiting fair, and the versions of the heads guard the books.
	turnPatience = time.Second
)

// turn is how several processes share the writing of one SQLite file. A busy server hardly ever leaves the file
// unlocked, and a merchant's head moves with each of its commits, so another process would wait, and then find that
// what it has decided is stale, again and again. Instead that process takes the turn, by a lock on the file, and
// keeps it after a stale save until the next one. A server lets it go first.
type turn struct {
	hold  *hold
	mine  bool
	since time.Time // it is mine
	// tired means that some process had the turn for longer than turnPatience: it is not waited for again until it has
	// given the turn back.
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

// take waits for the turn, but no longer than turnPatience. A turn that was kept longer than that after a stale save
// is given back first, since others may no longer wait for it.
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
	_, _ = lockTurn(t.hold.file, false) // if it fails, the turn ends with the process
}
