package ledger

import (
	"crypto/sha256"
	"encoding/binary"
)

// RequestKey is a caller's name for a request at a merchant, so that repeating the request does nothing twice
// (invariants 14–17).
type RequestKey struct {
	Agent AgentID
	Scope string // the wire and endpoint: the same ID under two scopes is two requests
	ID    string
}

// MaxRequestID is the length limit of a request's ID in characters, on every wire.
const MaxRequestID = 64

// Request is a request that was carried out, and the answer it got.
type Request struct {
	Merchant    MerchantID
	Key         RequestKey
	Fingerprint [32]byte // of what was asked
	Entry       EntryID
	Answer      []byte
	Proof       int64 // its Evidence when it was saved; 0 = unknown
}

// Entries record which request asked for them, and requests prove their own content, each by the first 8 bytes of a
// SHA-256. That is enough to find rows that were changed, moved to another entry or removed (invariant 19), and small
// enough for every row. 0 = unknown, as in rows that are older than these fields.

// Mark is what an entry records of its request. It covers the key and the fingerprint.
func (r *Request) Mark() int64 {
	var room [256]byte
	return digest(r.appendAsked(append(room[:0], "tongka asked 1"...)))
}

// Evidence is what the request's Proof must equal. It covers the whole request.
func (r *Request) Evidence() int64 {
	var room [1024]byte
	b := r.appendAsked(append(room[:0], "tongka proof 1"...))
	return digest(append(appendInt(b, int64(r.Entry), int64(len(r.Answer))), r.Answer...))
}

func (r *Request) appendAsked(b []byte) []byte {
	b = appendInt(b, int64(r.Merchant), int64(r.Key.Agent))
	return append(appendText(b, r.Key.Scope, r.Key.ID), r.Fingerprint[:]...)
}

// digest is never 0, because 0 stands for unknown.
func digest(b []byte) int64 {
	sum := sha256.Sum256(b)
	return max(1, int64(binary.BigEndian.Uint64(sum[:])>>1))
}
