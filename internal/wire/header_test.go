package wire

import (
	"strings"
	"testing"
)

// TestOnly: equal values of a header are one, whether they come in lines of their own or joined into one.
func TestOnly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lines []string
		want  string
		same  bool
	}{
		{nil, "", true},
		{[]string{"k"}, "K", true},
		{[]string{" k "}, "K", true},
		{[]string{"k", "k"}, "K", true},
		{[]string{"k, k"}, "K", true},
		{[]string{"k,K,\tk"}, "K", true},
		{[]string{"k, k", "k"}, "K", true},
		{[]string{"k", "l"}, "", false},
		{[]string{"k, l"}, "", false},
		{[]string{"k,"}, "", false},
		{[]string{"", "k"}, "", false},
		{[]string{", "}, "", true},
		{[]string{"k l"}, "K L", true},
	} {
		if got, same := Only(c.lines, strings.ToUpper); got != c.want || same != c.same {
			t.Errorf("%q: got %q, %v, want %q, %v", c.lines, got, same, c.want, c.same)
		}
	}
}
