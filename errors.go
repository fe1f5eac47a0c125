package tongka

import "errors"

// ErrStale is what a store answers to a save that was decided from older records than it holds. The
// command can be loaded and decided again.
var ErrStale = errors.New("decided from stale records")

// ErrUnknown is what a store answers when it cannot tell whether a save took effect, as when the
// connection broke while the commit was under way.
var ErrUnknown = errors.New("outcome of the commit is unknown")
