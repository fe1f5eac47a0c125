package command

import (
	"testing"

	"pgregory.net/rapid"
	"tongka/internal/ledger"
)

// What a card has charged is the sum of its signed bills less those refunded, and a bill is accepted exactly if the
// account's limits leave room for it.
func TestPropertyAccountCharges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		account := ledger.HouseAccount{
			ID: 7, MaxAmount: rapid.SampledFrom([]ledger.Fen{0, 2000}).Draw(t, "most"),
			Fixed:    rapid.SampledFrom([]ledger.Fen{0, 600}).Draw(t, "most at once"),
			MaxCount: rapid.IntRange(0, 4).Draw(t, "bills"),
		}
		s := newShop(t, ledger.Merchant{
			Levels: []ledger.Level{
				{ID: 1, PayRate: ledger.Percent100, Earn: ledger.Percent100, Rights: ledger.Rights{Account: account}},
			},
		})
		var bills []ledger.EntryID
		var want ledger.Charges
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			if len(bills) > 0 && rapid.IntRange(0, 2).Draw(t, "take back") == 0 {
				ch, err := s.attempt(RefundCharge{Merchant: 1, Card: "6001", Entry: rapid.SampledFrom(bills).Draw(t, "bill")})
				if err == nil {
					want = ledger.Charges{Amount: want.Amount - ch.Last().Gross, Bills: want.Bills - 1}
				}
			} else {
				amount := ledger.Fen(rapid.IntRange(1, 900).Draw(t, "amount"))
				ch, err := s.attempt(ChargeToAccount{Merchant: 1, Card: "6001", Amount: amount})
				room := (account.Fixed == 0 || amount <= account.Fixed) &&
					(account.MaxAmount == 0 || want.Amount+amount <= account.MaxAmount) &&
					(account.MaxCount == 0 || want.Bills < account.MaxCount)
				if (err == nil) != room {
					t.Fatalf("%v after %+v, of %+v: %v", amount, want, account, err)
				}
				if err == nil {
					want = ledger.Charges{Amount: want.Amount + amount, Bills: want.Bills + 1}
					bills = append(bills, ch.Last().ID)
				}
			}
			if c := s.card6001(); c.Charges != want || c.Amount() != 0 || c.Points != 0 {
				t.Fatalf("the card has %+v, want %+v", c, want)
			}
			if err := s.check(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
