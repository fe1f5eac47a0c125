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

// NewJob returns a job for a command that arrived at step came.
func NewJob(cmd command.Command, came int64) *Job {
	j := newJob().(*job)
	j.cmd, j.keys, j.came = cmd, cmd.Keys(), came
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
