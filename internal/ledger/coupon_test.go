package ledger_test

import (
	"errors"
	"strings"
	"testing"

	"tongka/internal/ledger"
)

func TestInvariant28Worth(t *testing.T) {
	t.Parallel()
	cash := func(face ledger.Fen) ledger.Coupon {
		return ledger.Coupon{CouponTerms: ledger.CouponTerms{Type: ledger.CashCoupon, Face: face}}
	}
	percent := func(off ledger.Rate, most ledger.Fen) ledger.Coupon {
		return ledger.Coupon{CouponTerms: ledger.CouponTerms{Type: ledger.PercentCoupon, Off: off, MaxOff: most}}
	}
	goods := ledger.Coupon{CouponTerms: ledger.CouponTerms{Type: ledger.GoodsCoupon, Face: 7}}
	for _, c := range []struct {
		name    string
		coupons []ledger.Coupon
		amount  ledger.Fen
		want    []ledger.Fen
	}{
		{"none", nil, 100, []ledger.Fen{}},
		{"cash", []ledger.Coupon{cash(30)}, 100, []ledger.Fen{30}},
		{"no more than the bill", []ledger.Coupon{cash(30), cash(30)}, 40, []ledger.Fen{30, 10}},
		{"half a fen is rounded up", []ledger.Coupon{percent(5000, 0)}, 3, []ledger.Fen{2}},
		{"a share has a bound", []ledger.Coupon{percent(5000, 20)}, 100, []ledger.Fen{20}},
		{"the share comes first", []ledger.Coupon{cash(30), percent(2000, 0)}, 100, []ledger.Fen{30, 20}},
		{"a share of what is left", []ledger.Coupon{percent(5000, 0), percent(5000, 0)}, 100, []ledger.Fen{50, 25}},
		{"the whole", []ledger.Coupon{percent(ledger.Percent100, 0), cash(1)}, 100, []ledger.Fen{100, 0}},
		{"goods pay nothing", []ledger.Coupon{goods}, 100, []ledger.Fen{0}},
		{"a bill of nothing", []ledger.Coupon{cash(30), percent(5000, 0)}, 0, []ledger.Fen{0, 0}},
	} {
		got := ledger.Worth(c.coupons, c.amount)
		for i := range c.want {
			if len(got) != len(c.want) || got[i] != c.want[i] {
				t.Errorf("%s: got %v, want %v", c.name, got, c.want)
				break
			}
		}
	}
}

