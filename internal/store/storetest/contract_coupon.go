package storetest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"testing"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

func send(number string, kind ledger.CouponKindID, numbers ...string) command.SendCoupons {
	return command.SendCoupons{Merchant: 1, By: clerk, Card: number, Kind: kind, Numbers: numbers, Subject: "活动 <b>&\"'\\"}
}

// couponsAsFolded compares the coupons and the coupon counts of merchant 1 with those folded from its journal.
func (b *books) couponsAsFolded(journal []ledger.Entry) {
	b.t.Helper()
	folded, sent := map[ledger.CouponID]*ledger.Coupon{}, map[ledger.CouponKindID]int64{}
	for i := range journal {
		for _, p := range journal[i].Coupons {
			c := folded[p.Coupon]
			if c == nil {
				c = &ledger.Coupon{}
				folded[p.Coupon] = c
			}
			b.must(c.Fold(&journal[i], p))
			if journal[i].Kind == ledger.CouponSent {
				sent[c.Kind]++
			}
		}
	}
	n := 0
	b.must(b.s.EachCoupon(b.ctx, 1, func(c *ledger.Coupon) error {
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

// Coupons are loaded by id, by the card on which they are unused, and by the bill that used them; merchant 2 sees
// none of them (invariants 27, 29, 30).
func testCoupons(t *testing.T, b *books) {
	b.must(b.s.SaveMerchant(b.ctx, merchant(2)))
	b.do(open("10001"), open("10002"), recharge("10001", 10000))
	sent := b.do(send("10001", 5, "28000001", "28000002"), send("10001", 4, "28000003"), send("10002", 5, "28000004"))
	first := sent.Entries[0].Coupons[0].Coupon
	bill := consume("10001", 2000)
	bill.Coupons = []ledger.CouponID{first}
	used := newest(b.do(bill))

	for _, c := range []struct {
		name string
		keys command.Keys
		want []string
	}{
		{"by id", command.Keys{Coupons: []ledger.CouponID{first, first + 1}}, []string{"28000001", "28000002"}},
		{"not there", command.Keys{Coupons: []ledger.CouponID{7}}, nil},
		{"wallet", command.Keys{Wallets: []string{"10001"}}, []string{"28000002", "28000003"}},
		{"wallets", command.Keys{Wallets: []string{"10002", "NOBODY"}}, []string{"28000004"}},
		{"of a bill", command.Keys{Entries: []ledger.EntryID{used}}, []string{"28000001"}},
		{"of no bill", command.Keys{Entries: []ledger.EntryID{0, used - 1}}, nil},
	} {
		var got []string
		for _, one := range b.records(1, c.keys).Coupons {
			got = append(got, one.Number)
		}
		same(t, c.name, got, c.want)
		if foreign := b.records(2, c.keys).Coupons; len(foreign) > 0 {
			t.Errorf("%s: merchant 2 has %+v", c.name, foreign)
		}
	}
	keys := command.Keys{
		WalletSizes: []string{"10001", "10002", "NOBODY"}, CouponKinds: []ledger.CouponKindID{5, 9},
		CouponNumbers: []string{"28000004", "2800000"},
	}
	records := b.records(1, keys)
	same(t, "merchant 2", b.records(2, keys), command.Records{})
	slices.SortFunc(records.WalletSizes, func(x, y ledger.WalletSize) int { return cmp.Compare(x.Card, y.Card) })
	same(t, "wallet sizes", records.WalletSizes, []ledger.WalletSize{{Card: 1, Unused: 2}, {Card: 2, Unused: 1}})
	same(t, "stocks", records.Stocks, []ledger.CouponStock{{Merchant: 1, Kind: 5, Sent: 3}})
	same(t, "numbers", records.CouponNumbers, []string{"28000004"})

	again := bill
	if _, err := again.Decide(b.load(again.Keys()), b.now); !errors.Is(err, ledger.Refusal{
		Reason: ledger.CouponIsUsed, Detail: "28***001",
	}) {
		t.Errorf("a used coupon: %v, want a refusal", err)
	}
	b.do(command.RefundConsume{Merchant: 1, By: clerk, Card: "10001", Entry: used})
	b.do(again)
	b.do(command.Replace{Merchant: 1, By: clerk, Card: "10001", Number: "10003"}, command.Return{
		Merchant: 1, By: clerk, Card: "10003",
	})
	b.couponsAsFolded(b.journal())
	b.must(b.s.EachCoupon(b.ctx, 2, func(c *ledger.Coupon) error { return fmt.Errorf("merchant 2 has coupon %+v", c) }))
}

// The coupons of a card are read page by page, either all of them or only the unused ones.
func testCouponsOfCard(t *testing.T, b *books) {
	b.do(open("10001"), open("10002"), recharge("10001", 10000))
	var numbers []string
	for i := range 7 {
		numbers = append(numbers, fmt.Sprint(28000001+i))
	}
	ids := b.do(send("10001", 5, numbers...), send("10002", 5, "29000001")).Entries[0].Coupons
	b.do(command.VoidCoupon{Merchant: 1, By: clerk, Card: "10001", Coupon: ids[1].Coupon})
	card := b.card("10001").ID
	for _, c := range []struct {
		name string
		q    ledger.CouponQuery
		want []int // indexes in numbers
	}{
		{"all", ledger.CouponQuery{Merchant: 1, Card: card, Limit: 100}, []int{0, 1, 2, 3, 4, 5, 6}},
		{"unused", ledger.CouponQuery{Merchant: 1, Card: card, Unused: true, Limit: 100}, []int{0, 2, 3, 4, 5, 6}},
		{"a page", ledger.CouponQuery{Merchant: 1, Card: card, Unused: true, Limit: 2}, []int{0, 2}},
		{"the next", ledger.CouponQuery{Merchant: 1, Card: card, Unused: true, Limit: 2, After: ids[2].Coupon}, []int{3, 4}},
		{"behind the last", ledger.CouponQuery{Merchant: 1, Card: card, Limit: 2, After: ids[6].Coupon}, nil},
		{"of another merchant", ledger.CouponQuery{Merchant: 2, Card: card, Limit: 2}, nil},
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

// wallet returns a card and the numbers of its unused coupons, each followed by a space.
func (b *books) wallet(key ledger.CardKey) (*ledger.Card, string) {
	b.t.Helper()
	card, coupons, err := b.s.Wallet(b.ctx, key)
	b.must(err)
	numbers := ""
	for _, c := range coupons {
		numbers += c.Number + " "
	}
	return card, numbers
}

// Wallet returns the card exactly as Card does, and only those of its coupons that are unused.
func testWallet(t *testing.T, b *books) {
	b.must(b.s.SaveMerchant(b.ctx, merchant(2)))
	b.do(open("10001"), open("10002"), recharge("10001", 10000))
	ids := b.do(send("10001", 5, "28000001", "28000002"), send("10002", 5, "28000004"),
		send("10001", 4, "28000003")).Entries[0].Coupons
	bill := consume("10001", 2000)
	bill.Coupons = []ledger.CouponID{ids[0].Coupon}
	b.do(bill)
	card, numbers := b.wallet(key("10001"))
	same(t, "card", card, b.card("10001"))
	same(t, "coupons", numbers, "28000002 28000003 ")
	_, numbers = b.wallet(key("10002"))
	same(t, "coupons of the other card", numbers, "28000004 ")
	for _, nobody := range []ledger.CardKey{
		key("nobody"), {Merchant: 2, Number: "10001"}, {Merchant: 9, Number: "10001"},
	} {
		if card, numbers := b.wallet(nobody); card != nil || numbers != "" {
			t.Errorf("%v: card %v with coupons %s", nobody, card, numbers)
		}
	}
	b.do(command.Replace{Merchant: 1, By: clerk, Card: "10001", Number: "10003"})
	_, numbers = b.wallet(key("10003"))
	same(t, "coupons of the card that replaced it", numbers, "28000002 28000003 ")
}

// Wallet reads balance and coupons as of one moment. Every bill here costs the same and uses one coupon, so a
// balance that does not go with the number of coupons was read at another moment than they were.
func testWalletOfOneMoment(t *testing.T, b *books) {
	const bills = 30
	b.do(open("10001"), recharge("10001", 100000))
	var numbers []string
	for i := range bills {
		numbers = append(numbers, fmt.Sprint(28000001+i))
	}
	ids := b.do(send("10001", 5, numbers...)).Entries[0].Coupons
	before := b.card("10001").Amount()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, id := range ids {
			bill := consume("10001", 2000)
			bill.Coupons = []ledger.CouponID{id.Coupon}
			b.do(bill)
		}
	}()
	var seen []ledger.Fen
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		card, coupons, err := b.s.Wallet(b.ctx, key("10001"))
		b.must(err)
		seen = append(seen, card.Amount(), ledger.Fen(bills-len(coupons)))
	}
	each := (before - seen[len(seen)-2]) / bills
	for i := 0; i < len(seen); i += 2 {
		if seen[i] != before-each*seen[i+1] {
			t.Fatalf("%d coupons are used and %v is left of %v, at %v a bill", seen[i+1], seen[i], before, each)
		}
	}
}

// A card is due if an unused coupon on it was good only through an earlier day. The limit counts coupons, not cards,
// and takes those first that were over first. The order of the cards returned is not tested.
func testDueCoupons(t *testing.T, b *books) {
	b.do(open("10001"), open("10002"), open("10003"), recharge("10003", 10000))
	b.do(send("10002", 5, "28000001", "28000002"), send("10002", 4, "28000003"))
	ids := b.do(send("10003", 5, "28000004", "28000005")).Entries[0].Coupons
	b.now = b.now.AddDate(0, 0, 5)
	b.do(send("10001", 5, "28000006"))
	bill := consume("10003", 2000)
	bill.Coupons = []ledger.CouponID{ids[0].Coupon}
	b.do(bill, command.VoidCoupon{Merchant: 1, By: clerk, Card: "10003", Coupon: ids[1].Coupon})
	_, coupons, err := b.s.Wallet(b.ctx, key("10002"))
	b.must(err)
	last := coupons[0].Until
	for _, c := range []struct {
		before ledger.Date
		limit  int
		want   []ledger.CardKey
	}{
		{last, 9, nil}, // still good on that day
		{last.AddDays(1), 9, []ledger.CardKey{key("10002")}},
		{last.AddDays(6), 9, []ledger.CardKey{key("10001"), key("10002")}},
		{last.AddDays(6), 2, []ledger.CardKey{key("10002")}}, // the limit counts its two coupons, which are over first
	} {
		got, err := b.s.DueCoupons(b.ctx, 1, c.before, c.limit)
		b.must(err)
		slices.SortFunc(got, func(x, y ledger.CardKey) int { return cmp.Compare(x.Number, y.Number) })
		same(t, fmt.Sprintf("due before %v", c.before), got, c.want)
	}
	b.now = b.now.AddDate(0, 0, 60)
	b.do(command.ExpireCoupons{Merchant: 1, Card: "10002"})
	got, err := b.s.DueCoupons(b.ctx, 1, last.AddDays(9), 9)
	b.must(err)
	same(t, "due after one card's expired", got, []ledger.CardKey{key("10001")})
	got, err = b.s.DueCoupons(b.ctx, 2, last.AddDays(9), 9)
	b.must(err)
	same(t, "due at another merchant", got, []ledger.CardKey(nil))
}

// Two coupons never have one number, even if the head permits the save, and a save that would give a number twice
// leaves nothing behind.
func testTakenCoupon(t *testing.T, b *books) {
	b.do(open("10001"), send("10001", 5, "28000001"))
	ch := b.decide(send("10001", 5, "28000002", "28000003"))
	ch.Coupons[1].Number = "28000001"
	b.unchanged(func() {
		if err := b.s.Save(b.ctx, ch); !errors.Is(err, command.ErrStale) {
			t.Errorf("a taken number: %v, want ErrStale", err)
		}
	})
	ch = b.decide(send("10001", 5, "28000002"))
	ch.Head = nil
	b.unchanged(func() {
		if err := b.s.Save(b.ctx, ch); err == nil {
			t.Error("coupons were kept without their merchant's head")
		}
	})
}
