package ledger_test

import (
	"encoding/hex"
	"reflect"
	"slices"
	"testing"
	"time"

	"tongka/internal/ledger"
)

// full returns an entry with every field set.
func full() ledger.Entry {
	return ledger.Entry{
		Merchant: 3, ID: 4, Card: 5, Seq: 6, Kind: ledger.Consumed,
		At: time.Date(2026, 1, 5, 4, 5, 6, 789_000_000, time.UTC),
		By: ledger.Caller{Agent: 7, Shop: 8, Operator: "小王", Claimed: time.Date(2026, 1, 4, 0, 0, 0, 0, time.UTC)}, Writer: 9,
		Principal: -900, Bonus: -100, Points: 11, PointsOwed: -12,
		PrincipalAfter: 1300, BonusAfter: 1400, PointsAfter: 15, OwedAfter: 16,
		Gross: 1700, Discountable: 1800, Net: 1900, PayRate: 8500, SpendOrder: ledger.BonusFirst, PayType: 20, RefersTo: 21,
		Allocations: []ledger.Allocation{
			{Lot: 22, GoodUntil: 2026_02_03, Principal: -900, Bonus: -50}, {Lot: 23, GoodUntil: ledger.Forever, Bonus: -50},
		},
		PointAllocations: []ledger.PointAllocation{{GoodUntil: 2026_03_04, Points: 11}},
		Rules:            []ledger.RuleHit{{Name: "送一成", Money: 24, Points: 25}, {Name: "", Money: 26, Points: 27}},
		Level:            28, Status: ledger.Lost, OtherCard: "6002", Note: "备注", Number: "6001", CardKind: ledger.Common,
		CardExpires: 2027_12_31,
		Holder:      &ledger.Holder{Name: "张三", Phone: "13800138000", Gender: 1, Birthday: 1999_09_09},
		Details:     fullDetails(),
		Tally:       ledger.Tally{{Kind: ledger.Consumed, MovedPoints: true, N: 1}},
	}
}

// fullDetails returns details with every field set.
func fullDetails() *ledger.Details {
	return &ledger.Details{
		ExtID: "109", Remarks: "常客", Subject: "开业", Referrer: "29", OpenID: "o-30", IDNumber: "3205011000000", Credit: 31,
		Password: "hash", Pass: 50,
		Physical: ledger.Physical{No: "K32", Type: "老卡", Name: "贵宾", Balance: 33, Points: 34},
	}
}

// withCoupons returns a full entry that also sent and used coupons.
func withCoupons() ledger.Entry {
	e := full()
	e.Coupons = []ledger.CouponPart{
		{Coupon: 513, State: ledger.Used, Pays: 50, Number: "28000000395", Until: 2026_04_05},
		{Coupon: 514, State: ledger.Unused, Pays: 51, Number: ""},
	}
	e.Offer = &ledger.CouponOffer{
		CouponTerms: ledger.CouponTerms{
			Kind: 41, Name: "代金券", Type: ledger.CashCoupon, Face: 42, Off: 43, MaxOff: 44, Least: 45, MaxUse: 46, Alone: true,
			Grace: 47, Shops: []ledger.ShopID{48, 49},
		},
		From: 2026_01_05, Until: 2026_02_05, Subject: "活动",
	}
	return e
}

