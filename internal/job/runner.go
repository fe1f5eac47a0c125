package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

const (
	lookEvery = time.Second      // for jobs that were asked for
	noteEvery = time.Second      // of a job that runs
	lease     = 30 * time.Second // far longer than noteEvery: a runner that misses so many notes is dead
	jobsAtOne = 2                // a process works on that many jobs at a time
)

// Jobs are kept by a store. What changes one that runs returns command.ErrStale if another process works on it.
type Jobs interface {
	DueJobs(ctx context.Context, now time.Time, limit int) ([]ledger.Job, error)
	Job(ctx context.Context, merchant ledger.MerchantID, id string) (ledger.Job, bool, error)
	JobFile(ctx context.Context, merchant ledger.MerchantID, job, name string) (ledger.JobFile, bool, error)
	ClaimJob(ctx context.Context, j ledger.Job, until time.Time) error
	NoteJob(ctx context.Context, j ledger.Job) error
	EndJob(ctx context.Context, j ledger.Job, files ...ledger.JobFile) error
}

// Work does what jobs of one kind ask for, and returns what is kept as their result, which is written as JSON. Its
// context ends when somebody cancels the job or the program stops. A job whose program was killed is begun again, so
// work must bear that: what was done before must not be done twice.
type Work func(ctx context.Context, r *Running) (result any, err error)

// errAgain is returned by work that must not end as it is: it is begun again when its lease is over.
var errAgain = errors.New("it will be begun again")

// Fault is an error whose text is meant for whoever asked for the job; all others are logged, and told as "failed".
// What a work returns beside a Fault is told in place of its text.
type Fault struct{ error }

// Runner works on jobs, each in one process at a time.
type Runner struct {
	Jobs   Jobs
	Kinds  map[string]Work
	Clock  func() time.Time
	Logger *slog.Logger
	// May reports whether whoever asked for a job may still have it done: somebody who was stopped sets nothing going any
	// more, and what was set going ends. nil = anybody may.
	May func(j *ledger.Job) bool
}

// Running is a job that is worked on. Its methods may be called by several goroutines.
type Running struct {
	Job ledger.Job // as it was when the work began

	jobs  Jobs
	mu    sync.Mutex
	now   ledger.Job
	files []ledger.JobFile
}

// Run works on jobs until ctx is done. Those that are not finished by then are left for the next process.
func (r *Runner) Run(ctx context.Context) {
	var working sync.WaitGroup
	defer working.Wait()
	free := make(chan struct{}, jobsAtOne)
	for ctx.Err() == nil {
		found, err := r.Jobs.DueJobs(ctx, r.Clock(), 2*jobsAtOne)
		if err != nil && ctx.Err() == nil {
			r.Logger.Error("look for jobs", "error", err)
		}
		for _, j := range found {
			select {
			case <-ctx.Done():
				return
			case free <- struct{}{}:
			}
			working.Go(func() {
				defer func() { <-free }()
				r.one(ctx, j)
			})
		}
		rest(ctx, lookEvery)
	}
}

// Round works on what is due now, one job after the other.
func (r *Runner) Round(ctx context.Context) error {
	found, err := r.Jobs.DueJobs(ctx, r.Clock(), 2*jobsAtOne)
	for _, j := range found {
		r.one(ctx, j)
	}
	return err
}

// one works on a job, unless another process does. What fails is logged.
func (r *Runner) one(ctx context.Context, j ledger.Job) {
	until := r.Clock().Add(lease)
	if err := r.Jobs.ClaimJob(ctx, j, until); err != nil {
		if !errors.Is(err, command.ErrStale) && ctx.Err() == nil {
			r.Logger.Error("begin a job", "kind", j.Kind, "job", j.ID, "error", err)
		}
		return
	}
	j.Turn, j.State, j.Until = j.Turn+1, ledger.JobRuns, until
	j.Done, j.Total = 0, 0 // the work counts anew
	running := &Running{Job: j, jobs: r.Jobs, now: j}
	working, stop := context.WithCancelCause(ctx)
	switch {
	case j.Cancelled:
		stop(errCancelled)
	case !r.may(&j):
		stop(errNotAllowed)
	}
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		r.watch(working, stop, running)
	}()
	result, err := r.work(working, running)
	cause := context.Cause(working)
	stop(nil)
	<-watched
	if ctx.Err() != nil && err != nil || errors.Is(cause, errLost) {
		return // whoever finds that its lease is over goes on
	}
	if errors.Is(err, errAgain) {
		r.Logger.Error("job", "kind", j.Kind, "merchant", j.Merchant, "job", j.ID, "error", err)
		return
	}
	r.end(context.WithoutCancel(ctx), running, result, err, cause)
}

