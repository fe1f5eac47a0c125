package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tongka/internal/command"
)

// Bounds of a pause before something is tried again.
const (
	firstPause   = time.Millisecond
	longestPause = 50 * time.Millisecond
)

// save commits the changes, and may have the next batch decided meanwhile. It answers only when it knows
// what became of them, or when that could not be found out in time; the error is command.ErrUnknown then.
func (l *lane) save(changes []command.Changes, ahead bool) error {
	begun := l.shell.Now()
	l.send(changes)
	var o outcome
	if ahead {
		o = l.runAhead()
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

// lookUp finds out what became of changes of which the save was not answered. When they are not there
// they may still arrive, so they are saved again: the versions of their heads let only one of the
// saves take effect.
func (l *lane) lookUp(changes []command.Changes, first error) error {
	if !slices.ContainsFunc(changes, leavesTrace) {
		// Heads alone mean nothing: decide again. What guards have counted is counted twice then, if it was
		// saved: somebody who guesses may get a try less, and never one more.
		return command.ErrStale
	}
	ctx, cancel := l.shell.Limit(l.ctx, l.cfg.Settle)
	defer cancel()
	overtaken := false // somebody was seen to have been first: if these changes are not there, they never will be
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

// leavesTrace reports whether it can be seen in the store that changes were saved.
func leavesTrace(ch command.Changes) bool {
	return len(ch.Entries)+len(ch.Requests)+len(ch.Messages) > 0
}

// overtaken reports whether a head of the changes is seen to have another version than it was loaded with, or
// a request of them to be there. A store may call a save stale for less, as when it runs into one that is
// still under way.
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

// pause waits before a try, longer from try to try and never the same, so that two writers do not
// stay in step.
func (l *lane) pause(ctx context.Context, try int) error {
	most := longestPause
	if doublings := try - 1; doublings < 6 {
		most = min(most, firstPause<<doublings)
	}
	return l.shell.Pause(ctx, time.Duration(l.shell.Random(int64(most)))+1)
}
