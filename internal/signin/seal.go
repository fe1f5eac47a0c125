package signin

import (
	"encoding/binary"
	"time"

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
