package wire

import "tongka/internal/ledger"

// MaxDigits is the number of digits that a number of a request may have before its point. It keeps every number far
// below the limit of an int64.
const MaxDigits = 15

// AllDigits reports whether s consists of ASCII digits only, and of one at least.
func AllDigits(s string) bool { return ledger.Digits(s, 1, len(s)) }
