package report

import (
	"slices"
	"testing"

	"tongka/internal/ledger"
)

// What was taken and paid out is told by pay type, and apart what nobody has said of by which it was paid out; what
// moves no money is in none.
func TestTill(t *testing.T) {
	t.Parallel()
	till := Till{}
	for _, e := range []ledger.Entry{
		{Kind: ledger.Recharged, PayType: 2, Gross: 50_00}, {Kind: ledger.Recharged, PayType: 1, Gross: 100_00},
		{Kind: ledger.Recharged, PayType: 1, Gross: 10_00}, {Kind: ledger.RechargeReversed, PayType: 1, Gross: 4_00},
		{Kind: ledger.Withdrawn, Gross: 7_00}, {Kind: ledger.CardReturned, Gross: 3_00}, {Kind: ledger.CardReturned},
		{Kind: ledger.Withdrawn, PayType: 2, Gross: 8_00}, {Kind: ledger.CardReturned, PayType: 1, Gross: 1_00},
		{Kind: ledger.Consumed, Gross: 99_00}, {Kind: ledger.TransferredOut, Gross: 5_00}, {Kind: ledger.Opened},
	} {
		till.Add(&e)
	}
	want := []ledger.Taking{
		{Times: 2, Out: 10_00}, {PayType: 1, Times: 4, In: 110_00, Back: 4_00, Out: 1_00},
		{PayType: 2, Times: 2, In: 50_00, Out: 8_00},
	}
	if got := till.Takings(); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if net := want[1].Net(); net != 105_00 {
		t.Errorf("net %v", net)
	}
}
