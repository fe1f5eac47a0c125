package command

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
	"tongka/internal/ledger"
)

// holding is what some cards hold, by what must be the same after a merge.
type holding struct {
	principal, invoiceable ledger.Fen
	bonus                  map[ledger.Date]ledger.Fen // by last day
	points                 map[ledger.Date]int64
	net                    int64 // points less what is owed of them
	coupons                []string
}

// holds adds up what cards hold together.
func (l *memStore) holds(cards ...*ledger.Card) holding {
	h := holding{bonus: map[ledger.Date]ledger.Fen{}, points: map[ledger.Date]int64{}}
	for _, c := range cards {
		h.principal, h.invoiceable = h.principal+c.Principal, h.invoiceable+c.Invoiceable
		h.net += c.Points - c.PointsOwed
		for _, lot := range c.Lots {
			if lot.Bonus != 0 {
				h.bonus[lot.GoodUntil] += lot.Bonus
			}
		}
		for _, lot := range c.PointLots {
			h.points[lot.GoodUntil] += lot.Points
		}
		for _, coupon := range l.coupons {
			if coupon.Merchant == c.Merchant && coupon.Card == c.ID && coupon.State == ledger.Unused {
				h.coupons = append(h.coupons, fmt.Sprint(coupon.ID, coupon.Number, coupon.From, coupon.Until))
			}
		}
	}
	slices.Sort(h.coupons)
	return h
}

// Whatever has happened to two cards, one that is merged into the other leaves as much as there was, to the fen, to the
// point and to the day: principal, bonus by its last day, points by theirs, what may be invoiced, and every coupon.
// Only points of a recharge that were spent already, and whose last day is over, are owed from then on, as after a
// transfer. The first is empty and closed, and of the other nothing else has changed (invariants 02, 26, 29, 32, 56).
func TestPropertyInvariant56MergesKeepAll(t *testing.T) {
	t.Parallel()
	merged, rich := 0, 0
	checkShown(t, func() bool { return merged >= 20 && rich > 0 }, func(t *rapid.T) {
		merchants, orders := drawStory(t)
		l := newMemStore(merchants...)
		for _, o := range orders {
			_, _ = l.do(o.cmd, o.now)
		}
		now := orders[len(orders)-1].now
		m := ledger.MerchantID(rapid.SampledFrom([]int{1, 1, 1, 2}).Draw(t, "merchant"))
		names := rapid.Permutation([]string{"6001", "6002", "6003"}).Draw(t, "cards")
		if rapid.Bool().Draw(t, "gifts") {
			_, _ = l.do(GiveBonus{Merchant: m, Card: names[0], Amount: 50}, now)
			_, _ = l.do(AdjustPoints{Merchant: m, Card: names[0], Points: 9}, now)
		}
		for _, n := range names {
			_, _ = l.do(Expire{Merchant: m, Card: n}, now)
		}
		from, to := l.named(m, names[0]), l.named(m, names[1])
		before, facts := l.holds(from, to), *to
		ch, err := l.do(Merge{Merchant: m, From: names[0], To: names[1]}, now)
		if err != nil {
			return
		}
		if slices.ContainsFunc(ch.Entries, func(e ledger.Entry) bool { return e.Kind == ledger.ExpiryReversed }) {
			return // what a wrong clock had taken came back first
		}
		merged++
		from, to = l.named(m, names[0]), l.named(m, names[1])
		after := l.holds(from, to)
		if lost := before.net - after.net; lost < 0 || lost > spentBefore(ch.Entries) {
			t.Fatalf("points: there was %+v, and is %+v", before, after)
		}
		if after.principal != before.principal || after.invoiceable != before.invoiceable ||
			!maps.Equal(after.bonus, before.bonus) || !slices.Equal(after.coupons, before.coupons) {
			t.Fatalf("there was %+v, and is %+v", before, after)
		}
		if facts.PointsOwed == 0 && to.PointsOwed == 0 && !maps.Equal(after.points, before.points) &&
			before.net == sumOf(before.points) {
			t.Fatalf("there were the points %+v, and are %+v", before.points, after.points)
		}
		empty := holding{bonus: map[ledger.Date]ledger.Fen{}, points: map[ledger.Date]int64{}}
		if left := l.holds(from); from.Status != ledger.Returned || fmt.Sprint(left) != fmt.Sprint(empty) {
			t.Fatalf("the merged card has status %d and %+v", from.Status, left)
		}
		if to.Holder != facts.Holder || to.Details != facts.Details || to.Level != facts.Level ||
			to.Expires != facts.Expires {
			t.Fatalf("of the other card something else has changed: %+v", to)
		}
		if out := ch.Entries[len(ch.Entries)-2]; len(ch.Entries) > 2 && out.Bonus != 0 && out.Points != 0 {
			rich++
		}
		if err := l.check(); err != nil {
			t.Fatal(err)
		}
	})
}

// spentBefore returns the points that went with the money though they were spent already.
func spentBefore(all []ledger.Entry) (n int64) {
	for i := range all {
		if all[i].Kind == ledger.TransferredOut {
			n += all[i].PointsOwed
		}
	}
	return n
}

