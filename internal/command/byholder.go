package command

import (
	"time"

	"tongka/internal/ledger"
)

// Phone says what a phone has to do with the card that it names. Tries of the card's password are counted apart for
// each of them, so that strangers cannot lock out a phone that the holder had before.
type Phone string

const (
	BoundPhone  Phone = "phone"    // it has the card's pass
	FormerPhone Phone = "former"   // it had an earlier one
	OtherPhone  Phone = "stranger" // anybody's
)

// ByHolder is a command that a holder gives by himself, with nobody of the shop there. The card's password proves who
// he is, or a code that was sent to the card's phone number (SendHolderCode). At a phone that is bound to it, a card
// without a password needs none; from any other phone nothing but a code does anything with such a card. Wrong
// passwords and codes close this way and not that of tills or of the console.
type ByHolder struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Phone    Phone
	From     string        // the network part of the caller's address
	Card     string        // its number, as it was typed; there need be no such card
	ID       ledger.CardID // of that card
	Pass     int64         // the number of its pass as the caller has seen it
	// Password reports whether the typed password matches the stored one, as in Proof; nil = none was typed.
	Password func(kept string) bool
	// Code returns the hash of the typed code, as SendHolderCode.Hash; nil = the password is what proves. Asker is as it
	// was when the code was asked for.
	Code    func(ledger.CardID) [32]byte
	Asker   string
	Command Command // on that card
}

// placeOfHolders stands for the agent in what is counted by agent.
const placeOfHolders = "page"

// Keys names the keys of the command.
func (b ByHolder) Keys() Keys {
	if b.Command == nil {
		return keysOf(b.Card)
	}
	return b.Command.Keys()
}

func (b ByHolder) mayMakeNoEntry() bool { return mayMakeNoEntry(b.Command) }

// Decide checks the password, or the code, before anything else of the card. A stranger learns from no answer whether
// there is such a card or whether it has a password.
func (b ByHolder) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, b.Merchant, b.By)
	if err != nil {
		return Changes{}, err
	}
	c := s.card(ledger.FoldNumber(b.Card))
	if err := d.proveHolder(c, &b); err != nil {
		return d.no(err)
	}
	if c.Details.Pass != b.Pass {
		return Changes{}, ledger.Refuse(ledger.BindingOver, c.Number)
	}
	ch, err := b.Command.Decide(s, now)
	if err != nil || ch.Denied != nil {
		return ch, err
	}
	ch.Guards = append(ch.Guards, d.ch.Guards...)
	return ch, nil
}

// proveHolder refuses whoever is not the holder.
func (d *draft) proveHolder(c *ledger.Card, b *ByHolder) error {
	there := c != nil && c.ID == b.ID
	hasPassword := there && c.ProvesByPassword()
	switch {
	case b.Code != nil:
		return d.proveByCode(c, b)
	case b.Phone == OtherPhone:
		return d.proveStranger(c, b, hasPassword)
	case hasPassword:
		return d.tryPassword(c, b.Password, string(b.Phone), nil)
	case there && b.Phone == BoundPhone:
		return nil
	}
	return ledger.Refuse(ledger.PasswordWrong, b.Card)
}

// proveStranger refuses a stranger who does not know the card's password. What he cannot have guessed counts as a wrong
// guess, so that a card which is not there, or has no password, is no way to try others without end.
func (d *draft) proveStranger(c *ledger.Card, b *ByHolder, hasPassword bool) error {
	misses := missesOfStrangers(b)
	if hasPassword && b.Password != nil {
		return d.tryPassword(c, b.Password, string(b.Phone), misses)
	}
	g, err := d.guards(misses...)
	if err != nil {
		return err
	}
	if err := d.mayGuess(g); err != nil {
		return err
	}
	d.missed(g)
	return ledger.Refuse(ledger.PasswordWrong, b.Card)
}
