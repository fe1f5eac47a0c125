package ledger

import (
	"strconv"
	"strings"
	"time"
)

// UnreadableError is a stored row that cannot be parsed: our programs did not write it so. Rows of other kinds may
// still be readable.
type UnreadableError struct{ Err error }

func (e *UnreadableError) Error() string { return "a row cannot be read: " + e.Err.Error() }

func (e *UnreadableError) Unwrap() error { return e.Err }

// StoredCard is a card as stored, with the columns that the store derives from it for lookups. Only verify reads them.
type StoredCard struct {
	Card
	NextExpiry Date      // must equal Card.NextExpiry
	Search     string    // must equal Card.SearchText
	HoldUntil  time.Time // must equal Card.NextHoldEnd
	OwnLots    string    // lots in the card's row although they are stored apart: must be ""
}

// StoredMessage is what can be checked of a message.
type StoredMessage struct {
	ID    int64
	Card  CardID
	At    time.Time
	Until time.Time
	Next  time.Time // when it is tried next; zero = never
	Tries int64
	Done  time.Time // when it was sent or given up; zero = neither
}

// Sound reports whether the message's fields can be so: a message that is done is not tried again, and none is
// tried before it was made.
func (m *StoredMessage) Sound() bool {
	switch {
	case m.At.IsZero(), m.Until.Before(m.At), m.Tries < 0, !m.Done.IsZero() && m.Done.Before(m.At):
		return false
	case m.Next.IsZero():
		return !m.Done.IsZero()
	}
	return m.Done.IsZero() && !m.Next.Before(m.At)
}

// Stray is a row that belongs to nothing.
type Stray struct {
	Table    string
	Merchant MerchantID
	ID       int64 // of what it should belong to
}

// Part is a part of a database besides its rows: a table, an index, a trigger.
type Part struct {
	Name            string // "index card_number"
	Has, Want       string // its definition in the database, and as it was made
	IsThere, IsOurs bool
	Late            bool // it may be missing until a server starts
}

// SearchText returns the text a card is searched by: its number, name and phone in lower case, and the initials of the
// name.
func (c *Card) SearchText() string {
	text := strings.ToLower(c.Number + "\n" + c.Holder.Name + "\n" + c.Holder.Phone)
	for _, initials := range Initials(c.Holder.Name) {
		text += "\n" + initials
	}
	return text
}

// Derived names a column the store derived wrongly from the card; "" if none.
func (c *StoredCard) Derived() string {
	next := c.Card.NextExpiry()
	switch {
	// A save that did not see all lots of a card stored apart writes an earlier day. That is harmless: the card is
	// examined sooner.
	case c.NextExpiry != next && (!c.LotsApart || c.NextExpiry < FirstDay || next != 0 && c.NextExpiry > next):
		return "the day its next bonus or points expire"
	case c.Search != c.SearchText():
		return "the text it is found by"
	case !c.HoldUntil.Equal(c.NextHoldEnd()):
		return "when its next hold ends"
	case c.OwnLots != "":
		return "the lots in its own row"
	}
	return ""
}

// About returns the card that a guard is about, 0 if it is about something else. ok is false if the kind or the
// subject is invalid.
func (g *Guard) About() (card CardID, ok bool) {
	if g.Kind < PasswordAtAgent || g.Kind >= guardKinds || g.Subject == "" {
		return 0, false
	}
	switch g.Kind {
	case MissesOfAgent, MissesOfAddress, SignatureUsed, SignInFrom, SignInOfStrangers, StepOfPerson, ChallengeUsed,
		PasskeyCount, CodesAsked, ShiftClosed:
		return 0, true
	}
	id, _, _ := strings.Cut(g.Subject, "/")
	n, err := strconv.ParseInt(id, 10, 64)
	return CardID(n), err == nil && n > 0
}