func sumOf(points map[ledger.Date]int64) (sum int64) {
	for _, n := range points {
		sum += n
	}
	return sum
}

// named returns a card with all its lots.
func (l *memStore) named(m ledger.MerchantID, number string) *ledger.Card {
	c, ok := l.card(ledger.CardNamed(m, number), 0)
	if !ok {
		panic("no card " + number)
	}
	return &c
}

// Merging gains nothing: however recharges, merges and pay-outs follow on each other, what is left when all principal
// was paid out is the bonus that was given by hand, and the points of rules are gone (invariants 12, 32).
func TestPropertyInvariant32MergesGainNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newShop(t, ledger.Merchant{
			Settings: ledger.Settings{BonusDays: rapid.IntRange(0, 1).Draw(t, "days")},
			Rules: []ledger.Rule{
				{ID: 1, Kind: ledger.Percent, AddRate: ledger.Rate(rapid.IntRange(1, 20_000).Draw(t, "rate")), AddPoints: 7},
			},
		})
		last, given := "6001", ledger.Fen(0)
		for n := range rapid.IntRange(1, 4).Draw(t, "merges") {
			next := fmt.Sprint(7001 + n)
			s.must(Open{Merchant: 1, Card: NewCard{Number: next, Level: 1, Holder: ledger.Holder{Name: "某人"}}})
			for _, card := range []string{last, next} {
				if rapid.Bool().Draw(t, "recharged") {
					s.must(Recharge{
						Merchant: 1, Card: card, Amount: ledger.Fen(rapid.IntRange(1, 9_999).Draw(t, "paid")), PayType: 1,
					})
				}
				if gift := ledger.Fen(rapid.IntRange(0, 500).Draw(t, "gift")); gift > 0 {
					s.must(GiveBonus{Merchant: 1, Card: card, Amount: gift})
					given += gift
				}
			}
			if has := s.cardNamed(last).Principal; has > 1 && rapid.Bool().Draw(t, "pays out") {
				s.must(Withdraw{Merchant: 1, Card: last, Amount: 1 + has/3})
			}
			s.must(Merge{Merchant: 1, From: last, To: next})
			last = next
		}
		if has := s.cardNamed(last).Principal; has > 0 {
			s.must(Withdraw{Merchant: 1, Card: last, Amount: has})
		}
		if c := s.cardNamed(last); c.Bonus != given || c.Points != 0 {
			t.Fatalf("%v of bonus and %d points are left, %v were given by hand", c.Bonus, c.Points, given)
		}
	})
}

// mergeable are two cards at a merchant, and what carries out commands there.
func mergeable(t *testing.T, m ledger.Merchant) (l *memStore, try func(Command) (Changes, error)) {
	t.Helper()
	m.ID, m.Zone, m.Levels = 1, shanghai, []ledger.Level{{ID: 1, PayRate: ledger.Percent100}}
	l = newMemStore(m)
	try = func(cmd Command) (Changes, error) {
		t.Helper()
		ch, err := l.do(cmd, monday)
		if broken := l.check(); broken != nil {
			t.Fatalf("%T: %v", cmd, broken)
		}
		return ch, err
	}
	for _, n := range []string{"6001", "6002"} {
		card := NewCard{Number: n, Level: 1, Holder: ledger.Holder{Name: "某人"}}
		if _, err := try(Open{Merchant: 1, Card: card}); err != nil {
			t.Fatal(err)
		}
	}
	return l, try
}

// Money that was invoiced is not paid out after a merge either, and what of the spent money may be invoiced comes along
// (invariant 56).
func TestInvariant56InvoicesGoWithAMerge(t *testing.T) {
	t.Parallel()
	l, try := mergeable(t, ledger.Merchant{PayTypes: []ledger.PayType{{ID: 1, Name: "现金", Invoiceable: true}}})
	for _, cmd := range []Command{
		Recharge{Merchant: 1, Card: "6001", Amount: 100_00, PayType: 1}, Invoice{Merchant: 1, Card: "6001", Amount: 50_00},
		Consume{Merchant: 1, Card: "6001", Amount: 60_00}, Merge{Merchant: 1, From: "6001", To: "6002"},
	} {
		if _, err := try(cmd); err != nil {
			t.Fatalf("%T: %v", cmd, err)
		}
	}
	if got := l.named(1, "6002").Invoiceable; got != 50_00 {
		t.Errorf("%v may be invoiced, want 50.00 of the 100.00", got)
	}
	if _, err := try(Invoice{Merchant: 1, Card: "6002", Amount: 50_00}); err != nil {
		t.Errorf("the rest is not invoiced: %v", err)
	}
	if _, err := try(Withdraw{Merchant: 1, Card: "6002", Amount: 40_00}); reasonOf(err) != ledger.InvoicedMoney {
		t.Errorf("all is invoiced, and is paid out: %v", err)
	}
}

