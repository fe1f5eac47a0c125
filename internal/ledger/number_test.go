package ledger_test

import (
	"testing"

	"tongka/internal/ledger"
)

// Numbers are equal in any letter case and with surrounding space. Characters no number has are not folded into ones
// it can have.
func TestFoldNumber(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ number, want string }{
		{"6001", "6001"},
		{"wx001", "WX001"},
		{" M000123\t", "M000123"},
		{"\u3000vip-1_a\u00a0", "VIP-1_A"},
		{"ı", "ı"}, // its upper case is the ASCII letter I
		{"aſ", "Aſ"},
		{"", ""},
		{"=abc", "=abc"},
	} {
		if got := ledger.FoldNumber(c.number); got != c.want {
			t.Errorf("%q becomes %q, want %q", c.number, got, c.want)
		}
		if twice := ledger.FoldNumber(ledger.FoldNumber(c.number)); twice != c.want {
			t.Errorf("%q becomes %q when it is folded twice", c.number, twice)
		}
	}
}

func TestSameButZeros(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"00123", "123", true}, {"0", "000", true}, {"0123", "00123", true}, {"123", "123", false}, {"1230", "123", false},
		{"A01", "A1", false}, {"0A1", "A1", false}, {"", "0", false}, {"-1", "1", false}, {"１", "1", false},
	} {
		if ledger.SameButZeros(c.a, c.b) != c.want || ledger.SameButZeros(c.b, c.a) != c.want {
			t.Errorf("%q and %q: want %v", c.a, c.b, c.want)
		}
	}
}
