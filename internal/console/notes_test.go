package console

import (
	"testing"
	"time"

	"tongka/internal/ledger"
)

// What the program itself is called and writes is in the language of the reader; what people and tills write stays.
func TestProgramsInWords(t *testing.T) {
	t.Parallel()
	v := view{lang: lang(ledger.English), merchant: &ledger.Merchant{Zone: time.UTC}}
	for _, c := range [][2]string{
		{v.who(ledger.Caller{Operator: "expiry"}), "Expiry"},
		{v.who(ledger.Caller{Operator: "expiry", Agent: 1}), "expiry"},
		{v.who(ledger.Caller{Operator: "小王"}), "小王"},
		{v.operator("expiry"), "Expiry"},
		{v.noted("device for codes"), "A device for codes"},
		{v.noted("recovery code"), "By a recovery code"},
		{v.noted(broughtBackNote + "2026-03-04T05:06:07Z"), "Brought back: version 2026-03-04 05:06"},
		{v.noted(broughtBackNote + "x"), "brought back x"},
	} {
		if c[0] != c[1] {
			t.Errorf("%q, want %q", c[0], c[1])
		}
	}
}