// A card with money that was invoiced is not closed by a merge, which would leave it invoiced for ever: not there, and
// not where it came with a transfer. After the invoice is reversed all of it can be merged and paid out (invariant 56).
func TestInvariant56InvoicedMoneyIsNotMerged(t *testing.T) {
	t.Parallel()
	_, try := mergeable(t, ledger.Merchant{PayTypes: []ledger.PayType{{ID: 1, Name: "现金", Invoiceable: true}}})
	must := func(cmd Command) ledger.EntryID {
		t.Helper()
		ch, err := try(cmd)
		if err != nil {
			t.Fatalf("%T: %v", cmd, err)
		}
		return ch.Last().ID
	}
	must(Recharge{Merchant: 1, Card: "6001", Amount: 100_00, PayType: 1})
	invoice := must(Invoice{Merchant: 1, Card: "6001", Amount: 100_00})
	must(Transfer{Merchant: 1, From: "6001", To: "6002", Amount: 30_00})
	for _, cmd := range []Merge{{Merchant: 1, From: "6001", To: "6002"}, {Merchant: 1, From: "6002", To: "6001"}} {
		if _, err := try(cmd); reasonOf(err) != ledger.InvoicedMoney {
			t.Errorf("%+v: %v", cmd, err)
		}
	}
	must(Transfer{Merchant: 1, From: "6002", To: "6001", Amount: 30_00})
	must(ReverseInvoice{Merchant: 1, Card: "6001", Entry: invoice})
	must(Merge{Merchant: 1, From: "6001", To: "6002"})
	must(Return{Merchant: 1, Card: "6002"})
}

// A wallet is no fuller than it may be after a merge.
func TestInvariant29CouponsOfAMerge(t *testing.T) {
	t.Parallel()
	_, try := mergeable(t, ledger.Merchant{CouponKinds: []ledger.CouponKind{{
		CouponTerms: ledger.CouponTerms{Kind: 1, Name: "券", Type: ledger.CashCoupon, Face: 1_00}, Days: 9,
	}}})
	sent := 0
	send := func(card string, n int) SendCoupons {
		c := SendCoupons{Merchant: 1, Card: card, Kind: 1}
		for range n {
			sent++
			c.Numbers = append(c.Numbers, fmt.Sprint(28000000+sent))
		}
		return c
	}
	for _, cmd := range []Command{send("6001", 1), send("6002", 99), send("6002", 1)} {
		if _, err := try(cmd); err != nil {
			t.Fatal(err)
		}
	}
	for range ledger.MaxWallet/ledger.MaxSend - 1 {
		if _, err := try(send("6002", ledger.MaxSend)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := try(Merge{Merchant: 1, From: "6001", To: "6002"}); reasonOf(err) != ledger.WalletFull {
		t.Fatalf("a wallet of one too many: %v", err)
	}
	first := ledger.CouponID(3 * ledger.CouponsAnEntry)
	if _, err := try(VoidCoupon{Merchant: 1, Card: "6001", Coupon: first + 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := try(Merge{Merchant: 1, From: "6002", To: "6001"}); err != nil {
		t.Fatalf("as many as a wallet may have: %v", err)
	}
	if _, err := try(send("6001", 1)); reasonOf(err) != ledger.WalletFull {
		t.Errorf("one more than came: %v", err)
	}
	ch, err := try(Return{Merchant: 1, Card: "6001"})
	if err != nil || len(ch.Last().Coupons) != ledger.MaxWallet {
		t.Errorf("%d coupons are dropped with the card, want all that came; %v", len(ch.Entries), err)
	}
}

// Of coupons that came by merges of one batch it is known where they are now.
func TestInvariant29MergesInABatch(t *testing.T) {
	t.Parallel()
	l, try := mergeable(t, ledger.Merchant{CouponKinds: []ledger.CouponKind{{
		CouponTerms: ledger.CouponTerms{Kind: 1, Name: "券", Type: ledger.CashCoupon, Face: 1_00}, Days: 9,
	}}})
	for _, cmd := range []Command{
		Open{Merchant: 1, Card: NewCard{Number: "6003", Level: 1, Holder: ledger.Holder{Name: "某人"}}},
		SendCoupons{Merchant: 1, Card: "6001", Kind: 1, Numbers: []string{"28000001", "28000002"}},
		SendCoupons{Merchant: 1, Card: "6003", Kind: 1, Numbers: []string{"28000003"}},
	} {
		if _, err := try(cmd); err != nil {
			t.Fatal(err)
		}
	}
	var dropped int
	err := l.batch(NewState(1), []order{
		{cmd: Merge{Merchant: 1, From: "6001", To: "6002"}, now: monday},
		{cmd: Merge{Merchant: 1, From: "6002", To: "6003"}, now: monday},
		{cmd: Return{Merchant: 1, Card: "6003"}, now: monday},
	}, func(o order, ch Changes, err error) {
		if err != nil {
			t.Fatalf("%T: %v", o.cmd, err)
		}
		dropped = len(ch.Last().Coupons)
	})
	if broken := l.check(); err != nil || broken != nil || dropped != 3 {
		t.Errorf("%d coupons are dropped with the last card, want 3; %v, %v", dropped, err, broken)
	}
}
