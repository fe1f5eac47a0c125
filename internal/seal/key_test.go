package seal

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// ascending is the key with the bytes 0 to 31.
const ascending = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

func key(t testing.TB, text string) *Key {
	t.Helper()
	k, err := Open("", text)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// other returns a key that is not ascending.
func other(t testing.TB) *Key { return key(t, "B"+ascending[1:]) }

// If a subkey were derived differently, no existing database could be opened. The values were computed without
// this code.
func TestSubkeyGolden(t *testing.T) {
	t.Parallel()
	k := key(t, ascending)
	sub := k.Subkey("member alias")
	for _, c := range []struct {
		what string
		got  []byte
		want string
	}{
		{"check", k.Check(), "88aadddb23dbda885956a768e160a4726e08878be5607343fe4ff23f47249ef4"},
		{"subkey", sub[:], "875d82d48db3bf8455a0c76494d4a2556224c042672a6026e2ebfe966e0c28e4"},
	} {
		if got := hex.EncodeToString(c.got); got != c.want {
			t.Errorf("%s: got %s, want %s", c.what, got, c.want)
		}
	}
}

// No purpose that a caller can name may return a subkey of this package.
func TestSubkeysDiffer(t *testing.T) {
	t.Parallel()
	k := key(t, ascending)
	seen := map[[keySize]byte]string{}
	for _, purpose := range []string{forCheck, forSeal, forPassword, ""} {
		for name, sub := range map[string][keySize]byte{
			"own " + purpose: k.subkey(purpose), "handed out " + purpose: k.Subkey(purpose),
		} {
			if before, taken := seen[sub]; taken {
				t.Errorf("%q and %q are one key", before, name)
			}
			seen[sub] = name
		}
	}
	if k.Subkey("a") == other(t).Subkey("a") {
		t.Error("two keys have one subkey")
	}
}

// A start with another key is recognized by its check, and the right key by its own.
func TestCheckIsOfOneKey(t *testing.T) {
	t.Parallel()
	check := key(t, ascending).Check()
	if again := key(t, ascending).Check(); !bytes.Equal(again, check) {
		t.Errorf("one key has the checks %x and %x", check, again)
	}
	if bytes.Equal(other(t).Check(), check) {
		t.Errorf("two keys have the check %x", check)
	}
}

// However a key is printed or encoded, nothing of it shows.
func TestKeyNeverPrints(t *testing.T) {
	t.Parallel()
	k := key(t, strings.Repeat("p6en", 10)+"p6c") // every byte is 0xa7, 167
	around := struct{ hidden Key }{*k}
	var out strings.Builder
	for _, verb := range strings.Split("v +v #v s q x X d o b c t U 32s", " ") {
		format := "%" + verb + "\n"
		for _, v := range []any{k, *k, []*Key{k}, map[string]Key{"k": *k}, struct{ K *Key }{k}, around, &around} {
			fmt.Fprintf(&out, format, v)
		}
	}
	text, err := json.Marshal([]any{k, *k, struct{ K *Key }{k}, around})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(text)
	for _, h := range []slog.Handler{slog.NewJSONHandler(&out, nil), slog.NewTextHandler(&out, nil)} {
		slog.New(h).Info("start", "key", k, "value", *k, "around", around, "all", []*Key{k})
	}
	got := strings.ToLower(out.String())
	if !strings.Contains(got, `["[key]","[key]",{"k":"[key]"},{}]`) {
		t.Errorf("JSON is %s", text)
	}
	for _, secret := range []string{"a7a7a7", "167 167", "167,167", "p6enp6", "0xa7, 0xa7", "247 247", "§§"} {
		if strings.Contains(got, secret) {
			t.Errorf("it shows as %s:\n%s", secret, out.String())
		}
	}
}

func TestZero(t *testing.T) {
	t.Parallel()
	k := key(t, ascending)
	copied := *k
	k.Zero()
	for name, k := range map[string]*Key{"zeroed": k, "copy of it": &copied, "never opened": {}} {
		if !panics(func() { k.Seal("", nil) }) || !panics(func() { k.HashPassword("", "") }) ||
			!panics(func() { k.Check() }) {
			t.Errorf("%s: still in use", name)
		}
	}
	if **copied.root != [keySize]byte{} {
		t.Error("the key is still in memory")
	}
}

func panics(f func()) (caught bool) {
	defer func() { caught = recover() != nil }()
	f()
	return false
}
