package demo

import (
	"cmp"
	"fmt"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// planScenes plans what the last two days must have, so that whoever looks at them finds it, and a mistake of the
// first.
func (y *year) planScenes() {
	switch y.on {
	case misfiledOn:
		y.plan(y.clock(9*time.Hour+40*time.Minute), y.misfiled)
	case y.cfg.days - 1:
		y.plan(y.clock(12*time.Hour+31*time.Minute), y.twice)
	case y.cfg.days:
		if at := y.cfg.Now.Add(-3 * time.Hour); at.Hour() >= 11 && at.Hour() < 21 {
			y.plan(at, y.twice)
		}
		if at := y.cfg.Now.Add(-80 * time.Minute); y.cfg.CardPassword != "" && at.After(y.at) {
			y.plan(at, y.guess)
		}
	}
}

// misfiledOn is the day on which cards were brought in that should not have been.
const misfiledOn = 6

// misfiled brings cards in whose amounts stood in another column, and takes that back.
func (y *year) misfiled() {
	by := y.person("admin", nil)
	file := command.Import{Merchant: Merchant, By: by}
	for i := range 12 {
		file.Cards = append(file.Cards, command.NewCard{
			Number: fmt.Sprintf("HZ%04d", i+1), Kind: ledger.StoredValue, Level: plain, Points: int64(200 * yuan),
		})
	}
	ch, back := y.do(file), command.ReverseOpenings{Merchant: Merchant, By: by}
	for i := range ch.Opened {
		card := command.BroughtCard{Number: ch.Opened[i].Number}
		for _, e := range ch.Entries {
			if e.Card == ch.Opened[i].ID {
				card.First, card.Last = cmp.Or(card.First, e.ID), e.ID
			}
		}
		back.Cards = append(back.Cards, card)
	}
	y.at = y.at.Add(9 * time.Minute)
	y.do(back)
}

// twice is a bill that was perhaps sent twice: the same till, card and amount within a minute, and no request id.
func (y *year) twice() {
	s := &shops[0]
	c := y.somebody(func(c *ledger.Card) bool { return c.Amount() > 300*yuan })
	if c == nil {
		return
	}
	bill := command.Consume{Merchant: Merchant, By: y.till(s), Card: c.Number, Amount: 68 * yuan}
	y.do(bill)
	y.at = y.at.Add(24 * time.Second)
	y.do(bill)
}

// guess is somebody who guesses the password of a card until it is locked for a day. Each try waits for the end of what
// the one before it has locked.
func (y *year) guess() {
	c := y.card(1)
	wrong := command.Consume{
		Merchant: Merchant, By: y.till(&shops[1]), Card: c.Number, Amount: 20 * yuan,
		Proof: &command.Proof{Password: func(string) bool { return false }, From: "192.168.1.0"},
	}
	wait := 30 * time.Second
	for try := range 10 {
		y.do(wrong)
		y.at = y.at.Add(time.Second)
		if try >= 2 {
			y.at = y.at.Add(wait)
			wait *= 2
		}
	}
}
