package storetest

import (
	"testing"
	"time"

	"tongka/internal/ledger"
)

// Of each API key the last use is told, to its merchant.
func testKeyUses(t *testing.T, b *books) {
	at := func(hour int) time.Time { return time.Date(2026, 3, 5, hour, 0, 0, 7_000_000, time.UTC) }
	one := ledger.KeyUse{Merchant: 1, Key: 3, At: at(1), Address: "203.0.113.7"}
	two := ledger.KeyUse{Merchant: 1, Key: 9, At: at(2), Address: "2001:db8::1"}
	others := ledger.KeyUse{Merchant: 2, Key: 4, At: at(2)}
	for _, u := range []ledger.KeyUse{two, one, others} {
		b.must(b.s.NoteUse(b.ctx, u))
	}
	one.At, one.Address = at(3), "203.0.113.8"
	b.must(b.s.NoteUse(b.ctx, one))
	for merchant, want := range map[ledger.MerchantID][]ledger.KeyUse{1: {one, two}, 2: {others}, 3: nil} {
		got, err := b.s.KeyUses(b.ctx, merchant)
		b.must(err)
		same(t, "uses of keys", got, want)
	}
}
