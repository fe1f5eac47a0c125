package ledger

import (
	"crypto/sha256"
	"encoding/binary"
)

// RequestKey is the name a caller gave to a request at a merchant, so that asking again does nothing twice
// (invariants 14–17).
type RequestKey struct {
	Agent AgentID
	Scope string // the wire and endpoint: the same id there and elsewhere are two requests
	ID    string
}

// MaxRequestID is how many characters the name of a request may have, on every wire.
const MaxRequestID = 64

// Request is a request that was carried out, with the answer it got.
type Request struct {
	Merchant    MerchantID
	Key         RequestKey
	Fingerprint [32]byte // of what was asked
	Entry       EntryID
	Answer      []byte
	Proof       int64 // its Evidence when it was kept; 0 = not known
}

// Entries say which request asked for them, and requests prove what they hold, each by the first 8 bytes of a
// SHA-256 over it: enough to find what was changed, moved to another entry or removed (invariant 19), and small
// enough for every row. 0 = not known, as in rows of before that was kept.

// Mark is what entries say of a request. It covers its key and its fingerprint.
func (r *Request) Mark() int64 {
	var room [256]byte
	return digest(r.appendAsked(append(room[:0], "tongka asked 1"...)))
}

// Evidence is what a request's Proof must be. It covers all of it.
func (r *Request) Evidence() int64 {
	var room [1024]byte
	b := r.appendAsked(append(room[:0], "tongka proof 1"...))
	return digest(append(appendInt(b, int64(r.Entry), int64(len(r.Answer))), r.Answer...))
}

func (r *Request) appendAsked(b []byte) []byte {
	b = appendInt(b, int64(r.Merchant), int64(r.Key.Agent))
	return append(appendText(b, r.Key.Scope, r.Key.ID), r.Fingerprint[:]...)
}

// digest is never 0.
func digest(b []byte) int64 {
	sum := sha256.Sum256(b)
	return max(1, int64(binary.BigEndian.Uint64(sum[:])>>1))
}
