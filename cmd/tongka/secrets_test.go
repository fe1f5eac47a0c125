package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tongka/internal/codes"
	"tongka/internal/config"
	"tongka/internal/ledger"
	"tongka/internal/seal"
	"tongka/internal/store"
)

// The key is made at the first start, readable by its owner only. From then on no other is accepted: not that of
// another database, not one from the environment, and not a new one in place of a lost one.
func TestOpenKey(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dir := t.TempDir()
	dsn := "sqlite:" + filepath.Join(dir, "books.db")
	s, err := store.Open(ctx, dsn, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // the test is over
	first, err := openKey(ctx, s, dsn, config.Secrets{}, "")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "books.db.key")
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file: %v, %v", info, err)
	}
	again, err := openKey(ctx, s, dsn, config.Secrets{}, "")
	if err != nil {
		t.Fatal(err)
	}
	plain, err := again.Unseal("a", first.Seal("a", []byte("secret")))
	if err != nil || string(plain) != "secret" {
		t.Errorf("what was sealed before: %q, %v", plain, err)
	}
	other := filepath.Join(dir, "other.key")
	if _, err := openKey(ctx, s, dsn, config.Secrets{KeyFile: other}, ""); err == nil ||
		!strings.Contains(err.Error(), "key-file: "+other+" is missing") {
		t.Errorf("a key that is not there: %v", err)
	}
	text := base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))
	if _, err := openKey(ctx, s, dsn, config.Secrets{}, text); err == nil ||
		!strings.Contains(err.Error(), keyEnv+" is not the key") {
		t.Errorf("another key from the environment: %v", err)
	}
	if err := os.WriteFile(other, []byte(text+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openKey(ctx, s, dsn, config.Secrets{KeyFile: other}, ""); err == nil ||
		!strings.Contains(err.Error(), "is not the key") {
		t.Errorf("another key's file: %v", err)
	}
}

// The key file is named by its whole path, also where the setting is relative: who reads in which folder it is missing
// learns why a command and a server do not find the same one.
func TestKeyFile(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ dsn, flag, want string }{
		{"sqlite:/var/books.db", "", "/var/books.db.key"},
		{"sqlite:books.db", "", "books.db.key"},
		{"sqlite:books.db", "/etc/tongka.key", "/etc/tongka.key"},
		{"sqlite:books.db", "keys/tongka.key", "keys/tongka.key"},
		{"postgres://host/books", "", "tongka.key"},
	} {
		want, err := filepath.Abs(c.want)
		if err != nil {
			t.Fatal(err)
		}
		if got := keyFile(c.dsn, config.Secrets{KeyFile: c.flag}); got != want {
			t.Errorf("%s %s: %s, want %s", c.dsn, c.flag, got, want)
		}
	}
}

// A generated number is long, has a valid check digit, and does not repeat; the hash of a password differs each
// time and is bound to its merchant.
func TestNewCardSecrets(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 100 {
		number, err := newNumber()
		if err != nil || len(number) != 13 || !codes.Valid(number) || seen[number] {
			t.Fatalf("number %q, %v", number, err)
		}
		seen[number] = true
	}
	if password, err := newPassword(); err != nil || len(password) != 8 {
		t.Errorf("password of %d digits, %v", len(password), err)
	}
	key, err := seal.Open(filepath.Join(t.TempDir(), "key"), "")
	if err != nil {
		t.Fatal(err)
	}
	kept := passwords{key}.hash("1", "123456")
	if again := (passwords{key}).hash("1", "123456"); kept == again || len(kept) > ledger.MaxPassword {
		t.Errorf("kept as %d characters, and again the same: %v", len(kept), kept == again)
	}
	raw, err := base64.RawURLEncoding.DecodeString(kept)
	if err != nil || !key.PasswordMatches("merchant 1", "123456", raw) ||
		key.PasswordMatches("merchant 2", "123456", raw) {
		t.Errorf("what is kept does not match its password and merchant alone: %v", err)
	}
}

// TestReadSecret: what nobody sees around a secret is dropped, in a file and in the environment; a line that is too
// long is not cut.
func TestReadSecret(t *testing.T) {
	const env = "TONGKA_TEST_SECRET"
	long := strings.Repeat("s", maxSecret)
	for text, want := range map[string]string{
		"a b": "a b", " a\t": "a", "\ufeffa\r\nb": "a", "\u00a0a\u3000\n": "a", long + "\r\n": long, "": "", " \n": "", "  " + long: "",
	} {
		file := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := readSecret(file, ""); got != want || (err != nil) != (want == "") {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
	}
	t.Setenv(env, "\ufeff a \n")
	if got, err := readSecret("", env); got != "a" || err != nil {
		t.Errorf("of the environment: got %q, %v", got, err)
	}
}
