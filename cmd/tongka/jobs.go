package main

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"tongka/internal/cardfile"
	backoffice "tongka/internal/console"
	"tongka/internal/job"
	"tongka/internal/ledger"
)

// sweep returns the job that takes off what has expired and deletes records that are no longer needed.
func (b *books) sweep(log *slog.Logger) *job.Sweep {
	return &job.Sweep{Books: b, Do: b.engine, Clock: b.clock, Logger: log}
}

// sweep returns that of a server, which also deletes the requests of tills that are no longer kept.
func (s *service) sweep() *job.Sweep {
	sweep := s.books.sweep(s.log)
	sweep.KeepRequests = cmp.Or(time.Duration(s.settings.KeepRequests)*24*time.Hour, job.KeepNone)
	return sweep
}

// delivery returns the job that sends the messages in the outbox.
func (s *service) delivery() *job.Delivery {
	return &job.Delivery{
		Outbox: s.books.Store, Key: s.key, Sender: s.sender, Clock: s.books.clock.Now, Logger: s.log,
	}
}

// runner returns what works on the jobs that people and agents ask for.
func (s *service) runner() *job.Runner {
	desk := &job.Desk{
		Books: s.books, Start: func() job.Starter { return s.books.engine.Bulk(nil) }, Clock: s.books.clock.Now,
		Seal: s.key.Seal, Unseal: s.key.Unseal, HashPassword: passwords{s.key}.hash,
	}
	kinds := desk.Kinds()
	kinds[backoffice.ProofKind], kinds[backoffice.BackupKind] = s.prove, s.backUp
	exports := backoffice.CardExports{Books: s.books, Clock: s.books.clock.Now}
	kinds[cardfile.JobExport] = func(ctx context.Context, r *job.Running) (any, error) {
		return exports.Make(ctx, &r.Job, r)
	}
	may := func(j *ledger.Job) bool {
		return backoffice.MayHaveDone(j, s.directory, ledger.DateOf(s.books.clock.Now().UTC()))
	}
	return &job.Runner{Jobs: s.books.Store, Kinds: kinds, Clock: s.books.clock.Now, Logger: s.log, May: may}
}
