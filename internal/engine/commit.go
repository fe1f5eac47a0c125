package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tongka/internal/command"
)

// Bounds of the pause before something is tried again.
const (
	firstPause   = time.Millisecond
	longestPause = 50 * time.Millisecond
)

// save commits the changes, and may decide the next batch meanwhile. It returns when the outcome is known, or with
// command.ErrUnknown if it could not be found out in time.
func (l *lane) save(changes []command.Changes, ahead func() outcome) error {
	begun := l.shell.Now()
	l.send(changes)
	var o outcome
	if ahead != nil {
		o = ahead()
	} else {
		o = *l.shell.Await(false).saved
	}
	if o.panicked != "" {
		panic(o.panicked)
	}
	if errors.Is(o.err, command.ErrUnknown) {
		l.cfg.Observe.Unknown()
		l.log.Warn("outcome of a commit is unknown, looking it up", "error", o.err)
		o.err = l.lookUp(changes, o.err)
		o.took = l.shell.Now().Sub(begun)
	}
	l.cfg.Observe.Commit(o.took)
	if !errors.Is(o.err, command.ErrStale) {
		l.health.saved(o.err)
	}
	return o.err
}

// lookUp finds out whether changes were saved whose save gave no answer. If they are not in the store they may still
// arrive, so they are saved again: the versions of their heads let only one of the two saves take effect.
func (l *lane) lookUp(changes []command.Changes, first error) error {
	if !slices.ContainsFunc(changes, leavesTrace) {
		// Heads alone mean nothing, so the batch is decided again. If it was saved, its guards count the same attempt
		// twice: somebody who guesses may get one attempt less, never one more.
		return command.ErrStale
	}
	ctx, cancel := l.shell.Limit(l.ctx, l.cfg.Settle)
	defer cancel()
	overtaken := false // another writer was seen to be first: if these changes are not there, they never will be
	for try := 1; ; try++ {
		if l.pause(ctx, try) != nil {
			return fmt.Errorf("not found out within %v: %w", l.cfg.Settle, first)
		}
		saved, err := l.store.Saved(ctx, changes...)
		switch {
		case err != nil:
			continue
		case saved:
			return nil
		case overtaken:
			return command.ErrStale
		}
		err = l.store.Save(ctx, changes...)
		if err == nil {
			return nil
		}
		overtaken = errors.Is(err, command.ErrStale) && l.overtaken(ctx, changes)
	}
}

// leavesTrace reports whether the store can show that the changes were saved.
func leavesTrace(ch command.Changes) bool {
	return len(ch.Entries)+len(ch.Requests)+len(ch.Messages) > 0
}

// overtaken reports whether a head has another version than the changes were decided on, or one of their requests is
// already stored. A store may call a save stale for less, for instance if it runs into one that is still under way.
func (l *lane) overtaken(ctx context.Context, changes []command.Changes) bool {
	wants := make([]command.Want, len(changes))
	for i := range changes {
		wants[i] = command.Want{Merchant: changes[i].Head.Merchant, Keys: command.Keys{Head: true}}
		for j := range changes[i].Requests {
			wants[i].Keys.Requests = append(wants[i].Keys.Requests, changes[i].Requests[j].Key)
		}
	}
	found, err := l.store.Load(ctx, wants...)
	if err != nil {
		return false
	}
	for i := range found {
		if len(found[i].Requests) > 0 || found[i].Head.Version != changes[i].Head.Version {
			return true
		}
	}
	return false
}

// pause waits before a try, longer from try to try and for a random time, so that two writers do not stay in step.
func (l *lane) pause(ctx context.Context, try int) error {
	most := longestPause
	if doublings := try - 1; doublings < 6 {
		most = min(most, firstPause<<doublings)
	}
	return l.shell.Pause(ctx, time.Duration(l.shell.Random(int64(most)))+1)
}
