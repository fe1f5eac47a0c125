package command

import (
	"fmt"
	"testing"

	"tongka/internal/ledger"
)

// BenchmarkConsumeDecide measures a bill on a card with that number of lots, decided and applied as in a batch.
func BenchmarkConsumeDecide(b *testing.B) {
	for _, lots := range []int{1, ledger.FrontLots} {
		b.Run(fmt.Sprintf("lots=%d", lots), func(b *testing.B) {
			l := newMemStore(ledger.Merchant{
				ID: 1, Zone: shanghai, Levels: []ledger.Level{{ID: 1, PayRate: 8500, Earn: ledger.Percent100}},
				PayTypes: []ledger.PayType{{ID: 1}},
				Rules:    []ledger.Rule{{ID: 1, Kind: ledger.Percent, AddRate: 1000}},
			})
			cmds := []Command{Open{Merchant: 1, Card: NewCard{Number: "6001", Level: 1, Holder: ledger.Holder{Name: "张三"}}}}
			for range lots {
				cmds = append(cmds, Recharge{Merchant: 1, Card: "6001", Amount: 1_000_000_00, PayType: 1})
			}
			for _, cmd := range cmds {
				if _, err := l.do(cmd, monday); err != nil {
					b.Fatal(err)
				}
			}
			bill := Consume{Merchant: 1, Card: "6001", Amount: 1_00}
			s := NewState(1)
			l.teach(s, bill.Keys())
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				ch, err := bill.Decide(s, monday)
				if err != nil {
					b.Fatal(err)
				}
				s.Apply(ch)
				if i%256 == 255 {
					s.Saved()
				}
			}
		})
	}
}

// BenchmarkSendCoupons measures a batch of 256 commands, each of which sends a coupon to a card of its own with that
// number of unused coupons. The cost of one must not depend on the coupons of the other cards in the batch.
func BenchmarkSendCoupons(b *testing.B) {
	for _, unused := range []int{0, 900} {
		b.Run(fmt.Sprintf("unused=%d", unused), func(b *testing.B) {
			batch, keys, found := sendings(256, unused)
			found.Coupons = nil // SendCoupons does not load them
			b.ReportAllocs()
			for b.Loop() {
				s := NewState(1)
				s.Learn(keys, found)
				for _, cmd := range batch {
					ch, err := cmd.Decide(s, monday)
					if err != nil {
						b.Fatal(err)
					}
					s.Apply(ch)
				}
			}
		})
	}
}

// sendings returns commands that send one coupon to each card, with their keys and records.
func sendings(cards, unused int) (batch []SendCoupons, keys Keys, found Records) {
	terms := ledger.CouponTerms{Kind: 1, Name: "代金券", Type: ledger.CashCoupon, Face: 1_00}
	found.Merchant = &ledger.Merchant{
		ID: 1, Zone: shanghai, Levels: []ledger.Level{{ID: 1, PayRate: ledger.Percent100}},
		CouponKinds: []ledger.CouponKind{{CouponTerms: terms}},
	}
	found.Head = ledger.Head{Merchant: 1, LastEntry: 1_000_000, LastCard: ledger.CardID(cards), LastAt: monday}
	keys.Head = true
	for i := range cards {
		c := ledger.Card{
			Merchant: 1, ID: ledger.CardID(i + 1), Number: fmt.Sprint(6001 + i), Level: 1, Status: ledger.Active, Seq: 1,
			OpenedAt: monday, Last: monday,
		}
		found.Cards = append(found.Cards, c)
		found.WalletSizes = append(found.WalletSizes, ledger.WalletSize{Card: c.ID, Unused: unused})
		for n := range unused {
			found.Coupons = append(found.Coupons, ledger.Coupon{
				Merchant: 1, ID: ledger.CouponID(i*ledger.MaxWallet + n + 1), Card: c.ID, CouponTerms: terms, Until: ledger.Forever,
				State: ledger.Unused,
			})
		}
		cmd := SendCoupons{Merchant: 1, Card: c.Number, Kind: 1, Numbers: []string{fmt.Sprint(10_000_000 + i)}}
		batch = append(batch, cmd)
		keys.Add(cmd.Keys())
	}
	return batch, keys, found
}
