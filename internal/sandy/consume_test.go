package sandy

import (
	"strings"
	"testing"

	"tongka/internal/ledger"
)

// TestConsumedWithCashBack: the amounts of the answer are the bill's, but the balances include the cash back.
func TestConsumedWithCashBack(t *testing.T) {
	t.Parallel()
	bill := ledger.Entry{
		Kind: ledger.Consumed, PayRate: ledger.Percent100, Gross: 40_00, Net: 40_00, Principal: -40_00, PrincipalAfter: 60_00,
	}
	back := ledger.Entry{
		Kind: ledger.CashedBack, RefersTo: 1, Gross: 40_00, Net: 2_00, Bonus: 2_00, PrincipalAfter: 60_00, BonusAfter: 2_00,
	}
	got := string(consumed([]byte("6001"), &bill, &back))
	for _, want := range []string{
		`"amount":"62.00"`, `"ori_money":40.0`, `"card_money":40.0`, `"act_money":40.0`, `"depot_money":0.0`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s, want %s in it", got, want)
		}
	}
}