func TestInvariant27Fit(t *testing.T) {
	t.Parallel()
	kind := func(k ledger.CouponKindID, set func(*ledger.CouponTerms)) ledger.Coupon {
		c := ledger.Coupon{CouponTerms: ledger.CouponTerms{Kind: k, Type: ledger.CashCoupon, Face: 1}}
		set(&c.CouponTerms)
		return c
	}
	plain := kind(1, func(*ledger.CouponTerms) {})
	alone := kind(2, func(t *ledger.CouponTerms) { t.Alone = true })
	two := kind(3, func(t *ledger.CouponTerms) { t.MaxUse = 2 })
	bill := kind(4, func(t *ledger.CouponTerms) { t.Least = 50 })
	here := kind(5, func(t *ledger.CouponTerms) { t.Shops = []ledger.ShopID{7, 8} })
	for _, c := range []struct {
		name    string
		coupons []ledger.Coupon
		amount  ledger.Fen
		want    ledger.Reason
	}{
		{"none", nil, 0, -1},
		{"as many as one likes", []ledger.Coupon{plain, plain, plain}, 0, -1},
		{"alone", []ledger.Coupon{alone, alone}, 0, -1},
		{"alone beside another", []ledger.Coupon{alone, plain}, 0, ledger.CouponAlone},
		{"another beside alone", []ledger.Coupon{plain, alone}, 0, ledger.CouponAlone},
		{"two", []ledger.Coupon{two, plain, two}, 0, -1},
		{"three", []ledger.Coupon{two, plain, two, two}, 0, ledger.TooManyCoupons},
		{"just enough", []ledger.Coupon{bill, bill, plain}, 100, -1},
		{"not for the second", []ledger.Coupon{bill, bill}, 99, ledger.CouponNeedsBill},
		{"the first fault", []ledger.Coupon{bill, here}, 49, ledger.CouponNeedsBill},
		{"in another shop", []ledger.Coupon{here, bill}, 49, ledger.CouponNotHere},
	} {
		err := ledger.Fit(c.coupons, 6, c.amount)
		refusal, refused := errors.AsType[ledger.Refusal](err)
		if refused == (c.want == -1) || refused && refusal.Reason != c.want {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
	if err := ledger.Fit([]ledger.Coupon{here}, 8, 0); err != nil {
		t.Errorf("in its shop: %v", err)
	}
}

func TestCouponKindValidity(t *testing.T) {
	t.Parallel()
	const today ledger.Date = 2026_01_30
	for _, c := range []struct {
		name        string
		kind        ledger.CouponKind
		from, until ledger.Date
		ok          bool
	}{
		{"for ever", ledger.CouponKind{}, today, ledger.Forever, true},
		{"today only", ledger.CouponKind{Days: 1}, today, today, true},
		{"three days", ledger.CouponKind{Days: 3}, today, 2026_02_01, true},
		{"three days from a day on", ledger.CouponKind{Days: 3, Start: 2026_02_28}, 2026_02_28, 2026_03_02, true},
		{"through its last day", ledger.CouponKind{End: today}, today, today, true},
		{"over", ledger.CouponKind{End: 2026_01_29}, today, 2026_01_29, false},
		{"between two days", ledger.CouponKind{Start: 2026_01_01, End: 2026_02_01}, today, 2026_02_01, true},
	} {
		from, until, ok := c.kind.Validity(today)
		if from != c.from || until != c.until || ok != c.ok {
			t.Errorf("%s: got %v to %v, %v", c.name, from, until, ok)
		}
	}
}

// Offered agrees with what SendCoupons would send.
func TestCouponKindOffered(t *testing.T) {
	t.Parallel()
	const today ledger.Date = 2026_01_30
	kind := ledger.CouponKind{
		CouponTerms: ledger.CouponTerms{Kind: 1, Name: "券", Type: ledger.CashCoupon, Face: 100}, Start: 2026_02_01,
		End: today + 100, Stock: 3,
	}
	over, broken, boundless := kind, kind, kind
	over.Start, over.End = 0, 2026_01_29
	broken.Face = 0
	boundless.Stock = 0
	for _, c := range []struct {
		name string
		kind ledger.CouponKind
		sent int64
		want bool
	}{
		{"one left", kind, 2, true}, {"none left", kind, 3, false}, {"over", over, 0, false},
		{"of no worth", broken, 0, false},
		{"any number", boundless, 1_000_000, true},
	} {
		if got := c.kind.Offered(today, c.sent); got != c.want {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
}

// A type is read by the name it is printed as.
func TestCouponTypeNames(t *testing.T) {
	t.Parallel()
	for _, want := range []ledger.CouponType{ledger.CashCoupon, ledger.GoodsCoupon, ledger.PercentCoupon} {
		if got, ok := ledger.ParseCouponType(want.String()); !ok || got != want {
			t.Errorf("%v: got %v, %v", want, got, ok)
		}
	}
	for _, name := range []string{"", "Cash", "coupon"} {
		if got, ok := ledger.ParseCouponType(name); ok || got != 0 {
			t.Errorf("%q is %v", name, got)
		}
	}
}

func TestCouponKindFaults(t *testing.T) {
	t.Parallel()
	good := func(set func(*ledger.CouponKind)) ledger.CouponKind {
		k := ledger.CouponKind{CouponTerms: ledger.CouponTerms{Kind: 1, Name: "券", Type: ledger.CashCoupon, Face: 100}}
		set(&k)
		return k
	}
	for name, c := range map[string]struct {
		kind ledger.CouponKind
		want bool
	}{
		"cash":  {good(func(*ledger.CouponKind) {}), true},
		"goods": {good(func(k *ledger.CouponKind) { k.Type, k.Face = ledger.GoodsCoupon, 0 }), true},
		"percent": {
			good(func(k *ledger.CouponKind) { k.Type, k.Face, k.Off = ledger.PercentCoupon, 0, 1 }), true,
		},
		"cash of nothing":   {good(func(k *ledger.CouponKind) { k.Face = 0 }), false},
		"cash with a share": {good(func(k *ledger.CouponKind) { k.Off = 1 }), false},
		"more than all": {
			good(func(k *ledger.CouponKind) { k.Type, k.Face, k.Off = ledger.PercentCoupon, 0, ledger.Percent100+1 }), false,
		},
		"no number":            {good(func(k *ledger.CouponKind) { k.Kind = 0 }), false},
		"no name":              {good(func(k *ledger.CouponKind) { k.Name = "" }), false},
		"no type":              {good(func(k *ledger.CouponKind) { k.Type = 4 }), false},
		"over before it began": {good(func(k *ledger.CouponKind) { k.Start, k.End = 2026_01_02, 2026_01_01 }), false},
		"days and an end":      {good(func(k *ledger.CouponKind) { k.End, k.Days = 2026_01_02, 3 }), false},
		"too much to say": {
			good(func(k *ledger.CouponKind) { k.Info = strings.Repeat("券", ledger.MaxCouponInfo+1) }), false,
		},
		"as much as may be": {
			good(func(k *ledger.CouponKind) { k.Info = strings.Repeat("券", ledger.MaxCouponInfo) }), true,
		},
		"a line feed":        {good(func(k *ledger.CouponKind) { k.Info = "a\nb" }), false},
		"less than no stock": {good(func(k *ledger.CouponKind) { k.Stock = -1 }), false},
	} {
		if f := c.kind.Faults(); (len(f) == 0) != c.want {
			t.Errorf("%s: %v", name, f)
		}
	}
}

// A coupon changes its state only in the ways there are, and is given back only by a refund of its own bill
// (invariants 27, 29, 30).
func TestInvariant30CouponFold(t *testing.T) {
	t.Parallel()
	unused := ledger.Coupon{Merchant: 1, ID: 129, Card: 5, State: ledger.Unused, Until: 2026_01_05}
	used := unused
	used.State, used.UsedBy, used.Paid = ledger.Used, 7, 30
	void, expired := unused, unused
	void.State, expired.State = ledger.Void, ledger.Expired
	for _, c := range []struct {
		name   string
		coupon ledger.Coupon
		entry  ledger.Entry
		part   ledger.CouponPart
		want   bool
	}{
		{"use", unused, ledger.Entry{Kind: ledger.Consumed, ID: 7}, ledger.CouponPart{State: ledger.Used, Pays: 30}, true},
		{"use twice", used, ledger.Entry{Kind: ledger.Consumed, ID: 8}, ledger.CouponPart{State: ledger.Used, Pays: 30}, false},
		{"another's", unused, ledger.Entry{Kind: ledger.Consumed, ID: 7, Card: 6}, ledger.CouponPart{State: ledger.Used}, false},
		{"refund", used, ledger.Entry{Kind: ledger.ConsumeRefunded, RefersTo: 7}, ledger.CouponPart{State: ledger.Unused, Pays: 30}, true},
		{"refund of another bill", used, ledger.Entry{Kind: ledger.ConsumeRefunded, RefersTo: 8}, ledger.CouponPart{State: ledger.Unused, Pays: 30}, false},
		{"refund of more", used, ledger.Entry{Kind: ledger.ConsumeRefunded, RefersTo: 7}, ledger.CouponPart{State: ledger.Unused, Pays: 31}, false},
		{"refund of one not used", unused, ledger.Entry{Kind: ledger.ConsumeRefunded}, ledger.CouponPart{State: ledger.Unused}, false},
		{"void", unused, ledger.Entry{Kind: ledger.CouponVoided}, ledger.CouponPart{State: ledger.Void}, true},
		{"void and paid", unused, ledger.Entry{Kind: ledger.CouponVoided}, ledger.CouponPart{State: ledger.Void, Pays: 1}, false},
		{"void when used", used, ledger.Entry{Kind: ledger.CouponVoided}, ledger.CouponPart{State: ledger.Void}, false},
		{"unused again after it was void", void, ledger.Entry{Kind: ledger.CouponVoided}, ledger.CouponPart{State: ledger.Unused}, false},
		{"use of a void one", void, ledger.Entry{Kind: ledger.Consumed, ID: 7}, ledger.CouponPart{State: ledger.Used}, false},
		{"use of an expired one", expired, ledger.Entry{Kind: ledger.Consumed, ID: 7}, ledger.CouponPart{State: ledger.Used}, false},
		{"expiry undone", expired, ledger.Entry{Kind: ledger.ExpiryReversed}, ledger.CouponPart{State: ledger.Unused}, true},
		{"closed", unused, ledger.Entry{Kind: ledger.CardReturned}, ledger.CouponPart{State: ledger.Void}, true},
		{"expired", unused, ledger.Entry{Kind: ledger.CouponExpired}, ledger.CouponPart{State: ledger.Expired}, true},
		{"sent again", unused, ledger.Entry{Kind: ledger.CouponSent, Offer: &ledger.CouponOffer{}}, ledger.CouponPart{State: ledger.Unused}, false},
		{"sent by no entry", ledger.Coupon{}, ledger.Entry{Kind: ledger.CouponSent, ID: 9, Offer: &ledger.CouponOffer{}}, ledger.CouponPart{State: ledger.Unused}, false},
		{"by a recharge", unused, ledger.Entry{Kind: ledger.Recharged}, ledger.CouponPart{State: ledger.Used}, false},
	} {
		c.entry.Merchant, c.part.Coupon = 1, 129
		if c.entry.Card == 0 {
			c.entry.Card = 5
		}
		if err := c.coupon.Fold(&c.entry, c.part); (err == nil) != c.want {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// A coupon is good through its last day, and not on the day after it (invariants 27, 48).
func TestInvariant48CouponsLastDay(t *testing.T) {
	t.Parallel()
	c := ledger.Coupon{Until: 2026_12_31}
	if c.Over(2026_12_31) || !c.Over(2027_01_01) {
		t.Errorf("over on its last day: %v, on the day after it: %v", c.Over(2026_12_31), c.Over(2027_01_01))
	}
}

func TestCouponMasked(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]string{
		"281234567395": "28*******395", "12345678": "12***678", "12345": "12345", "": "",
	} {
		c := ledger.Coupon{Number: number}
		if got := c.Masked(); got != want {
			t.Errorf("%s: got %s, want %s", number, got, want)
		}
	}
}

// Whatever the terms, no coupon pays less than nothing, together they pay no more than the bill, and each pays no
// more than it promises (invariant 28).
func FuzzWorth(f *testing.F) {
	f.Add(int64(81_00), int64(10_00), int64(2000), int64(15_00), uint8(0b100100))
	f.Add(int64(ledger.MaxFen), int64(ledger.MaxFen), int64(ledger.Percent100), int64(0), uint8(255))
	f.Add(int64(0), int64(1), int64(1), int64(1), uint8(27))
	f.Add(int64(10_00), int64(10_00), int64(ledger.Percent100), int64(0), uint8(0b1000)) // one leaves the other nothing
	f.Fuzz(func(t *testing.T, amount, face, off, most int64, types uint8) {
		bound := func(n int64, most int64) int64 {
			if n < 0 {
				n = -(n + 1)
			}
			return n % (most + 1)
		}
		bill := ledger.Fen(bound(amount, int64(ledger.MaxFen)))
		var coupons []ledger.Coupon
		for ; types > 0; types >>= 2 {
			coupons = append(coupons, ledger.Coupon{CouponTerms: ledger.CouponTerms{
				Type: ledger.CouponType(types&3) + 1, Face: ledger.Fen(bound(face, int64(ledger.MaxFen))),
				Off: ledger.Rate(bound(off, int64(ledger.Percent100))), MaxOff: ledger.Fen(bound(most, int64(ledger.MaxFen))),
			}})
		}
		left := bill
		for i, pays := range ledger.Worth(coupons, bill) {
			c := &coupons[i]
			left -= pays
			switch {
			case pays < 0, c.Type == ledger.CashCoupon && pays > c.Face, c.Type == ledger.PercentCoupon && c.MaxOff > 0 &&
				pays > c.MaxOff:
				t.Errorf("%+v pays %v of %v", c.CouponTerms, pays, bill)
			case c.Type != ledger.CashCoupon && c.Type != ledger.PercentCoupon && pays != 0:
				t.Errorf("%+v pays %v", c.CouponTerms, pays)
			}
		}
		if left < 0 {
			t.Errorf("coupons pay %v more than %v", -left, bill)
		}
	})
}
