package tongka

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkConsumeDecide is a bill on a card with so many lots, decided and taken in, as in a batch.
func BenchmarkConsumeDecide(b *testing.B) {
	for _, lots := range []int{1, FrontLots} {
		b.Run(fmt.Sprintf("lots=%d", lots), func(b *testing.B) {
			l := newLedger(Merchant{
				ID: 1, Zone: shanghai, Levels: []Level{{ID: 1, Discount: 8500, Earn: Whole}}, PayTypes: []PayType{{ID: 1}},
				Rules: []Rule{{ID: 1, Kind: Percent, AddRate: 1000}},
			})
			cmds := []Command{Open{Merchant: 1, Card: NewCard{Number: "6001", Level: 1, Holder: Holder{Name: "张三"}}}}
			for range lots {
				cmds = append(cmds, Recharge{Merchant: 1, Card: "6001", Amount: 1_000_000_00, PayType: 1})
			}
			for _, cmd := range cmds {
				if _, err := l.do(cmd, monday); err != nil {
					b.Fatal(err)
				}
			}
			bill := Consume{Merchant: 1, Card: "6001", Amount: 1_00}
			s, k := NewState(), bill.Keys()
			s.Learn(k, l.load(k))
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

// BenchmarkChain is the hash over an entry with much in it.
func BenchmarkChain(b *testing.B) {
	e := full()
	e.At = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	var h [32]byte
	b.ReportAllocs()
	for b.Loop() {
		h = e.Chain(h)
	}
}
