package command

import (
	"reflect"
	"testing"
	"time"

	"tongka/internal/ledger"
)

// dated returns a merchant whose bonus, points and coupons are good for 30 days, and a card that has some of each.
func dated(t *testing.T) *memStore {
	t.Helper()
	l := newMemStore(ledger.Merchant{
		ID: 1, Zone: time.UTC, Settings: ledger.Settings{BonusDays: 30, PointsDays: 30}, PayTypes: []ledger.PayType{{ID: 1}},
		Levels:     []ledger.Level{{ID: 1, PayRate: ledger.Percent100, Earn: ledger.Percent100}},
		LicenceEnd: ledger.DateOf(monday).AddDays(60),
		Rules:      []ledger.Rule{{ID: 1, Name: "送一成", Kind: ledger.Percent, AddRate: 1000, AddPoints: 5}},
		CouponKinds: []ledger.CouponKind{
			{CouponTerms: ledger.CouponTerms{Kind: 1, Name: "券", Type: ledger.CashCoupon, Face: 10_00}, Days: 30},
		},
	})
	for _, cmd := range []Command{
		Open{Merchant: 1, Card: NewCard{Number: "6001", Level: 1, Holder: ledger.Holder{Name: "张三"}}},
		Recharge{Merchant: 1, Card: "6001", Amount: 100_00, PayType: 1},
		SendCoupons{Merchant: 1, Card: "6001", Kind: 1, Numbers: []string{"28000001"}},
	} {
		l.mustAt(t, monday, cmd)
	}
	return l
}

// mustAt carries a command out at that time, and returns the entries it made.
func (l *memStore) mustAt(t *testing.T, now time.Time, cmd Command) []ledger.Entry {
	t.Helper()
	ch, err := l.do(cmd, now)
	if err != nil {
		t.Fatalf("%+v: %v", cmd, err)
	}
	if err := l.check(); err != nil {
		t.Fatalf("after %+v: %v", cmd, err)
	}
	return ch.Entries
}

// TestTimeTakenBack: what expired because a clock was 40 days ahead is good again after the time is taken back, with
// the same amounts and days, and the card goes on at the right time.
func TestTimeTakenBack(t *testing.T) {
	t.Parallel()
	l := dated(t)
	before, _ := l.card(ledger.CardKey{Merchant: 1, Number: "6001"}, 0)
	coupons := l.coupons[row[ledger.CouponID]{1, 3*128 + 1}]
	wrong, right := monday.AddDate(0, 0, 40), monday.Add(time.Minute)
	lots := l.mustAt(t, wrong, Expire{Merchant: 1, Card: "6001"})
	booked := l.mustAt(t, wrong, ExpireCoupons{Merchant: 1, Card: "6001"})
	if c, _ := l.card(ledger.CardKey{Merchant: 1, Number: "6001"}, 0); c.Bonus != 0 || c.Points != 0 {
		t.Fatalf("nothing expired: %+v", c)
	}
	expire := []ReverseExpiry{
		{Merchant: 1, Card: "6001", Entry: lots[0].ID}, {Merchant: 1, Card: "6001", Entry: booked[0].ID},
	}
	for _, r := range expire {
		if _, err := l.do(r, wrong); reasonOf(err) != ledger.NotReversible {
			t.Errorf("before the time is taken back: got %v", err)
		}
	}
	l.mustAt(t, wrong, TakeBackTime{Merchant: 1, At: right, Note: "主板电池"})
	for _, r := range expire {
		l.mustAt(t, right, r)
		if _, err := l.do(r, right); reasonOf(err) != ledger.AlreadyReversed {
			t.Errorf("a second time: got %v", err)
		}
	}
	c, _ := l.card(ledger.CardKey{Merchant: 1, Number: "6001"}, 0)
	if !reflect.DeepEqual(c.Lots, before.Lots) || !reflect.DeepEqual(c.PointLots, before.PointLots) ||
		c.Bonus != before.Bonus || c.Points != before.Points {
		t.Errorf("got %+v, want what there was: %+v", c, before)
	}
	if got := l.coupons[row[ledger.CouponID]{1, coupons.ID}]; !reflect.DeepEqual(got, coupons) {
		t.Errorf("got coupon %+v, want %+v", got, coupons)
	}
	paid := l.mustAt(t, right.Add(time.Second), Consume{
		Merchant: 1, Card: "6001", Amount: 50_00, Coupons: []ledger.CouponID{coupons.ID},
	})
	if !paid[0].At.Equal(right.Add(time.Second)) {
		t.Errorf("the bill is dated %v", paid[0].At)
	}
}

