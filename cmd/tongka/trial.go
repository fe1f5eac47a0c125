package main

import (
	"context"
	"sync"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
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
func (t *trial) do(ctx context.Context, cmd command.Command, begun func()) (command.Changes, error) {
	t.mu.Lock()
	begun()
	defer t.mu.Unlock()
	state := command.NewState(cmd.MerchantID())
	keys := state.Missing(cmd.Keys())
	found, err := t.store.Load(ctx, command.Want{Merchant: cmd.MerchantID(), Keys: keys})
	if err != nil {
		return command.Changes{}, err
	}
	records := found[0]
	for _, number := range keys.Cards {
		if t.taken[number] {
			records.Cards = append(records.Cards, ledger.Card{Merchant: cmd.MerchantID(), Number: number})
		}
	}
	for _, code := range keys.ExtIDs {
		if t.extIDs[code] {
			records.ExtIDs = append(records.ExtIDs, code)
		}
	}
	state.Learn(keys, records)
	changes, err := cmd.Decide(state, time.Now())
	for i := range changes.Opened {
		t.taken[changes.Opened[i].Key().Number] = true
		t.extIDs[changes.Opened[i].Details.ExtID] = true
	}
	return changes, err
}
