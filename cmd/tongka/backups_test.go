package main

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/config"
	backoffice "tongka/internal/console"
	"tongka/internal/ledger"
)

// A copy is made beside the books that are served when the newest is too old, it is whole, and the oldest beyond those
// that are kept are removed. What else is in the folder stays.
func TestCopiesAreMadeByThemselves(t *testing.T) {
	t.Parallel()
	b, dsn := newBooks(t, time.Now(), ledger.Settings{})
	defer b.mustClose(t)
	b.mustDo(t, command.Open{Merchant: 1, Card: newCard("A0001")})
	folder := filepath.Join(t.TempDir(), "copies")
	s := &service{settings: config.Settings{
		Database: config.Database{DB: dsn},
		Backups:  config.Backups{BackupDir: folder, BackupEvery: time.Hour, BackupKeep: 2},
	}, books: b, log: slog.New(slog.DiscardHandler), directory: b.directoryFor(t)}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"tongka-20200101-000000.db", "tongka-20210101-000000.db", "mine.db", "tongka-x.db"} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := copiesOf(s)
	asked := ledger.Job{
		Merchant: ledger.HostID, ID: "asked", Kind: backoffice.BackupKind, Ask: "{}", State: ledger.JobWaits,
		At: b.clock.Now(), Until: b.clock.Now(),
	}
	if err := errors.Join(b.AddJob(t.Context(), asked), s.askForCopy(t.Context(), c)); err != nil {
		t.Fatal(err)
	}
	for range 2 { // at first one is under way that somebody asked for, and then there is a copy that is new enough
		if err := s.askForCopy(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if err := s.runner().Round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	jobs, err := b.Jobs(t.Context(), ledger.JobQuery{Merchant: ledger.HostID, Limit: 9})
	if err != nil || len(jobs) != 1 || jobs[0].State != ledger.JobDone || jobs[0].Kind != backoffice.BackupKind {
		t.Fatalf("jobs: %+v, %v", jobs, err)
	}
	all, err := c.List()
	if err != nil || len(all) != 2 || all[1].Name != "tongka-20210101-000000.db" || time.Since(c.newest()) > time.Hour {
		t.Fatalf("there are %+v, %v", all, err)
	}
	for _, name := range []string{"mine.db", "tongka-x.db"} {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if file, err := c.Open(all[0].Name); err != nil || file.Close() != nil {
		t.Fatal(err)
	}
	if code, text := carryOut(t.Context(), "verify", "--db", "sqlite:"+filepath.Join(folder, all[0].Name)); code != 0 {
		t.Errorf("the copy: %d %s", code, text)
	}
	for _, name := range []string{"mine.db", "../books.db", "tongka-20200101-000000.db"} {
		f, err := c.Open(name)
		if err == nil || !strings.Contains(err.Error(), fs.ErrNotExist.Error()) && !os.IsNotExist(err) {
			t.Errorf("opened %v, %v", f, err)
		}
	}
}

// PostgreSQL is backed up by its own tools.
func TestNoCopiesOfPostgres(t *testing.T) {
	t.Parallel()
	s := &service{settings: config.Settings{Database: config.Database{DB: "postgres://x/y"}}}
	if c := copiesOf(s); c != nil {
		t.Errorf("there are copies: %+v", c)
	}
}

// All books are proved by the server itself when the newest proof is too old, and no sooner.
func TestProofsAreMadeByThemselves(t *testing.T) {
	t.Parallel()
	b, dsn := newBooks(t, time.Now(), ledger.Settings{})
	defer b.mustClose(t)
	b.mustDo(t, command.Open{Merchant: 1, Card: newCard("A0001")})
	s := &service{settings: config.Settings{
		Database: config.Database{DB: dsn}, Proofs: config.Proofs{ProveEvery: time.Hour},
	}, books: b, log: slog.New(slog.DiscardHandler), directory: b.directoryFor(t)}
	for range 3 {
		if err := errors.Join(s.askForProof(t.Context()), s.runner().Round(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	proofs := func() []ledger.Job {
		t.Helper()
		jobs, err := b.Jobs(t.Context(), ledger.JobQuery{Merchant: ledger.HostID, Kind: backoffice.ProofKind, Limit: 9})
		if err != nil {
			t.Fatal(err)
		}
		return jobs
	}
	jobs := proofs()
	if len(jobs) != 1 || jobs[0].State != ledger.JobDone || !strings.Contains(jobs[0].Result, `"cards":1`) {
		t.Fatalf("proofs: %+v", jobs)
	}
	s.settings.ProveEvery = time.Nanosecond
	if err := s.askForProof(t.Context()); err != nil || len(proofs()) != 1 {
		t.Errorf("a second one in the same hour, or %v", err)
	}
}
