package command

import (
	"crypto/sha256"
	"crypto/subtle"
	"strconv"
	"time"

	"tongka/internal/ledger"
)

// Proof is what the holder gave at the till to agree to a sale. A dialect that has no field for it
// gives none at all: there the agent is trusted, unless the merchant wants passwords everywhere.
type Proof struct {
	// Password reports whether a password is the one of which Details.Password was made; nil = none was
	// typed. It compares in constant time, under a key that is kept outside of the core.
	Password func(kept string) bool
	// Code is the hash of the code that was typed and the sale of that card it would allow; nil = none
	// was typed.
	Code func(ledger.CardID) [32]byte
	// Present is true where the card is named by a member code that a Scanned has checked: the holder is
	// there, and needs no code on the phone.
	Present bool
	From    string // the neighbourhood of the address the caller has; for guards only, it is kept nowhere else
}

// Bounds of tries at one card's password. Wrong ones close the card at the agent where they are typed, and
// leave the holder alone at the agents where he has typed the right one: no clerk locks him out of the other
// shops. A right password ends the back-off of its agent and nothing else: whoever guesses gains nothing by
// the holder's paying meanwhile.
const (
	freeFailures = 3 // the third begins to close the card at the agent, each one twice as long as the one before
	firstBackOff = 30 * time.Second
	hardFailures = 10 // from here on it is closed for a day
	longBackOff  = 24 * time.Hour

	failureYear   = 365 * 24 * time.Hour // begins with the first wrong one, and anew with a new password
	yearsFailures = 30                   // at one agent; then it is closed there until the year is over
	lastFailures  = 100                  // at all agents; then it is closed where the right one was never typed
)

// Bounds of a transaction code.
const (
	CodeLife  = 5 * time.Minute
	codeTries = 5
)

// prove refuses a sale that the holder had to agree to and did not. It is asked before the amounts on
// the card are looked at, so that nobody learns of them without it. Whatever takes value off a card at a till
// asks for it: bills, signed bills, renewals, points. The amount is what a code would be sent for; 0 where
// none is needed.
func (d *draft) prove(c *ledger.Card, p *Proof, amount ledger.Fen) error {
	hasPassword := c.Kind != ledger.Micro && c.Details.Password != ""
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
	if p.Password == nil {
		return ledger.Refuse(ledger.PasswordNeeded, c.Number)
	}
	agent := strconv.FormatInt(int64(d.by.Agent), 10)
	keys := append(missKeys(d.by, p.From), c.GuardKey(ledger.PasswordAtAgent, "/"+agent),
		c.GuardKey(ledger.PasswordsOfYear, "/"+agent), c.GuardKey(ledger.PasswordKnown, "/"+agent),
		c.GuardKey(ledger.PasswordOfCard, ""))
	g, err := d.guards(keys...)
	if err != nil {
		return err
	}
	kept := sha256.Sum256([]byte(c.Details.Password))
	misses, here, year := g[:2], g[2].BoundTo(kept), g[3].BoundTo(kept)
	known, everywhere := g[4].BoundTo(kept), g[5].BoundTo(kept)
	switch {
	case year.Full(yearsFailures, d.now), known.Count == 0 && everywhere.Full(lastFailures, d.now):
		return ledger.Refuse(ledger.PasswordLocked, c.Number)
	case d.now.Before(here.Until):
		return ledger.Refuse(ledger.TooManyTries, c.Number)
	}
	if err := d.mayGuess(misses); err != nil {
		return err
	}
	if p.Password(c.Details.Password) {
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

// backOff is how long a card is closed at an agent after so many wrong passwords in a row.
func backOff(failures int64) time.Duration {
	switch {
	case failures < freeFailures:
		return 0
	case failures >= hardFailures:
		return longBackOff
	}
	return firstBackOff << (failures - freeFailures)
}

// needsCode reports whether a sale needs a code that is sent to the holder: a card that lives on a phone
// has nothing else that a stranger could not have.
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
		sent.Count = codeTries // it is used up
		d.keep(sent)
		return nil
	}
	sent.Count++
	d.keep(sent)
	d.missed(misses)
	return ledger.Refuse(ledger.CodeWrong, c.Number)
}
