package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"tongka"
	"tongka/internal/store"
)

// bulk carries large commands out one after the other, and decides the next while one is saved. It
// keeps no more cards in memory than those of two commands.
//
// After an error nothing more is done: what is decided rests on what was to be saved before it. Whoever
// asks again, under the same request ids, takes up where it ended.
type bulk struct {
	store *store.Store

	deciding sync.Mutex // held from before a command is decided until it is its turn to be saved
	state    *tongka.State

	saving sync.Mutex // held while a command is saved; taken in the order of deciding
	saved  []tongka.CardKey
	failed error
}

func newBulk(s *store.Store) *bulk { return &bulk{store: s, state: tongka.NewState()} }

// do decides a command and saves it. It calls begun once it is its turn: whoever calls do after that is
// served after it.
func (b *bulk) do(ctx context.Context, command tongka.Command, begun func()) (tongka.Changes, error) {
	b.deciding.Lock()
	begun()
	changes, err := b.decide(ctx, command)
	pending := b.state.Pending()
	b.state.Saved() // or, if it cannot be, nobody asks the state again
	b.saving.Lock()
	for _, key := range b.saved { // these are in the store, so they can be forgotten
		b.state.Evict(key)
	}
	b.saved = command.Keys().Cards
	b.deciding.Unlock()
	defer b.saving.Unlock()
	if b.failed == nil && err == nil && len(pending.Heads) > 0 {
		err = b.store.Save(ctx, pending)
	}
	if b.failed == nil && err != nil {
		b.failed = fmt.Errorf("%w; run it again to go on from here", err)
	}
	return changes, b.failed
}

func (b *bulk) decide(ctx context.Context, command tongka.Command) (tongka.Changes, error) {
	missing := b.state.Missing(command.Keys())
	records, err := b.store.Load(ctx, missing)
	if err != nil {
		return tongka.Changes{}, err
	}
	b.state.Learn(missing, records)
	changes, err := command.Decide(b.state, time.Now())
	if err == nil && changes.Replay == nil {
		b.state.Apply(changes)
	}
	return changes, err
}
