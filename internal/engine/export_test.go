package engine

import (
	"context"

	"tongka/internal/command"
)

// What a simulation drives lanes by.
type (
	Shell   = shell
	Lane    = lane
	Job     = job
	Event   = event
	Outcome = outcome
	Turn    = turn
)

// NewLane is a lane in a shell.
func NewLane(ctx context.Context, sh Shell, s Store, cfg Config) *Lane {
	return newLane(ctx, sh, s, cfg.withDefaults())
}

// Run carries out commands until no more will come.
func (l *lane) Run() { l.run() }

// NewJob is a command on its way that came so many steps after the others.
func NewJob(cmd command.Command, came int64) *Job {
	j := newJob().(*job)
	j.cmd, j.keys, j.came = cmd, cmd.Keys(), came
	return j
}

// Answer is the answer of a job, if it is there.
func (j *job) Answer() (ch command.Changes, err error, ok bool) {
	select {
	case <-j.done:
		return j.changes, j.err, true
	default:
		return ch, nil, false
	}
}

// Done has something where the job is answered.
func (j *job) Done() chan struct{} { return j.done }

// Saved is a save that has ended.
func Saved(err error) Event { return event{saved: &outcome{err: err}} }

// Came is a job that has come; nil = no more will.
func Came(j *Job) Event { return event{job: j, closed: j == nil} }
