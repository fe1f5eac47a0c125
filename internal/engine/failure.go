package engine

import (
	"context"
	"errors"
	"fmt"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Failure is what an error of Do leaves known about the command. Edges put it into the words of their wire.
type Failure int

const (
	Failed  Failure = iota // anything else. It is for the log: callers learn only that it happened
	Refused                // a ledger.Refusal: the command was decided, and is not done
	Busy                   // ErrBusy: certainly not done
	NoTime                 // ErrClock: certainly not done, as the time is in doubt
	NotDone                // another ErrNotDone: certainly not done
	Open                   // it is open whether the command was done, and a repeated request id finds out
)

// FailureOf classifies an error, which must not be nil. Of a caller that left before the answer nothing is said:
// context.Canceled is Failed, and nobody is there to be told more.
func FailureOf(err error) Failure {
	_, refused := errors.AsType[ledger.Refusal](err)
	switch {
	case refused:
		return Refused
	case errors.Is(err, ErrBusy):
		return Busy
	case errors.Is(err, ErrClock):
		return NoTime
	case errors.Is(err, ErrNotDone):
		return NotDone
	case errors.Is(err, command.ErrUnknown), errors.Is(err, context.DeadlineExceeded):
		return Open
	}
	return Failed
}

// OfRead returns the error of what only reads; nil if err is nil. It changes nothing, so that nothing is left open:
// what would be Failed or Open is NotDone.
func OfRead(err error) error {
	if err == nil {
		return nil
	}
	switch FailureOf(err) {
	case Failed, Open:
		return fmt.Errorf("%w: %w", ErrNotDone, err)
	}
	return err
}
