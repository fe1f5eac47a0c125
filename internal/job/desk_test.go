package job_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"tongka/internal/codes"
	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/job"
	"tongka/internal/ledger"
	"tongka/internal/sheet"
	"tongka/internal/store/storetest"
)

// killed starts commands until a number of them were, and then works no more, as a program that is killed.
type killed struct {
	job.Starter
	mu   sync.Mutex
	left int
}

func (k *killed) Start(ctx context.Context, cmd command.Command) func() (command.Changes, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.left--; k.left < 0 {
		return func() (command.Changes, error) { return command.Changes{}, errors.New("killed") }
	}
	return k.Starter.Start(ctx, cmd)
}

// seriesDesk is a runner of series at a merchant, over a store in memory.
type seriesDesk struct {
	*testing.T
	*storetest.MemStore
	runner *job.Runner
	now    time.Time
}

// newSeriesDesk returns a desk whose commands are started by what wrap makes of the engine.
func newSeriesDesk(t *testing.T, wrap func(job.Starter) job.Starter) *seriesDesk {
	d := &seriesDesk{T: t, MemStore: storetest.NewMemStore(), now: time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)}
	d.must(d.SaveMerchant(t.Context(), ledger.Merchant{
		ID: 1, GUID: "{1}", Name: "店", Zone: time.UTC, Levels: []ledger.Level{{ID: 1, Name: "普通", PayRate: ledger.Percent100}},
	}))
	clock := func() time.Time { return d.now }
	e := engine.New(d.MemStore, engine.Config{Clock: clock, Logger: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() { d.must(e.Close(context.Background())) })
	desk := &job.Desk{
		Books: d.MemStore, Start: func() job.Starter { return wrap(e.Bulk(nil)) }, Clock: clock,
		Seal:         func(_ string, b []byte) []byte { return b },
		Unseal:       func(_ string, b []byte) ([]byte, error) { return b, nil },
		HashPassword: func(merchant, password string) string { return merchant + "/" + password },
	}
	d.runner = &job.Runner{Jobs: d.MemStore, Kinds: desk.Kinds(), Clock: clock, Logger: slog.New(slog.DiscardHandler)}
	return d
}