// work does it, and makes an error of a panic: one job must not end the program.
func (r *Runner) work(ctx context.Context, running *Running) (result any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	if errors.Is(context.Cause(ctx), errNotAllowed) {
		return nil, errNotAllowed
	}
	do := r.Kinds[running.Job.Kind]
	if do == nil {
		return nil, errors.New("no such kind of job")
	}
	return do(ctx, running)
}

var (
	errCancelled = errors.New("cancelled")
	errLost      = errors.New("another process works on it")
	// errNotAllowed ends the job of somebody who may not do that any more.
	errNotAllowed = Fault{ledger.Refuse(ledger.NotAllowed)}
)

func (r *Runner) may(j *ledger.Job) bool { return r.May == nil || r.May(j) }

// watch notes how far a job is, which also renews its lease, and ends the work when somebody wants that.
func (r *Runner) watch(ctx context.Context, stop context.CancelCauseFunc, running *Running) {
	tick := time.NewTicker(noteEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := r.look(ctx, running); errors.Is(err, errCancelled) || errors.Is(err, errLost) ||
			errors.Is(err, errNotAllowed) {
			stop(err)
			return
		} else if err != nil && ctx.Err() == nil { // the next look may succeed, while the lease lasts
			r.Logger.Warn("note a job", "kind", running.Job.Kind, "job", running.Job.ID, "error", err)
		}
	}
}

// look notes how far a job is. It returns errCancelled if the job is to end, and errLost if another process has it.
func (r *Runner) look(ctx context.Context, running *Running) error {
	if err := running.note(ctx, r.Clock().Add(lease)); err != nil {
		if errors.Is(err, command.ErrStale) {
			return errLost
		}
		return err
	}
	j, _, err := r.Jobs.Job(ctx, running.Job.Merchant, running.Job.ID)
	switch {
	case err != nil:
		return err
	case j.Cancelled:
		return errCancelled
	case !r.may(&j):
		return errNotAllowed
	}
	return nil
}

// end notes what has become of a job.
func (r *Runner) end(ctx context.Context, running *Running, result any, err, cause error) {
	j, files := running.last()
	j.EndedAt = r.Clock()
	kept, fault := json.Marshal(result)
	switch err = errors.Join(err, fault); {
	case err == nil:
		j.State, j.Result = ledger.JobDone, string(kept)
	case errors.Is(cause, errCancelled):
		j.State = ledger.JobCancelled
	default:
		j.State, j.Result = ledger.JobFailed, "failed"
		if errors.Is(cause, errNotAllowed) {
			err = cause
		}
		told, ok := errors.AsType[Fault](err)
		switch {
		case ok && result != nil && fault == nil:
			j.Result = string(kept)
		case ok:
			j.Result = told.Error()
		}
		r.Logger.Error("job", "kind", j.Kind, "merchant", j.Merchant, "job", j.ID, "error", err)
	}
	if err := r.Jobs.EndJob(ctx, j, files...); err != nil && !errors.Is(err, command.ErrStale) {
		r.Logger.Error("end a job", "kind", j.Kind, "job", j.ID, "error", err)
	}
}

// File returns a file that the job was given, or made before. It returns an error if there is none of that name.
func (r *Running) File(ctx context.Context, name string) (ledger.JobFile, error) {
	f, ok, err := r.jobs.JobFile(ctx, r.Job.Merchant, r.Job.ID, name)
	if err == nil && !ok {
		err = fmt.Errorf("the job has no file %q", name)
	}
	return f, err
}

// Put keeps a file with the job once the job has ended. It replaces one of the same name. One of more than
// ledger.MaxJobFile bytes is refused.
func (r *Running) Put(f ledger.JobFile) error {
	if len(f.Content) > ledger.MaxJobFile {
		return Fault{fmt.Errorf("%s is larger than %d MiB", f.Name, ledger.MaxJobFile>>20)}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.files = append(r.files, f)
	return nil
}

// Of says how much there is to do.
func (r *Running) Of(total int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now.Total = total
}

// Step says that n more are done.
func (r *Running) Step(n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now.Done += n
}

func (r *Running) note(ctx context.Context, until time.Time) error {
	r.mu.Lock()
	r.now.Until = until
	j := r.now
	r.mu.Unlock()
	return r.jobs.NoteJob(ctx, j)
}

// last returns the job as it is now, with the files it made.
func (r *Running) last() (ledger.Job, []ledger.JobFile) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now, r.files
}
