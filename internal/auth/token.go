package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// NewToken returns a token of 256 random bits. The caller shows it once; only its Hash is stored.
func NewToken() string {
	var b [32]byte
	rand.Read(b[:]) // never returns an error: it crashes the program instead
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Hash returns the form in which a token is stored. A plain SHA-256 is enough for a random token. A token that
// somebody chose can still be guessed from its hash, which is one reason why such an agent needs an address list
// and an end date.
func Hash(token string) [32]byte { return sha256.Sum256([]byte(token)) }
