package api

import (
	"time"

	"tongka/internal/wire"
)

// Receipts are written by a lane, which everybody waits for, so they are appended and not marshalled by reflection.
// What is written is the same as encoding/json would write of them: a test compares the two.

// bytes returns a receipt as it is sent.
func (r *Receipt) bytes() []byte {
	w := writer{wire.Object{B: make([]byte, 0, 1024)}}
	w.Open('{')
	w.Text("card", r.Card)
	if r.Entry != nil {
		w.Key("entry")
		w.entry(r.Entry)
	}
	if len(r.Also) > 0 {
		w.list("also", len(r.Also), func(i int) { w.entry(&r.Also[i]) })
	}
	w.onCard(&r.Balance)
	if len(r.Cards) > 0 {
		w.list("cards", len(r.Cards), func(i int) { w.part(&r.Cards[i]) })
	}
	if r.Due != nil {
		w.Int("due", *r.Due)
	}
	w.Close('}')
	return append(w.B, '\n')
}

// writer appends parts of a receipt. Members that are left out when they are zero are written by maybe and said.
type writer struct{ wire.Object }

// maybe writes a number, unless it is zero.
func (w *writer) maybe(name string, n int64) {
	if n != 0 {
		w.Int(name, n)
	}
}

// said writes a text, unless it is empty.
func (w *writer) said(name, text string) {
	if text != "" {
		w.Text(name, text)
	}
}

// list writes a list of n elements, each by a function.
func (w *writer) list(name string, n int, element func(i int)) {
	w.Key(name)
	w.Open('[')
	for i := range n {
		w.Next()
		element(i)
	}
	w.Close(']')
}

func (w *writer) entry(e *Entry) {
	w.Open('{')
	w.Int("id", e.ID)
	w.maybe("card_id", e.Card)
	w.Int("seq", e.Seq)
	w.Text("kind", string(e.Kind))
	w.Key("at")
	w.B = append(e.At.AppendFormat(append(w.B, '"'), time.RFC3339Nano), '"')
	w.by(&e.By)
	w.said("note", e.Note)
	w.Key("moved")
	w.Open('{')
	w.Int("total", e.Moved.Total)
	w.Int("principal", e.Moved.Principal)
	w.Int("bonus", e.Moved.Bonus)
	w.Int("points", e.Moved.Points)
	w.Close('}')
	w.balance("after", &e.After)
	w.bill(e.Bill)
	w.parts(e)
	w.maybe("refers_to", e.RefersTo)
	if e.HeldUntil != nil {
		w.Key("held_until")
		w.B = append(e.HeldUntil.AppendFormat(append(w.B, '"'), time.RFC3339Nano), '"')
	}
	w.said("released", e.Released)
	w.said("other_card", e.OtherCard)
	w.said("card_status", string(e.CardStatus))
	w.maybe("card_level", e.CardLevel)
	w.Close('}')
}

func (w *writer) by(c *Caller) {
	w.Key("by")
	w.Open('{')
	w.maybe("agent", c.Agent)
	w.maybe("person", c.Person)
	w.maybe("proposer", c.Proposer)
	w.maybe("shop", c.Shop)
	w.said("operator", c.Operator)
	w.Close('}')
}

func (w *writer) balance(name string, b *Balance) {
	w.Key(name)
	w.Open('{')
	w.amounts(b)
	w.Close('}')
}

// onCard writes what is on a card, and what of it a bill can take.
func (w *writer) onCard(b *CardBalance) {
	w.Key("balance")
	w.Open('{')
	w.amounts(&b.Balance)
	if b.Held != nil {
		w.Int("held", *b.Held)
		w.Int("available", *b.Available)
	}
	w.Close('}')
}

func (w *writer) amounts(b *Balance) {
	w.Text("currency", b.Currency)
	w.Int("total", b.Total)
	w.Int("principal", b.Principal)
	w.Int("bonus", b.Bonus)
	w.Int("points", b.Points)
	w.Int("points_owed", b.PointsOwed)
}

func (w *writer) bill(b *Bill) {
	if b == nil {
		return
	}
	w.Key("bill")
	w.Open('{')
	w.Int("gross", b.Gross)
	w.Int("discount", b.Discount)
	w.Int("by_coupons", b.Coupons)
	w.Int("by_points", b.Points)
	w.Int("net", b.Net)
	w.Int("by_card", b.Card)
	w.Int("due", b.Due)
	w.maybe("pay_type", b.PayType)
	w.Close('}')
}

// part writes what one of several cards paid.
func (w *writer) part(p *CardPart) {
	w.Open('{')
	w.Text("card", p.Card)
	w.maybe("entry", p.Entry)
	w.Int("amount", p.Amount)
	if p.Balance != nil {
		w.onCard(p.Balance)
	}
	w.Close('}')
}

// parts writes the lists of an entry, those that are not empty.
func (w *writer) parts(e *Entry) {
	if len(e.Lots) > 0 {
		w.list("allocations", len(e.Lots), func(i int) {
			a := &e.Lots[i]
			w.Open('{')
			w.Int("lot", a.Lot)
			w.said("good_until", string(a.GoodUntil))
			w.Int("principal", a.Principal)
			w.Int("bonus", a.Bonus)
			w.Close('}')
		})
	}
	if len(e.Rules) > 0 {
		w.list("rules", len(e.Rules), func(i int) {
			r := &e.Rules[i]
			w.Open('{')
			w.Text("name", r.Name)
			w.Int("bonus", r.Bonus)
			w.Int("points", r.Points)
			w.Close('}')
		})
	}
	if len(e.Coupons) > 0 {
		w.list("coupons", len(e.Coupons), func(i int) {
			c := &e.Coupons[i]
			w.Open('{')
			w.Int("id", c.ID)
			w.Text("state", c.State)
			w.maybe("pays", c.Pays)
			w.Close('}')
		})
	}
}
