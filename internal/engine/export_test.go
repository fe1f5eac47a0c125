package engine

import (
	"context"

	"tongka/internal/command"
)

// Names for the simulation, which drives lanes step by step.
type (
	Shell   = shell
	Lane    = lane
	Job     = job
	Event   = event
	Outcome = outcome
	Turn    = turn
	Ready   = ready
)

// NewLane returns a lane in a shell.
func NewLane(ctx context.Context, sh Shell, s Store, cfg Config) *Lane {
	return newLane(ctx, sh, s, cfg.withDefaults())
}

// Run carries out commands until no more will come.
func (l *lane) Run() { l.run() }

// NewJob returns a job for a command that arrived at step came. It is wide from three cards on, of which there are
// some in a simulation.
func NewJob(cmd command.Command, came int64) *Job {
	j := newJob().(*job)
	j.cmd, j.keys, j.came = cmd, cmd.Keys(), came
	j.wide = len(j.keys.Cards) >= 3
	return j
}

// NewLarge returns a job for a large command that came at step came.
func NewLarge(cmd command.Command, came int64) *Job {
	j := NewJob(cmd, came)
	j.large = &large{of: &Bulk{}, ended: make(chan struct{})}
	return j
}

// Answer returns the answer of a job; ok is false if there is none yet.
func (j *job) Answer() (ch command.Changes, err error, ok bool) {
	select {
	case <-j.done:
		return j.changes, j.err, true
	default:
		return ch, nil, false
	}
}

// Done returns the channel on which the job's answer is signalled.
func (j *job) Done() chan struct{} { return j.done }

// Saved returns the event of a save that has ended.
func Saved(err error) Event { return event{saved: &outcome{err: err}} }

// Came returns the event of a job that has arrived; nil = no more will.
func Came(j *Job) Event { return event{job: j, closed: j == nil} }

// Take takes jobs as they would be taken from the queue.
func (l *lane) Take(jobs ...*Job) {
	for _, j := range jobs {
		l.add(j)
	}
}

// LetGo drops the books that were not used since it last ran.
func (l *lane) LetGo() { l.letGo() }

// Books returns the number of merchants whose books are kept, and whether those of a job are among them.
func (l *lane) Books(of *Job) (n int, kept bool) {
	return len(l.books), l.books[of.cmd.MerchantID()] == of.books
}

// Answered forgets the jobs that are waiting, as if they had been answered.
func (l *lane) Answered() { l.next, l.large = nil, nil }

// WideFrom is the number of cards from which a command is a batch by itself.
const WideFrom = wideFrom

// When turns are taken, and no longer.
const (
	BusyFrom = busyFrom
	CalmFor  = calmFor
	AloneFor = aloneFor
)
