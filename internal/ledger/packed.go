package ledger

import (
	"encoding/binary"
	"time"
)

// Packed is a card as one text; "" = there is none. It is for who keeps very many cards that nobody asks for
// at the moment. As a Card each is a dozen pieces of memory, and everybody waits while the garbage collector
// goes through them all; in a text, a third as long, there is nothing to go through.
type Packed string

// Unpacked is the card; nil when there is none. Its texts are parts of p.
func (p Packed) Unpacked() *Card {
	if p == "" {
		return nil
	}
	var c Card
	r := Packing{rest: p}
	r.card(&c)
	return &c
}

// Number is the card's. It is a part of p.
func (p Packed) Number() (number string) {
	r := Packing{rest: p}
	r.text(&number)
	return number
}

// Packing packs cards, by one goroutine at a time. It writes a card to out, or reads it from what is left of a
// text, in one and the same order.
type Packing struct {
	writes bool
	out    []byte
	rest   Packed
}

// Pack is a card as a text; c is only read.
func (p *Packing) Pack(c *Card) Packed {
	if c == nil {
		return ""
	}
	p.writes, p.out = true, p.out[:0]
	p.card(c)
	return Packed(p.out)
}

func (p *Packing) card(c *Card) {
	p.text(&c.Number) // first: see Packed.number
	whole(p, &c.Merchant)
	whole(p, &c.ID)
	whole(p, &c.Kind)
	p.time(&c.OpenedAt)
	whole(p, &c.OpenedShop)
	whole(p, &c.Status)
	whole(p, &c.Level)
	whole(p, &c.Expires)
	p.text(&c.Holder.Name)
	p.text(&c.Holder.Phone)
	whole(p, &c.Holder.Gender)
	whole(p, &c.Holder.Birthday)
	p.details(&c.Details)
	whole(p, &c.Principal)
	whole(p, &c.Bonus)
	whole(p, &c.Points)
	whole(p, &c.PointsOwed)
	whole(p, &c.SumRecharge)
	whole(p, &c.SumConsume)
	whole(p, &c.Invoiceable)
	whole(p, &c.Signed.Amount)
	whole(p, &c.Signed.Bills)
	for i := range list(p, &c.Lots) {
		l := &c.Lots[i]
		whole(p, &l.ID)
		whole(p, &l.GoodUntil)
		whole(p, &l.Principal)
		whole(p, &l.Bonus)
	}
	p.bool(&c.MoreLots)
	p.bool(&c.LotsApart)
	for i := range list(p, &c.PointLots) {
		whole(p, &c.PointLots[i].GoodUntil)
		whole(p, &c.PointLots[i].Points)
	}
	for i := range list(p, &c.Forfeits) {
		f := &c.Forfeits[i]
		whole(p, &f.Lot)
		whole(p, &f.GoodUntil)
		whole(p, &f.Bonus)
	}
	whole(p, &c.Seq)
	p.bytes(c.Hash[:])
	p.time(&c.Last)
	for i := range list(p, (*[]Count)(&c.Tally)) {
		n := &c.Tally[i]
		whole(p, &n.Kind)
		p.bool(&n.MovedPoints)
		whole(p, &n.N)
	}
}

func (p *Packing) details(t *Details) {
	some := p.writes && *t != (Details{})
	if p.bool(&some); !some {
		return
	}
	p.text(&t.ExtID)
	p.text(&t.Remarks)
	p.text(&t.Subject)
	p.text(&t.Referrer)
	p.text(&t.Physical.No)
	p.text(&t.Physical.Type)
	p.text(&t.Physical.Name)
	whole(p, &t.Physical.Balance)
	whole(p, &t.Physical.Points)
	p.text(&t.OpenID)
	p.text(&t.IDNumber)
	p.text(&t.Password)
	whole(p, &t.Pass)
	whole(p, &t.Credit)
}

// whole packs a whole number: the small ones take one byte.
func whole[T ~int | ~int32 | ~int64](p *Packing, v *T) {
	if p.writes {
		p.out = binary.AppendVarint(p.out, int64(*v))
		return
	}
	var u uint64
	for i := 0; ; i++ {
		b := p.rest[i]
		u |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			p.rest = p.rest[i+1:]
			*v = T(int64(u>>1) ^ -int64(u&1))
			return
		}
	}
}

func (p *Packing) bool(v *bool) {
	var n int
	if *v {
		n = 1
	}
	if whole(p, &n); !p.writes {
		*v = n != 0
	}
}

// time packs a time of the books: whole milliseconds, UTC.
func (p *Packing) time(v *time.Time) {
	var ms int64
	if !v.IsZero() {
		ms = v.UnixMilli()
	}
	whole(p, &ms)
	if !p.writes && ms != 0 {
		*v = time.UnixMilli(ms).UTC()
	}
}

func (p *Packing) text(v *string) {
	n := len(*v)
	whole(p, &n)
	if p.writes {
		p.out = append(p.out, *v...)
		return
	}
	*v, p.rest = string(p.rest[:n]), p.rest[n:]
}

// bytes packs bytes of which the number is known.
func (p *Packing) bytes(v []byte) {
	if p.writes {
		p.out = append(p.out, v...)
		return
	}
	p.rest = p.rest[copy(v, p.rest):]
}

// list packs the length of a list, and makes the list it reads. The caller packs what is in it.
func list[T any](p *Packing, v *[]T) []T {
	n := len(*v)
	whole(p, &n)
	if !p.writes && n > 0 {
		*v = make([]T, n)
	}
	return *v
}
