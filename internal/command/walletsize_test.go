package command

import (
	"errors"
	"testing"

	"tongka/internal/ledger"
)

// TestWalletSizeInABatch proves that the limit of unused coupons holds for consecutive commands of a batch, although
// SendCoupons loads only their number: sent, used, sent again, and sent to a number the card got in the same batch.
func TestWalletSizeInABatch(t *testing.T) {
	t.Parallel()
	batch, keys, found := sendings(1, ledger.MaxWallet-2)
	replace := Replace{Merchant: 1, Card: "6001", Number: "7001"}
	void := VoidCoupon{Merchant: 1, Card: "6001", Coupon: 1}
	send := func(card string, numbers ...string) SendCoupons {
		return SendCoupons{Merchant: 1, Card: card, Kind: 1, Numbers: numbers}
	}
	cmds := []struct {
		cmd  Command
		want ledger.Reason
	}{
		{batch[0], 0},
		{send("6001", "20000001", "20000002"), ledger.WalletFull},
		{send("6001", "20000001"), 0},
		{send("6001", "20000003"), ledger.WalletFull},
		{void, 0},
		{send("6001", "20000003"), 0},
		{replace, 0},
		{send("7001", "20000004"), ledger.WalletFull},
	}
	for _, c := range cmds {
		keys.Add(c.cmd.Keys())
	}
	if len(keys.WalletSizes) == 0 || len(send("6001", "20000001").Keys().Wallets) > 0 {
		t.Error("a sending asks for the coupons themselves")
	}
	s := NewState(1)
	s.Learn(keys, found)
	for i, c := range cmds {
		ch, err := c.cmd.Decide(s, monday)
		var got ledger.Reason
		if refusal, refused := errors.AsType[ledger.Refusal](err); refused {
			got = refusal.Reason
		} else if err != nil {
			t.Fatal(err)
		}
		if got != c.want {
			t.Fatalf("%d: %T: got %v, want %v", i, c.cmd, err, c.want)
		}
		if err == nil {
			s.Apply(ch)
		}
	}
}
