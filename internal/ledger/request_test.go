package ledger_test

import (
	"fmt"
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

// Requests whose ids a till counted up lie beside each other, a hundred at a time; any other part of the key puts them
// elsewhere, and no two are kept under one name.
func TestNamesOfRequests(t *testing.T) {
	t.Parallel()
	seen, stems := map[ledger.RequestName]string{}, map[[3]byte]int{}
	for n := range 1000 {
		for _, key := range []ledger.RequestKey{
			{Agent: 1, Scope: "bill", ID: fmt.Sprintf("T1-%06d", n)},
			{Agent: 2, Scope: "bill", ID: fmt.Sprintf("T1-%06d", n)},
			{Agent: 1, Scope: "void", ID: fmt.Sprintf("T1-%06d", n)},
			{Agent: 1, Scope: "bill", ID: fmt.Sprintf("T2-%06d", n)},
		} {
			name := key.Name()
			if other := seen[name]; other != "" {
				t.Errorf("%+v has the name of %s", key, other)
			}
			seen[name] = fmt.Sprintf("%+v", key)
			stems[[3]byte(name[:3])]++
		}
	}
	if len(stems) != 40 {
		t.Errorf("4,000 requests lie in %d places, want 40", len(stems))
	}
}
