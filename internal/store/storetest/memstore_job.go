package storetest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// jobKey is what a job is found by.
type jobKey struct {
	merchant ledger.MerchantID
	id       string
}

// keptJob is a job with its files.
type keptJob struct {
	job   ledger.Job
	files map[string]ledger.JobFile
}

// AddJob adds a job with its files, unless there is one of that id.
func (s *MemStore) AddJob(_ context.Context, j ledger.Job, files ...ledger.JobFile) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, there := s.jobs[jobKey{j.Merchant, j.ID}]; there {
		return nil
	}
	one := &keptJob{job: j, files: map[string]ledger.JobFile{}}
	one.put(files)
	s.jobs[jobKey{j.Merchant, j.ID}] = one
	return nil
}

func (k *keptJob) put(files []ledger.JobFile) {
	for _, f := range files {
		f.Content = slices.Clone(f.Content)
		k.files[f.Name] = f
	}
}

// ClaimJob lets the caller work on a job.
func (s *MemStore) ClaimJob(_ context.Context, j ledger.Job, until time.Time) error {
	return s.changeJob(&j, nil, func(was *ledger.Job) bool {
		if was.Ended() {
			return false
		}
		was.Turn, was.State, was.Until = was.Turn+1, ledger.JobRuns, until
		return true
	})
}

// NoteJob notes how far a job is.
func (s *MemStore) NoteJob(_ context.Context, j ledger.Job) error {
	return s.changeJob(&j, nil, func(was *ledger.Job) bool {
		was.Until, was.Done, was.Total = j.Until, j.Done, j.Total
		return was.State == ledger.JobRuns
	})
}

// EndJob notes what has become of a job.
func (s *MemStore) EndJob(_ context.Context, j ledger.Job, files ...ledger.JobFile) error {
	return s.changeJob(&j, files, func(was *ledger.Job) bool {
		runs := was.State == ledger.JobRuns
		was.State, was.Until, was.Done, was.Total = j.State, time.Time{}, j.Done, j.Total
		was.EndedAt, was.Result = j.EndedAt, j.Result
		return runs
	})
}

// changeJob changes a job if it has the turn that j says and change reports that it may be.
func (s *MemStore) changeJob(j *ledger.Job, files []ledger.JobFile, change func(*ledger.Job) bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.jobs[jobKey{j.Merchant, j.ID}]
	if k == nil {
		return nil
	}
	was := k.job
	if was.Turn != j.Turn || !change(&was) {
		return command.ErrStale
	}
	k.job = was
	k.put(files)
	return nil
}

// CancelJob asks for the end of a job.
func (s *MemStore) CancelJob(_ context.Context, merchant ledger.MerchantID, id string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.jobs[jobKey{merchant, id}]
	if k == nil || k.job.Ended() {
		return nil
	}
	k.job.Cancelled = true
	if k.job.State == ledger.JobWaits {
		k.job.State, k.job.EndedAt, k.job.Until = ledger.JobCancelled, at, time.Time{}
	}
	return nil
}

// DropJobFiles removes files of a job that has ended.
func (s *MemStore) DropJobFiles(_ context.Context, j ledger.Job, names ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.jobs[jobKey{j.Merchant, j.ID}]
	if k == nil || !k.job.Ended() {
		return nil
	}
	if k.job.Turn != j.Turn {
		return command.ErrStale
	}
	k.job.Turn++
	for _, name := range names {
		delete(k.files, name)
	}
	return nil
}

// DropJobs removes the jobs that ended before the given time.
func (s *MemStore) DropJobs(_ context.Context, before time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, k := range s.jobs {
		if k.job.Ended() && k.job.EndedAt.Before(before) {
			delete(s.jobs, key)
		}
	}
	return nil
}

// Job returns a job.
func (s *MemStore) Job(_ context.Context, merchant ledger.MerchantID, id string) (ledger.Job, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.jobs[jobKey{merchant, id}]; k != nil {
		return k.job, true, nil
	}
	return ledger.Job{}, false, nil
}

// Jobs returns a page of a merchant's jobs, the newest first.
func (s *MemStore) Jobs(_ context.Context, q ledger.JobQuery) ([]ledger.Job, error) {
	before := ledger.Job{At: q.At, ID: q.ID}
	newestFirst := func(a, b ledger.Job) int { return compareJobs(b, a) }
	return s.jobsThat(q.Limit, newestFirst, func(j *ledger.Job) bool {
		return j.Merchant == q.Merchant && (q.Kind == "" || j.Kind == q.Kind) &&
			(q.At.IsZero() || compareJobs(*j, before) < 0)
	}), nil
}

// DueJobs returns the oldest jobs that nobody works on.
func (s *MemStore) DueJobs(_ context.Context, now time.Time, limit int) ([]ledger.Job, error) {
	return s.jobsThat(limit, compareJobs, func(j *ledger.Job) bool { return !j.Ended() && !j.Until.After(now) }), nil
}

func compareJobs(a, b ledger.Job) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) }

// jobsThat returns the first of the jobs that are wanted.
func (s *MemStore) jobsThat(
	limit int, order func(a, b ledger.Job) int, wanted func(*ledger.Job) bool,
) (found []ledger.Job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.jobs {
		if wanted(&k.job) {
			found = append(found, k.job)
		}
	}
	slices.SortFunc(found, order)
	return found[:min(len(found), limit)]
}

// JobFile returns a file of a job.
func (s *MemStore) JobFile(_ context.Context, merchant ledger.MerchantID, job, name string) (
	ledger.JobFile, bool, error,
) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.jobs[jobKey{merchant, job}]
	if k == nil {
		return ledger.JobFile{}, false, nil
	}
	f, ok := k.files[name]
	return f, ok, nil
}

// JobFiles returns the files of a job by name, without their content.
func (s *MemStore) JobFiles(
	_ context.Context, merchant ledger.MerchantID, job string,
) (all []ledger.JobFile, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.jobs[jobKey{merchant, job}]; k != nil {
		for _, f := range k.files {
			all = append(all, ledger.JobFile{Name: f.Name, Type: f.Type})
		}
	}
	slices.SortFunc(all, func(a, b ledger.JobFile) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}
