package seal

import (
	"bytes"
	"encoding/hex"
	"testing"

	"pgregory.net/rapid"
)

// hashedBefore is the hash of 12345678 for "card 1/2" under the key 0 to 31 with the salt 0 to 15, computed
// without this code. Hashes in existing databases must continue to match.
const hashedBefore = "000102030405060708090a0b0c0d0e0f3bef762977c9b6516b5047fb3e2ef5dac97eeabf3e02d7bbfc5c5089022c6f59"

func TestPasswordMatches(t *testing.T) {
	t.Parallel()
	k := key(t, ascending)
	hash, err := hex.DecodeString(hashedBefore)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what     string
		key      *Key
		context  string
		password string
		hash     []byte
		want     bool
	}{
		{"right", k, "card 1/2", "12345678", hash, true},
		{"other key", other(t), "card 1/2", "12345678", hash, false},
		{"other card", k, "card 1/3", "12345678", hash, false},
		{"wrong", k, "card 1/2", "12345679", hash, false},
		{"longer", k, "card 1/2", "123456780", hash, false},
		{"empty", k, "card 1/2", "", hash, false},
		{"letters moved into the context", k, "card 1/21", "2345678", hash, false},
		{"no hash", k, "card 1/2", "12345678", nil, false},
		{"no hash, no password", k, "", "", nil, false},
		{"salt only", k, "card 1/2", "12345678", hash[:saltSize], false},
		{"a byte short", k, "card 1/2", "12345678", hash[:47], false},
		{"a byte more", k, "card 1/2", "12345678", append(bytes.Clone(hash), 0), false},
	} {
		if got := c.key.PasswordMatches(c.context, c.password, c.hash); got != c.want {
			t.Errorf("%s: got %v", c.what, got)
		}
	}
}

// A hash matches only its own password and card. Equal passwords have different hashes.
func TestHashPasswordProperty(t *testing.T) {
	t.Parallel()
	k := key(t, ascending)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringN(0, 12, -1)
		context, password := text.Draw(t, "context"), text.Draw(t, "password")
		hash := k.HashPassword(context, password)
		if len(hash) != 48 || bytes.Equal(hash, k.HashPassword(context, password)) {
			t.Fatalf("%x has no salt", hash)
		}
		context2, password2 := text.Draw(t, "context2"), text.Draw(t, "password2")
		want := context2 == context && password2 == password
		if !k.PasswordMatches(context, password, hash) || k.PasswordMatches(context2, password2, hash) != want {
			t.Fatalf("(%q, %q) and (%q, %q) are told apart: %v", context, password, context2, password2, want)
		}
	})
}

// Whatever is in the database, only the one hash matches.
func FuzzPasswordMatches(f *testing.F) {
	hash, err := hex.DecodeString(hashedBefore)
	if err != nil {
		f.Fatal(err)
	}
	for _, h := range [][]byte{hash, nil, hash[:16], hash[:47], make([]byte, 48)} {
		f.Add("card 1/2", "12345678", h)
	}
	k := key(f, ascending)
	f.Fuzz(func(t *testing.T, context, password string, h []byte) {
		right := bytes.Equal(h, hash) && context == "card 1/2" && password == "12345678"
		if got := k.PasswordMatches(context, password, h); got != right {
			t.Errorf("got %v, want %v", got, right)
		}
	})
}
