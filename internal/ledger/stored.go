package ledger

import (
	"strconv"
	"strings"
	"time"
)

// UnreadableError is a row that is kept and cannot be understood: no program of ours wrote it so. Rows of other
// kinds may still be read.
type UnreadableError struct{ Err error }

func (e *UnreadableError) Error() string { return "a row cannot be read: " + e.Err.Error() }

func (e *UnreadableError) Unwrap() error { return e.Err }

// StoredCard is a card as a store keeps it, with what that derives from it to find it by. Who proves the books
// looks at that, and nobody else.
type StoredCard struct {
	Card
	NextExpiry Date   // must be what Card.NextExpiry says
	Search     string // must be what Card.SearchText says
	OwnLots    string // lots in its own row although it keeps them apart: must be ""
}

// StoredMessage is what of a message can be proved.
type StoredMessage struct {
	ID    int64
	Card  CardID
	At    time.Time
	Until time.Time
	Next  time.Time // when it is tried next; zero = it is not
	Tries int64
	Done  time.Time // zero = it was neither sent nor given up
}

// Sound reports whether the message may stand so: one that is done is not tried again, and none is tried before
// it was made.
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

// SearchText is what a card is found by: its number, name and phone, in small letters.
func (c *Card) SearchText() string {
	return strings.ToLower(c.Number + "\n" + c.Holder.Name + "\n" + c.Holder.Phone)
}

// Derived names what a store derived otherwise from the card than it must; "" when nothing.
func (c *StoredCard) Derived() string {
	next := c.Card.NextExpiry()
	switch {
	// Where lots are kept apart, a save that has not seen all of them says an earlier day: it is looked at sooner.
	case c.NextExpiry != next && (!c.LotsApart || c.NextExpiry < FirstDay || next != 0 && c.NextExpiry > next):
		return "the day its next bonus or points expire"
	case c.Search != c.SearchText():
		return "the text it is found by"
	case c.OwnLots != "":
		return "the lots in its own row"
	}
	return ""
}

// About is the card that a guard is about; 0 when it is about something else. ok is false when the kind or the
// subject is none.
func (g *Guard) About() (card CardID, ok bool) {
	if g.Kind < PasswordAtAgent || g.Kind >= guardKinds || g.Subject == "" {
		return 0, false
	}
	if g.Kind == MissesOfAgent || g.Kind == MissesOfAddress {
		return 0, true
	}
	id, _, _ := strings.Cut(g.Subject, "/")
	n, err := strconv.ParseInt(id, 10, 64)
	return CardID(n), err == nil && n > 0
}
