package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// NewToken makes a token of 256 random bits. It is shown once and kept nowhere; its Hash is kept.
func NewToken() string {
	var b [32]byte
	rand.Read(b[:]) // never fails: it ends the program instead
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Hash is the form in which tokens are stored. A plain hash is enough, for a token is random; a
// chosen one is as weak as it was before, which is why it needs addresses and an end.
func Hash(token string) [32]byte { return sha256.Sum256([]byte(token)) }
