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

// seal makes and reads tokens that a browser keeps.
type seal struct{ codes.Stamp }

func sealOf(key [32]byte) seal { return seal{codes.Stamp{Key: key}} }

// pack makes a token of who, when, and what else there is.
func (s seal) pack(person ledger.PersonID, at time.Time, rest []byte) string {
	facts := binary.BigEndian.AppendUint64(nil, uint64(person))
	facts = binary.BigEndian.AppendUint64(facts, uint64(at.Unix()))
	return s.Make(append(facts, rest...))
}

// unpack reads what pack made, whose rest has the size of rest; false if the token was not made with this key.
func (s seal) unpack(token string, rest []byte) (person ledger.PersonID, at time.Time, ok bool) {
	facts, ok := s.Read(token, 8+8+len(rest))
	if !ok {
		return 0, time.Time{}, false
	}
	copy(rest, facts[16:])
	person = ledger.PersonID(binary.BigEndian.Uint64(facts))
	return person, time.Unix(int64(binary.BigEndian.Uint64(facts[8:])), 0), true
}

func (s seal) make(c claim) string { return s.pack(c.person, c.at, c.bound[:]) }

// read returns the claim of a token; false if the token was not made with this key.
func (s seal) read(token string) (c claim, ok bool) {
	c.person, c.at, ok = s.unpack(token, c.bound[:])
	return c, ok
}

// challenge is what a browser was asked to have signed by a passkey.
type challenge struct {
	person ledger.PersonID // whose passkey it must be; 0 = anybody's
	at     time.Time       // in whole seconds
	random [32]byte
}

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
func (s seal) ask(c challenge) string { return s.pack(c.person, c.at, c.random[:]) }

// challenge returns that of a token; false if the token was not made with this key.
func (s seal) challenge(token string) (c challenge, ok bool) {
	c.person, c.at, ok = s.unpack(token, c.random[:])
	return c, ok
}
