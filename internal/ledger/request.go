package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"
)

// RequestKey is the name a caller gave to a request at a merchant, so that asking again does nothing twice
// (invariants 14–17).
type RequestKey struct {
	Agent AgentID
	Scope string // the wire and endpoint: the same id there and elsewhere are two requests
	ID    string
}

// FoldRequestID returns the form in which the ids of requests are compared: without surrounding space, which some
// senders add and others take off. Keys have ids in this form only.
func FoldRequestID(id string) string { return strings.TrimSpace(id) }

// MaxRequestID is how many characters the name of a request may have, on every wire.
const MaxRequestID = 64

// RequestName is what a request is kept under: the first 15 bytes of a SHA-256 over its key.
type RequestName [15]byte

// Name is what the request is kept under.
func (k RequestKey) Name() RequestName {
	var room [256]byte
	b := appendInt(append(room[:0], "tongka request 1"...), int64(k.Agent))
	sum := sha256.Sum256(appendText(b, k.Scope, k.ID))
	return RequestName(sum[:])
}

// Fingerprint is the first 8 bytes of a SHA-256 over what was asked.
type Fingerprint [8]byte

// Request is a request that was carried out, with the answer it got. An answer is kept whole, or as what its layout
// needs beside the entries to write it again.
type Request struct {
	Merchant    MerchantID
	Key         RequestKey  // zero where the requests of a store are gone through: it keeps names only
	Name        RequestName // of the key
	Fingerprint Fingerprint
	Entry       EntryID
	Answer      []byte // nil where there is a layout and it was not written again yet
	Layout      int64  // 0 = the answer is kept whole
	Rest        []byte // what the layout needs beside the entries
	Sum         int64  // AnswerSum of an answer that is not kept, 0 of one that is
	Proof       int64  // its Evidence when it was kept; 0 = not known
}

// Kept is what is kept of the answer.
func (r *Request) Kept() []byte {
	if r.Layout == 0 {
		return r.Answer
	}
	return r.Rest
}

// AnswerSum tells whether an answer that was written again is the one that was given: 8 bytes of its SHA-256.
func AnswerSum(answer []byte) int64 { return digest(answer) }

// Entries say which request asked for them, and requests prove what they hold, each by the first 8 bytes of a
// SHA-256 over it: enough to find what was changed, moved to another entry or removed (invariant 19), and small
// enough for every row. 0 = not known, as in rows of before that was kept.

// Mark is what entries say of a request. It covers its name and its fingerprint.
func (r *Request) Mark() int64 {
	var room [64]byte
	return digest(r.appendAsked(append(room[:0], "tongka asked 2"...)))
}

// Evidence is what a request's Proof must be. It covers all that is kept of it.
func (r *Request) Evidence() int64 {
	var room [512]byte
	b := appendInt(r.appendAsked(append(room[:0], "tongka proof 2"...)), int64(r.Entry), r.Layout, r.Sum)
	kept := r.Kept()
	return digest(append(appendInt(b, int64(len(kept))), kept...))
}

func (r *Request) appendAsked(b []byte) []byte {
	return append(append(appendInt(b, int64(r.Merchant)), r.Name[:]...), r.Fingerprint[:]...)
}

// digest is never 0.
func digest(b []byte) int64 {
	sum := sha256.Sum256(b)
	return max(1, int64(binary.BigEndian.Uint64(sum[:])>>1))
}
