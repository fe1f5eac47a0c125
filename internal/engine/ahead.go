package engine

// While a save is under way, the lane decides what comes after it, on what the states hold: as if the save had
// succeeded. Nobody is answered before that is known, and when it fails all of it is void. These are the rules:
//
//   - A job is decided ahead only if all it names is kept current in the state: a State knows the merchant, cards,
//     requests and guards that a save under way changes better than the store does. Of everything else the store may
//     still hold what was before the save, so jobs that name it wait, and those behind them too: none overtakes another
//     (mustWait).
//   - What is changed and not saved stays in the state: it never goes to the shelf, from which it could be forgotten
//     and then be loaded as it was (State.Arrived).
//   - Nothing is forgotten while something is decided ahead (forget), so so much is kept at most (maxKept).
//   - A job that lacks records, or whose merchant's turn must be taken, is decided when the save is over; where turns
//     are taken nothing may be decided ahead (books.begin asserts it).
//   - Only so long (aheadFor), so that with a save that hangs most jobs are certainly not done, instead of open.

import (
	"slices"
	"time"

	"tongka/internal/command"
)

// maxKept bounds the records that are kept until nothing is decided ahead, when they may be forgotten.
const maxKept = 4096

// aheadFor is for how long of a save more is decided. What is not decided yet when a save hangs can be
// answered that it was not done, instead of that it is open.
const aheadFor = 250 * time.Millisecond

// send has the changes saved while the lane goes on.
func (l *lane) send(changes []command.Changes) {
	save := l.store.Save
	if l.turn != nil {
		save, l.turn = l.turn.Save, nil
	}
	l.shell.Send(func() error { return save(l.ctx, changes...) })
}

// mayRunAhead reports whether the next batch may be decided while this one is saved. It may not where a
// job of this one will have to be decided again, or needed what a state does not keep current.
func (l *lane) mayRunAhead(batch []*job) bool {
	kept := 0
	for _, b := range l.opened {
		kept += b.state.Forgettable()
	}
	return kept < maxKept && !slices.ContainsFunc(batch, (*job).mustWait)
}

// mustWait reports whether the job can be decided only on what is saved: it needs more than it named, or
// what a state does not keep current, or its merchant's turn.
func (j *job) mustWait() bool { return j.lacking || !j.keys.Plain() || j.books.turns > 0 }

// untilMustWait are the jobs before the first that must wait: none overtakes it.
func untilMustWait(jobs []*job) []*job {
	if wait := slices.IndexFunc(jobs, (*job).mustWait); wait >= 0 {
		return jobs[:wait]
	}
	return jobs
}

// runAhead decides what comes, as if the save under way had succeeded, until it has ended. When it fails,
// all of that is void.
func (l *lane) runAhead() outcome {
	begun := l.shell.Now()
	for l.decideNext() {
		e := l.shell.Await(true)
		if e.saved != nil {
			return *e.saved
		}
		if e.closed {
			break
		}
		l.add(e.job)
		if l.shell.Now().Sub(begun) > aheadFor {
			break
		}
		l.take()
	}
	return *l.shell.Await(false).saved
}

// decideNext decides the jobs gathered for the next batch, and reports whether more may come.
func (l *lane) decideNext() bool {
	jobs := untilMustWait(l.next[l.ahead:])
	if err := l.load(jobs, true); err != nil {
		return false // it is tried again, and answered, when their turn has come
	}
	jobs = untilMustWait(jobs) // it may have shown that turns are to be taken
	now := l.cfg.Clock()
	for _, j := range jobs {
		if err := l.decide(j, now); err != nil {
			l.drop()
			return false
		}
		if j.lacking {
			return false
		}
		l.ahead++
	}
	return l.ahead == len(l.next) && l.ahead < l.cfg.Batch
}
