package page

import (
	"encoding/binary"
	"time"

	"tongka/internal/codes"
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

// factBytes is the size of what a token says: four numbers.
const factBytes = 4 * 8

// claim is what a token says: which pass of which card it is for.
type claim struct {
	merchant ledger.MerchantID
	card     ledger.CardID
	pass     int64
	at       time.Time // in whole seconds: when a link ends, or when a session began
}

// stamp makes and reads the tokens for one purpose.
type stamp struct{ codes.Stamp }

func stampOf(key [32]byte) stamp { return stamp{codes.Stamp{Key: key}} }

// make returns the token of a claim.
func (s stamp) make(c claim) string {
	facts := make([]byte, 0, factBytes)
	for _, n := range [...]int64{int64(c.merchant), int64(c.card), c.pass, c.at.Unix()} {
		facts = binary.BigEndian.AppendUint64(facts, uint64(n))
	}
	return s.Make(facts)
}

// read returns the claim of a token; false if the token was not made with this key.
func (s stamp) read(token string) (claim, bool) {
	facts, ok := s.Read(token, factBytes)
	if !ok {
		return claim{}, false
	}
	number := func(i int) int64 { return int64(binary.BigEndian.Uint64(facts[8*i:])) }
	return claim{ledger.MerchantID(number(0)), ledger.CardID(number(1)), number(2), time.Unix(number(3), 0)}, true
}
