package tongka

import "errors"

// ErrStale is what a store answers to a save that was decided from older records than it holds. The
// command can be loaded and decided again.
var ErrStale = errors.New("decided from stale records")

// ErrUnknown is what a store answers when it cannot tell whether a save took effect, as when the
// connection broke while the commit was under way.
var ErrUnknown = errors.New("outcome of the commit is unknown")

// UnreadableError is a row that is kept and cannot be understood: no program of ours wrote it so. Rows of other
// kinds may still be read.
type UnreadableError struct{ Err error }

func (e *UnreadableError) Error() string { return "a row cannot be read: " + e.Err.Error() }

func (e *UnreadableError) Unwrap() error { return e.Err }
