package ledger

import "time"

// Message is a text to be sent to a holder. It is saved in the same commit as what it reports, and delivered later,
// at least once.
type Message struct {
	Merchant MerchantID
	ID       MessageID
	Card     CardID
	At       time.Time // whole milliseconds
	Until    time.Time // when it becomes useless
	To       Recipient
	Sealed   []byte // the text, encrypted under the key kept outside the database
}

// Parcel is a message and the number of attempts to deliver it.
type Parcel struct {
	Message
	Tries int
}

// GivenUp is a message that was never sent: its time was over, or it could not be.
type GivenUp struct {
	Card    CardID
	EndedAt time.Time
	Tries   int
}

// MessageID is drawn at random, 63 bits.
type MessageID int64

// Recipient is where a holder is reached: by the open id if there is one, otherwise by phone.
type Recipient struct{ OpenID, Phone string }