// The layout of what is hashed must not change while its version stays the same: every database in use holds hashes
// made by it (invariant 23).
func TestInvariant23ChainLayout(t *testing.T) {
	t.Parallel()
	e, plain := full(), ledger.Entry{Merchant: 1, ID: 1, Card: 1, Seq: 1, Kind: ledger.Opened, At: time.UnixMilli(0).UTC()}
	first, coupons, points := e.Chain([32]byte{}), withCoupons(), full()
	points.ByPoints = ledger.PointPay{Points: -52, Worth: 53, Ratio: 54}
	rights := plain
	rights.Invoice, rights.ChargedTo = -7, 8
	earned := plain
	earned.Version = 1
	brought := plain
	brought.Invoiceable = 7
	forfeits := plain
	forfeits.Forfeits = []ledger.Forfeit{{Lot: 7, GoodUntil: 2026_02_03, Bonus: 8}}
	for _, c := range []struct {
		name string
		got  [32]byte
		want string
	}{
		{
			"brought by a transfer", brought.Chain([32]byte{}),
			"b38aadfa4aa7dffca75cac5f86c19e3cbfd65dfe7007be5f9b4863ea357ded07",
		},
		{"with forfeits", forfeits.Chain([32]byte{}), "d475121958626433608aaf1d036c3bc3f821238d0f76e7a266835b7d0ed0b5ea"},
		{"earned by the card", earned.Chain([32]byte{}), "08c9da209fc92726d18ce811350f0aacaa54ac9e4f328f36895b52f09524b7c9"},
		{"plain", plain.Chain([32]byte{}), "4401d359ee3fa5b027419ca2cf1472edee5022b45c2ebcdbe7dc90c26e0abccb"},
		{"full", first, "cb8f6569f6911ff626f20775050d2410f702e33c5cf8104042cb7d156c8bdbc0"},
		{"with coupons", coupons.Chain([32]byte{}), "5289eeea71b15f1d0d0367930c3a0269394e2245018e37ce8f9e69cdfcb77367"},
		{"with points", points.Chain([32]byte{}), "e46af37620847c6163d5f910b675d549989dd61215a85b33ec2a887913cc4b61"},
		{
			"with what rights leave", rights.Chain([32]byte{}),
			"cb7db998cfeb19aefbc7c59f96bd667a92a50a56230ff86c6077a82d610e027f",
		},
		{"full, second", e.Chain(first), "8ec61d7c5b71e9964c1df464feb8d01f63635b9e51d7931249ce8fb9b0509943"},
	} {
		if got := hex.EncodeToString(c.got[:]); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

// otherwise lists changes to an entry that affect more than one value.
var otherwise = map[string]func(*ledger.Entry){
	"no holder":        func(e *ledger.Entry) { e.Holder = nil },
	"no details":       func(e *ledger.Entry) { e.Details = nil },
	"empty details":    func(e *ledger.Entry) { e.Details = &ledger.Details{} },
	"neither":          func(e *ledger.Entry) { e.Holder, e.Details = nil, nil },
	"no forfeits":      func(e *ledger.Entry) { e.Forfeits = nil },
	"no coupons":       func(e *ledger.Entry) { e.Coupons = nil },
	"one coupon less":  func(e *ledger.Entry) { e.Coupons = e.Coupons[:1] },
	"no offer":         func(e *ledger.Entry) { e.Offer = nil },
	"in all shops":     func(e *ledger.Entry) { e.Offer.Shops = nil },
	"no kind of card":  func(e *ledger.Entry) { e.CardKind = 0 },
	"no parts":         func(e *ledger.Entry) { e.Allocations = nil },
	"one part less":    func(e *ledger.Entry) { e.Allocations = e.Allocations[:1] },
	"one more":         func(e *ledger.Entry) { e.Allocations = append(slices.Clone(e.Allocations), ledger.Allocation{}) },
	"parts turned":     func(e *ledger.Entry) { e.Allocations = []ledger.Allocation{e.Allocations[1], e.Allocations[0]} },
	"no points parts":  func(e *ledger.Entry) { e.PointAllocations = nil },
	"no rules":         func(e *ledger.Entry) { e.Rules = nil },
	"a letter moved":   func(e *ledger.Entry) { e.OtherCard, e.Note = "600", "2备注" },
	"texts in another": func(e *ledger.Entry) { e.OtherCard, e.Note = "", "6002备注" },
}

// Changing any field of an entry changes its hash (invariant 23), except the tally and the hash itself. Fields added
// to Entry are covered without being named here.
func TestInvariant23EveryFieldIsHashed(t *testing.T) {
	t.Parallel()
	before := [32]byte{1}
	fresh := func() ledger.Entry {
		e := withCoupons()
		e.Forfeits = []ledger.Forfeit{{Lot: 55, GoodUntil: 2026_02_03, Bonus: 56}}
		return e
	}
	base := fresh()
	want := base.Chain(before)
	seen := map[[32]byte]string{want: "nothing"}
	changed := func(what string, e *ledger.Entry) {
		t.Helper()
		h := e.Chain(before)
		if same, twice := seen[h]; twice {
			t.Errorf("changing %s hashes like changing %s", what, same)
		}
		seen[h] = what
	}
	leaves := 0
	for i := range reflect.TypeFor[ledger.Entry]().NumField() {
		name := reflect.TypeFor[ledger.Entry]().Field(i).Name
		if name == "Tally" || name == "Hash" {
			continue
		}
		for n := 0; ; n++ {
			e := fresh()
			left := n
			what, done := bump(reflect.ValueOf(&e).Elem().Field(i), name, &left)
			if !done {
				break
			}
			changed(what, &e)
			leaves++
		}
	}
	if leaves < 50 {
		t.Errorf("only %d values were changed", leaves)
	}
	for what, change := range otherwise {
		e := fresh()
		change(&e)
		changed(what, &e)
	}
	e := fresh()
	if other := e.Chain([32]byte{2}); other == want {
		t.Error("the hash before does not count")
	}
	e.Tally, e.Hash = nil, [32]byte{9}
	if e.Chain(before) != want {
		t.Error("the tally or the hash counts")
	}
}

// bump changes the n-th value inside v, counting n down, and returns which one it was.
func bump(v reflect.Value, path string, n *int) (string, bool) {
	if at, ok := v.Interface().(time.Time); ok {
		if *n == 0 {
			v.Set(reflect.ValueOf(at.Add(time.Millisecond)))
		}
		*n--
		return path, *n < 0
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if what, done := bump(v.Field(i), path+"."+v.Type().Field(i).Name, n); done {
				return what, true
			}
		}
		return "", false
	case reflect.Slice:
		for i := range v.Len() {
			if what, done := bump(v.Index(i), path, n); done {
				return what + " of one", true
			}
		}
		return "", false
	case reflect.Pointer:
		return bump(v.Elem(), path, n)
	case reflect.Bool:
		if *n == 0 {
			v.SetBool(!v.Bool())
		}
	case reflect.String:
		if *n == 0 {
			v.SetString(v.String() + "x")
		}
	default:
		if *n == 0 {
			v.SetInt(v.Int() + 1)
		}
	}
	*n--
	return path, *n < 0
}

// BenchmarkChain measures the hash of an entry with many fields set.
func BenchmarkChain(b *testing.B) {
	e := full()
	e.At = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	var h [32]byte
	b.ReportAllocs()
	for b.Loop() {
		h = e.Chain(h)
	}
}
