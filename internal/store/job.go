package store

import (
	"context"
	"fmt"
	"math"
	"time"

	"tongka/internal/ledger"
)

const (
	jobList = "merchant id:text kind:text ask:text person agent shop at state done total cancelled turn until ended_at " +
		"result:text"
	jobFileList = "merchant job:text name:text type:text content:bytea"
)

var (
	// A job that is asked for twice is one.
	addJob = insertAnd("add_job", "job", jobList, "INSERT", " ON CONFLICT (merchant, id) DO NOTHING")
	// One that is asked for again after it was begun gets no files: some may have been taken out of it.
	addJobFile = define("add_job_file", jobFileList, `
		INSERT INTO job_file ({columns}) SELECT `+listed("v.", jobFileList)+` FROM {rows} AS v
		JOIN job AS j ON j.merchant = v.merchant AND j.id = v.job AND j.state = 1 WHERE true
		ON CONFLICT (merchant, job, name) DO NOTHING`)
	putJobFile  = put("job_file", jobFileList, 3)
	dropJobFile = drop("job_file", "merchant job:text name:text")

	// These are refused, like a save with an old head, if somebody else works on the job or it has ended.
	claimJob = define("claim_job", "merchant id:text turn until", `
		UPDATE job SET turn = CASE WHEN job.turn = v.turn AND job.state IN (1, 2) THEN v.turn + 1 END, state = 2,
			until = v.until
		FROM {rows} AS v WHERE job.merchant = v.merchant AND job.id = v.id`)
	noteJob = define("note_job", "merchant id:text turn until done total", `
		UPDATE job SET turn = CASE WHEN job.turn = v.turn AND job.state = 2 THEN v.turn END, until = v.until,
			done = v.done, total = v.total
		FROM {rows} AS v WHERE job.merchant = v.merchant AND job.id = v.id`)
	endJob = define("end_job", "merchant id:text turn state done total ended_at result:text", `
		UPDATE job SET turn = CASE WHEN job.turn = v.turn AND job.state = 2 THEN v.turn END, state = v.state,
			until = 0, done = v.done, total = v.total, ended_at = v.ended_at, result = v.result
		FROM {rows} AS v WHERE job.merchant = v.merchant AND job.id = v.id`)

	// Whoever takes files out of a job that has ended has its next turn, so of those who saw it at the same turn only the
	// first has taken them.
	turnJob = define("turn_job", "merchant id:text turn", `
		UPDATE job SET turn = CASE WHEN job.turn = v.turn THEN v.turn + 1 END
		FROM {rows} AS v WHERE job.merchant = v.merchant AND job.id = v.id AND job.state > 2`)

	// One that nobody works on has ended with that.
	cancelJob = define("cancel_job", "merchant id:text at", `
		UPDATE job SET cancelled = 1, ended_at = CASE job.state WHEN 1 THEN v.at ELSE 0 END,
			until = CASE job.state WHEN 1 THEN 0 ELSE job.until END,
			state = CASE job.state WHEN 1 THEN 5 ELSE job.state END
		FROM {rows} AS v WHERE job.merchant = v.merchant AND job.id = v.id AND job.state IN (1, 2)`)

	jobOf = define("job_of", "merchant id:text", "SELECT "+listed("j.", jobList)+`
		FROM {rows} AS k JOIN job AS j ON j.merchant = k.merchant AND j.id = k.id`)
	jobsBefore = define("jobs_before", "merchant at id:text most", "SELECT "+listed("", jobList)+`
		FROM job WHERE merchant = $1 AND (at, id) < ($2, $3) ORDER BY at DESC, id DESC LIMIT $4`)
	jobsOfKind = define("jobs_of_kind", "merchant kind:text at id:text most", "SELECT "+listed("", jobList)+`
		FROM job WHERE merchant = $1 AND kind = $2 AND (at, id) < ($3, $4) ORDER BY at DESC, id DESC LIMIT $5`)
	dueJobs = define("due_jobs", "now most", "SELECT "+listed("j.", jobList)+`
		FROM head AS h JOIN job AS j ON j.merchant = h.merchant AND j.until > 0 AND j.until <= $1
		ORDER BY j.at, j.id LIMIT $2`)
	jobFileOf = define("job_file_of", "merchant job:text name:text", `
		SELECT f.name, f.type, f.content
		FROM {rows} AS k JOIN job_file AS f ON f.merchant = k.merchant AND f.job = k.job AND f.name = k.name`)
	jobFilesOf = define("job_files_of", "merchant job:text", `
		SELECT f.name, f.type FROM {rows} AS k JOIN job_file AS f ON f.merchant = k.merchant AND f.job = k.job
		ORDER BY f.name`)

	dropFilesOfJobs = define("drop_files_of_jobs", "at", `
		DELETE FROM job_file WHERE EXISTS (SELECT 1 FROM {rows} AS v JOIN job ON job.ended_at < v.at
			WHERE job.state > 2 AND job.merchant = job_file.merchant AND job.id = job_file.job)`)
	dropJobs = define("drop_jobs", "at", `
		DELETE FROM job WHERE state > 2 AND EXISTS (SELECT 1 FROM {rows} AS v WHERE job.ended_at < v.at)`)
)

