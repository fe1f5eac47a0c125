package ledger

import "time"

// Message is a text on its way to a holder. It is in the same commit as what it tells of, and is
// delivered later, at least once.
type Message struct {
	Merchant MerchantID
	ID       MessageID
	Card     CardID
	At       time.Time // whole milliseconds
	Until    time.Time // it is of no use after that
	To       Recipient
	Sealed   []byte // the text, under the key that is kept outside the database
}

// Parcel is a message with how often it was tried to deliver it.
type Parcel struct {
	Message
	Tries int
}

// MessageID is drawn at random, 63 bits.
type MessageID int64

// Recipient is where a holder is reached: the open id where there is one, else the phone.
type Recipient struct{ OpenID, Phone string }
