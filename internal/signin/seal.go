package signin

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"time"

	"tongka/internal/ledger"
)

// claim is what a token says of its holder.
type claim struct {
	person ledger.PersonID
	at     time.Time // in whole seconds
	bound  [16]byte
}

// seal makes and reads tokens that a browser keeps and cannot write itself: a claim, and 128 bits of a MAC over it.
type seal struct{ key [32]byte }

const (
	claimBytes = 8 + 8 + 16
	macBytes   = 16
)

func (s seal) make(c claim) string {
	token := binary.BigEndian.AppendUint64(nil, uint64(c.person))
	token = binary.BigEndian.AppendUint64(token, uint64(c.at.Unix()))
	token = append(token, c.bound[:]...)
	return base64.RawURLEncoding.EncodeToString(append(token, s.mac(token)...))
}

// read returns the claim of a token; false if the token was not made with this key.
func (s seal) read(token string) (c claim, ok bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) != claimBytes+macBytes {
		return claim{}, false
	}
	facts := raw[:claimBytes]
	if subtle.ConstantTimeCompare(s.mac(facts), raw[claimBytes:]) != 1 {
		return claim{}, false
	}
	c.person = ledger.PersonID(binary.BigEndian.Uint64(facts))
	c.at = time.Unix(int64(binary.BigEndian.Uint64(facts[8:])), 0)
	copy(c.bound[:], facts[16:])
	return c, true
}

func (s seal) mac(facts []byte) []byte {
	h := hmac.New(sha256.New, s.key[:])
	h.Write(facts)
	return h.Sum(nil)[:macBytes]
}
