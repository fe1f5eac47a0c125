package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// jobStore is what jobs need of a store.
type jobStore interface {
	AddJob(ctx context.Context, j ledger.Job, files ...ledger.JobFile) error
	ClaimJob(ctx context.Context, j ledger.Job, until time.Time) error
	NoteJob(ctx context.Context, j ledger.Job) error
	EndJob(ctx context.Context, j ledger.Job, files ...ledger.JobFile) error
	CancelJob(ctx context.Context, merchant ledger.MerchantID, id string, at time.Time) error
	DropJobFiles(ctx context.Context, j ledger.Job, names ...string) error
	DropJobs(ctx context.Context, before time.Time) error
	Job(ctx context.Context, merchant ledger.MerchantID, id string) (ledger.Job, bool, error)
	Jobs(ctx context.Context, q ledger.JobQuery) ([]ledger.Job, error)
	DueJobs(ctx context.Context, now time.Time, limit int) ([]ledger.Job, error)
	JobFile(ctx context.Context, merchant ledger.MerchantID, job, name string) (ledger.JobFile, bool, error)
	JobFiles(ctx context.Context, merchant ledger.MerchantID, job string) ([]ledger.JobFile, error)
}

func jobAt(minute int) time.Time { return time.Date(2026, 3, 5, 4, minute, 0, 7_000_000, time.UTC) }

func someJob(merchant ledger.MerchantID, id string, minute int) ledger.Job {
	return ledger.Job{
		Merchant: merchant, ID: id, Kind: "import", Ask: `{"file":"会员 <b>.csv"}`, Person: 3, Shop: 4, At: jobAt(minute),
		State: ledger.JobWaits, Until: jobAt(minute),
	}
}

func jobHere(b *books, merchant ledger.MerchantID, id string) (ledger.Job, bool) {
	j, ok, err := b.s.Job(b.ctx, merchant, id)
	b.must(err)
	return j, ok
}

// A job is one however often it is asked for, one at a time works on it, and what somebody writes who has lost it
// changes nothing.
func testJobs(t *testing.T, b *books) {
	b.must(b.s.SaveMerchant(b.ctx, merchant(2)))
	first, second, others := someJob(1, "B", 1), someJob(1, "A", 2), someJob(2, "B", 0)
	second.Kind, second.Person, second.Agent = "verify", 0, 5
	file := ledger.JobFile{Name: "rows.csv", Type: "text/csv", Content: []byte("号\x00,\xff")}
	b.must(b.s.AddJob(b.ctx, first, file))
	b.must(b.s.AddJob(b.ctx, second))
	b.must(b.s.AddJob(b.ctx, others))
	again, changed := first, file
	again.Ask, changed.Content = "{}", []byte("other")
	b.must(b.s.AddJob(b.ctx, again, changed))
	got, _ := jobHere(b, 1, "B")
	same(t, "one that was asked for twice", got, first)
	kept, _, err := b.s.JobFile(b.ctx, 1, "B", "rows.csv")
	b.must(err)
	same(t, "its file", kept, file)
	if _, ok := jobHere(b, 2, "A"); ok {
		t.Error("another merchant's is found")
	}
	if _, ok, err := b.s.JobFile(b.ctx, 2, "B", "rows.csv"); ok || err != nil {
		t.Errorf("another merchant's file is found: %v", err)
	}

	jobsInVain(t, b)

	due := func(now time.Time, limit int) []ledger.Job {
		found, err := b.s.DueJobs(b.ctx, now, limit)
		b.must(err)
		return found
	}
	same(t, "what is due", due(jobAt(3), 9), []ledger.Job{others, first, second})
	same(t, "what is due first", due(jobAt(3), 1), []ledger.Job{others})
	b.must(b.s.ClaimJob(b.ctx, first, jobAt(10)))
	if err := b.s.ClaimJob(b.ctx, first, jobAt(11)); !errors.Is(err, command.ErrStale) {
		t.Errorf("claimed twice: %v", err)
	}
	same(t, "what is due beside it", due(jobAt(3), 9), []ledger.Job{others, second})
	first.Turn, first.State, first.Until = 1, ledger.JobRuns, jobAt(10)
	got, _ = jobHere(b, 1, "B")
	same(t, "one that runs", got, first)
	same(t, "when its lease is over", due(jobAt(10), 9), []ledger.Job{others, first, second})
	jobRuns(t, b, first)
	jobPages(t, b)
}

