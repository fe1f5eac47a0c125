package main

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

// newBooks makes a SQLite database with one merchant, and an engine whose clock stands at now.
func newBooks(t testing.TB, now time.Time, settings ledger.Settings) (b *books, dsn string) {
	t.Helper()
	dsn = "sqlite:" + filepath.Join(t.TempDir(), "books.db")
	b, err := openBooks(t.Context(), dsn, engine.Config{Batch: 1, Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	err = b.SaveMerchant(t.Context(), ledger.Merchant{
		ID: 1, GUID: "g", Name: "n", Zone: time.UTC, Settings: settings,
		Shops:    []ledger.Shop{{ID: 1, GUID: "s", Name: "n"}},
		Levels:   []ledger.Level{{ID: 1, Name: "l", PayRate: ledger.Percent100, Earn: ledger.Percent100}},
		PayTypes: []ledger.PayType{{ID: 1, Name: "cash"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b, dsn
}

func (b *books) mustClose(t testing.TB) {
	t.Helper()
	var err error
	if b.Close(&err); err != nil {
		t.Error(err)
	}
}

func (b *books) mustDo(t testing.TB, command command.Command) {
	t.Helper()
	if _, err := b.engine.Do(t.Context(), command); err != nil {
		t.Fatalf("%T: %v", command, err)
	}
}

func newCard(number string) command.NewCard {
	return command.NewCard{Number: number, Level: 1, Holder: ledger.Holder{Name: "x"}}
}

// carryOut carries out a command line and returns what it wrote to standard error.
func carryOut(ctx context.Context, args ...string) (code int, stderr string) {
	var out, err bytes.Buffer
	code = run(ctx, &console{out: &out, err: &err}, args)
	return code, err.String()
}

// Entries that seem older than those before them would break every card's chain (invariant 22).
func TestClockBehindWritesNothing(t *testing.T) {
	t.Parallel()
	b, dsn := newBooks(t, time.Now().Add(time.Hour), ledger.Settings{})
	b.mustDo(t, command.Open{Merchant: 1, Card: newCard("A0001")})
	b.mustClose(t)
	for _, args := range [][]string{
		{"apply", "--db", dsn, "testdata/empty.yaml"},
		{"cards", "import", "--db", dsn, "--merchant", "1", "testdata/empty.csv"},
	} {
		code, stderr := carryOut(t.Context(), args...)
		if code != exitFailed || !strings.Contains(stderr, "behind the newest entry") {
			t.Errorf("%v: got %d %s", args, code, stderr)
		}
	}
}

func TestServeRefusesDemoToken(t *testing.T) {
	t.Parallel()
	b, dsn := newBooks(t, time.Now(), ledger.Settings{})
	if err := b.SaveAgent(t.Context(), ledger.Agent{ID: 1, Name: "test", TokenHash: auth.Hash("test")}); err != nil {
		t.Fatal(err)
	}
	b.mustClose(t)
	code, stderr := carryOut(t.Context(), "serve", "--db", dsn, "--addr", "127.0.0.1:0")
	if code != exitFailed || !strings.Contains(stderr, `agent "test" has the published demo token`) {
		t.Errorf("got %d %s", code, stderr)
	}
}

// What has expired must also be taken off cards that nobody uses, even if there are more of them than one page of
// the sweep finds.
func TestExpireSweep(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	b, dsn := newBooks(t, start, ledger.Settings{BonusDays: 30})
	var cards []command.NewCard
	for n := range 250 {
		c := newCard(fmt.Sprintf("A%04d", n))
		c.Principal, c.Bonus = 1000, 500
		cards = append(cards, c)
	}
	b.mustDo(t, command.Import{Merchant: 1, Cards: cards})
	if n, err := b.sweep(nil).Expire(t.Context(), start.AddDate(0, 0, 30)); n != 0 || err != nil {
		t.Errorf("on the last good day: got %d, %v", n, err)
	}
	b.mustClose(t)

	later := start.AddDate(0, 0, 31)
	b, err := openBooks(t.Context(), dsn, engine.Config{Clock: func() time.Time { return later }})
	if err != nil {
		t.Fatal(err)
	}
	defer b.mustClose(t)
	if n, err := b.sweep(nil).Expire(t.Context(), later); n != len(cards) || err != nil {
		t.Errorf("the day after: got %d, %v, want %d", n, err, len(cards))
	}
	c, err := b.Card(t.Context(), ledger.CardKey{Merchant: 1, Number: "A0249"})
	if err != nil || c.Bonus != 0 || c.Principal != 1000 {
		t.Errorf("got %+v, %v", c, err)
	}
	if n, err := b.sweep(nil).Expire(t.Context(), later); n != 0 || err != nil {
		t.Errorf("again: got %d, %v", n, err)
	}
}

// Expired coupons must be taken off too, even if there are more of them than one page of the sweep finds.
func TestCouponSweep(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	b, dsn := newBooks(t, start, ledger.Settings{BonusDays: 5})
	merchants, err := b.Merchants(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	m := merchants[0]
	m.CouponKinds = []ledger.CouponKind{
		{CouponTerms: ledger.CouponTerms{Kind: 1, Name: "券", Type: ledger.GoodsCoupon}, Days: 31},
	}
	if err := b.SaveMerchant(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	for n := range 4 {
		c := newCard(fmt.Sprintf("A%04d", n))
		if n == 3 {
			c.Principal, c.Bonus = 1000, 500
		}
		b.mustDo(t, command.Open{Merchant: 1, Card: c})
		if n == 3 {
			continue
		}
		for i := range 3 {
			send := command.SendCoupons{Merchant: 1, Card: c.Number, Kind: 1}
			for k := range ledger.MaxSend {
				send.Numbers = append(send.Numbers, fmt.Sprint(28000000+1000*n+100*i+k))
			}
			b.mustDo(t, send)
		}
	}
	b.mustDo(t, command.Return{Merchant: 1, Card: "A0002"}) // its coupons are void
	b.mustDo(t, command.ReportLost{Merchant: 1, Card: "A0001"})
	b.mustClose(t)

	later := start.AddDate(0, 0, 31)
	b, err = openBooks(t.Context(), dsn, engine.Config{Clock: func() time.Time { return later }})
	if err != nil {
		t.Fatal(err)
	}
	defer b.mustClose(t)
	if n, err := b.sweep(nil).Expire(t.Context(), later.AddDate(0, 0, -1)); n != 1 || err != nil {
		t.Errorf("on the last good day of the coupons: got %d, %v, want the card with bonus", n, err)
	}
	if n, err := b.sweep(nil).Expire(t.Context(), later); n != 2 || err != nil {
		t.Errorf("the day after: got %d, %v, want two cards", n, err)
	}
	states := map[ledger.CouponState]int{}
	err = b.EachCoupon(t.Context(), 1, func(c *ledger.Coupon) error {
		states[c.State]++
		return nil
	})
	if err != nil || len(states) != 2 || states[ledger.Expired] != 600 || states[ledger.Void] != 300 {
		t.Errorf("got %v, %v", states, err)
	}
	if n, err := b.sweep(nil).Expire(t.Context(), later); n != 0 || err != nil {
		t.Errorf("again: got %d, %v", n, err)
	}
}
