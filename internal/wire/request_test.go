package wire_test

import (
	"testing"

	"tongka/internal/ledger"
	"tongka/internal/wire"
)

// TestRequestIDFault: each fault of a request's id has a text of its own.
func TestRequestIDFault(t *testing.T) {
	t.Parallel()
	texts := map[string]ledger.RequestIDFault{}
	for _, fault := range ledger.RequestIDFaults {
		text := wire.RequestIDFault(fault)
		if other, twice := texts[text]; twice || text == "" {
			t.Errorf("%v is told as %q, as is %v", fault, text, other)
		}
		texts[text] = fault
	}
	if got := wire.RequestIDFault(ledger.RequestIDTooLong); got != "最多64个字符" {
		t.Errorf("too long is told as %q", got)
	}
}
