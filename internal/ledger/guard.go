package ledger

import (
	"strconv"
	"time"
)

// GuardKind is what a guard is about.
type GuardKind int

const (
	PasswordAtAgent GuardKind = iota + 1 // wrong passwords of a card at one agent, one after the other
	PasswordOfCard                       // wrong passwords of a card at all agents within a year
	MissesOfAgent                        // what an agent guessed wrong of late
	MissesOfAddress                      // what was guessed wrong of late from an address
	MemberStep                           // the step of the last member code of a card that was used
	CodeSent                             // the last transaction code a card was sent
	CodesSent                            // how many a card was sent of late
	// wrong passwords of a card at one agent within a year, right ones between them or not
	PasswordsOfYear
	PasswordKnown // 1 where the right password of a card was typed at an agent
	guardKinds    // one more than the last: new ones go before it
)

// GuardKey names a guard of a merchant.
type GuardKey struct {
	Kind    GuardKind
	Subject string // the card, agent or address it is about
}

// Guard is what is remembered from one try to the next, so that nobody tries for ever and nothing is
// shown twice. It is in the same commit as what it lets pass, and as the refusal of what it does not
// (see Changes.Denied). It is in no journal: no money depends on it once it is over (decision 0012).
type Guard struct {
	Merchant MerchantID
	GuardKey
	Count int64
	Until time.Time // what it blocks, counts or lets pass is over then; whole milliseconds
	Hash  [32]byte  // of what it is bound to: a password as it is kept, a code and its transaction
}

// GuardKept is how long a guard is remembered after its Until. One without Until is never forgotten.
const GuardKept = 24 * time.Hour

// Over reports whether the guard is as good as none.
func (g *Guard) Over(now time.Time) bool {
	return !g.Until.IsZero() && !now.Before(g.Until.Add(GuardKept))
}

// Full reports whether so many were counted in the window that has not ended.
func (g *Guard) Full(most int64, now time.Time) bool { return g.Count >= most && now.Before(g.Until) }

// Counted is the guard with one more in its window. A window begins with the first, so that twice as
// many fit around the end of one.
func (g Guard) Counted(window time.Duration, now time.Time) Guard {
	if !now.Before(g.Until) {
		g.Count, g.Until = 0, now.Add(window)
	}
	g.Count++
	return g
}

// BoundTo is the guard as it stands for the hash: what it remembers of another one is over.
func (g Guard) BoundTo(hash [32]byte) Guard {
	if g.Hash != hash {
		return Guard{Merchant: g.Merchant, GuardKey: g.GuardKey, Hash: hash}
	}
	return g
}

// GuardKey names a guard of the card.
func (c *Card) GuardKey(kind GuardKind, more string) GuardKey {
	return GuardKey{kind, strconv.FormatInt(int64(c.ID), 10) + more}
}
