package engine_test

import (
	"context"
	"errors"
	"sync"

	"tongka/internal/command"
	"tongka/internal/store/storetest"
)

var errDisk = errors.New("disk is full")

// faulty is a MemStore that fails where a test says so. A nil hook changes nothing.
type faulty struct {
	*storetest.MemStore

	mu       sync.Mutex // guards the counts
	loads    int
	saves    int
	looked   int
	onItsWay []command.Changes

	onLoad  func(n int, keys command.Keys) error     // keys of all merchants
	onSave  func(n int, first command.Changes) fault // changes of the first merchant
	onSaved func(n int) error
}

// fault is how a save fails.
type fault int

const (
	none   fault = iota
	lost         // not saved, and the caller knows it
	kept         // saved, but the answer is lost
	flying       // under way: not saved yet, and the caller cannot know
	landed       // first, what was under way is saved
	stale        // called stale without reason
	blowUp       // the store panics
)

func (f *faulty) count(n *int) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	*n++
	return *n
}

func (f *faulty) counts() (loads, saves int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.loads, f.saves
}

func (f *faulty) Load(ctx context.Context, wants ...command.Want) ([]command.Records, error) {
	n := f.count(&f.loads)
	if f.onLoad != nil {
		var all command.Keys
		for _, w := range wants {
			all.Add(w.Keys)
		}
		if err := f.onLoad(n, all); err != nil {
			return nil, err
		}
	}
	return f.MemStore.Load(ctx, wants...)
}

func (f *faulty) Save(ctx context.Context, changes ...command.Changes) error {
	n := f.count(&f.saves)
	what := none
	if f.onSave != nil {
		what = f.onSave(n, changes[0])
	}
	switch what {
	case lost:
		return errDisk
	case kept:
		if err := f.MemStore.Save(ctx, changes...); err != nil {
			return err
		}
		return command.ErrUnknown
	case flying:
		f.onItsWay = changes
		return command.ErrUnknown
	case landed:
		if err := f.MemStore.Save(ctx, f.onItsWay...); err != nil {
			return err
		}
	case stale:
		return command.ErrStale
	case blowUp:
		panic("store: index out of range")
	}
	return f.MemStore.Save(ctx, changes...)
}

func (f *faulty) Saved(ctx context.Context, changes ...command.Changes) (bool, error) {
	n := f.count(&f.looked)
	if f.onSaved != nil {
		if err := f.onSaved(n); err != nil {
			return false, err
		}
	}
	return f.MemStore.Saved(ctx, changes...)
}

// faults returns an onSave hook that makes the first saves fail in these ways, in order.
func faults(list ...fault) func(int, command.Changes) fault {
	return func(n int, _ command.Changes) fault {
		if n <= len(list) {
			return list[n-1]
		}
		return none
	}
}
