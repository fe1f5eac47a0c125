package command

import (
	"crypto/sha256"
	"crypto/subtle"
	"strconv"
	"time"

	"tongka/internal/ledger"
)

// Proof is what the holder gave at the till to agree to a sale. A dialect without a field for it passes no Proof: its
// agent is trusted, unless the merchant requires passwords everywhere.
type Proof struct {
	// Password reports whether the typed password matches the stored Details.Password; nil = none was typed. It compares
	// in constant time, under a key that is kept outside of the core.
	Password func(kept string) bool
	// Code returns the hash of the typed code and the sale with that card that it would allow; nil = none was typed.
	Code func(ledger.CardID) [32]byte
	// Present is true if the card was named by a member code that Scanned has checked. The holder is then there and
	// needs no code by message.
	Present bool
	From    string // the network part of the caller's address; used for guards only and stored nowhere else
}

// Limits of attempts at one card's password. Wrong passwords lock the card at the agent where they are typed, but not
// at agents where the holder has typed the right one, so that no clerk can lock him out of other shops. A right
// password ends the back-off at its agent only: a guesser gains nothing when the holder pays in between.
const (
	freeFailures = 3 // the third locks the card at the agent; each further one doubles the time
	firstBackOff = 30 * time.Second
	hardFailures = 10 // from then on it is locked for a day
	longBackOff  = 24 * time.Hour

	failureYear   = 365 * 24 * time.Hour // begins with the first wrong password, and again with a new password
	yearsFailures = 30                   // at one agent; then it is locked there until the year ends
	lastFailures  = 100                  // at all agents; then it is locked where the right one was never typed
)

// Lock is a kind of guard by which a card's password can no longer be tried, and what it has counted then.
type Lock struct {
	Kind  ledger.GuardKind
	Least int64
}

// Locks are all kinds of locks: at one agent for a while, at one agent for a year, and wherever the right password was
// never typed.
var Locks = []Lock{
	{ledger.PasswordAtAgent, freeFailures}, {ledger.PasswordsOfYear, yearsFailures}, {ledger.PasswordOfCard, lastFailures},
}

// LockedBy reports whether a guard of one of Locks still locks a card. A new password for the card ends all of them.
func LockedBy(c *ledger.Card, g *ledger.Guard, now time.Time) bool {
	return c.Details.Password != "" && g.Hash == sha256.Sum256([]byte(c.Details.Password)) && now.Before(g.Until)
}

// Limits of a transaction code.
const (
	CodeLife  = 5 * time.Minute
	codeTries = 5
)

// prove refuses a sale the holder had to agree to and did not. It runs before the card's amounts are checked, so that
// nobody learns them without it. Everything that takes value off a card at a till needs it: bills, signed bills,
// renewals, points. amount is what a code would be sent for; 0 if no code is needed.
func (d *draft) prove(c *ledger.Card, p *Proof, amount ledger.Fen) error {
	hasPassword := c.ProvesByPassword()
	switch {
	case p == nil && hasPassword && d.m.Settings.PasswordEverywhere:
		return ledger.Refuse(ledger.PasswordNeeded, c.Number)
	case p == nil:
		return nil
	case hasPassword:
		return d.provePassword(c, p)
	case d.needsCode(c, amount) && !p.Present:
		return d.proveCode(c, p)
	}
	return nil
}

func (d *draft) provePassword(c *ledger.Card, p *Proof) error {
	return d.tryPassword(c, p.Password, placeOf(d.by), missKeys(d.by, p.From))
}

// placeOf returns under what wrong passwords are counted that are typed where somebody asks: an agent's tills or, at
// the console, which is no agent, a shop. Nobody locks a card for people of other shops.
func placeOf(by ledger.Caller) string {
	if by.Person != 0 {
		return "shop/" + strconv.FormatInt(int64(by.Shop), 10)
	}
	return strconv.FormatInt(int64(by.Agent), 10)
}

// LockHere returns the key of the guard that says until when a card's password is not tried where somebody asks.
func LockHere(c *ledger.Card, by ledger.Caller) ledger.GuardKey { return lockAt(c, placeOf(by)) }

// LockOnPhone is LockHere for where holders type it.
func LockOnPhone(c *ledger.Card, phone Phone) ledger.GuardKey { return lockAt(c, string(phone)) }

func lockAt(c *ledger.Card, place string) ledger.GuardKey {
	return c.GuardKey(ledger.PasswordAtAgent, "/"+place)
}