// AddJob adds a job with the files it is to work on. If there is one of that id, nothing changes.
func (s *Store) AddJob(ctx context.Context, j ledger.Job, files ...ledger.JobFile) error {
	row := merchantRow(addJob, j.Merchant).text(j.ID).text(j.Kind).text(j.Ask).int(int64(j.Person)).int(int64(j.Agent))
	row.int(int64(j.Shop)).time(j.At).int(int64(j.State)).int(j.Done).int(j.Total).bool(j.Cancelled).int(j.Turn).
		time(j.Until)
	row.time(j.EndedAt).text(j.Result)
	writes := []write{{addJob, row}}
	if len(files) > 0 {
		writes = append(writes, write{addJobFile, fileRows(addJobFile, &j, files)})
	}
	return s.write(ctx, writes...)
}

func fileRows(s *statement, j *ledger.Job, files []ledger.JobFile) *rows {
	r := rowsFor(s, len(files))
	for i := range files {
		r.int(int64(j.Merchant)).text(j.ID).text(files[i].Name).text(files[i].Type).bytes(files[i].Content)
	}
	return r
}

// ClaimJob lets the caller work on a job until the given time, unless it notes something of it before; what it writes
// has the next turn. It returns command.ErrStale if somebody else works on it, or nobody is to any more.
func (s *Store) ClaimJob(ctx context.Context, j ledger.Job, until time.Time) error {
	return s.write(ctx, write{claimJob, merchantRow(claimJob, j.Merchant).text(j.ID).int(j.Turn).time(until)})
}

// NoteJob notes how far a job is and until when its runner works on it. It returns command.ErrStale, and changes
// nothing, if somebody else works on it.
func (s *Store) NoteJob(ctx context.Context, j ledger.Job) error {
	row := merchantRow(noteJob, j.Merchant).text(j.ID).int(j.Turn).time(j.Until).int(j.Done).int(j.Total)
	return s.write(ctx, write{noteJob, row})
}

// EndJob notes what has become of a job, and keeps files with it. It returns command.ErrStale, and changes nothing, if
// somebody else works on it.
func (s *Store) EndJob(ctx context.Context, j ledger.Job, files ...ledger.JobFile) error {
	row := merchantRow(endJob, j.Merchant).text(j.ID).int(j.Turn).int(int64(j.State)).int(j.Done).int(j.Total)
	return s.writeJob(ctx, &j, write{endJob, row.time(j.EndedAt).text(j.Result)}, files)
}

// writeJob writes what is guarded by a job's turn, which goes first.
func (s *Store) writeJob(ctx context.Context, j *ledger.Job, guard write, files []ledger.JobFile) error {
	writes := []write{guard}
	if len(files) > 0 {
		writes = append(writes, write{putJobFile, fileRows(putJobFile, j, files)})
	}
	return s.write(ctx, writes...)
}

// CancelJob asks for the end of a job. One that nobody works on ends with that; one that has ended stays as it is.
func (s *Store) CancelJob(ctx context.Context, merchant ledger.MerchantID, id string, at time.Time) error {
	return s.write(ctx, write{cancelJob, merchantRow(cancelJob, merchant).key(id).time(at)})
}

