package main

import (
	"context"
	"sync"
	"time"

	"tongka"
	"tongka/internal/store"
)

// trial decides an import by the core's rules without saving anything.
type trial struct {
	store  *store.Store
	mu     sync.Mutex
	taken  map[string]bool // folded numbers of cards that would have been opened
	extIDs map[string]bool // inner codes of those
}

func newTrial(s *store.Store) *trial {
	return &trial{store: s, taken: map[string]bool{}, extIDs: map[string]bool{}}
}

// do decides the command on what is in the store, and on the cards it let through before. It calls
// begun as bulk does.
func (t *trial) do(ctx context.Context, command tongka.Command, begun func()) (tongka.Changes, error) {
	t.mu.Lock()
	begun()
	defer t.mu.Unlock()
	keys := command.Keys()
	records, err := t.store.Load(ctx, keys)
	if err != nil {
		return tongka.Changes{}, err
	}
	for _, key := range keys.Cards {
		if t.taken[key.Number] {
			records.Cards = append(records.Cards, tongka.Card{Merchant: key.Merchant, Number: key.Number})
		}
	}
	for _, key := range keys.ExtIDs {
		if t.extIDs[key.ExtID] {
			records.ExtIDs = append(records.ExtIDs, key)
		}
	}
	state := tongka.NewState()
	state.Learn(keys, records)
	changes, err := command.Decide(state, time.Now())
	for i := range changes.Opened {
		t.taken[changes.Opened[i].Key().Number] = true
		t.extIDs[changes.Opened[i].Details.ExtID] = true
	}
	return changes, err
}
