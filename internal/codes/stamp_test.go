package codes

import (
	"bytes"
	"strings"
	"testing"
)

// A token gives back the facts it was made of, in one spelling only, to whoever has the key and knows their number.
func TestStamp(t *testing.T) {
	t.Parallel()
	s, other := Stamp{[32]byte{1}}, Stamp{[32]byte{2}}
	facts := []byte("twelve bytes")
	token := s.Make(facts)
	if got, ok := s.Read(token, len(facts)); !ok || !bytes.Equal(got, facts) || string(facts) != "twelve bytes" {
		t.Errorf("read %q, %t", got, ok)
	}
	if _, ok := other.Read(token, len(facts)); ok {
		t.Error("a token is read with another key")
	}
	for _, wrong := range []string{"", token[1:], token + "A", token[:5] + "\n" + token[6:], strings.Repeat("A", len(token))} {
		if _, ok := s.Read(wrong, len(facts)); ok {
			t.Errorf("%q is read", wrong)
		}
	}
	for _, size := range []int{0, len(facts) - 1, len(facts) + 1} {
		if _, ok := s.Read(token, size); ok {
			t.Errorf("%d facts are read", size)
		}
	}
}
