package codes

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
)

// stampBytes is how much of the MAC a token has.
const stampBytes = 16

// Stamp makes and reads tokens for one purpose, which is that of its key: facts, followed by 128 bits of HMAC-SHA-256
// over them, in letters that an address may have. Whoever holds a token can read it and make no other.
type Stamp struct{ Key [32]byte }

// Make returns the token of facts.
func (s Stamp) Make(facts []byte) string {
	return base64.RawURLEncoding.EncodeToString(append(facts[:len(facts):len(facts)], s.mac(facts)...))
}

// Read returns the facts of a token, of which there are so many bytes; false if the token was not made with this key.
func (s Stamp) Read(token string, size int) (facts []byte, ok bool) {
	if len(token) != base64.RawURLEncoding.EncodedLen(size+stampBytes) {
		return nil, false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) != size+stampBytes { // the decoder skips line feeds
		return nil, false
	}
	facts = raw[:size]
	return facts, subtle.ConstantTimeCompare(s.mac(facts), raw[size:]) == 1
}

func (s Stamp) mac(facts []byte) []byte {
	h := hmac.New(sha256.New, s.Key[:])
	h.Write(facts)
	return h.Sum(nil)[:stampBytes]
}
