package ledger

import (
	"encoding/binary"
	"time"
)

// Packed is a card encoded as one string; "" = no card. It is for caches of very many cards that are rarely used. A
// Card consists of a dozen heap objects that the garbage collector must visit; a Packed is one object without
// pointers, a third as large.
type Packed string

// Unpacked returns the card, nil if there is none. Its strings share memory with p.
func (p Packed) Unpacked() *Card {
	if p == "" {
		return nil
	}
	var c Card
	r := Packing{rest: p}
	r.card(&c)
	return &c
}

// Number returns the card's number without unpacking the rest. It shares memory with p.
func (p Packed) Number() (number string) {
	r := Packing{rest: p}
	r.text(&number)
	return number
}

// Packing encodes and decodes cards. One method lists the fields for both directions, so that they cannot differ. It
// must not be used by several goroutines at once.
type Packing struct {
	writes bool
	out    []byte
	rest   Packed
}

// Pack encodes a card. It only reads c, which may be in use elsewhere; nil becomes "".
func (p *Packing) Pack(c *Card) Packed {
	if c == nil {
		return ""
	}
	p.writes, p.out = true, p.out[:0]
	p.card(c)
	return Packed(p.out)
}

func (p *Packing) card(c *Card) {
	p.text(&c.Number) // first: Packed.Number reads only this
	varint(p, &c.Merchant)
	varint(p, &c.ID)
	varint(p, &c.Kind)
	p.time(&c.OpenedAt)
	varint(p, &c.OpenedShop)
	varint(p, &c.Status)
	varint(p, &c.Level)
	varint(p, &c.Expires)
	p.text(&c.Holder.Name)
	p.text(&c.Holder.Phone)
	varint(p, &c.Holder.Gender)
	varint(p, &c.Holder.Birthday)
	p.details(&c.Details)
	varint(p, &c.Principal)
	varint(p, &c.Bonus)
	varint(p, &c.Points)
	varint(p, &c.PointsOwed)
	varint(p, &c.SumRecharge)
	varint(p, &c.SumConsume)
	varint(p, &c.Invoiceable)
	varint(p, &c.Charges.Amount)
	varint(p, &c.Charges.Bills)
	p.lots(c)
	varint(p, &c.Seq)
	p.bytes(c.Hash[:])
	p.time(&c.Last)
	p.time(&c.Used)
	for i := range list(p, (*[]Count)(&c.Tally)) {
		n := &c.Tally[i]
		varint(p, &n.Kind)
		p.bool(&n.MovedPoints)
		varint(p, &n.N)
	}
}

// lots goes through what a card's balances are made of.
func (p *Packing) lots(c *Card) {
	for i := range list(p, &c.Lots) {
		l := &c.Lots[i]
		varint(p, &l.ID)
		varint(p, &l.GoodUntil)
		varint(p, &l.Principal)
		varint(p, &l.Bonus)
	}
	p.bool(&c.MoreLots)
	p.bool(&c.LotsApart)
	for i := range list(p, &c.PointLots) {
		varint(p, &c.PointLots[i].GoodUntil)
		varint(p, &c.PointLots[i].Points)
	}
	for i := range list(p, &c.Forfeits) {
		f := &c.Forfeits[i]
		varint(p, &f.Lot)
		varint(p, &f.GoodUntil)
		varint(p, &f.Bonus)
	}
	for i := range list(p, &c.Holds) {
		h := &c.Holds[i]
		varint(p, &h.ID)
		varint(p, &h.Amount)
		p.time(&h.Until)
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
	varint(p, &t.Physical.Balance)
	varint(p, &t.Physical.Points)
	p.text(&t.OpenID)
	p.text(&t.IDNumber)
	p.text(&t.Password)
	varint(p, &t.Pass)
	varint(p, &t.Credit)
}

// varint encodes an integer; small ones take one byte.
func varint[T ~int | ~int32 | ~int64](p *Packing, v *T) {
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
	if varint(p, &n); !p.writes {
		*v = n != 0
	}
}

// time encodes a time of the books: whole milliseconds, UTC.
func (p *Packing) time(v *time.Time) {
	var ms int64
	if !v.IsZero() {
		ms = v.UnixMilli()
	}
	varint(p, &ms)
	if !p.writes && ms != 0 {
		*v = time.UnixMilli(ms).UTC()
	}
}

func (p *Packing) text(v *string) {
	n := len(*v)
	varint(p, &n)
	if p.writes {
		p.out = append(p.out, *v...)
		return
	}
	*v, p.rest = string(p.rest[:n]), p.rest[n:]
}

// bytes encodes bytes whose number is known.
func (p *Packing) bytes(v []byte) {
	if p.writes {
		p.out = append(p.out, v...)
		return
	}
	p.rest = p.rest[copy(v, p.rest):]
}

// list encodes the length of a list, and allocates the list when decoding. The caller encodes its elements.
func list[T any](p *Packing, v *[]T) []T {
	n := len(*v)
	varint(p, &n)
	if !p.writes && n > 0 {
		*v = make([]T, n)
	}
	return *v
}
