package main

import (
	"context"
	"errors"
	"time"

	backoffice "tongka/internal/console"
	"tongka/internal/ledger"
)

// scheduleLook is how often it is looked whether a copy or a proof is due. One that failed is tried again in the next
// hour.
const scheduleLook = time.Minute

// schedule asks for copies and proofs whenever they are due, until ctx is done.
func (s *service) schedule(ctx context.Context) {
	c := copiesOf(s)
	tick := time.NewTicker(scheduleLook)
	defer tick.Stop()
	for {
		var err error
		if c != nil && c.every > 0 {
			err = s.askForCopy(ctx, c)
		}
		if s.settings.ProveEvery > 0 {
			err = errors.Join(err, s.askForProof(ctx))
		}
		if err != nil && ctx.Err() == nil {
			s.log.Error("ask for a backup or a proof", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// askForCopy asks for a copy if the newest is too old.
func (s *service) askForCopy(ctx context.Context, c *copies) error {
	if s.books.clock.Now().Sub(c.newest()) < c.every {
		return nil
	}
	return s.askOnce(ctx, backoffice.BackupKind, "backup")
}

// askForProof asks for a proof of all books if the newest is too old.
func (s *service) askForProof(ctx context.Context) error {
	proved, err := backoffice.ProvedAt(ctx, s.books, ledger.HostID)
	if err != nil || s.books.clock.Now().Sub(proved) < s.settings.ProveEvery {
		return err
	}
	return s.askOnce(ctx, backoffice.ProofKind, "proof")
}

// askOnce asks for a job of the host unless one of its kind is under way, once an hour at most.
func (s *service) askOnce(ctx context.Context, kind, name string) error {
	under, err := backoffice.UnderWay(ctx, s.books, ledger.HostID, kind)
	if err != nil || under != nil {
		return err
	}
	now := s.books.clock.Now()
	return s.books.AddJob(ctx, ledger.Job{
		Merchant: ledger.HostID, ID: name + "-" + now.UTC().Format("2006010215"), Kind: kind, Ask: "{}",
		At: now, State: ledger.JobWaits, Until: now,
	})
}
