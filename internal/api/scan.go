package api

import (
	"time"

	"tongka/internal/codes"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// scan is a member code that was read from a holder's phone, and the card it may be of.
type scan struct {
	code   codes.MemberCode
	card   ledger.CardID
	number string // "" = there is no such card
}

// scan finds the card of a member code. Whether the code is right is decided with the command that it serves.
func (c *call) scan(text string) (*scan, error) {
	code, ok := codes.Parse(text)
	if !ok || c.cfg.Keys == nil {
		return nil, ledger.Refuse(ledger.MemberCodeWrong)
	}
	s := &scan{code: code, card: ledger.CardID(c.cfg.Keys.Card(code, int64(c.merchant.ID)))}
	found, err := c.cfg.Books.Find(c.ctx, ledger.FindQuery{Merchant: c.merchant.ID, ID: s.card})
	if err != nil {
		return nil, notDone(err)
	}
	if len(found) > 0 {
		s.number = found[0].Number
	}
	return s, nil
}

// with returns a command that is carried out only with the right code, and uses it up; if cmd is nil, one that only
// checks the code.
func (s *scan) with(c *call, by ledger.Caller, cmd command.Command) command.Command {
	return command.Scanned{
		Merchant: c.merchant.ID, By: by, ID: s.card, Card: s.number, From: c.note.Neighbourhood().String(), Command: cmd,
		Check: func(card *ledger.Card, now time.Time) (int64, bool) {
			member := codes.Member{Merchant: int64(card.Merchant), Card: int64(card.ID)}
			return c.cfg.Keys.Check(s.code, member, card.Details.Pass, now)
		},
	}
}

// check refuses a wrong code, and counts it: whoever is answered whether a code is right could try all of them
// otherwise. A right one is not used up.
func (s *scan) check(c *call, by ledger.Caller) error {
	_, err := c.cfg.Doer.Do(c.ctx, s.with(c, by, nil))
	return notDone(err)
}

// lookupCode finds the card of a member code, and does not use the code up: whoever looks a card up charges it with the
// same code.
func (c *call) lookupCode(text string) (out Found, err error) {
	s, err := c.scan(text)
	if err != nil {
		return out, err
	}
	if err := s.check(c, c.itself()); err != nil {
		return out, err
	}
	card, err := c.cfg.Books.Card(c.ctx, c.key(s.number))
	if err != nil || card == nil {
		return Found{[]Card{}}, err
	}
	return c.found([]ledger.Card{*card}, "")
}
