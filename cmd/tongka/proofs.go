package main

import (
	"context"
	"crypto/rand"
	"encoding/json"

	"tongka/internal/api"
	backoffice "tongka/internal/console"
	"tongka/internal/ledger"
)

// proofs are the proofs of books for the API: jobs as the console has them.
type proofs struct{ *service }

// proofsLooked is how many of the newest proofs are looked at for one that did not fail.
const proofsLooked = 10

// LastProof returns the newest proof of a merchant's books that has not failed, and what it has found.
func (p proofs) LastProof(ctx context.Context, merchant ledger.MerchantID) (*ledger.Job, *api.ProofFound, error) {
	found, err := p.books.Jobs(ctx, ledger.JobQuery{
		Merchant: merchant, Kind: backoffice.ProofKind, Limit: proofsLooked,
	})
	for i := range found {
		j := &found[i]
		switch {
		case j.State == ledger.JobFailed, j.State == ledger.JobCancelled:
			continue
		case !j.Ended():
			return j, nil, err
		}
		var proof backoffice.Proof
		err := json.Unmarshal([]byte(j.Result), &proof)
		return j, proofTold(&proof), err
	}
	return nil, nil, err
}

// proofTold returns what was found as the API has it.
func proofTold(p *backoffice.Proof) *api.ProofFound {
	f := &api.ProofFound{
		Holds: !p.Empty, Cards: p.Cards, Entries: p.Entries, Principal: int64(p.Principal), Bonus: int64(p.Bonus),
		Points: p.Points, Checks: []api.ProofCheck{},
	}
	for _, c := range p.Checks {
		f.Holds = f.Holds && c.State != backoffice.ProofBroken
		f.Checks = append(f.Checks, api.ProofCheck{
			Invariant: c.Invariant, Name: c.Name, State: string(c.State), Rows: c.Rows, Violations: c.Violations,
			Unknown: c.Unknown,
		})
	}
	return f
}

// Prove begins a proof of a merchant's books, unless one is under way.
func (p proofs) Prove(ctx context.Context, merchant ledger.MerchantID) error {
	under, err := backoffice.UnderWay(ctx, p.books, merchant, backoffice.ProofKind)
	if err != nil || under != nil {
		return err
	}
	now := p.books.clock.Now()
	return p.books.AddJob(ctx, ledger.Job{
		Merchant: merchant, ID: rand.Text(), Kind: backoffice.ProofKind, Ask: "{}", At: now, State: ledger.JobWaits,
		Until: now,
	})
}
