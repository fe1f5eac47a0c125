package readmetest

import (
	"regexp"
	"strings"
	"testing"

	"tongka/internal/ledger"
)

// TestLimitsOfMoney holds what docs/operating.md says of the largest amount and the largest balance against the ledger.
func TestLimitsOfMoney(t *testing.T) {
	t.Parallel()
	limit := func(what string) ledger.Fen {
		m := regexp.MustCompile(`(?m)^\| ` + what + ` \| ([0-9,]+)\.([0-9]{2}) \|$`).
			FindStringSubmatch(read(t, "docs/operating.md"))
		if m == nil {
			t.Fatalf("%s: no limit", what)
		}
		var fen ledger.Fen
		for _, digit := range strings.ReplaceAll(m[1], ",", "") + m[2] {
			fen = 10*fen + ledger.Fen(digit-'0')
		}
		return fen
	}
	most := limit("an amount")
	if got, err := ledger.ParseYuan(most.String()); err != nil || got != most {
		t.Errorf("%v: got %v, %v", most, got, err)
	}
	if _, err := ledger.ParseYuan((most + 1).String()); err == nil {
		t.Errorf("%v is an amount", most+1)
	}
	if got := limit("the balance of a card"); got != ledger.MaxFen {
		t.Errorf("a balance: got %v, want %v", got, ledger.MaxFen)
	}
}
