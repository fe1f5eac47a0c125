package job_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strconv"
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

// A series whose program was killed goes on with the same numbers and passwords, and opens no card twice.
func TestSeriesGoesOn(t *testing.T) {
	t.Parallel()
	s := storetest.NewMemStore()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s.SaveMerchant(t.Context(), ledger.Merchant{
		ID: 1, GUID: "{1}", Name: "店", Zone: time.UTC, Levels: []ledger.Level{{ID: 1, Name: "普通", PayRate: ledger.Percent100}},
	}))
	now := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	e := engine.New(s, engine.Config{Clock: clock, Logger: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() { must(e.Close(context.Background())) })
	plain := func(_ string, b []byte) []byte { return b }
	commands := 2
	desk := &job.Desk{
		Books: s, Start: func() job.Starter { return &killed{Starter: e.Bulk(nil), left: commands} }, Clock: clock,
		Seal: plain, Unseal: func(_ string, b []byte) ([]byte, error) { return b, nil },
		HashPassword: func(merchant, password string) string { return merchant + "/" + password },
	}
	r := &job.Runner{Jobs: s, Kinds: desk.Kinds(), Clock: clock, Logger: slog.New(slog.DiscardHandler)}
	ask, err := json.Marshal(codes.Series{Count: 90, Drawn: true, Passwords: true, Level: 1, Operator: "x", Name: "n"})
	must(err)
	seed := ledger.JobFile{Name: codes.SeriesSeed, Content: make([]byte, codes.SeedSize)}
	j := ledger.Job{Merchant: 1, ID: "s", Kind: codes.JobSeries, Ask: string(ask), State: ledger.JobWaits, At: now, Until: now}
	must(s.AddJob(t.Context(), j, seed))
	must(r.Round(t.Context()))
	got, _, err := s.Job(t.Context(), 1, "s")
	must(err)
	if got.State != ledger.JobFailed {
		t.Fatalf("it was not cut short: %+v", got)
	}
	j.ID, commands = "s", 1000
	must(s.DropJobs(t.Context(), now.Add(time.Hour)))
	must(s.AddJob(t.Context(), j, seed))
	must(r.Round(t.Context()))
	if got, _, err = s.Job(t.Context(), 1, "s"); err != nil || got.State != ledger.JobDone {
		t.Fatalf("%+v, %v", got, err)
	}
	f, _, err := s.JobFile(t.Context(), 1, "s", codes.SeriesSealed)
	must(err)
	rows := -1
	must(sheet.ReadXLSX(f.Content, 1<<24, func(row []string) error {
		if rows++; rows == 0 {
			return nil
		}
		c, err := s.Card(t.Context(), ledger.CardNamed(1, row[0]))
		if err != nil || c == nil || c.Details.Password != "1/"+row[1] || c.Seq != 1 {
			t.Errorf("row %s %q: %+v, %v", strconv.Itoa(rows), row, c, err)
		}
		return nil
	}))
	if rows != 90 {
		t.Errorf("printed %d", rows)
	}
}
