package command

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"
	"tongka/internal/ledger"
)

// With part payment, an empty card earns no points on bills that are paid elsewhere, and a bill that was partly paid
// elsewhere keeps none after what the card paid is refunded (invariant 55).
func TestInvariant55PartPaymentMakesNoPoints(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newShop(t, ledger.Merchant{
			Settings: ledger.Settings{PartPayment: true, PointsRatio: 1},
			Levels: []ledger.Level{
				{
					ID: 1, PayRate: ledger.Percent100, Earn: ledger.Percent100,
					Rights: ledger.Rights{CashBack: ledger.CashBack{Each: 1_00, Back: 10}},
				},
			},
		})
		bill := s.must(Consume{Merchant: 1, Card: "6001", Amount: 8000_00}).Last()
		if got := s.card6001().Points; got != 0 || bill.Version != ledger.EntryVersion {
			t.Fatalf("%d points for a bill that was paid elsewhere, by rule %d", got, bill.Version)
		}
		s.must(Recharge{Merchant: 1, Card: "6001", Amount: 100_00, PayType: 1})
		bill = s.must(Consume{Merchant: 1, Card: "6001", Amount: 400_00}).Last()
		if got := s.card6001().Points; got != 100 {
			t.Fatalf("%d points for the 100.00 that the card paid", got)
		}
		s.must(RefundConsume{Merchant: 1, Card: "6001", Entry: bill.ID, Amount: 25_00})
		if got := s.card6001().Points; got != 75 {
			t.Fatalf("%d points while the card pays 75.00", got)
		}
		s.must(RefundConsume{Merchant: 1, Card: "6001", Entry: bill.ID})
		if c := s.card6001(); c.Points != 0 || c.Amount() != 100_00 {
			t.Fatalf("after the refund the card has %d points and %v", c.Points, c.Amount())
		}
		if err := s.check(); err != nil {
			t.Fatal(err)
		}
	})
}

// A bill of the older version, which earned points on what was paid elsewhere, can be folded and undone. Then all its
// points are taken back, although the card had paid nothing.
func TestInvariant55BillsOfBeforeCanBeUndone(t *testing.T) {
	t.Parallel()
	l := newMemStore(ledger.Merchant{
		ID: 1, Zone: shanghai, Levels: []ledger.Level{{ID: 1, PayRate: ledger.Percent100, Earn: ledger.Percent100}},
	})
	if _, err := l.do(Open{Merchant: 1, Card: NewCard{Number: "6001", Level: 1, Holder: ledger.Holder{Name: "张三"}}},
		monday); err != nil {
		t.Fatal(err)
	}
	s := NewState(1)
	l.teach(s, keysOf("6001"))
	d, err := begin(s, monday, 1, ledger.Caller{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := d.card("6001")
	if err != nil {
		t.Fatal(err)
	}
	d.post(c, ledger.Entry{
		Kind: ledger.Consumed, Gross: 80_00, Discountable: 80_00, Net: 80_00, PayRate: ledger.Percent100,
		PointAllocations: []ledger.PointAllocation{{GoodUntil: ledger.Forever, Points: 80}},
	})
	if err := l.save(d.changes()); err != nil {
		t.Fatal(err)
	}
	ch, err := l.do(RefundConsume{Merchant: 1, Card: "6001", Entry: 2}, monday)
	if err != nil || ch.Last().Points != -80 {
		t.Fatalf("undone: %v, %v", ch, err)
	}
	if err := l.check(); err != nil {
		t.Fatal(err)
	}
}

// valueOf returns the total value of the cards: money, what points are worth, and coupons.
func valueOf(l *memStore, m ledger.Merchant) (value ledger.Fen) {
	for _, c := range l.cards {
		value += c.Amount()
		if points := c.Points - c.PointsOwed; points >= 0 {
			value += m.Settings.WorthOf(points)
		} else {
			value -= m.Settings.WorthOf(-points)
		}
	}
	for _, c := range l.coupons {
		if c.State == ledger.Unused {
			value += c.Face
		}
	}
	return value
}

// An agent that may neither recharge nor give points cannot increase the total value on the cards, whatever it does
// in whatever order, part payment included, as long as a payment never brings back more than itself (invariant 55).
func TestPropertyInvariant55NoValueFromConsuming(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newShop(t, drawGenerous(t))
		s.must(Open{
			Merchant: 1,
			Card: NewCard{
				Number: "6002", Level: 1, Holder: ledger.Holder{Name: "李四"}, Expires: 2026_03_31,
				Details: ledger.Details{Credit: 200},
			},
		})
		c := consumer{shop: s, bills: map[string][]ledger.EntryID{}}
		for _, card := range []string{"6001", "6002"} {
			c.endow(card)
		}
		before := valueOf(s.memStore, s.merchants[1])
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			s.now = s.now.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 0, 26}).Draw(t, "hours")) * time.Hour)
			cmd := c.step()
			if after := valueOf(s.memStore, s.merchants[1]); after > before {
				t.Fatalf("%+v left %v on the cards, in the beginning there was %v", cmd, after, before)
			}
		}
		if err := s.check(); err != nil {
			t.Fatal(err)
		}
	})
}

