package wire

import "testing"

func TestAllDigits(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"0": true, "0123456789": true, "": false, "/": false, ":": false, "12a": false, "-1": false, "1.0": false,
		"１": false, " 1": false, "1\n": false,
	} {
		if AllDigits(s) != want {
			t.Errorf("AllDigits(%q) is %v", s, !want)
		}
	}
}
