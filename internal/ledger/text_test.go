package ledger_test

import (
	"testing"

	"tongka/internal/ledger"
)

func TestPlainText(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, "张三": true, "Ölçer": true, "محمد\u200f": true, "👨\u200d👩": true,
		"12345678": true, "123456789": false,
		"a\nb": false, "a\x00": false, "a\x7f": false, "\xff": false,
		"张三\u202e": false, "\u202a": false, "\u2066a\u2069": false,
	} {
		if got := ledger.PlainText(text, 8); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}
