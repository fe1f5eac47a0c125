package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tongka/internal/ledger"
)

// wholeMerchant has every setting that there is.
func wholeMerchant(zone *time.Location) ledger.Merchant {
	m := merchantOf(1, zone)
	m.LicenceEnd = 2030_01_01
	m.Settings = ledger.Settings{
		SpendOrder: ledger.BonusFirst, PartPayment: true, BonusDays: 1, PointsDays: 2, CutOff: ledger.CutOffAt(6),
		PointsRatio: 3, MaxAmount: 4, MaxBalance: 5, CodeFrom: 6, PasswordEverywhere: true, WeakPasswords: true,
		SecondPerson: 7,
	}
	m.Shops[1].Ended = true
	m.Levels[1].Rights = ledger.Rights{
		NoRecharge: true, MemberPrice: true, CashBack: ledger.CashBack{Each: 1, Back: 2},
		Renewals: []ledger.Renewal{{Price: 3, Months: 4}},
		Account:  ledger.HouseAccount{ID: 5, Name: "a", MaxAmount: 6, Fixed: 5, MaxCount: 8},
	}
	m.Rules = append(m.Rules, ledger.Rule{
		ID: 3, Name: "周末", Kind: ledger.Percent, AddRate: 500, First: 2026_01_01, Last: 2026_12_31,
		Weekdays: ledger.Weekdays(0).With(time.Sunday), From: 60, Until: 120, Ended: true,
	})
	m.PayTypes[0].Ended = true
	m.CouponKinds = append(m.CouponKinds, ledger.CouponKind{
		CouponTerms: ledger.CouponTerms{
			Kind: 2, Name: "八折", Type: ledger.PercentCoupon, Off: 2000, MaxOff: 1, Least: 2, MaxUse: 3, Alone: true, Grace: 4,
			Shops: []ledger.ShopID{11},
		},
		Start: 2026_01_01, End: 2026_12_31, Stock: 9, Info: "x",
	})
	return m
}

// What is read of the settings sets them again, with nothing lost and nothing added.
func TestSettingsAreWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := wholeMerchant(merchantZone(t))
	want, err := ledger.SettingsText(&m)
	w.must(err)
	r := settingsReader{call: &call{API: w.api}, now: &m}
	sent := settingsOf(&m, 1)
	got, err := ledger.SettingsText(r.read(&sent))
	if err != nil || got != want || len(r.faults) > 0 {
		t.Errorf("%v, %v\n%s\n%s", err, r.faults, got, want)
	}
}

func merchantZone(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// A part of the settings is changed by itself, and is in force for the next request. Whoever has seen an older version
// changes nothing, and neither does who sends the same again.
func TestChangeSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := read[Settings](w, w.call(keyAll, http.MethodGet, "/settings", ""), 200)
	change := func(key, name, body string, version int64) int {
		return w.call(key, http.MethodPatch, "/settings", body, "Idempotency-Key", name, "If-Match",
			etag(ledger.EntryID(version))).Code
	}
	body := `{"levels":[{"id":2,"name":"钻石卡"}],"pay_types":[{"name":"支付宝"}]}`
	if code := change(keyAll, "a", body, before.Version); code != 200 {
		t.Fatal(code)
	}
	levels := read[Levels](w, w.call(keyAll, http.MethodGet, "/levels", ""), 200)
	types := read[PayTypes](w, w.call(keyAll, http.MethodGet, "/pay-types", ""), 200)
	if levels.Levels[1].Name != "钻石卡" || levels.Levels[1].PayRate != "0.9" || len(types.PayTypes) != 3 ||
		types.PayTypes[2].ID != 3 {
		t.Errorf("levels %+v, pay types %+v", levels, types)
	}
	entries := w.entries()
	for _, c := range []struct {
		key, name, body string
		version         int64
		want            int
	}{
		{keyAll, "a", body, before.Version, 200},
		{keyAll, "a", body, before.Version + 99, 200},
		{keyAll, "a", `{}`, before.Version, 422},
		{keyAll, "b", body, before.Version, 412},
		{keyRead, "c", body, before.Version, 403},
		{keyShop, "c", body, before.Version, 403},
		{keyAll, "c", `{"licence_end":"2099-01-01"}`, 9, 422},
		{keyAll, "c", `{"levels":[{"id":9,"name":"x"}]}`, 9, 422},
		{keyAll, "c", `{"levels":[{"name":"普通卡","discount":"1"}]}`, 9, 422},
		{keyAll, "c", `{"rules":[{"id":1,"first":"2026-02-30"}]}`, 9, 422},
		{keyAll, "c", `{"levels":[{"id":2,"name":"x"},{"id":2,"name":"y"}]}`, 9, 422},
		{keyAll, "c", `{"name":"a\u202eb"}`, 9, 422},
		{keyAll, "c", `{"shops":[{"id":11,"name":"a\u202eb"}]}`, 9, 422},
		{keyAll, "c", `{"coupon_kinds":[{"id":1,"info":"a\u202eb"}]}`, 9, 422},
		{keyAll, "c", `{"guid":"{MERCHANT-2}"}`, 9, 409},
	} {
		if code := change(c.key, c.name, c.body, c.version); code != c.want {
			t.Errorf("%+v: got %d", c, code)
		}
	}
	taken := w.call(keyAll, http.MethodPatch, "/settings", `{"guid":"{MERCHANT-2}"}`, "Idempotency-Key", "d", "If-Match",
		`"9"`)
	if p := w.problem(taken, 409, "guid_taken"); p.About != "MERCHANT-2" || !strings.HasSuffix(p.Detail, "MERCHANT-2") {
		t.Errorf("whose a GUID is is told: %+v", p)
	}
	if w.entries() != entries {
		t.Error("something was done")
	}
	other := read[Settings](w, w.call(keyOther, http.MethodGet, "/settings", ""), 200)
	if other.Version != 0 || other.GUID != "{MERCHANT-2}" {
		t.Errorf("another merchant: %+v", other)
	}
}
