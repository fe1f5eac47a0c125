package main

import (
	"context"
	"sync/atomic"

	backoffice "tongka/internal/console"
	"tongka/internal/engine"
	"tongka/internal/job"
	"tongka/internal/ledger"
	"tongka/internal/store"
	"tongka/internal/verify"
)

// prove is the work of jobs that prove the books: those of the job's merchant, or of all where it is the host's. It
// reads as openBeside does.
func (s *service) prove(ctx context.Context, r *job.Running) (result any, err error) {
	read, err := s.openBeside(ctx)
	if err != nil {
		return nil, err
	}
	defer closeReader(read, &err)
	done := int64(0)
	progress := func(now, total int64) {
		r.Of(total)
		r.Step(now - done)
		done = now
	}
	var proof backoffice.Proof
	err = read.Snapshot(ctx, func(books *store.View) (err error) {
		proof, err = proofOf(ctx, books, read, r.Job.Merchant, progress)
		return err
	})
	for _, c := range proof.Checks {
		if c.State == backoffice.ProofBroken { // nobody may be looking at the page
			s.log.Error("the books do not hold", "merchant", r.Job.Merchant, "invariant", c.Invariant, "found", c.Examples)
		}
	}
	return proof, err
}

// openBeside opens the database over connections of its own, whose reading stands back while tills are at work, as that
// of tongka verify and tongka backup does.
func (s *service) openBeside(ctx context.Context) (*store.Store, error) {
	read, err := openReader(ctx, s.settings.DB)
	if err != nil {
		return nil, err
	}
	read.StandBack(engine.NewPace(engine.ReadPace, othersAtWork(read, new(atomic.Int64))).Rest)
	return read, nil
}

// proofOf proves the books of a merchant alone, or all books.
func proofOf(
	ctx context.Context, books verify.Books, journal verify.Journal, merchant ledger.MerchantID, progress verify.Progress,
) (backoffice.Proof, error) {
	var results []verify.Result
	var held []verify.Held
	var err error
	if merchant == ledger.HostID {
		results, held, err = verify.Run(ctx, books, journal, progress)
	} else {
		held = make([]verify.Held, 1)
		results, held[0], err = verify.RunOne(ctx, books, journal, merchant, progress)
	}
	p := backoffice.Proof{Empty: verify.Empty(results)}
	for _, r := range results {
		p.Checks = append(p.Checks, backoffice.ProofCheck{
			Check: r.Check, Invariant: r.Invariant, Name: r.Name, Rows: r.Rows, Violations: r.Violations, Unknown: r.Unknown,
			State: backoffice.ProofState(r.State()), Examples: r.Examples,
		})
	}
	for _, h := range held {
		p.Cards, p.Entries = p.Cards+h.Cards, p.Entries+h.Entries
		p.Principal, p.Bonus, p.Points = p.Principal+h.Principal, p.Bonus+h.Bonus, p.Points+h.Points
	}
	return p, err
}