// LockedUntil returns until when the guards say that nothing is tried; the zero time = it is.
func LockedUntil(guards []ledger.Guard) (until time.Time) {
	for i := range guards {
		if at := guards[i].Until; at.After(until) {
			until = at
		}
	}
	return until
}

// tryPassword refuses a wrong password of a card, and counts it: at the place where it was typed, which is an agent, a
// shop at the console or a kind of phone, on the card, and with the misses of whoever typed it, where there are such.
func (d *draft) tryPassword(
	c *ledger.Card, right func(kept string) bool, place string, ofWhom []ledger.GuardKey,
) error {
	if right == nil {
		return ledger.Refuse(ledger.PasswordNeeded, c.Number)
	}
	g, err := d.guards(append(passwordKeys(c, place), ofWhom...)...)
	if err != nil {
		return err
	}
	kept := sha256.Sum256([]byte(c.Details.Password))
	here, year, misses := g[0].BoundTo(kept), g[1].BoundTo(kept), g[4:]
	known, everywhere := g[2].BoundTo(kept), g[3].BoundTo(kept)
	switch {
	case year.Full(yearsFailures, d.now), known.Count == 0 && everywhere.Full(lastFailures, d.now):
		return ledger.Refuse(ledger.PasswordLocked, c.Number)
	case d.now.Before(here.Until):
		return ledger.RefuseUntil(here.Until, ledger.TooManyTries, c.Number)
	}
	if err := d.mayGuess(misses); err != nil {
		return err
	}
	if right(c.Details.Password) {
		if here.Count > 0 {
			d.keep(ledger.Guard{Merchant: d.m.ID, GuardKey: here.GuardKey, Until: d.now})
		}
		if known.Count == 0 {
			known.Count = 1
			d.keep(known)
		}
		return nil
	}
	here.Count++
	here.Until = d.now.Add(backOff(here.Count))
	d.keep(here, year.Counted(failureYear, d.now), everywhere.Counted(failureYear, d.now))
	d.missed(misses)
	return ledger.Refuse(ledger.PasswordWrong, c.Number)
}

// passwordKeys returns the guards of a card's password at a place.
func passwordKeys(c *ledger.Card, place string) []ledger.GuardKey {
	return []ledger.GuardKey{
		lockAt(c, place), c.GuardKey(ledger.PasswordsOfYear, "/"+place),
		c.GuardKey(ledger.PasswordKnown, "/"+place), c.GuardKey(ledger.PasswordOfCard, ""),
	}
}

// proofKeys returns the guards that prove may look at for a card, once there is something to prove.
func (d *draft) proofKeys(c *ledger.Card, from string) []ledger.GuardKey {
	keys := append(passwordKeys(c, placeOf(d.by)), c.GuardKey(ledger.CodeSent, ""))
	return append(keys, missKeys(d.by, from)...)
}

// backOff returns how long a card is locked at an agent after that many consecutive wrong passwords.
func backOff(failures int64) time.Duration {
	switch {
	case failures < freeFailures:
		return 0
	case failures >= hardFailures:
		return longBackOff
	}
	return firstBackOff << (failures - freeFailures)
}

// needsCode reports whether a sale needs a code that is sent to the holder: with a card that exists on a phone only,
// nothing else tells the holder from a stranger.
func (d *draft) needsCode(c *ledger.Card, amount ledger.Fen) bool {
	from := d.m.Settings.CodeFrom
	return c.Kind == ledger.Micro && from > 0 && amount >= from
}

func (d *draft) proveCode(c *ledger.Card, p *Proof) error {
	if p.Code == nil {
		return ledger.Refuse(ledger.CodeNeeded, c.Number)
	}
	g, err := d.guards(append(missKeys(d.by, p.From), c.GuardKey(ledger.CodeSent, ""))...)
	if err != nil {
		return err
	}
	misses, sent := g[:2], g[2]
	if sent.Count >= codeTries || !d.now.Before(sent.Until) {
		return ledger.Refuse(ledger.CodeOver, c.Number)
	}
	if err := d.mayGuess(misses); err != nil {
		return err
	}
	typed := p.Code(c.ID)
	if subtle.ConstantTimeCompare(sent.Hash[:], typed[:]) == 1 {
		sent.Count = codeTries // used up
		d.keep(sent)
		return nil
	}
	sent.Count++
	d.keep(sent)
	d.missed(misses)
	return ledger.Refuse(ledger.CodeWrong, c.Number)
}
