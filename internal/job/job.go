// Package job is what issues commands by itself: the import of a card file, the sweep of what has expired, and the
// delivery of messages.
//
// It has everything done by commands, through the engine, like a till. It never writes to a store but for what is
// no entry of a journal: messages that were tried, and guards that are over. It reads no arguments and prints
// nothing: a command line and a console show what it reports.
//
// It works beside tills. What is large goes by engine.Bulk, which lets them go first; the rest pauses by itself.
package job

import (
	"context"
	"time"

	"tongka/internal/command"
)

// Doer carries out commands, as engine.Engine does.
type Doer interface {
	Do(ctx context.Context, cmd command.Command) (command.Changes, error)
}

// Starter carries out large commands in the order they are started, as engine.Bulk does: Start may take a pause
// first, and what it returns waits for what became of the command.
type Starter interface {
	Start(ctx context.Context, cmd command.Command) (wait func() (command.Changes, error))
}

// rest waits so long, or until ctx ends.
func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
