package page

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"time"

	"tongka/internal/ledger"
)

// bindFor is how long a link to bind a phone is valid. sessionFor is how long a phone stays bound without being
// used.
const (
	bindFor    = 24 * time.Hour
	sessionFor = 180 * 24 * time.Hour
)

// renewAfter is the age at which a session that is used gets a new token.
const renewAfter = 24 * time.Hour

// Sizes of a token: four numbers, then 128 bits of a MAC.
const (
	factBytes = 4 * 8
	macBytes  = 16
)

// claim is what a token says: which pass of which card it is for.
type claim struct {
	merchant ledger.MerchantID
	card     ledger.CardID
	pass     int64
	at       time.Time // in whole seconds: when a link ends, or when a session began
}

// stamp makes and reads the tokens for one purpose.
type stamp struct{ key [32]byte }

// make returns the token of a claim.
func (s stamp) make(c claim) string {
	token := make([]byte, 0, factBytes+macBytes)
	for _, n := range [...]int64{int64(c.merchant), int64(c.card), c.pass, c.at.Unix()} {
		token = binary.BigEndian.AppendUint64(token, uint64(n))
	}
	return base64.RawURLEncoding.EncodeToString(append(token, s.mac(token)...))
}

// read returns the claim of a token; false if the token was not made with this key.
func (s stamp) read(token string) (claim, bool) {
	if len(token) != base64.RawURLEncoding.EncodedLen(factBytes+macBytes) {
		return claim{}, false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) != factBytes+macBytes { // the decoder skips line feeds
		return claim{}, false
	}
	facts := raw[:factBytes]
	if subtle.ConstantTimeCompare(s.mac(facts), raw[factBytes:]) != 1 {
		return claim{}, false
	}
	number := func(i int) int64 { return int64(binary.BigEndian.Uint64(facts[8*i:])) }
	return claim{ledger.MerchantID(number(0)), ledger.CardID(number(1)), number(2), time.Unix(number(3), 0)}, true
}

func (s stamp) mac(facts []byte) []byte {
	h := hmac.New(sha256.New, s.key[:])
	h.Write(facts)
	return h.Sum(nil)[:macBytes]
}
