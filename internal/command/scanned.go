package command

import (
	"time"

	"tongka/internal/ledger"
)

// Scanned is a command on the card whose changing member code a till has read. If the command changes something, the
// same commit marks the code and all older ones as used. Looking the card up uses up nothing, because the till then
// charges with the same code.
type Scanned struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	ID       ledger.CardID // of the card the code may be of
	Card     string        // its number; "" = there is no such card
	From     string        // the network part of the caller's address
	// Check returns the time step the code was made in; ok is false unless it was made with the card's secret about now.
	Check   func(c *ledger.Card, now time.Time) (step int64, ok bool)
	Command Command // on that card; nil = only look it up
}

// Keys names the keys of the command, and the guards.
func (p Scanned) Keys() Keys {
	k := keysOf(p.Card)
	if p.Command != nil {
		k = p.Command.Keys()
	}
	k.Guards = append(append(k.Guards, missKeys(p.By, p.From)...), p.step())
	return k
}

func (p *Scanned) step() ledger.GuardKey { return StepGuard(p.ID) }

// StepGuard returns the key of the guard that holds the step of the last member code used for a card.
func StepGuard(id ledger.CardID) ledger.GuardKey {
	c := ledger.Card{ID: id}
	return c.GuardKey(ledger.MemberStep, "")
}

// Decide checks the code before anything else of the card, so that a wrong code reveals nothing.
func (p Scanned) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, p.Merchant, p.By)
	if err != nil {
		return Changes{}, err
	}
	g, err := d.guards(append(missKeys(p.By, p.From), p.step())...)
	if err != nil {
		return Changes{}, err
	}
	misses, used := g[:2], g[2]
	if err := d.mayGuess(misses); err != nil {
		return Changes{}, err
	}
	var step int64
	c, right := s.card(ledger.FoldNumber(p.Card)), false
	if c != nil && c.ID == p.ID {
		step, right = p.Check(c, d.now)
	}
	if !right {
		d.missed(misses)
		return d.no(ledger.Refuse(ledger.MemberCodeWrong))
	}
	if p.Command == nil {
		return Changes{}, nil
	}
	if step <= used.Count {
		return Changes{}, ledger.Refuse(ledger.MemberCodeUsed)
	}
	ch, err := p.Command.Decide(s, now)
	if err != nil || ch.Denied != nil {
		return ch, err
	}
	used.Count, used.Until = step, d.now
	ch.Guards = append(ch.Guards, used)
	return ch, nil
}
