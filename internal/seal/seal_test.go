package seal

import (
	"bytes"
	"encoding/hex"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A secret sealed by an earlier release must stay readable. The value was computed without this code: key 0 to
// 31, nonce 0 to 11.
const sealedBefore = "01000102030405060708090a0b8eeb0c77fac9f3cd56edb36d1fc3f7b5030a7c42bf113c64"

func TestUnsealGolden(t *testing.T) {
	t.Parallel()
	sealed, err := hex.DecodeString(sealedBefore)
	if err != nil {
		t.Fatal(err)
	}
	got, err := key(t, ascending).Unseal("shop 10021", sealed)
	if err != nil || string(got) != "a secret" {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestUnsealRefuses: in each row one thing is wrong with the sealed bytes.
func TestUnsealRefuses(t *testing.T) {
	t.Parallel()
	k := key(t, ascending)
	sealed := k.Seal("shop 1", []byte("a secret"))
	for name, c := range map[string]struct {
		key     *Key
		context string
		sealed  []byte
		ok      bool
	}{
		"as sealed":     {k, "shop 1", sealed, true},
		"other key":     {other(t), "shop 1", sealed, false},
		"other context": {k, "shop 2", sealed, false},
		"no context":    {k, "", sealed, false},
		"version 0":     {k, "shop 1", slices.Concat([]byte{0}, sealed[1:]), false},
		"version 2":     {k, "shop 1", slices.Concat([]byte{2}, sealed[1:]), false},
		"a byte more":   {k, "shop 1", append(slices.Clone(sealed), 0), false},
		"nothing":       {k, "shop 1", nil, false},
		"version only":  {k, "shop 1", sealed[:1], false},
		"no tag":        {k, "shop 1", sealed[:len(sealed)-16], false},
	} {
		got, err := c.key.Unseal(c.context, c.sealed)
		if c.ok && (err != nil || string(got) != "a secret") {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
		if !c.ok && (!errors.Is(err, ErrUnseal) || got != nil) {
			t.Errorf("%s: got %q, %v, want ErrUnseal", name, got, err)
		}
	}
}

// Sealed bytes can be unsealed, are different each time, and are refused with any bit changed.
func TestSealProperty(t *testing.T) {
	t.Parallel()
	k := key(t, ascending)
	rapid.Check(t, func(t *rapid.T) {
		context := rapid.String().Draw(t, "context")
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		sealed := k.Seal(context, plain)
		if len(sealed) != 1+12+len(plain)+16 {
			t.Fatalf("%d bytes are sealed into %d", len(plain), len(sealed))
		}
		got, err := k.Unseal(context, sealed)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("got %x, %v, want %x", got, err, plain)
		}
		if bytes.Equal(sealed, k.Seal(context, plain)) {
			t.Fatal("the same twice")
		}
		bit := rapid.IntRange(0, 8*len(sealed)-1).Draw(t, "bit")
		sealed[bit/8] ^= 1 << (bit % 8)
		if got, err := k.Unseal(context, sealed); !errors.Is(err, ErrUnseal) || got != nil {
			t.Fatalf("bit %d changed: got %x, %v", bit, got, err)
		}
	})
}

// Whatever is in the database, unsealing it returns an error and does not panic.
func FuzzUnseal(f *testing.F) {
	sealed, err := hex.DecodeString(sealedBefore)
	if err != nil {
		f.Fatal(err)
	}
	for _, b := range [][]byte{sealed, nil, {1}, {0}, sealed[:13], sealed[:28]} {
		f.Add("shop 10021", b)
	}
	k := key(f, ascending)
	f.Fuzz(func(t *testing.T, context string, b []byte) {
		plain, err := k.Unseal(context, b)
		if err != nil && (plain != nil || !errors.Is(err, ErrUnseal)) {
			t.Errorf("got %x, %v", plain, err)
		}
		if err == nil && (context != "shop 10021" || !bytes.Equal(b, sealed)) {
			t.Errorf("%x was never sealed for %q", b, context)
		}
	})
}
