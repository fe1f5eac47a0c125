package auth

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tongka/internal/ledger"
)

// slowStore takes a second for each use, or refuses it.
type slowStore struct {
	mu     sync.Mutex
	noted  []ledger.KeyUse
	broken bool
}

func (s *slowStore) NoteUse(_ context.Context, u ledger.KeyUse) error {
	time.Sleep(time.Second)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken {
		return errors.New("away")
	}
	s.noted = append(s.noted, u)
	return nil
}

// Each key's use is written once a minute at most, behind requests, which never wait for it; what is noted when the
// program ends is written before it does.
func TestUses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, log := &slowStore{}, &strings.Builder{}
		u := NewUses(store, slog.New(slog.NewTextHandler(log, nil)), time.Now)
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { u.Run(ctx) })
		begun := time.Now()
		one, two := &ledger.Agent{ID: 1, Owner: 7}, &ledger.Agent{ID: 2, Owner: 8}
		note := func(key *ledger.Agent, from string) {
			address, _ := netip.ParseAddr(from) // "" is an address that is not known
			u.Note(key, address)
		}
		note(one, "::ffff:203.0.113.7")
		note(one, "203.0.113.8")
		note(two, "")
		if took := time.Since(begun); took > 0 {
			t.Errorf("requests waited for %v", took)
		}
		time.Sleep(30 * time.Second)
		note(one, "203.0.113.9")
		time.Sleep(30 * time.Second)
		note(one, "203.0.113.10")
		cancel()
		running.Wait()
		want := []ledger.KeyUse{
			{Merchant: 7, Key: 1, At: begun, Address: "203.0.113.7"}, {Merchant: 8, Key: 2, At: begun},
			{Merchant: 7, Key: 1, At: begun.Add(time.Minute), Address: "203.0.113.10"},
		}
		if !slices.Equal(store.noted, want) || log.Len() > 0 {
			t.Errorf("noted %+v, want %+v: %s", store.noted, want, log)
		}
	})
}

// A store that is away costs nobody anything, and is told in the log; a clock that is set back begins anew; and what is
// too much is left for the next use.
func TestUsesInTrouble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, log, now := &slowStore{broken: true}, &strings.Builder{}, time.Now().Add(time.Hour)
		u := NewUses(store, slog.New(slog.NewTextHandler(log, nil)), func() time.Time { return now })
		for id := range ledger.AgentID(usesQueue + 2) {
			u.Note(&ledger.Agent{ID: id, Owner: 7}, loopback)
		}
		if _, told := u.told[usesQueue+1]; told || len(u.queue) != usesQueue {
			t.Errorf("%d wait", len(u.queue))
		}
		over, cancel := context.WithCancel(t.Context())
		cancel()
		u.Run(over)
		if n := strings.Count(log.String(), "away"); n != usesQueue {
			t.Errorf("told %d times that the store is away", n)
		}
		store.broken, now = false, now.Add(-time.Hour)
		u.Note(&ledger.Agent{ID: 1, Owner: 7}, loopback)
		u.Run(over)
		if len(store.noted) != 1 || !store.noted[0].At.Equal(now) {
			t.Errorf("after the clock was set back: %+v", store.noted)
		}
	})
}
