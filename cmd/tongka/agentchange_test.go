package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/pgtest"
	"tongka/internal/store"
	"tongka/internal/verify"
)

// Two processes change agents of one database at once, the same agents and different ones: whoever comes second
// decides again on the new state, and no change is lost. Agents from before the host had a journal are in it from
// the first change on.
func TestAgentsChangedAtOnce(t *testing.T) {
	t.Parallel()
	for name, dsn := range map[string]string{
		"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "books.db"), "postgres": pgtest.DSN(t),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			s, err := store.Open(ctx, dsn, store.Options{})
			if err != nil {
				t.Fatal(err)
			}
			before := ledger.Agent{ID: 1, Name: "of before", TokenHash: [32]byte{1}}
			if err := errors.Join(s.SaveAgent(ctx, before), s.Close()); err != nil {
				t.Fatal(err)
			}
			const each = 12
			var all sync.WaitGroup
			for process := range 2 {
				all.Go(func() {
					b, err := openBegun(ctx, dsn, engine.Config{})
					if err != nil {
						t.Error(err)
						return
					}
					defer b.mustClose(t)
					for i := range each {
						b.addAndAllow(ctx, t, fmt.Sprintf("%d/%d", process, i))
					}
				})
			}
			all.Wait()
			agents := provedAgents(t, dsn)
			if len(agents) != 1+2*each {
				t.Errorf("%d agents, want %d", len(agents), 1+2*each)
			}
			if got := agents[0]; got.Name != "of before" || len(got.Allow) != 2*each {
				t.Errorf("the agent both have changed: %+v, want %d addresses", got, 2*each)
			}
		})
	}
}

// addAndAllow adds an agent, and adds an address to the first agent.
func (b *books) addAndAllow(ctx context.Context, t *testing.T, name string) {
	by := ledger.Caller{Operator: name}
	err := b.changeAgent(ctx, by, "add", func(agents []ledger.Agent) (ledger.Agent, error) {
		a := ledger.Agent{Name: name}
		copy(a.TokenHash[:], name)
		err := number(&a, agents)
		return a, err
	})
	allow := b.changeAgent(ctx, by, "allow", func(agents []ledger.Agent) (ledger.Agent, error) {
		a := agents[0]
		a.Allow = append(slices.Clip(a.Allow), fmt.Sprintf("10.0.0.%d", len(a.Allow)+1))
		return a, nil
	})
	if err := errors.Join(err, allow); err != nil {
		t.Error(err)
	}
}

// provedAgents verifies the books of a database and returns its agents.
func provedAgents(t *testing.T, dsn string) []ledger.Agent {
	t.Helper()
	s, err := openReader(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer closeReader(s, &err)
	err = s.Snapshot(t.Context(), func(v *store.View) error {
		results, _, err := verify.Run(t.Context(), v, s, func(int64, int64) {})
		for _, r := range results {
			if r.Violations > 0 || r.Invariant == 61 && (r.Unknown > 0 || r.Rows == 0) {
				t.Errorf("invariant %d: %+v", r.Invariant, r)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	agents, err := s.Agents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return agents
}
