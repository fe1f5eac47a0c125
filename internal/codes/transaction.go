package codes

import (
	"crypto/subtle"
	"io"
	"time"
)

// Limits of a transaction code.
const (
	TransactionDigits = 6
	TransactionLife   = 5 * time.Minute
	TransactionTries  = 5
)

// Transaction is the one that a code allows.
type Transaction struct {
	Merchant int64
	Card     int64
	Amount   int64 // fen
	Action   string
}

// NewTransactionCode makes a transaction code of six random digits. It is sent to the holder and kept
// nowhere; what Bind makes of it is kept.
func NewTransactionCode(random io.Reader) (string, error) {
	return randomDigits(random, TransactionDigits)
}

// Bind is the form in which a transaction code is stored, and in which one that was typed is compared:
// a hash of the code and the transaction. The key keeps a reader of the database from trying all million
// codes.
func (t Transaction) Bind(key [32]byte, code string) [32]byte {
	numbers := []int64{t.Merchant, t.Card, t.Amount, int64(len(t.Action))}
	return keyed(key, "transaction code", numbers, t.Action+code)
}

// Outcome is what became of a try.
type Outcome int

const (
	Right   Outcome = iota + 1
	Wrong           // one try less is left
	UsedUp          // it did its work, or was tried too often
	Expired         // or none was ever sent
)

// State is what is kept of a transaction code that was sent. The zero State is that of none, and is
// expired.
type State struct {
	Hash  [32]byte
	Until time.Time
	Tries int // made so far; TransactionTries once it is used up
}

// Sent is the state of a code that is being sent now. It takes the place of the one before it, and
// brings five more tries at a chance of one in a million each: the caller bounds how often one is sent.
func Sent(hash [32]byte, now time.Time) State {
	return State{Hash: hash, Until: now.Add(TransactionLife)}
}

// Try compares the hash of what was typed. The state it answers must be kept whatever the outcome, in
// the same commit as the transaction: a right code is used up, a wrong one costs a try.
func (s State) Try(hash [32]byte, now time.Time) (State, Outcome) {
	if !now.Before(s.Until) {
		return s, Expired
	}
	if s.Tries >= TransactionTries {
		return s, UsedUp
	}
	if subtle.ConstantTimeCompare(s.Hash[:], hash[:]) != 1 {
		s.Tries++
		return s, Wrong
	}
	s.Tries = TransactionTries
	return s, Right
}
