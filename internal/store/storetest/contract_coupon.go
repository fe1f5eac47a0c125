package storetest

import (
	"errors"
	"fmt"
	"testing"

	"tongka"
)

func send(number string, kind tongka.CouponKindID, numbers ...string) tongka.SendCoupons {
	return tongka.SendCoupons{Merchant: 1, By: clerk, Card: number, Kind: kind, Numbers: numbers, Subject: "活动 <b>&\"'\\"}
}

// couponsAsFolded compares the coupons in the store with what the journal tells of them.
func (b *books) couponsAsFolded(journal []tongka.Entry) {
	b.t.Helper()
	folded, sent := map[tongka.CouponID]*tongka.Coupon{}, map[tongka.CouponKindID]int64{}
	for i := range journal {
		for _, p := range journal[i].Coupons {
			c := folded[p.Coupon]
			if c == nil {
				c = &tongka.Coupon{}
				folded[p.Coupon] = c
			}
			b.must(c.Fold(&journal[i], p))
			if journal[i].Kind == tongka.CouponSent {
				sent[c.Kind]++
			}
		}
	}
	n := 0
	b.must(b.s.EachCoupon(b.ctx, 1, func(c *tongka.Coupon) error {
		n++
		same(b.t, "coupon "+c.Number, c, folded[c.ID])
		return nil
	}))
	stocks, err := b.s.Stocks(b.ctx, 1)
	b.must(err)
	if n != len(folded) || len(stocks) != len(sent) {
		b.t.Errorf("%d coupons of %d kinds, want %d of %d", n, len(stocks), len(folded), len(sent))
	}
	for _, stock := range stocks {
		if stock.Sent != sent[stock.Kind] {
			b.t.Errorf("%d coupons of kind %d are counted, want %d", stock.Sent, stock.Kind, sent[stock.Kind])
		}
	}
}

// Coupons are loaded by their id, with the card they are unused on, and with the bill they are used on
// (invariants 27, 29, 30).
func testCoupons(t *testing.T, b *books) {
	b.must(b.s.SaveMerchant(b.ctx, merchant(2)))
	b.do(open("10001"), open("10002"), recharge("10001", 10000))
	sent := b.do(send("10001", 5, "28000001", "28000002"), send("10001", 4, "28000003"), send("10002", 5, "28000004"))
	first := sent.Entries[0].Coupons[0].Coupon
	bill := consume("10001", 2000)
	bill.Coupons = []tongka.CouponID{first}
	used := newest(b.do(bill))

	for _, c := range []struct {
		name string
		keys tongka.Keys
		want []string
	}{
		{"by id", tongka.Keys{Coupons: []tongka.CouponKey{{Merchant: 1, ID: first}, {Merchant: 1, ID: first + 1}}}, []string{"28000001", "28000002"}},
		{"not there", tongka.Keys{Coupons: []tongka.CouponKey{{Merchant: 1, ID: 7}, {Merchant: 2, ID: first}}}, nil},
		{"wallet", tongka.Keys{Wallets: []tongka.CardKey{key("10001")}}, []string{"28000002", "28000003"}},
		{"wallets", tongka.Keys{Wallets: []tongka.CardKey{key("10002"), key("nobody")}}, []string{"28000004"}},
		{"of a bill", tongka.Keys{Entries: []tongka.EntryKey{{Merchant: 1, ID: used}}}, []string{"28000001"}},
		{"of no bill", tongka.Keys{Entries: []tongka.EntryKey{{Merchant: 1}, {Merchant: 1, ID: used - 1}, {Merchant: 2, ID: used}}}, nil},
	} {
		records, err := b.s.Load(b.ctx, c.keys)
		b.must(err)
		var got []string
		for _, one := range records.Coupons {
			got = append(got, one.Number)
		}
		same(t, c.name, got, c.want)
	}
	records, err := b.s.Load(b.ctx, tongka.Keys{
		CouponKinds:   []tongka.CouponKindKey{{Merchant: 1, Kind: 5}, {Merchant: 1, Kind: 9}, {Merchant: 2, Kind: 5}},
		CouponNumbers: []tongka.CouponNumberKey{{Merchant: 1, Number: "28000004"}, {Merchant: 1, Number: "2800000"}, {Merchant: 2, Number: "28000004"}},
	})
	b.must(err)
	same(t, "stocks", records.Stocks, []tongka.CouponStock{{Merchant: 1, Kind: 5, Sent: 3}})
	same(t, "numbers", records.CouponNumbers, []tongka.CouponNumberKey{{Merchant: 1, Number: "28000004"}})

	again := bill
	if _, err := again.Decide(b.load(again.Keys()), b.now); !errors.Is(err, tongka.Refusal{Reason: tongka.CouponIsUsed, Detail: "28***001"}) {
		t.Errorf("a used coupon: %v, want a refusal", err)
	}
	b.do(tongka.RefundConsume{Merchant: 1, By: clerk, Card: "10001", Entry: used})
	b.do(again)
	b.do(tongka.Replace{Merchant: 1, By: clerk, Card: "10001", Number: "10003"}, tongka.Return{Merchant: 1, By: clerk, Card: "10003"})
	b.couponsAsFolded(b.journal())
	b.must(b.s.EachCoupon(b.ctx, 2, func(c *tongka.Coupon) error { return fmt.Errorf("merchant 2 has coupon %+v", c) }))
}

