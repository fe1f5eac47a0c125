package engine_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

// TestFailureOf: what an error leaves known, and what is left of it if nothing but a read failed.
func TestFailureOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err        error
		want, read engine.Failure
	}{
		{ledger.Refusal{Reason: ledger.ShortBalance}, engine.Refused, engine.Refused},
		{fmt.Errorf("card: %w", ledger.Refusal{}), engine.Refused, engine.Refused},
		{engine.ErrBusy, engine.Busy, engine.Busy},
		{engine.ErrClock, engine.NoTime, engine.NoTime},
		{engine.ErrClosed, engine.NotDone, engine.NotDone},
		{fmt.Errorf("load: %w", engine.ErrNotDone), engine.NotDone, engine.NotDone},
		{fmt.Errorf("%w: %w", engine.ErrNotDone, context.DeadlineExceeded), engine.NotDone, engine.NotDone},
		{fmt.Errorf("save: %w", command.ErrUnknown), engine.Open, engine.NotDone},
		{fmt.Errorf("left: %w", context.DeadlineExceeded), engine.Open, engine.NotDone},
		{context.Canceled, engine.Failed, engine.NotDone},
		{errors.New("disk"), engine.Failed, engine.NotDone},
	} {
		if got := engine.FailureOf(c.err); got != c.want {
			t.Errorf("%v is %d, want %d", c.err, got, c.want)
		}
		read := engine.OfRead(c.err)
		if got := engine.FailureOf(read); got != c.read {
			t.Errorf("%v of a read is %d, want %d", c.err, got, c.read)
		}
		if !errors.Is(read, c.err) {
			t.Errorf("%v of a read is %v: the cause is lost", c.err, read)
		}
	}
	if err := engine.OfRead(nil); err != nil {
		t.Errorf("no error of a read is %v", err)
	}
}
