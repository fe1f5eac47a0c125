// Package seal keeps secrets under one key that is kept outside the database, so that a copied
// database or a backup gives none of them away.
//
// What must be readable again (keys of shops, secrets of cards) is sealed: AES-256-GCM with a random
// nonce. What is only compared (passwords of cards) is a keyed hash: with few digits to try, it is the
// key that protects it, and a slow hash would only make every sale wait. Each purpose has a subkey of
// its own by HKDF. A context, like "card 7/1042 password", says what a secret belongs to: nothing
// moved to another row is taken there.
//
// The key never prints itself and is never in an error. Who loses it loses what is sealed, and every
// card password; a key is not replaced by another one here.
package seal

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
)

// keySize is the size of the key and of every subkey: AES-256, and the output of SHA-256.
const keySize = 32

// Names of the subkeys. The number is that of the form in which their outcome is stored.
const (
	forCheck    = "tongka check 1"
	forSeal     = "tongka seal 1"
	forPassword = "tongka password 1"
	forOthers   = "tongka subkey 1: "
)

// Key is the key of one installation. Open makes it. It may be used by many at once, except for Zero.
type Key struct {
	// The methods below are not asked for a Key in an unexported field. fmt follows one pointer there
	// when the verb is a wrong one, and never two.
	root **[keySize]byte
}

func newKey(root [keySize]byte) *Key {
	bytes := &root
	return &Key{&bytes}
}

// Check is a value to keep in the database, by which a start with another key is refused. It is the
// same each time and tells nothing about the key.
func (k *Key) Check() []byte {
	check := k.subkey(forCheck)
	return check[:]
}

// Subkey is a key for a purpose outside this package. The same purpose has the same one for as long
// as the key lives.
func (k *Key) Subkey(purpose string) [keySize]byte { return k.subkey(forOthers + purpose) }

// Zero forgets the key, in every copy of k. Nobody may be using it, and its next use panics.
func (k *Key) Zero() { **k.root = [keySize]byte{} }

// String hides the key.
func (Key) String() string { return "[key]" }

// Format hides the key from every verb; String alone would let %d through.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// MarshalText hides the key from JSON and other encoders of text.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// LogValue hides the key from logs.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

func (k *Key) subkey(purpose string) [keySize]byte {
	if k.root == nil || **k.root == [keySize]byte{} {
		panic("seal: a key that was not opened or is zeroed")
	}
	sub, err := hkdf.Key(sha256.New, (*k.root)[:], nil, purpose, keySize)
	if err != nil {
		panic(fmt.Sprintf("seal: subkey: %v", err)) // sizes and hash are right, and nothing else can fail
	}
	return [keySize]byte(sub)
}
