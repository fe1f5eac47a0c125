package signin

import (
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"tongka/internal/codes"
	"tongka/internal/ledger"
)

// claim is what a token says of its holder.
type claim struct {
	person ledger.PersonID
	at     time.Time // in whole seconds
	bound  [16]byte
}

const claimBytes = 8 + 8 + 16

// seal makes and reads tokens that a browser keeps.
type seal struct{ codes.Stamp }

func sealOf(key [32]byte) seal { return seal{codes.Stamp{Key: key}} }

func (s seal) make(c claim) string {
	facts := binary.BigEndian.AppendUint64(nil, uint64(c.person))
	facts = binary.BigEndian.AppendUint64(facts, uint64(c.at.Unix()))
	return s.Make(append(facts, c.bound[:]...))
}

// read returns the claim of a token; false if the token was not made with this key.
func (s seal) read(token string) (c claim, ok bool) {
	facts, ok := s.Read(token, claimBytes)
	if !ok {
		return claim{}, false
	}
	c.person = ledger.PersonID(binary.BigEndian.Uint64(facts))
	c.at = time.Unix(int64(binary.BigEndian.Uint64(facts[8:])), 0)
	copy(c.bound[:], facts[16:])
	return c, true
}

// challenge is what a browser was asked to have signed by a passkey.
type challenge struct {
	person ledger.PersonID // whose passkey it must be; 0 = anybody's
	at     time.Time       // in whole seconds
	random [32]byte
}

const challengeBytes = 8 + 8 + 32

func (c challenge) until() time.Time { return c.at.Add(AskedFor) }

// session returns what the library wants to be told of a challenge.
func (c challenge) session() webauthn.SessionData {
	s := webauthn.SessionData{
		Challenge:        base64.RawURLEncoding.EncodeToString(c.random[:]),
		UserVerification: protocol.VerificationRequired,
	}
	if c.person != 0 {
		s.UserID = handleOf(c.person)
	}
	return s
}

// ask returns the token of a challenge.
func (s seal) ask(c challenge) string {
	facts := binary.BigEndian.AppendUint64(nil, uint64(c.person))
	facts = binary.BigEndian.AppendUint64(facts, uint64(c.at.Unix()))
	return s.Make(append(facts, c.random[:]...))
}

// challenge returns that of a token; false if the token was not made with this key.
func (s seal) challenge(token string) (c challenge, ok bool) {
	facts, ok := s.Read(token, challengeBytes)
	if !ok {
		return challenge{}, false
	}
	c.person = ledger.PersonID(binary.BigEndian.Uint64(facts))
	c.at = time.Unix(int64(binary.BigEndian.Uint64(facts[8:])), 0)
	copy(c.random[:], facts[16:])
	return c, true
}
