package page

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

// A token returns what it was made of, is never longer than fits in a QR code, and with any bit changed is
// invalid, as is one made for another purpose.
func TestTokens(t *testing.T) {
	t.Parallel()
	links, sessions := stampOf(subkey("a")), stampOf(subkey("b"))
	said := claim{merchant: 10000, card: 7, pass: 3, at: time.Unix(1566296953, 0)}
	token := links.make(said)
	if got, ok := links.read(token); !ok || got.merchant != said.merchant || got.card != said.card ||
		got.pass != said.pass || !got.at.Equal(said.at) {
		t.Errorf("got %+v, %v", got, ok)
	}
	if len(token) != 64 || strings.ContainsAny(token, "+/=") {
		t.Errorf("%s is no token for an address", token)
	}
	if _, ok := sessions.read(token); ok {
		t.Error("a link is taken for a session")
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 8 * len(raw) {
		raw[i/8] ^= 1 << (i % 8)
		if _, ok := links.read(base64.RawURLEncoding.EncodeToString(raw)); ok {
			t.Errorf("bit %d can be changed", i)
		}
		raw[i/8] ^= 1 << (i % 8)
	}
	for _, none := range []string{
		"", token[:63], token + "A", token[:63] + "=", token + "\n", "\n" + token[1:], strings.Repeat("A", 64),
		strings.Repeat("A", 4096),
	} {
		if _, ok := links.read(none); ok {
			t.Errorf("%q is read", none)
		}
	}
}
