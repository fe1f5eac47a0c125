package engine

// While a save is under way, the lane decides the jobs after it on its states, as if the save had succeeded. No
// caller is answered before the outcome is known; if the save fails, everything decided ahead is void. Large commands
// have rules of their own: see bulk.go. Those of all others:
//
//   - A job is decided ahead only if the state keeps everything it names current. A State does that for the
//     merchant, cards, requests and guards that a save under way changes. For everything else the store may still
//     hold what was there before the save, so a job that names it waits, and so do the jobs behind it: none
//     overtakes another (mustWait).
//   - What is changed and not yet saved stays in the state. It does not go to the shelf, which could drop it and
//     then load its old version again (State.Arrived). Nor is it loaded again or dropped (State.Learn and Evict
//     assert it).
//   - Nothing is forgotten while something is decided ahead (forget; State.Forget asserts it), so the amount that is
//     kept is bounded (maxKept).
//   - A job that lacks records, or whose merchant's turn must be taken, is decided after the save. Where turns are
//     taken nothing may be decided ahead (books.begin asserts it).
//   - A wide job is a batch by itself (wideFrom). Decided ahead, it is made ready to be saved while the save before it
//     is under way, and nothing is decided behind it until it is saved itself.
//   - Deciding ahead ends after aheadFor, so that when a save hangs most jobs are known to be not done instead of
//     open.

import (
	"slices"
	"time"

	"tongka/internal/command"
)

// maxKept bounds the records that are kept because something is decided ahead.
const maxKept = 4096

// aheadFor is how long into a save jobs are decided ahead. If the save hangs, a job not yet decided can be answered
// as not done; a decided one is open.
const aheadFor = 250 * time.Millisecond

// send starts saving the changes while the lane goes on.
func (l *lane) send(changes []command.Changes) {
	if r := l.readied; r != nil { // it was decided ahead, so no turn is taken
		l.readied = nil
		l.shell.Send(func() error { return r.ready.Save(l.ctx) })
		return
	}
	save := l.store.Save
	if l.turn != nil {
		save, l.turn = l.turn.Save, nil
	}
	l.shell.Send(func() error { return save(l.ctx, changes...) })
}

// aheadOf returns what to do while the changes of a batch are saved; nil = nothing.
func (l *lane) aheadOf(batch []*job, changes []command.Changes, pipelined bool) func() outcome {
	switch {
	case !pipelined:
	case batch[0].large != nil:
		if l.mayFollow(batch, changes) {
			return l.runLargeAhead
		}
	case l.mayRunAhead(batch):
		return l.runAhead
	}
	return nil
}

// mayRunAhead reports whether the next batch may be decided while this one is saved. It may not if a job of this
// batch will have to be decided again, or needed something a state does not keep current.
func (l *lane) mayRunAhead(batch []*job) bool {
	kept := 0
	for _, b := range l.opened {
		kept += b.state.Forgettable()
	}
	return kept < maxKept && !slices.ContainsFunc(batch, (*job).mustWait)
}

// mustWait reports whether the job can be decided only on what is saved: it needs more than it named, something a
// state does not keep current, or its merchant's turn.
func (j *job) mustWait() bool { return j.lacking || !j.keys.Plain() || j.books.turns > 0 }

// untilMustWait returns the jobs before the first one that must wait, because none may overtake it.
func untilMustWait(jobs []*job) []*job {
	if wait := slices.IndexFunc(jobs, (*job).mustWait); wait >= 0 {
		return jobs[:wait]
	}
	return jobs
}

// runAhead decides jobs as if the save under way had succeeded, until the save ends, and returns its outcome. If the
// save failed, the caller drops everything decided ahead.
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

// decideNext decides the jobs gathered for the next batch, and reports whether more may be added to it.
func (l *lane) decideNext() bool {
	jobs := untilMustWait(untilAlone(l.next)[l.ahead:])
	if err := l.load(jobs, nil); err != nil {
		return false // it is loaded again, and the error answered, when the batch is carried out
	}
	jobs = untilMustWait(jobs) // loading may have shown that turns must be taken
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
	if l.ahead > 0 && l.next[0].wide {
		l.makeReady(l.next[:l.ahead])
		return false
	}
	return l.ahead == len(l.next) && l.ahead < l.cfg.Batch
}
