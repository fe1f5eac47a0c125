package job

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tongka/internal/ledger"
	"tongka/internal/store/storetest"
)

// desk is a runner over a store in memory.
func desk(kinds map[string]Work) (*Runner, *storetest.MemStore) {
	s := storetest.NewMemStore()
	return &Runner{Jobs: s, Kinds: kinds, Clock: time.Now, Logger: slog.New(slog.DiscardHandler)}, s
}

func asked(t *testing.T, s *storetest.MemStore, kind string) {
	t.Helper()
	now := time.Now()
	j := ledger.Job{Merchant: 1, ID: kind, Kind: kind, Ask: `"x"`, At: now, State: ledger.JobWaits, Until: now}
	if err := s.AddJob(t.Context(), j, ledger.JobFile{Name: "in", Content: []byte("abc")}); err != nil {
		t.Fatal(err)
	}
}

func become(t *testing.T, s *storetest.MemStore, kind string) ledger.Job {
	t.Helper()
	j, ok, err := s.Job(t.Context(), 1, kind)
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	return j
}

// A job is told what it works on, says how far it is, and leaves a result and files; one that fails says why only where
// that is meant for people, and one that panics ends nothing but itself.
func TestJobsAreDone(t *testing.T) {
	t.Parallel()
	r, s := desk(map[string]Work{
		"good": func(ctx context.Context, r *Running) (any, error) {
			f, err := r.File(ctx, "in")
			r.Of(3)
			r.Step(int64(len(f.Content)))
			return map[string]int{"rows": 3}, errors.Join(err, r.Put(ledger.JobFile{Name: "out", Content: f.Content}))
		},
		"told": func(context.Context, *Running) (any, error) { return nil, Fault{errors.New("row 3: no number")} },
		"shown": func(context.Context, *Running) (any, error) {
			return map[string]string{"fault": "no table"}, Fault{errors.New("no table")}
		},
		"secret": func(context.Context, *Running) (any, error) { return nil, errors.New("dial 10.0.0.1") },
		"panics": func(context.Context, *Running) (any, error) { panic("oops") },
		"large": func(_ context.Context, r *Running) (any, error) {
			return nil, r.Put(ledger.JobFile{Name: "out", Content: make([]byte, ledger.MaxJobFile+1)})
		},
		"no file": func(ctx context.Context, r *Running) (any, error) { return r.File(ctx, "none") },
	})
	kinds := []string{"good", "told", "shown", "secret", "panics", "large", "no file", "unknown"}
	for _, kind := range kinds {
		asked(t, s, kind)
	}
	for range kinds {
		if err := r.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for kind, want := range map[string]struct {
		state  ledger.JobState
		result string
	}{
		"good": {ledger.JobDone, `{"rows":3}`}, "told": {ledger.JobFailed, "row 3: no number"},
		"shown":  {ledger.JobFailed, `{"fault":"no table"}`},
		"secret": {ledger.JobFailed, "failed"}, "panics": {ledger.JobFailed, "failed"},
		"large": {ledger.JobFailed, "out is larger than 32 MiB"}, "no file": {ledger.JobFailed, "failed"},
		"unknown": {ledger.JobFailed, "failed"},
	} {
		got := become(t, s, kind)
		if got.State != want.state || got.Result != want.result || got.EndedAt.IsZero() {
			t.Errorf("%s: %+v", kind, got)
		}
	}
	if got := become(t, s, "good"); got.Done != 3 || got.Total != 3 {
		t.Errorf("progress: %d of %d", got.Done, got.Total)
	}
	if f, ok, _ := s.JobFile(t.Context(), 1, "good", "out"); !ok || string(f.Content) != "abc" {
		t.Errorf("what it made: %v %q", ok, f.Content)
	}
}

// Somebody who cancels a job ends its work; one that the end of the program interrupts is begun again by the next.
func TestJobsEndEarly(t *testing.T) {
	t.Parallel()
	var begun atomic.Int32
	waits := func(ctx context.Context, r *Running) (any, error) {
		r.Step(1)
		if begun.Add(1) == 3 {
			return "again", nil
		}
		<-ctx.Done()
		return nil, ctx.Err()
	}
	r, s := desk(map[string]Work{"cancelled": waits, "interrupted": waits})
	asked(t, s, "cancelled")
	go func() {
		for begun.Load() == 0 {
			time.Sleep(time.Millisecond)
		}
		_ = s.CancelJob(context.WithoutCancel(t.Context()), 1, "cancelled", time.Now())
	}()
	if err := r.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := become(t, s, "cancelled"); got.State != ledger.JobCancelled || got.Done != 1 {
		t.Errorf("cancelled: %+v", got)
	}

	asked(t, s, "interrupted")
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		for begun.Load() < 2 {
			time.Sleep(time.Millisecond)
		}
		stop()
	}()
	if err := r.Round(ctx); err != nil {
		t.Fatal(err)
	}
	if got := become(t, s, "interrupted"); got.State != ledger.JobRuns {
		t.Errorf("interrupted: %+v", got)
	}
	r.Clock = func() time.Time { return time.Now().Add(2 * lease) }
	if err := r.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := become(t, s, "interrupted"); got.State != ledger.JobDone || got.Result != `"again"` || got.Turn != 2 {
		t.Errorf("begun again: %+v", got)
	}
}

