package console

import (
	"slices"
	"strings"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// effect is what a command does to one card.
type effect struct {
	Number string
	Holder string // whose it is, so that a number typed wrongly is noticed
	Kinds  []text // of its entries
	Parts  []part
	Lines  []change
}

// change is what a card has of something before and after.
type change struct {
	name          text
	before, after string
	grows         int // 1 = more, -1 = less, 0 = another
}

// effectsOf returns what was decided, card by card, the card in question first.
func effectsOf(ch *command.Changes, v *actView) (all []effect) {
	v.beside.knowCoupons(ch.Coupons)
	for _, cards := range [][]ledger.Card{ch.Cards, ch.Opened} {
		for i := range cards {
			e := v.effect(ch, &cards[i])
			if cards[i].ID == v.card.ID {
				all = append([]effect{e}, all...)
			} else {
				all = append(all, e)
			}
		}
	}
	if len(all) == 0 {
		all = []effect{{Number: v.card.Number, Holder: v.card.Holder.Name}}
	}
	return all
}

// effect returns what was decided of a card.
func (v *actView) effect(ch *command.Changes, after *ledger.Card) effect {
	e := effect{Number: after.Number, Holder: after.Holder.Name}
	var money, bonus ledger.Fen
	var points int64
	var made []*ledger.Entry
	for i := range ch.Entries {
		if one := &ch.Entries[i]; one.Card == after.ID {
			made = append(made, one)
			e.Kinds = append(e.Kinds, text(phrase.Kinds[one.Kind]))
			money, bonus, points = money+one.Principal, bonus+one.Bonus, points+one.Points
		}
	}
	e.Parts = v.partsOf(made)
	amount := func(name text, now, by ledger.Fen) {
		if by != 0 {
			e.Lines = append(e.Lines, change{name, phrase.Yuan(now - by), phrase.Yuan(now), sign(int64(by))})
		}
	}
	amount(wBalance, after.Amount(), money+bonus)
	amount(wPrincipal, after.Principal, money)
	amount(wBonus, after.Bonus, bonus)
	if points != 0 {
		before := phrase.Count(after.Points - points)
		e.Lines = append(e.Lines, change{wPoints, before, phrase.Count(after.Points), sign(points)})
	}
	if after.ID == v.card.ID {
		e.Lines = append(e.Lines, v.others(after)...)
	}
	return e
}

// partsOf are of what the entries of one card are made up.
func (v *actView) partsOf(made []*ledger.Entry) (all []part) {
	var points []part
	var come, leave bool
	for _, one := range made {
		for _, p := range v.made(one) {
			if !slices.Contains(all, p) { // both entries of a merge name the other card
				all = append(all, p)
			}
		}
		if one.Kind.Follows() && one.Delta() != 0 { // the others say themselves how much they move
			all = append(all, part{text(phrase.Kinds[one.Kind]), phrase.SignedYuan(one.Delta())})
		}
		if one.Points != 0 {
			points = append(points, v.pointsOf(one))
		}
		come, leave = come || one.Points > 0, leave || one.Points < 0
	}
	if come && leave { // their sum does not tell what the slips do: points come back, only to be taken
		all = append(all, points...)
	}
	return all
}

// pointsOf says how many points an entry adds or takes.
func (v *actView) pointsOf(e *ledger.Entry) part {
	name := text(phrase.Kinds[e.Kind])
	return part{text{name.Zh + " · " + wPoints.Zh, name.En + " · " + wPoints.En}, phrase.SignedCount(e.Points)}
}

// others are what else changes of the card in question.
func (v *actView) others(after *ledger.Card) (all changes) {
	add := func(name text, before, now string) { all.add(before != now, name, before, now) }
	was := &v.card
	add(wCardNumber, was.Number, after.Number)
	add(wState, v.lang.of(text(phrase.StatusOf(was))), v.lang.of(text(phrase.StatusOf(after))))
	add(wExpires, v.until(was.Expires), v.until(after.Expires))
	add(wInvoiceable, phrase.Yuan(was.Invoiceable), phrase.Yuan(after.Invoiceable))
	add(wHeld, phrase.Yuan(was.Held()), phrase.Yuan(after.Held()))
	add(wCharged, phrase.Yuan(was.Charges.Amount), phrase.Yuan(after.Charges.Amount))
	return append(all, v.toldAnew(formerOf(was), formerOf(after))...)
}

func sign(n int64) int {
	switch {
	case n > 0:
		return 1
	case n < 0:
		return -1
	}
	return 0
}

// join puts several texts on one line.
func join(all []string) string { return strings.Join(all, " · ") }
