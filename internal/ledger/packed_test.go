package ledger

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"
)

// fill sets every field of v, at any depth, to a random value other than zero.
func fill(t *testing.T, v reflect.Value, r *rand.Rand) {
	t.Helper()
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.UnixMilli(1 + r.Int64N(1<<42)).UTC()))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), r)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1+r.IntN(3), 3))
		for i := range v.Len() {
			fill(t, v.Index(i), r)
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(t, v.Index(i), r)
		}
	case reflect.String:
		v.SetString("卡"[:3*r.IntN(2)] + string(rune('a'+r.IntN(26))))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		n := r.Int64() >> r.IntN(63) >> (64 - v.Type().Bits())
		if r.IntN(2) == 0 {
			n = ^n
		}
		v.SetInt(n | 1)
	case reflect.Uint8:
		v.SetUint(1 + r.Uint64N(255))
	default:
		t.Fatalf("a card has a %v, which this test cannot fill", v.Type())
	}
}

// Packing and unpacking keeps every field of a card, including those added later.
func TestPackedCards(t *testing.T) {
	t.Parallel()
	var p Packing
	for seed := range uint64(1000) {
		var c Card
		fill(t, reflect.ValueOf(&c).Elem(), rand.New(rand.NewPCG(seed, 0)))
		text := p.Pack(&c)
		if got := text.Unpacked(); !reflect.DeepEqual(*got, c) {
			t.Fatalf("seed %d: unpacked\n%+v\nwant\n%+v", seed, *got, c)
		}
		if got := text.Number(); got != c.Number {
			t.Fatalf("seed %d: number %q, want %q", seed, got, c.Number)
		}
	}
}

func TestPackedEmptyCard(t *testing.T) {
	t.Parallel()
	var p Packing
	if got := p.Pack(&Card{}).Unpacked(); !reflect.DeepEqual(*got, Card{}) {
		t.Errorf("unpacked %+v, want nothing in it", *got)
	}
	if got := p.Pack(nil).Unpacked(); got != nil {
		t.Errorf("unpacked %+v, want no card", *got)
	}
}

// Packing only reads a card, because a save may be reading it at the same time. The race detector would report a write.
func TestPackingOnlyReads(t *testing.T) {
	t.Parallel()
	var c Card
	fill(t, reflect.ValueOf(&c).Elem(), rand.New(rand.NewPCG(1, 0)))
	done := make(chan Packed)
	for range 2 {
		go func() { done <- (&Packing{}).Pack(&c) }()
	}
	if a, b := <-done, <-done; a != b {
		t.Errorf("one card is packed as %q and as %q", a, b)
	}
}