// One that is taken over is counted anew; one that was cancelled before it is ends at once.
func TestJobsTakenOver(t *testing.T) {
	t.Parallel()
	r, s := desk(map[string]Work{"work": func(ctx context.Context, r *Running) (any, error) {
		r.Step(1)
		return "done", ctx.Err()
	}})
	now := time.Now()
	for _, cancelled := range []bool{false, true} {
		j := ledger.Job{
			Merchant: 1, ID: strconv.FormatBool(cancelled), Kind: "work", At: now, State: ledger.JobRuns, Turn: 1, Until: now,
			Done: 7, Total: 9, Cancelled: cancelled,
		}
		if err := s.AddJob(t.Context(), j); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := become(t, s, "false"); got.State != ledger.JobDone || got.Done != 1 || got.Total != 0 {
		t.Errorf("taken over: %+v", got)
	}
	if got := become(t, s, "true"); got.State != ledger.JobCancelled {
		t.Errorf("taken over after it was cancelled: %+v", got)
	}
}

// While one process works on a job no other does, and one that has lost it leaves nothing.
func TestJobOfTwoProcesses(t *testing.T) {
	t.Parallel()
	late, begun := make(chan struct{}), make(chan struct{})
	r, s := desk(map[string]Work{"one": func(_ context.Context, r *Running) (any, error) {
		close(begun)
		<-late
		return "first", r.Put(ledger.JobFile{Name: "out"})
	}})
	asked(t, s, "one")
	ended := make(chan error)
	go func() { ended <- r.Round(t.Context()) }()
	<-begun
	second := *r
	second.Kinds = map[string]Work{"one": func(context.Context, *Running) (any, error) { return "second", nil }}
	if err := second.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := become(t, s, "one"); got.State != ledger.JobRuns {
		t.Errorf("two worked on it: %+v", got)
	}
	second.Clock = func() time.Time { return time.Now().Add(2 * lease) }
	if err := second.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	close(late)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if got := become(t, s, "one"); got.Result != `"second"` {
		t.Errorf("one that had lost it ended it: %+v", got)
	}
	if _, ok, _ := s.JobFile(t.Context(), 1, "one", "out"); ok {
		t.Error("one that had lost it left a file")
	}
}

// A job of somebody who may not do that any more ends, before it has begun or while it is worked on, and says why.
func TestJobsOfThoseStopped(t *testing.T) {
	t.Parallel()
	begun := make(chan struct{})
	r, s := desk(map[string]Work{
		"runs": func(ctx context.Context, _ *Running) (any, error) {
			close(begun)
			<-ctx.Done()
			return nil, ctx.Err()
		},
		"waits": func(context.Context, *Running) (any, error) { t.Error("it was begun"); return nil, nil },
	})
	var stopped atomic.Bool
	r.May = func(*ledger.Job) bool { return !stopped.Load() }
	asked(t, s, "runs")
	done := make(chan error)
	go func() { done <- r.Round(t.Context()) }()
	<-begun
	stopped.Store(true)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	asked(t, s, "waits")
	if err := r.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"runs", "waits"} {
		if j := become(t, s, kind); j.State != ledger.JobFailed || !strings.Contains(j.Result, "may not") {
			t.Errorf("%s: %+v", kind, j)
		}
	}
}
