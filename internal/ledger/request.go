package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
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

// MaxRequestID is how many characters the id of a request may have, on every wire.
const MaxRequestID = 64

// RequestIDFault is what is wrong with the id of a request; 0 = nothing. Texts for tills are the dialect's.
type RequestIDFault int

const (
	RequestIDBlank RequestIDFault = iota + 1
	RequestIDNotUTF8
	RequestIDTooLong // over MaxRequestID characters
	RequestIDControl // it has a control character
)

// RequestIDFaults lists all faults, for tables that must be complete.
var RequestIDFaults = []RequestIDFault{RequestIDBlank, RequestIDNotUTF8, RequestIDTooLong, RequestIDControl}

// String returns what is wanted, for people who type a command.
func (f RequestIDFault) String() string {
	switch f {
	case RequestIDBlank:
		return "want a name that is not blank"
	case RequestIDNotUTF8:
		return "want UTF-8"
	case RequestIDTooLong:
		return fmt.Sprintf("want at most %d characters", MaxRequestID)
	case RequestIDControl:
		return "want no control characters"
	}
	return ""
}

// CheckRequestID returns the first fault of an id that was sent, as FoldRequestID returns it. A blank id is one:
// whoever sends an id relies on being protected against a second charge.
func CheckRequestID(id string) RequestIDFault {
	switch {
	case id == "":
		return RequestIDBlank
	case !utf8.ValidString(id):
		return RequestIDNotUTF8
	case utf8.RuneCountInString(id) > MaxRequestID:
		return RequestIDTooLong
	case strings.ContainsFunc(id, unicode.IsControl):
		return RequestIDControl
	}
	return 0
}

// RequestName is what a request is kept under: 15 bytes of SHA-256 over its key.
type RequestName [15]byte

// stemBytes is how many bytes of a name are of the stem of the request's id, and stemCut how many bytes of the id are
// no part of its stem.
const (
	stemBytes = 3
	stemCut   = 2
)

// Name returns what the request is kept under. Its first bytes are of the id without its last two: a till counts its
// ids up, so a hundred in a row lie beside each other, and to save them touches one page of the table instead of a
// hundred. The other 12 bytes are of the whole key.
func (k RequestKey) Name() RequestName {
	name := k.EarlierName()
	stem := k.sum(k.ID[:max(0, len(k.ID)-stemCut)])
	copy(name[:stemBytes], stem[:])
	return name
}

// EarlierName returns what requests were kept under before schema 32: the first 15 bytes of a SHA-256 over the key.
func (k RequestKey) EarlierName() RequestName {
	sum := k.sum(k.ID)
	return RequestName(sum[:])
}

func (k RequestKey) sum(id string) [32]byte {
	var room [256]byte
	b := appendInt(append(room[:0], "tongka request 1"...), int64(k.Agent))
	return sha256.Sum256(appendText(b, k.Scope, id))
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

// Kept returns what is kept of the answer.
func (r *Request) Kept() []byte {
	if r.Layout == 0 {
		return r.Answer
	}
	return r.Rest
}

// AnswerSum returns 8 bytes of an answer's SHA-256, by which an answer that was written again is compared with the one
// that was given.
func AnswerSum(answer []byte) int64 { return digest(answer) }

// Entries say which request asked for them, and requests prove what they hold, each by the first 8 bytes of a
// SHA-256 over it: enough to find what was changed, moved to another entry or removed (invariant 19), and small
// enough for every row. 0 = not known, as in rows of before that was kept.

// Mark returns what entries say of the request. It covers its name and its fingerprint.
func (r *Request) Mark() int64 {
	var room [64]byte
	return digest(r.appendAsked(append(room[:0], "tongka asked 2"...)))
}

// Evidence returns what the request's Proof must be. It covers all that is kept of it.
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
