package apply_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tongka/internal/apply"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Every field of a kind is read, and the kinds keep the order of the file.
func TestCouponKinds(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	b.apply(t, shopFile(t))
	kinds := func() []ledger.CouponKind {
		t.Helper()
		merchants, err := b.Merchants(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return merchants[0].CouponKinds
	}
	want := []ledger.CouponKind{
		{
			CouponTerms: ledger.CouponTerms{
				Kind: 7, Name: "甜品券", Type: ledger.GoodsCoupon, MaxUse: 2, Grace: 3, Shops: []ledger.ShopID{12, 11},
			},
			Start: 20261201, Days: 30, Stock: 500, Info: "饭后一份,每桌两份",
		},
		{
			CouponTerms: ledger.CouponTerms{
				Kind: 3, Name: "满减券", Type: ledger.CashCoupon, Face: 30_00, Least: 100_00, Alone: true,
			},
		},
		{
			CouponTerms: ledger.CouponTerms{Kind: 5, Name: "九折券", Type: ledger.PercentCoupon, Off: 1000, MaxOff: 20_00},
			End:         20261231,
		},
	}
	if got := kinds(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	lines, _ := b.apply(t, `
merchants:
  - id: 1
    coupon_kinds:
      - {id: 5, max_off: 0, end: "", days: 9}
      - {id: 7, shops: [], info: ""}
`)
	for _, want := range []string{
		"coupon kind 5 九折券: updated max_off: 20.00 → 0.00, end: 2026-12-31 → none, days: 0 → 9",
		"coupon kind 7 甜品券: updated shops: 12 11 → none, info: 饭后一份,每桌两份 → none", "coupon kind 3 满减券: kept",
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("got %q, want %q", lines, want)
		}
	}
	want = []ledger.CouponKind{want[2], want[0], want[1]}
	want[0].MaxOff, want[0].End, want[0].Days = 0, 0, 9
	want[1].Shops, want[1].Info = nil, ""
	if got := kinds(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// Coupons of the file are sent once, even if they were used since or the file gives another count.
func TestCouponsOfCards(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	wallet := func() (texts []string) {
		t.Helper()
		_, coupons, err := b.Wallet(t.Context(), ledger.CardKey{Merchant: 1, Number: "A0002"})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range coupons {
			texts = append(texts, c.Name+c.Subject)
		}
		return texts
	}
	b.apply(t, shopFile(t))
	if got := wallet(); !slices.Equal(got, []string{"满减券赠送", "满减券赠送", "甜品券"}) {
		t.Errorf("got %v", got)
	}
	_, coupons, err := b.Wallet(t.Context(), ledger.CardKey{Merchant: 1, Number: "A0002"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.engine.Do(t.Context(), command.VoidCoupon{
		Merchant: 1, Card: "A0002", Coupon: coupons[0].ID,
	}); err != nil {
		t.Fatal(err)
	}
	lines, _ := b.apply(t, strings.Replace(shopFile(t), "count: 2", "count: 9", 1))
	const differs = "coupons A0002: kind 3: unchanged the file has 9, and 2 were sent: coupons are sent once, " +
		"and another count sends none"
	if !slices.Contains(lines, differs) || len(wallet()) != 2 {
		t.Errorf("got %v, %q", wallet(), lines)
	}
}

// If the program ended after a card was opened and before its coupons were sent, the next apply sends them.
func TestCouponsAfterFailure(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	opt := options()
	opt.NewCouponNumber = func() (string, error) { return "", errors.New("no randomness") }
	plan, err := b.plan(t, shopFile(t), opt)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := plan.Run(t.Context(), b, b.engine); err == nil ||
		!strings.Contains(err.Error(), "send coupons to card A0002 of merchant 1: no randomness") {
		t.Errorf("got %v", err)
	}
	_, report := b.apply(t, shopFile(t))
	var got []apply.Result
	for _, l := range report.Lines {
		if l.Kind == "coupons" || l.Name == "A0002" {
			got = append(got, l.Result)
		}
	}
	if !slices.Equal(got, []apply.Result{apply.Unchanged, apply.Created, apply.Created}) {
		t.Errorf("got %v", got)
	}
}

// Coupons that the core refuses are a line of the report, not an error.
func TestCouponsRefused(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	lines, report := b.apply(t, strings.Replace(shopFile(t), "start: 2026-12-01, days: 30", "end: 2026-11-21", 1))
	if !report.Refused() ||
		!slices.Contains(lines, "coupons A0002: kind 7: refused kind of coupon has ended: 2026-11-21") {
		t.Errorf("got %q", lines)
	}
}

// sent applies a file whose second card has the number, and returns the results of what is about that card; and says
// so if Check says something else before.
func (b books) sent(t *testing.T, number string) (results []apply.Result) {
	t.Helper()
	file := strings.Replace(shopFile(t), "A0002", number, 1)
	plan, err := b.plan(t, file, options())
	if err != nil {
		t.Fatal(err)
	}
	checked, err := plan.Check(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	_, report := b.apply(t, file)
	for i, l := range report.Lines {
		if l.Name != number && l.Kind != "coupons" {
			continue
		}
		results = append(results, l.Result)
		if would := checked[i].Result; would != l.Result && would != "would be "+l.Result {
			t.Errorf("%s %s: Check says %s, Run %s", l.Kind, l.Name, would, l.Result)
		}
	}
	return results
}

// TestCouponsOfOneAccount: a card's coupons are sent once, however its number is spelled and whatever number it gets.
func TestCouponsOfOneAccount(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	once := []apply.Result{apply.Created, apply.Created, apply.Created}
	if got := b.sent(t, "ab02"); !slices.Equal(got, once) {
		t.Fatalf("got %v", got)
	}
	again := []apply.Result{apply.Unchanged, apply.Unchanged, apply.Unchanged}
	try := func(numbers ...string) {
		t.Helper()
		for _, n := range numbers {
			if got := b.sent(t, n); !slices.Equal(got, again) {
				t.Errorf("%s: got %v", n, got)
			}
		}
	}
	try("ab02", "AB02", "Ab02")
	replace := func(from, to string) {
		t.Helper()
		if _, err := b.engine.Do(t.Context(), command.Replace{Merchant: 1, Card: from, Number: to}); err != nil {
			t.Fatal(err)
		}
	}
	replace("ab02", "new1")
	try("NEW1", "new1", "AB02", "ab02")
	replace("NEW1", "NEW2")
	try("new2", "NEW1", "AB02")
	if _, coupons, err := b.Wallet(t.Context(), ledger.CardNamed(1, "NEW2")); err != nil || len(coupons) != 3 {
		t.Errorf("got %d coupons, %v, want 3", len(coupons), err)
	}
	if got := b.sent(t, "other"); !slices.Equal(got, once) {
		t.Errorf("another card: got %v", got)
	}
}

// TestCouponsOfReplacedCard: coupons that were not sent before a card's number was replaced are refused under the old
// number, as everything is, and sent under the new one.
func TestCouponsOfReplacedCard(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	b.apply(t, strings.Replace(shopFile(t), ", coupons: [{kind: 3, count: 2, subject: 赠送}, {kind: 7}]", "", 1))
	if _, err := b.engine.Do(t.Context(), command.Replace{Merchant: 1, Card: "A0002", Number: "NEW1"}); err != nil {
		t.Fatal(err)
	}
	lines, _ := b.apply(t, shopFile(t))
	if !slices.Contains(lines, "coupons A0002: kind 3: refused card is replaced: A0002") {
		t.Errorf("got %q", lines)
	}
	if got := b.sent(t, "new1"); !slices.Equal(got, []apply.Result{apply.Unchanged, apply.Created, apply.Created}) {
		t.Errorf("got %v", got)
	}
}

// TestCouponsSentBefore: coupons that were sent when requests were named by the number as the file had it are not sent
// again, under that spelling, the card's own, or when the number has been replaced.
func TestCouponsSentBefore(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ opened, sent, later string }{
		"the same":         {"ab02", "ab02", "ab02"},
		"the card's":       {"ab02", "ab02", "AB02"},
		"the file's":       {"ab02", "Ab02", "Ab02"},
		"the replaced one": {"ab02", "ab02", "AB02, replaced"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBooks(t)
			file := strings.Replace(shopFile(t), ", coupons: [{kind: 3, count: 2, subject: 赠送}, {kind: 7}]", "", 1)
			b.apply(t, strings.Replace(file, "A0002", test.opened, 1))
			for _, kind := range []ledger.CouponKindID{3, 7} {
				id := fmt.Sprintf("%s: kind %d", test.sent, kind)
				if _, err := b.engine.Do(t.Context(), command.Once{
					Command: command.SendCoupons{
						Merchant: 1, Card: test.opened, Kind: kind, Numbers: []string{fmt.Sprintf("2800000%d", kind)},
					},
					Key:         ledger.RequestKey{Scope: "apply/coupons", ID: id},
					Fingerprint: sha256.Sum256([]byte(id)),
					Answer:      func(command.Changes) []byte { return nil },
				}); err != nil {
					t.Fatal(err)
				}
			}
			later, replaced := strings.CutSuffix(test.later, ", replaced")
			if replaced {
				if _, err := b.engine.Do(t.Context(), command.Replace{Merchant: 1, Card: later, Number: "NEW1"}); err != nil {
					t.Fatal(err)
				}
			}
			if got := b.sent(t, later); !slices.Equal(got, []apply.Result{apply.Unchanged, apply.Unchanged, apply.Unchanged}) {
				t.Errorf("got %v", got)
			}
		})
	}
}

// late is a store in which somebody else opens cards after they were looked for.
type late struct {
	books
	looked map[ledger.CardKey]bool
}

func (l late) Card(ctx context.Context, key ledger.CardKey) (*ledger.Card, error) {
	if !l.looked[key] {
		l.looked[key] = true
		return nil, nil
	}
	return l.books.Card(ctx, key)
}

// TestApplyTwiceAtOnce: two who apply a file at once open a card once and send its coupons once, though they spell its
// number differently.
func TestApplyTwiceAtOnce(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	b.sent(t, "ab02")
	plan, err := b.plan(t, strings.Replace(shopFile(t), "A0002", "AB02", 1), options())
	if err != nil {
		t.Fatal(err)
	}
	report, err := plan.Run(t.Context(), late{b, map[ledger.CardKey]bool{}}, b.engine)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range report.Lines {
		if l.Result != apply.Unchanged {
			t.Errorf("got %+v", l)
		}
	}
}