// TestTimeTakenBackTooFar: what had rightly expired before stays expired, and a licence that ended only by a wrong
// clock does not prevent taking the time back.
func TestTimeTakenBackTooFar(t *testing.T) {
	t.Parallel()
	l := dated(t)
	rightly, wrong := monday.AddDate(0, 0, 31), monday.AddDate(1, 1, 0)
	expired := l.mustAt(t, rightly, Expire{Merchant: 1, Card: "6001"})
	coupons := l.mustAt(t, rightly, ExpireCoupons{Merchant: 1, Card: "6001"})
	l.mustAt(t, wrong, AcceptTime{Merchant: 1, At: wrong})
	if _, err := l.do(Recharge{Merchant: 1, Card: "6001", Amount: 1, PayType: 1},
		rightly); reasonOf(err) != ledger.LicenceOver {
		t.Fatalf("at the accepted time: got %v", err)
	}
	back := l.mustAt(t, wrong, TakeBackTime{Merchant: 1, At: rightly.Add(time.Hour)})
	if e := back[0]; e.Card != 0 || e.Seq != 2 || !e.At.Equal(rightly.Add(time.Hour)) {
		t.Errorf("taken back by %+v", e)
	}
	l.mustAt(t, rightly.Add(2*time.Hour), Recharge{Merchant: 1, Card: "6001", Amount: 1, PayType: 1})
	if _, err := l.do(ReverseExpiry{Merchant: 1, Card: "6001", Entry: expired[0].ID},
		rightly.Add(2*time.Hour)); reasonOf(err) != ledger.NotReversible {
		t.Errorf("what expired at the right time: got %v", err)
	}
	// Taking the time back to before its expiry gives it back only if it is still good.
	l.mustAt(t, rightly, TakeBackTime{Merchant: 1, At: rightly.Add(-time.Minute)})
	for _, e := range []ledger.Entry{expired[0], coupons[0]} {
		_, err := l.do(ReverseExpiry{Merchant: 1, Card: "6001", Entry: e.ID}, rightly)
		if reasonOf(err) != ledger.NothingExpired {
			t.Errorf("what is over, by entry %d: got %v", e.ID, err)
		}
	}
}

// When the time is taken back a second time and further, what is good then and was not at the first comes back too, and
// nothing comes back twice (invariant 58).
func TestTimeTakenBackFurther(t *testing.T) {
	t.Parallel()
	l := newMemStore(cashBackFor30Days())
	day := func(n int) time.Time { return monday.AddDate(0, 0, n) }
	l.mustAt(t, monday, Open{
		Merchant: 1, Card: NewCard{Number: "6001", Level: 1, Holder: ledger.Holder{Name: "张三"}},
	})
	for _, at := range []int{0, 20} {
		l.mustAt(t, day(at), Recharge{Merchant: 1, Card: "6001", Amount: 100_00, PayType: 1})
	}
	gone := l.mustAt(t, day(60), Expire{Merchant: 1, Card: "6001"})[0]
	for _, back := range []struct {
		to    int
		bonus ledger.Fen
	}{{40, 30_00}, {21, 60_00}} {
		l.mustAt(t, day(60), TakeBackTime{Merchant: 1, At: day(back.to)})
		l.mustAt(t, day(back.to), ReverseExpiry{Merchant: 1, Card: "6001", Entry: gone.ID})
		if _, err := l.do(ReverseExpiry{Merchant: 1, Card: "6001", Entry: gone.ID}, day(back.to)); reasonOf(
			err,
		) != ledger.AlreadyReversed {
			t.Errorf("once more: %v", err)
		}
		if c, _ := l.card(ledger.CardNamed(1, "6001"), 0); c.Bonus != back.bonus {
			t.Errorf("taken back to day %d: a bonus of %v, want %v", back.to, c.Bonus, back.bonus)
		}
		if err := l.check(); err != nil {
			t.Fatal(err)
		}
	}
}

// What becomes good because the merchant's zone is moved west comes back too, each part once.
func TestTimeTakenBackInAnotherZone(t *testing.T) {
	t.Parallel()
	m := cashBackFor30Days()
	m.Settings.BonusDays, m.Settings.PointsDays, m.Zone = 1, 20, time.FixedZone("east", 13*3600)
	l := newMemStore(m)
	evening := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC) // in the east too it is March 2
	l.mustAt(t, evening, Open{Merchant: 1, Card: NewCard{
		Number: "6001", Level: 1, Holder: ledger.Holder{Name: "张三"}, Principal: 10_00, Bonus: 40_00, Points: 500,
	}})
	gone := l.mustAt(t, evening.AddDate(0, 0, 40), Expire{Merchant: 1, Card: "6001"})[0]
	later := evening.Add(32 * time.Hour) // in the east it is March 4, and the bonus has expired; at UTC it has not
	l.mustAt(t, later.AddDate(0, 0, 40), TakeBackTime{Merchant: 1, At: later})
	l.mustAt(t, later, ReverseExpiry{Merchant: 1, Card: "6001", Entry: gone.ID})
	if c, _ := l.card(ledger.CardNamed(1, "6001"), 0); c.Bonus != 0 || c.Points != 500 {
		t.Fatalf("in the east the card has %v and %d points", c.Bonus, c.Points)
	}
	m.Zone = time.UTC
	l.merchants[1] = m
	l.mustAt(t, later, ReverseExpiry{Merchant: 1, Card: "6001", Entry: gone.ID})
	if c, _ := l.card(ledger.CardNamed(1, "6001"), 0); c.Bonus != 40_00 || c.Points != 500 {
		t.Errorf("at UTC the card has %v and %d points", c.Bonus, c.Points)
	}
	if err := l.check(); err != nil {
		t.Error(err)
	}
}
