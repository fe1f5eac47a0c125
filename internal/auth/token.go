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

// keyPrefix begins every API key, so that those who search files and repositories for secrets find it.
const keyPrefix = "tk_"

// NewKey returns an API key of 256 random bits. Like a token it is shown once, and only its Hash is stored.
func NewKey() string { return keyPrefix + NewToken() }

// Hash returns the form in which a token is stored. A plain SHA-256 is enough for a random token. A token that
// somebody chose can still be guessed from its hash, which is one reason why such an agent needs an address list
// and an end date.
func Hash(token string) [32]byte { return sha256.Sum256([]byte(token)) }
