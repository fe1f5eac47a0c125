package command

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"tongka/internal/ledger"
)

// In scenarios a password is stored in plain text, a transaction code is bound to its sale by a plain hash, and a
// member code is the number of its time step: 30 seconds each, counted from midnight UTC.

func (a *args) consume(p *play) Consume {
	c := Consume{
		Merchant: 1, By: a.by, Card: a.text("card"), Amount: a.fen("amount"), NoDiscount: a.fen("no-discount"),
		Coupons: a.coupons(p), InFull: a.yes("in-full"), Note: a.text("note"),
		Points: PointsOffered{Points: a.int("points"), Ratio: a.int("ratio"), Worth: optional(a, "worth", a.fen)},
	}
	c.Proof = a.shown(c.Amount)
	return c
}

// consumeShared reads the cards with what each pays at most, and the passwords that were typed for them in turn.
func (a *args) consumeShared(p *play) ConsumeShared {
	typed := strings.Split(a.text("passwords"), ",")
	var cards []Payer
	for i, card := range strings.Split(a.text("cards"), ",") {
		number, most, capped := strings.Cut(card, ":")
		payer := Payer{Card: number}
		if capped {
			a.named["most"] = most
			payer.Most = a.fen("most")
		}
		if i < len(typed) && typed[i] != "" {
			right := typed[i]
			payer.Proof = &Proof{Password: func(kept string) bool { return kept == right }}
		}
		cards = append(cards, payer)
	}
	return ConsumeShared{Bill: a.consume(p), Cards: cards}
}

// shown returns what the holder showed, nil if the till cannot send it.
func (a *args) shown(amount ledger.Fen) *Proof {
	if a.has("password") || a.has("code") || a.has("member") || a.has("till") {
		return a.proof(amount)
	}
	return nil
}

// proof returns what was typed at a till that has a field for it; till=yes says only that it has one.
func (a *args) proof(amount ledger.Fen) *Proof {
	a.text("till")
	p := &Proof{Present: a.has("member"), From: a.text("from")}
	if typed := a.text("password"); typed != "" {
		p.Password = func(kept string) bool { return kept == typed }
	}
	if typed := a.text("code"); typed != "" {
		p.Code = bindCode(typed, amount)
	}
	return p
}

func bindCode(code string, amount ledger.Fen) func(ledger.CardID) [32]byte {
	return func(card ledger.CardID) [32]byte { return sha256.Sum256(fmt.Append(nil, code, amount, card)) }
}

func (a *args) sendCode() Command {
	c := SendCode{Merchant: 1, By: a.by, Card: a.text("card"), Kind: ledger.Consumed, Amount: a.fen("amount")}
	if code := a.text("code"); code != "" {
		c.Hash = bindCode(code, c.Amount)
	}
	return c
}

// scanned wraps the command by a member code if the line has one.
func (a *args) scanned(p *play, cmd Command) Command {
	if !a.has("member") {
		return cmd
	}
	s := Scanned{Merchant: 1, By: a.by, From: a.text("from"), Command: cmd}
	switch c := cmd.(type) {
	case Consume:
		s.Card = c.Card
	default:
		s.Card = a.text("card")
	}
	if c, ok := p.memStore.card(ledger.CardKey{Merchant: 1, Number: s.Card}, 0); ok {
		s.ID = c.ID
	}
	s.Check = memberStep(a.int("member"), a.int("pass"))
	return s
}

// byHolder wraps the command of a holder who is alone with a phone, if the line says with which.
func (a *args) byHolder(p *play, card string, cmd Command) Command {
	at := a.text("at")
	if at == "" {
		return cmd
	}
	b := ByHolder{Merchant: 1, By: a.by, Phone: Phone(at), From: a.text("from"), Card: card, Command: cmd}
	if c, ok := p.memStore.card(ledger.CardKey{Merchant: 1, Number: card}, 0); ok {
		b.ID, b.Pass = c.ID, c.Details.Pass
	}
	if typed := a.text("password"); typed != "" {
		b.Password = func(kept string) bool { return kept == typed }
	}
	b.Asker = a.text("asker")
	if typed := a.text("code"); typed != "" {
		b.Code = bindCode(typed, 0)
	}
	return b
}

func (a *args) sendHolderCode(p *play) Command {
	c := SendHolderCode{
		Merchant: 1, By: a.by, Phone: Phone(a.text("at")), From: a.text("from"), Card: a.text("card"), Asker: a.text("asker"),
	}
	if card, ok := p.memStore.card(ledger.CardKey{Merchant: 1, Number: c.Card}, 0); ok {
		c.ID = card.ID
	}
	if code := a.text("code"); code != "" {
		c.Hash = bindCode(code, 0)
	}
	return c
}

func memberStep(made, pass int64) func(*ledger.Card, time.Time) (int64, bool) {
	return func(c *ledger.Card, now time.Time) (int64, bool) {
		step := now.Unix() % 86400 / 30
		return made, made >= step-1 && made <= step+1 && c.Details.Pass == pass
	}
}

// guess types wrong passwords of a card: two at each of several agents from 101 on, or several at one agent, each an
// hour later and after the right one. Or it reads wrong member codes at one agent.
func (p *play) guess(a *args) error {
	var guesses []Command
	for i := range 2 * a.int("agents") {
		c := Consume{Merchant: 1, By: ledger.Caller{Agent: ledger.AgentID(101 + i/2)}, Card: a.named["card"], Amount: 1}
		c.Proof = &Proof{Password: func(string) bool { return false }, From: fmt.Sprint("address ", i)}
		guesses = append(guesses, c)
	}
	card, right, by := a.text("card"), a.text("right"), ledger.Caller{Agent: ledger.AgentID(a.int("agent"))}
	for range a.int("times") {
		for _, typed := range []string{right, "wrong"} {
			c := Consume{Merchant: 1, By: by, Card: card, Amount: 1}
			c.Proof = &Proof{Password: func(kept string) bool { return typed == kept }}
			p.now = p.now.Add(time.Hour)
			if _, err := p.memStore.do(c, p.now); (err == nil) != (typed == right) {
				return fmt.Errorf("guess %s: %w", typed, err)
			}
		}
	}
	s := Scanned{Merchant: 1, By: by, From: a.text("from")}
	for range a.int("members") {
		guesses = append(guesses, s)
	}
	for _, g := range guesses {
		if _, err := p.memStore.do(g, p.now); reasonOf(err) != ledger.PasswordWrong &&
			reasonOf(err) != ledger.MemberCodeWrong {
			return fmt.Errorf("guess: %w", err)
		}
	}
	return nil
}
