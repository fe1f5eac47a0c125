package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/store"
)

// bulkTries bounds how often a command is decided again because a server that works on the same
// merchant was first.
const bulkTries = 100

// bulk carries large commands out one after the other, and decides the next while one is saved. It
// keeps no more cards in memory than those of two commands.
//
// After an error nothing more is done: what is decided rests on what was to be saved before it. Whoever
// asks again, under the same request ids, takes up where it ended.
type bulk struct {
	store *store.Store
	clock func() time.Time
	// overtaken counts how often somebody else's save was first. What was decided before is void then.
	overtaken atomic.Int64

	deciding     sync.Mutex     // held from before a command is decided until it is its turn to be saved
	state        *command.State // of the merchant of the last command; nil = it is to be new
	merchant     ledger.MerchantID
	since        int64    // overtaken, when the state was new
	last, before []string // cards of the last command that was decided, and of the one before it

	saving sync.Mutex // held while a command is saved; taken in the order of deciding
	failed error
}

func newBulk(s *store.Store, clock func() time.Time) *bulk {
	return &bulk{store: s, clock: clock}
}

// do decides a command and saves it. It calls begun once it is its turn: whoever calls do after that is
// served after it.
func (b *bulk) do(ctx context.Context, cmd command.Command, begun func()) (command.Changes, error) {
	b.deciding.Lock()
	begun()
	if now, id := b.overtaken.Load(), cmd.MerchantID(); b.state == nil || now != b.since || id != b.merchant {
		b.state, b.merchant, b.since = command.NewState(id), id, now
		b.before, b.last = nil, nil
	}
	since := b.since
	b.state.Evict(b.before...) // they are in the store, for it is the last command's turn
	b.before, b.last = b.last, cmd.Keys().Cards
	changes, ready, err := b.decide(ctx, b.state, cmd)
	b.saving.Lock()
	b.deciding.Unlock()
	defer b.saving.Unlock()
	if b.failed != nil {
		return command.Changes{}, b.failed
	}
	if since != b.overtaken.Load() {
		err = command.ErrStale
	}
	if err == nil {
		err = ready.Save(ctx)
	}
	if errors.Is(err, command.ErrStale) {
		changes, err = b.again(ctx, cmd)
	}
	if err != nil {
		b.failed = fmt.Errorf("%w; run it again to go on from here", err)
	}
	return changes, b.failed
}

// again decides a command on what is in the store now, until its save is the first.
func (b *bulk) again(ctx context.Context, cmd command.Command) (command.Changes, error) {
	for try := 1; ; try++ {
		b.overtaken.Add(1)
		changes, ready, err := b.decide(ctx, command.NewState(cmd.MerchantID()), cmd)
		if err == nil {
			err = ready.Save(ctx)
		}
		if !errors.Is(err, command.ErrStale) || try == bulkTries {
			return changes, err
		}
		select {
		case <-time.After(rand.N(20 * time.Millisecond)):
		case <-ctx.Done():
			return command.Changes{}, ctx.Err()
		}
	}
}

// decide decides a command on a state, which goes on as if the outcome were saved, and makes what is to
// be saved ready.
func (b *bulk) decide(
	ctx context.Context, state *command.State, cmd command.Command,
) (command.Changes, store.Ready, error) {
	changes, pending, err := decideOn(ctx, b.store, state, cmd, b.clock())
	if err != nil {
		return changes, nil, err
	}
	var moved []command.Changes
	if pending.Head != nil {
		moved = append(moved, pending)
	}
	ready, err := b.store.Prepare(moved...)
	return changes, ready, err
}

// decideOn decides a command on a state, which goes on as if the outcome were saved.
func decideOn(
	ctx context.Context, s *store.Store, state *command.State, cmd command.Command, now time.Time,
) (changes, pending command.Changes, err error) {
	missing := state.Missing(cmd.Keys())
	slices.Sort(missing.Cards) // neighbours are kept together
	records, err := s.View.Load(ctx, command.Want{Merchant: cmd.MerchantID(), Keys: missing})
	if err != nil {
		return changes, pending, err
	}
	state.Learn(missing, records[0])
	if changes, err = cmd.Decide(state, now); err != nil {
		return changes, pending, err
	}
	if changes.Replay == nil {
		state.Apply(changes)
	}
	pending = state.Pending()
	state.Sent()
	// Of what is forgotten while it is on its way, the next command may only ask for an inner code. Where it
	// gives out the same one, the store refuses it, and it is decided again.
	state.Forget()
	return changes, pending, nil
}
