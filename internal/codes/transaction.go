package codes

import "io"

// TransactionDigits is the number of digits in a transaction code. Package command decides how long it is valid and
// how often it may be tried.
const TransactionDigits = 6

// Transaction is what a code allows.
type Transaction struct {
	Merchant int64
	Card     int64
	Amount   int64 // fen
	Action   string
}

// NewTransactionCode makes a transaction code of six random digits, of which the first is not 0. It is sent to the
// holder and not stored; what Bind makes of it is.
func NewTransactionCode(random io.Reader) (string, error) {
	return randomNumber(random, TransactionDigits)
}

// Bind returns the form in which a transaction code is stored, and in which a typed one is compared: a keyed hash of
// the code and the transaction. Without the key, a reader of the database cannot try all 900,000 codes.
func (t Transaction) Bind(key [32]byte, code string) [32]byte {
	numbers := []int64{t.Merchant, t.Card, t.Amount, int64(len(t.Action))}
	return keyed(key, "transaction code", numbers, t.Action+code)
}