// drawGenerous returns a merchant that gives back all that is paid, as points and as bonus.
func drawGenerous(t *rapid.T) ledger.Merchant {
	ratio := rapid.SampledFrom([]int64{1, 7, 100}).Draw(t, "points for a yuan")
	share := rapid.IntRange(0, 100).Draw(t, "percent of the return that is points")
	return ledger.Merchant{
		Settings: ledger.Settings{
			SpendOrder: rapid.SampledFrom([]ledger.SpendOrder{
				ledger.Proportional, ledger.BonusFirst, ledger.PrincipalFirst,
			}).Draw(t, "policy"),
			PartPayment: true, PointsRatio: ratio,
			BonusDays:  rapid.SampledFrom([]int{0, 1, 3}).Draw(t, "bonus days"),
			PointsDays: rapid.SampledFrom([]int{0, 1, 3}).Draw(t, "points days"),
		},
		Levels: []ledger.Level{{
			ID: 1, PayRate: rapid.SampledFrom([]ledger.Rate{ledger.Percent100, 8500}).Draw(t, "discount"),
			Earn: ledger.Percent100 * ledger.Rate(ratio) * ledger.Rate(share) / 100,
			Rights: ledger.Rights{
				CashBack: ledger.CashBack{Each: 1_00, Back: ledger.Fen(100 - share)},
				Renewals: []ledger.Renewal{{Price: 50, Months: 1}},
				Account:  ledger.HouseAccount{ID: 1},
			},
		}},
		CouponKinds: []ledger.CouponKind{
			{CouponTerms: ledger.CouponTerms{Kind: 1, Name: "券", Type: ledger.CashCoupon, Face: 300, Grace: 2}, Days: 2},
		},
	}
}

// consumer draws what an agent may do that may neither recharge nor give points.
type consumer struct {
	*shop
	bills   map[string][]ledger.EntryID
	coupons []ledger.CouponID
}

// endow gives a card its initial money, points and coupons.
func (c *consumer) endow(card string) {
	if rapid.Bool().Draw(c.t, "money") {
		c.must(Recharge{Merchant: 1, Card: card, Amount: ledger.Fen(rapid.IntRange(1, 2000).Draw(c.t, "paid")), PayType: 1})
	}
	if points := int64(rapid.IntRange(0, 300).Draw(c.t, "points")); points > 0 {
		c.must(AdjustPoints{Merchant: 1, Card: card, Points: points})
	}
	for _, p := range c.must(SendCoupons{
		Merchant: 1, Card: card, Kind: 1, Numbers: []string{"1000000" + card, "2000000" + card},
	}).Last().Coupons {
		c.coupons = append(c.coupons, p.Coupon)
	}
}

// step carries out a command that may be refused.
func (c *consumer) step() Command {
	card := rapid.SampledFrom([]string{"6001", "6002"}).Draw(c.t, "card")
	cmd := c.command(card, ledger.Fen(rapid.IntRange(1, 3000).Draw(c.t, "amount")))
	ch, err := c.attempt(cmd)
	if _, refused := errors.AsType[ledger.Refusal](err); err != nil && !refused {
		c.t.Fatalf("%+v: %v", cmd, err)
	}
	if _, bill := cmd.(Consume); bill && err == nil {
		c.bills[card] = append(c.bills[card], ch.Last().ID)
	}
	return cmd
}

func (c *consumer) command(card string, amount ledger.Fen) Command {
	switch step := rapid.IntRange(0, 9).Draw(c.t, "step"); {
	case step < 3 && len(c.bills[card]) > 0:
		back := ledger.Fen(rapid.SampledFrom([]int{0, 0, 1, 100, 700}).Draw(c.t, "back"))
		return RefundConsume{Merchant: 1, Card: card, Entry: rapid.SampledFrom(c.bills[card]).Draw(c.t, "bill"), Amount: back}
	case step == 7:
		return Renew{Merchant: 1, Card: card, Months: 1}
	case step == 8:
		return ChargeToAccount{Merchant: 1, Card: card, Amount: amount}
	case step == 9:
		return Transfer{
			Merchant: 1, From: card, To: rapid.SampledFrom([]string{"6001", "6002"}).Draw(c.t, "to"), Amount: amount,
		}
	}
	bill := Consume{Merchant: 1, Card: card, Amount: amount}
	if has := c.cardNamed(card).Points; has > 0 && rapid.Bool().Draw(c.t, "with points") {
		bill.Points.Points = int64(rapid.IntRange(1, int(has)).Draw(c.t, "points"))
	}
	if rapid.Bool().Draw(c.t, "with a coupon") {
		bill.Coupons = []ledger.CouponID{rapid.SampledFrom(c.coupons).Draw(c.t, "coupon")}
	}
	return bill
}
