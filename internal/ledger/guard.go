package ledger

import (
	"strconv"
	"time"
)

// GuardKind is what a guard counts or remembers.
type GuardKind int

const (
	PasswordAtAgent GuardKind = iota + 1 // consecutive wrong passwords of a card at one agent or shop of the console
	PasswordOfCard                       // wrong passwords of a card at all agents within a year
	MissesOfAgent                        // recent wrong guesses by an agent, or by a person at the console
	MissesOfAddress                      // recent wrong guesses from an address
	MemberStep                           // the time step of the last member code of a card that was used
	CodeSent                             // the last transaction code sent for a card
	CodesSent                            // the number of codes sent for a card recently
	// Wrong passwords of a card at one agent within a year; right ones in between do not reset it.
	PasswordsOfYear
	PasswordKnown // 1 if the card's right password was once typed at an agent
	SignatureUsed // a signature under which a change was carried out, bound to that change
	// Tries of a person's password or code from one browser or address since the last right one; those from all browsers
	// that are not the person's within a day; and the time step of the last code of the person's device that was used.
	SignInFrom
	SignInOfStrangers
	StepOfPerson
	ChallengeUsed // a challenge to a passkey that was answered
	PasskeyCount  // how often a passkey says that it was used, when it last signed somebody in
	CodesAsked    // codes for holders that strangers asked for recently, from an address or altogether
	ShiftClosed   // the last entry of the last shift that was closed at a shop, or of one operator there
	guardKinds    // end of the list: new kinds go before it
)

// GuardKey identifies a guard within a merchant.
type GuardKey struct {
	Kind    GuardKind
	Subject string // the card, agent, person or address
}

// Guard is what is remembered between attempts, so that nobody can try without limit and no code works twice. It is
// saved in the same commit as what it lets pass, and as the refusal of what it does not (see Changes.Denied). It is
// not in the journal: no money depends on a guard that has run out (decision 0012). It is no count of attempts alone:
// blocks, codes that were sent, and signatures and member codes that were used are guards too, hence the general name.
type Guard struct {
	Merchant MerchantID
	GuardKey
	Count int64
	Until time.Time // when the block, count or code ends; whole milliseconds
	Hash  [32]byte  // of what it is bound to: a stored password, or a code and its transaction
}

// GuardQuery asks for a merchant's guards of one kind that have counted at least Least and end after After, by subject.
// Of Looks guards of the kind at most it is looked at what they are like, so that a query takes no longer where there
// are very many, and it may miss some then.
type GuardQuery struct {
	Merchant     MerchantID
	Kind         GuardKind
	Least        int64
	After        time.Time
	Looks, Limit int
}

// GuardKept is how long a guard is kept after its Until. A guard without Until is kept permanently.
const GuardKept = 24 * time.Hour

// Over reports whether the guard no longer has any effect and may be deleted.
func (g *Guard) Over(now time.Time) bool {
	return !g.Until.IsZero() && !now.Before(g.Until.Add(GuardKept))
}

// Full reports whether the current window has reached that count.
func (g *Guard) Full(most int64, now time.Time) bool { return g.Count >= most && now.Before(g.Until) }

// Counted returns the guard with one more counted. A window begins with the first attempt, so up to twice the limit
// can fall into one window's length around its end.
func (g Guard) Counted(window time.Duration, now time.Time) Guard {
	if !now.Before(g.Until) {
		g.Count, g.Until = 0, now.Add(window)
	}
	g.Count++
	return g
}

// BoundTo returns the guard for the hash: empty if it was bound to another one.
func (g Guard) BoundTo(hash [32]byte) Guard {
	if g.Hash != hash {
		return Guard{Merchant: g.Merchant, GuardKey: g.GuardKey, Hash: hash}
	}
	return g
}

// GuardKey returns the key of a guard of the card. more is appended to the card's id.
func (c *Card) GuardKey(kind GuardKind, more string) GuardKey {
	return GuardKey{kind, strconv.FormatInt(int64(c.ID), 10) + more}
}