// A card's coupons are read in pages, all or the unused ones.
func testCouponsOfCard(t *testing.T, b *books) {
	b.do(open("10001"), open("10002"), recharge("10001", 10000))
	var numbers []string
	for i := range 7 {
		numbers = append(numbers, fmt.Sprint(28000001+i))
	}
	ids := b.do(send("10001", 5, numbers...), send("10002", 5, "29000001")).Entries[0].Coupons
	b.do(tongka.VoidCoupon{Merchant: 1, By: clerk, Card: "10001", Coupon: ids[1].Coupon})
	card := b.card("10001").ID
	for _, c := range []struct {
		name string
		q    tongka.CouponQuery
		want []int // places in numbers
	}{
		{"all", tongka.CouponQuery{Merchant: 1, Card: card, Limit: 100}, []int{0, 1, 2, 3, 4, 5, 6}},
		{"unused", tongka.CouponQuery{Merchant: 1, Card: card, Unused: true, Limit: 100}, []int{0, 2, 3, 4, 5, 6}},
		{"a page", tongka.CouponQuery{Merchant: 1, Card: card, Unused: true, Limit: 2}, []int{0, 2}},
		{"the next", tongka.CouponQuery{Merchant: 1, Card: card, Unused: true, Limit: 2, After: ids[2].Coupon}, []int{3, 4}},
		{"behind the last", tongka.CouponQuery{Merchant: 1, Card: card, Limit: 2, After: ids[6].Coupon}, nil},
		{"of another merchant", tongka.CouponQuery{Merchant: 2, Card: card, Limit: 2}, nil},
	} {
		got, err := b.s.Coupons(b.ctx, c.q)
		b.must(err)
		var places []int
		for _, one := range got {
			for i, n := range numbers {
				if n == one.Number {
					places = append(places, i)
				}
			}
		}
		same(t, c.name, places, c.want)
	}
}

// A number is one coupon's, whatever the head says, and nothing of a save with a taken one is kept.
func testTakenCoupon(t *testing.T, b *books) {
	b.do(open("10001"), send("10001", 5, "28000001"))
	ch := b.decide(send("10001", 5, "28000002", "28000003"))
	ch.Coupons[1].Number = "28000001"
	b.unchanged(func() {
		if err := b.s.Save(b.ctx, ch); !errors.Is(err, tongka.ErrStale) {
			t.Errorf("a taken number: %v, want ErrStale", err)
		}
	})
	ch = b.decide(send("10001", 5, "28000002"))
	ch.Heads = nil
	b.unchanged(func() {
		if err := b.s.Save(b.ctx, ch); err == nil {
			t.Error("coupons were kept without their merchant's head")
		}
	})
}