// jobsInVain looks for jobs by texts that no row can hold, as somebody may write into an address.
func jobsInVain(t *testing.T, b *books) {
	for _, id := range []string{"B\x00", "\xff", ""} {
		_, ok, err := b.s.Job(b.ctx, 1, id)
		_, there, readErr := b.s.JobFile(b.ctx, 1, "B", id)
		files, listErr := b.s.JobFiles(b.ctx, 1, id)
		_, pageErr := b.s.Jobs(b.ctx, ledger.JobQuery{Merchant: 1, At: jobAt(2), ID: id, Limit: 9})
		err = errors.Join(err, readErr, listErr, pageErr, b.s.CancelJob(b.ctx, 1, id, jobAt(2)))
		if ok || there || len(files) > 0 || err != nil {
			t.Errorf("the job %q is looked for: %t %t %v %v", id, ok, there, files, err)
		}
	}
}

// jobRuns lets one runner lose a job to another.
func jobRuns(t *testing.T, b *books, lost ledger.Job) {
	b.must(b.s.ClaimJob(b.ctx, lost, jobAt(20)))
	lost.Done, lost.Total, lost.Until = 7, 9, jobAt(30)
	note := ledger.JobFile{Name: "faults.csv", Type: "text/csv", Content: []byte("x")}
	if err := b.s.NoteJob(b.ctx, lost); !errors.Is(err, command.ErrStale) {
		t.Errorf("noted by one who lost it: %v", err)
	}
	has := lost
	has.Turn = 2
	b.must(b.s.NoteJob(b.ctx, has))
	b.must(b.s.CancelJob(b.ctx, 1, "B", jobAt(21)))
	has.Cancelled = true
	got, _ := jobHere(b, 1, "B")
	same(t, "one that is to end", got, has)

	lost.State, lost.EndedAt = ledger.JobFailed, jobAt(22)
	if err := b.s.EndJob(b.ctx, lost, note); !errors.Is(err, command.ErrStale) {
		t.Errorf("ended by one who lost it: %v", err)
	}
	if _, ok, _ := b.s.JobFile(b.ctx, 1, "B", "faults.csv"); ok {
		t.Error("one who lost it left a file")
	}
	has.State, has.EndedAt, has.Result, has.Done = ledger.JobDone, jobAt(23), `{"rows":9}`, 9
	has.Until = time.Time{}
	b.must(b.s.EndJob(b.ctx, has, note))
	got, _ = jobHere(b, 1, "B")
	same(t, "one that is done", got, has)
	files, err := b.s.JobFiles(b.ctx, 1, "B")
	b.must(err)
	same(t, "its files", files, []ledger.JobFile{
		{Name: "faults.csv", Type: "text/csv"}, {Name: "rows.csv", Type: "text/csv"},
	})
	kept, _, err := b.s.JobFile(b.ctx, 1, "B", "faults.csv")
	b.must(err)
	same(t, "the file that it left", kept, note)
	for name, err := range map[string]error{
		"claimed": b.s.ClaimJob(b.ctx, has, jobAt(40)), "noted": b.s.NoteJob(b.ctx, has), "ended": b.s.EndJob(b.ctx, has),
	} {
		if !errors.Is(err, command.ErrStale) {
			t.Errorf("%s after its end: %v", name, err)
		}
	}
	b.must(b.s.CancelJob(b.ctx, 1, "B", jobAt(24)))
	got, _ = jobHere(b, 1, "B")
	same(t, "one that was cancelled after its end", got, has)
	jobFilesTaken(t, b, has)
	// Who asks for the job once more, as a form does that is sent again, does not give it back what was taken out.
	again := has
	again.State = ledger.JobWaits
	b.must(b.s.AddJob(b.ctx, again, ledger.JobFile{Name: "rows.csv", Type: "text/csv", Content: []byte("x")}))
	if _, there, err := b.s.JobFile(b.ctx, 1, "B", "rows.csv"); there || err != nil {
		t.Errorf("a job that has ended got a file again: %t, %v", there, err)
	}
}