// DropJobFiles removes files of a job that has ended, as far as they are there. It returns command.ErrStale, and
// removes nothing, if somebody else has removed some since the job was read: then they are not the caller's to hand
// out.
func (s *Store) DropJobFiles(ctx context.Context, j ledger.Job, names ...string) error {
	files := rowsFor(dropJobFile, len(names))
	for _, name := range names {
		files.int(int64(j.Merchant)).text(j.ID).text(name)
	}
	return s.write(ctx, write{turnJob, merchantRow(turnJob, j.Merchant).text(j.ID).int(j.Turn)}, write{dropJobFile, files})
}

// DropJobs removes the jobs that ended before the given time, with their files.
func (s *Store) DropJobs(ctx context.Context, before time.Time) error {
	return s.write(ctx, write{dropFilesOfJobs, rowsFor(dropFilesOfJobs, 1).time(before)},
		write{dropJobs, rowsFor(dropJobs, 1).time(before)})
}

// Job returns a job; ok is false if there is none of that id.
func (v *View) Job(ctx context.Context, merchant ledger.MerchantID, id string) (j ledger.Job, ok bool, err error) {
	found, err := v.jobs(ctx, query{statement: jobOf, args: merchantRow(jobOf, merchant).key(id)})
	if err != nil || len(found) == 0 {
		return j, false, err
	}
	return found[0], true, nil
}

// Jobs returns a page of a merchant's jobs.
func (v *View) Jobs(ctx context.Context, q ledger.JobQuery) ([]ledger.Job, error) {
	of, args := jobsBefore, merchantRow(jobsBefore, q.Merchant)
	if q.Kind != "" {
		of, args = jobsOfKind, merchantRow(jobsOfKind, q.Merchant).text(q.Kind)
	}
	if q.At.IsZero() {
		args.int(math.MaxInt64)
	} else {
		args.time(q.At)
	}
	return v.jobs(ctx, query{statement: of, args: args.key(q.ID).int(int64(q.Limit))})
}

// DueJobs returns the oldest jobs of all merchants that nobody works on and somebody is to.
func (v *View) DueJobs(ctx context.Context, now time.Time, limit int) ([]ledger.Job, error) {
	return v.jobs(ctx, query{statement: dueJobs, args: rowsFor(dueJobs, 1).time(now).int(int64(limit))})
}

// JobFile returns a file of a job; ok is false if there is none of that name.
func (v *View) JobFile(ctx context.Context, merchant ledger.MerchantID, job, name string) (
	f ledger.JobFile, ok bool, err error,
) {
	args := merchantRow(jobFileOf, merchant).key(job).key(name)
	err = v.q.read(ctx, query{jobFileOf, args, func(r record) error {
		f, ok = ledger.JobFile{Name: r.text(), Type: r.text(), Content: r.bytes()}, true
		return nil
	}})
	if err != nil {
		return f, false, fmt.Errorf("file of a job: %w", err)
	}
	return f, ok, nil
}

// JobFiles returns the files of a job by name, without their content.
func (v *View) JobFiles(ctx context.Context, merchant ledger.MerchantID, job string) (all []ledger.JobFile, err error) {
	err = v.q.read(ctx, query{jobFilesOf, merchantRow(jobFilesOf, merchant).key(job), func(r record) error {
		all = append(all, ledger.JobFile{Name: r.text(), Type: r.text()})
		return nil
	}})
	if err != nil {
		return nil, fmt.Errorf("files of a job: %w", err)
	}
	return all, nil
}

func (v *View) jobs(ctx context.Context, q query) (found []ledger.Job, err error) {
	q.each = func(r record) error {
		found = append(found, readJob(r))
		return nil
	}
	if err := v.q.read(ctx, q); err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return found, nil
}

func readJob(r record) (j ledger.Job) {
	j.Merchant, j.ID, j.Kind, j.Ask = ledger.MerchantID(r.int()), r.text(), r.text(), r.text()
	j.Person, j.Agent, j.Shop = ledger.PersonID(r.int()), ledger.AgentID(r.int()), ledger.ShopID(r.int())
	j.At = readTime(r)
	j.State, j.Done, j.Total = ledger.JobState(r.int()), r.int(), r.int()
	j.Cancelled, j.Turn, j.Until, j.EndedAt = readBool(r), r.int(), readTime(r), readTime(r)
	j.Result = r.text()
	return j
}
