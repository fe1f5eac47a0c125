// Package seal protects secrets by one key that is kept outside the database, so that a copy of the database or a
// backup reveals none of them.
//
// What must be readable again (keys of shops, secrets of cards) is sealed: AES-256-GCM with a random nonce. What
// is only compared (passwords of cards) is a keyed hash. With so few digits to try, only the key protects a
// password; a slow hash would merely delay every sale. Each purpose has its own subkey, derived by HKDF. A
// context, like "card 7/1042 password", says what a secret belongs to: a secret that was copied to another row is
// not accepted there.
//
// The key is never printed and never part of an error. If it is lost, so is everything sealed, and every card
// password. This package cannot replace a key by another one.
package seal

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
)

// keySize is the size in bytes of the key and of every subkey: that of AES-256 keys and of SHA-256.
const keySize = 32

// Purposes of the subkeys. The number is the version of the form in which the result is stored.
const (
	forCheck    = "tongka check 1"
	forSeal     = "tongka seal 1"
	forPassword = "tongka password 1"
	forOthers   = "tongka subkey 1: "
)

// Key is the key of one installation. Open returns it. Its methods may be called concurrently, except Zero.
type Key struct {
	// fmt does not call the methods below for a Key in an unexported field. With a wrong verb it follows one
	// pointer there and prints what it finds, but it never follows two.
	root **[keySize]byte
}

func newKey(root [keySize]byte) *Key {
	bytes := &root
	return &Key{&bytes}
}

// Check returns a value to keep in the database, so that a start with another key can be refused. It is always
// the same and reveals nothing about the key.
func (k *Key) Check() []byte {
	check := k.subkey(forCheck)
	return check[:]
}

// Subkey returns a key for a purpose outside this package. The same purpose always gets the same one.
func (k *Key) Subkey(purpose string) [keySize]byte { return k.subkey(forOthers + purpose) }

// Zero erases the key in every copy of k. It must not be called while the key is in use; any later use panics.
func (k *Key) Zero() { **k.root = [keySize]byte{} }

// String hides the key.
func (Key) String() string { return "[key]" }

// Format hides the key from every verb. With String alone, %d would print it.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// MarshalText hides the key from JSON and other text encoders.
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
