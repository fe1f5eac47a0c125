package ledger_test

import (
	"strings"
	"testing"

	"tongka/internal/ledger"
)

// The rules of a request's id are the same on every wire and on the command line.
func TestCheckRequestID(t *testing.T) {
	long := strings.Repeat("单", ledger.MaxRequestID)
	for _, c := range []struct {
		id   string
		want ledger.RequestIDFault
	}{
		{"", ledger.RequestIDBlank},
		{"r-1", 0},
		{"a b", 0},
		{long, 0},
		{long + "1", ledger.RequestIDTooLong},
		{"r\xff", ledger.RequestIDNotUTF8},
		{long + "\xff", ledger.RequestIDNotUTF8},
		{"r\x00", ledger.RequestIDControl},
		{"a\tb", ledger.RequestIDControl},
		{"a\u0085b", ledger.RequestIDControl},
		{long + "\x00", ledger.RequestIDTooLong},
	} {
		if got := ledger.CheckRequestID(c.id); got != c.want {
			t.Errorf("%q: got fault %d, want %d", c.id, got, c.want)
		}
	}
	if got := ledger.CheckRequestID(ledger.FoldRequestID(" \u3000\n")); got != ledger.RequestIDBlank {
		t.Errorf("spaces: got fault %d, want that it is blank", got)
	}
}

func TestEveryRequestIDFaultHasAText(t *testing.T) {
	said := map[string]bool{"": true}
	for i, f := range ledger.RequestIDFaults {
		if int(f) != i+1 || said[f.String()] {
			t.Errorf("fault %d in place %d says %q", f, i+1, f)
		}
		said[f.String()] = true
	}
}
