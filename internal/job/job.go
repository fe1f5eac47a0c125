// Package job does work that no till asks for: the import of a card file, the sweep of what has expired, the delivery
// of messages, and the jobs that people and agents ask for.
//
// Whatever changes a card is a command that goes through the engine, like a till's. The package itself writes to a
// store only what is no entry of a journal: it claims and settles messages and jobs, drops what is old of them, and
// saves the newest time that was seen. It reads no arguments and writes to no terminal: an import and Sweep.Once return
// what they did, and the loops of Sweep and Delivery log.
//
// It works beside tills. An import goes through a Starter, which engine.Bulk implements so that tills go first. The
// sweep pauses between pages, and a delivery handles a bounded number of messages a second.
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

// rest waits for d, or until ctx is done.
func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