// jobFilesTaken lets many take the same files of a job at the same moment: one of them has them, and what is left
// stays.
func jobFilesTaken(t *testing.T, b *books, j ledger.Job) {
	const takers = 8
	taken := make(chan error, takers)
	for range takers {
		go func() { taken <- b.s.DropJobFiles(b.ctx, j, "rows.csv", "never there") }()
	}
	had := 0
	for range takers {
		switch err := <-taken; {
		case err == nil:
			had++
		case !errors.Is(err, command.ErrStale):
			t.Errorf("taken with others: %v", err)
		}
	}
	if had != 1 {
		t.Errorf("%d have taken a file, want 1", had)
	}
	files, err := b.s.JobFiles(b.ctx, 1, "B")
	b.must(err)
	same(t, "the files that are left", files, []ledger.JobFile{{Name: "faults.csv", Type: "text/csv"}})
	b.must(b.s.DropJobFiles(b.ctx, someJob(2, "B", 0), "faults.csv")) // another merchant's, and it has not ended
	j, _ = jobHere(b, 1, "B")
	b.must(b.s.DropJobFiles(b.ctx, j, "faults.csv"))
	files, err = b.s.JobFiles(b.ctx, 1, "B")
	b.must(err)
	same(t, "when all are taken", files, nil)
}

// jobPages goes through a merchant's jobs, cancels one that waits, and drops what has ended.
func jobPages(t *testing.T, b *books) {
	b.must(b.s.CancelJob(b.ctx, 1, "A", jobAt(25)))
	waited := someJob(1, "A", 2)
	waited.Kind, waited.Person, waited.Agent = "verify", 0, 5
	waited.Cancelled, waited.State, waited.EndedAt, waited.Until = true, ledger.JobCancelled, jobAt(25), time.Time{}
	page := func(q ledger.JobQuery) (ids []string) {
		q.Merchant = 1
		found, err := b.s.Jobs(b.ctx, q)
		b.must(err)
		for _, j := range found {
			ids = append(ids, j.ID)
		}
		return ids
	}
	got, _ := jobHere(b, 1, "A")
	same(t, "one that waited and was cancelled", got, waited)
	same(t, "the newest", page(ledger.JobQuery{Limit: 1}), []string{"A"})
	same(t, "those before", page(ledger.JobQuery{At: jobAt(2), ID: "A", Limit: 9}), []string{"B"})
	same(t, "the newest of a kind", page(ledger.JobQuery{Kind: "import", Limit: 1}), []string{"B"})
	same(t, "those of a kind before", page(ledger.JobQuery{Kind: "verify", At: jobAt(2), ID: "A", Limit: 9}), nil)

	b.must(b.s.DropJobs(b.ctx, jobAt(25)))
	if _, ok := jobHere(b, 1, "B"); ok {
		t.Error("an old job is still there")
	}
	if files, err := b.s.JobFiles(b.ctx, 1, "B"); err != nil || len(files) != 0 {
		t.Errorf("an old job's files are still there: %v %v", files, err)
	}
	got, _ = jobHere(b, 1, "A")
	same(t, "one that ended later", got, waited)
	if _, ok := jobHere(b, 2, "B"); !ok {
		t.Error("one that has not ended is gone")
	}
}