func (d *seriesDesk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

// issue works on the job "s" of a series with passwords, and returns what became of it.
func (d *seriesDesk) issue(count int) ledger.Job {
	d.Helper()
	ask, err := json.Marshal(codes.Series{Count: count, Drawn: true, Passwords: true, Level: 1, Operator: "x", Name: "n"})
	d.must(err)
	seed := ledger.JobFile{Name: codes.SeriesSeed, Content: make([]byte, codes.SeedSize)}
	j := ledger.Job{
		Merchant: 1, ID: "s", Kind: codes.JobSeries, Ask: string(ask), State: ledger.JobWaits, At: d.now, Until: d.now,
	}
	d.must(d.AddJob(d.Context(), j, seed))
	d.must(d.runner.Round(d.Context()))
	got, _, err := d.Job(d.Context(), 1, "s")
	d.must(err)
	return got
}

// again works on the job once more, after the lease of whoever did before.
func (d *seriesDesk) again() ledger.Job {
	d.Helper()
	d.now = d.now.Add(time.Minute)
	d.must(d.runner.Round(d.Context()))
	got, _, err := d.Job(d.Context(), 1, "s")
	d.must(err)
	return got
}

// wantPrinted checks that a number of cards is in the file of the job, and in the books with just those passwords.
func (d *seriesDesk) wantPrinted(want int) {
	d.Helper()
	f, _, err := d.JobFile(d.Context(), 1, "s", codes.SeriesSealed)
	d.must(err)
	rows := -1
	d.must(sheet.ReadXLSX(f.Content, 1<<24, func(row []string) error {
		if rows++; rows == 0 {
			return nil
		}
		c, err := d.Card(d.Context(), ledger.CardNamed(1, row[0]))
		if err != nil || c == nil || c.Details.Password != "1/"+row[1] || c.Seq != 1 {
			d.Errorf("row %d %q: %+v, %v", rows, row, c, err)
		}
		return nil
	}))
	cards := 0
	d.must(d.EachCard(d.Context(), 1, func(*ledger.Card) error {
		cards++
		return nil
	}))
	if rows != want || cards != want {
		d.Errorf("printed %d of %d cards, want %d", rows, cards, want)
	}
}

// A series whose program was killed goes on with the same numbers and passwords, and opens no card twice.
func TestSeriesGoesOn(t *testing.T) {
	t.Parallel()
	commands := 2
	d := newSeriesDesk(t, func(s job.Starter) job.Starter { return &killed{Starter: s, left: commands} })
	if got := d.issue(90); got.State != ledger.JobRuns {
		t.Fatalf("it was not cut short: %+v", got)
	}
	commands = 1000
	if got := d.again(); got.State != ledger.JobDone {
		t.Fatalf("%+v", got)
	}
	d.wantPrinted(90)
}

// refusing refuses the commands behind the first two.
type refusing struct {
	job.Starter
	begun int
}

func (r *refusing) Start(ctx context.Context, cmd command.Command) func() (command.Changes, error) {
	if r.begun++; r.begun > 2 {
		return func() (command.Changes, error) { return command.Changes{}, ledger.Refuse(ledger.LicenceOver) }
	}
	return r.Starter.Start(ctx, cmd)
}

// A series that the rules end when cards were made keeps those and their passwords, and says why there are no more.
func TestSeriesRefusedHalfWay(t *testing.T) {
	t.Parallel()
	d := newSeriesDesk(t, func(s job.Starter) job.Starter { return &refusing{Starter: s} })
	got := d.issue(90)
	var issued codes.Issued
	if err := json.Unmarshal([]byte(got.Result), &issued); err != nil || got.State != ledger.JobDone ||
		issued.Opened != 50 || issued.Stopped != int(ledger.LicenceOver) {
		t.Fatalf("%+v, %v", got, err)
	}
	d.wantPrinted(50)
}

// slow takes a while for each command, and calls back when the second is asked for.
type slow struct {
	job.Starter
	begun  int
	second func()
}

func (s *slow) Start(ctx context.Context, cmd command.Command) func() (command.Changes, error) {
	if s.begun++; s.begun == 2 {
		s.second()
	}
	time.Sleep(400 * time.Millisecond)
	return s.Starter.Start(ctx, cmd)
}

// A series that is cancelled when cards were made ends with those, and with the file of their passwords: nobody else
// has them.
func TestSeriesCancelled(t *testing.T) {
	t.Parallel()
	const whole = 300
	var d *seriesDesk
	d = newSeriesDesk(t, func(s job.Starter) job.Starter {
		return &slow{Starter: s, second: func() { d.must(d.CancelJob(t.Context(), 1, "s", d.now)) }}
	})
	got := d.issue(whole)
	var issued codes.Issued
	if err := json.Unmarshal([]byte(got.Result), &issued); err != nil || got.State != ledger.JobDone || !issued.Sealed ||
		issued.Opened == 0 || issued.Opened == whole || got.Done != int64(issued.Opened) || got.Total != whole {
		t.Fatalf("%+v, %v", got, err)
	}
	d.wantPrinted(issued.Opened)
}

// So does one whose program was killed after it was cancelled: what that has made is found again, and nothing is added.
func TestSeriesCancelledAndKilled(t *testing.T) {
	t.Parallel()
	commands := 2
	d := newSeriesDesk(t, func(s job.Starter) job.Starter { return &killed{Starter: s, left: commands} })
	d.issue(90)
	commands = 1000
	d.must(d.CancelJob(t.Context(), 1, "s", d.now))
	if got := d.again(); got.State != ledger.JobDone || got.Done != 50 {
		t.Fatalf("%+v", got)
	}
	d.wantPrinted(50)
}
