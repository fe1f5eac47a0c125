package codes

import "io"

// TransactionDigits is how many digits a transaction code has. How long it is good and how often it may
// be tried is for the core to say.
const TransactionDigits = 6

// Transaction is the one that a code allows.
type Transaction struct {
	Merchant int64
	Card     int64
	Amount   int64 // fen
	Action   string
}

// NewTransactionCode makes a transaction code of six random digits, of which the first is none of 0. It
// is sent to the holder and kept nowhere; what Bind makes of it is kept.
func NewTransactionCode(random io.Reader) (string, error) {
	return randomNumber(random, TransactionDigits)
}

// Bind is the form in which a transaction code is stored, and in which one that was typed is compared:
// a hash of the code and the transaction. The key keeps a reader of the database from trying all 900,000
// codes.
func (t Transaction) Bind(key [32]byte, code string) [32]byte {
	numbers := []int64{t.Merchant, t.Card, t.Amount, int64(len(t.Action))}
	return keyed(key, "transaction code", numbers, t.Action+code)
}
