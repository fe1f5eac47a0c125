package main

import (
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/config"
	backoffice "tongka/internal/console"
	"tongka/internal/ledger"
	"tongka/internal/verify"
)

// Beside the books that are served, a job proves those of a merchant or of all, and says how far it is.
func TestBooksAreProvedByAJob(t *testing.T) {
	t.Parallel()
	now := time.Now()
	b, dsn := newBooks(t, now, ledger.Settings{})
	defer b.mustClose(t)
	b.mustDo(t, command.Open{Merchant: 1, Card: newCard("A0001")})
	b.mustDo(t, command.Recharge{Merchant: 1, Card: "A0001", Amount: 88_00, PayType: 1})
	s := &service{
		settings: config.Settings{Database: config.Database{DB: dsn}}, books: b, log: slog.New(slog.DiscardHandler),
		directory: b.directoryFor(t),
	}
	for _, merchant := range []ledger.MerchantID{1, ledger.HostID} {
		if err := b.AddJob(t.Context(), ledger.Job{
			Merchant: merchant, ID: "proof", Kind: backoffice.ProofKind, Ask: "{}", At: now, State: ledger.JobWaits, Until: now,
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.runner().Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	checks := map[ledger.MerchantID]int{}
	for _, merchant := range []ledger.MerchantID{1, ledger.HostID} {
		j, _, err := b.Job(t.Context(), merchant, "proof")
		var p backoffice.Proof
		if err != nil || j.State != ledger.JobDone || json.Unmarshal([]byte(j.Result), &p) != nil {
			t.Fatalf("merchant %d: %+v, %v", merchant, j, err)
		}
		if p.Empty || p.Cards != 1 || p.Principal != 88_00 || p.Entries != 2 || j.Done != j.Total || j.Total < 2 {
			t.Errorf("merchant %d: %+v", merchant, p)
		}
		for _, c := range p.Checks {
			if c.State == backoffice.ProofBroken || c.Name == "" {
				t.Errorf("merchant %d: %+v", merchant, c)
			}
		}
		checks[merchant] = len(p.Checks)
	}
	if checks[1] != checks[ledger.HostID]-2 {
		t.Errorf("checks of a merchant %d, of all %d", checks[1], checks[ledger.HostID])
	}
}

// directoryFor returns what a server of the books knows of who may do what.
func (b *books) directoryFor(t *testing.T) *auth.Directory {
	t.Helper()
	d, err := auth.Open(t.Context(), b, b.clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The console calls what a check has come to as verify does.
func TestProofStates(t *testing.T) {
	t.Parallel()
	for state, want := range map[verify.State]backoffice.ProofState{
		verify.Holds: backoffice.ProofHolds, verify.Broken: backoffice.ProofBroken, verify.Nothing: backoffice.ProofNothing,
		verify.Unknown: backoffice.ProofUnknown,
	} {
		if backoffice.ProofState(state) != want {
			t.Errorf("%s is %s in the console", state, want)
		}
	}
}
