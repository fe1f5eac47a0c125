package ledger_test

import (
	"reflect"
	"testing"
	"time"

	"tongka/internal/ledger"
)

// The text of a merchant's settings tells each of its facts from any other, so that none can change without an entry.
// Only the id is left out: a journal is of one merchant. Fields added to Merchant are covered without being named here.
func TestInvariant61SettingsTextIsWhole(t *testing.T) {
	t.Parallel()
	fresh := func() ledger.Merchant {
		return ledger.Merchant{
			ID: 5, Zone: time.UTC, Shops: []ledger.Shop{{ID: 1}}, Rules: []ledger.Rule{{ID: 1}},
			Levels: []ledger.Level{{ID: 1, Rights: ledger.Rights{
				Renewals: []ledger.Renewal{{Months: 3}}, Account: ledger.HouseAccount{ID: 1},
			}}},
			PayTypes:    []ledger.PayType{{ID: 1}},
			CouponKinds: []ledger.CouponKind{{CouponTerms: ledger.CouponTerms{Kind: 1, Shops: []ledger.ShopID{1}}}},
		}
	}
	seen := map[string]string{}
	told := func(what string, m *ledger.Merchant) {
		t.Helper()
		text, err := ledger.SettingsText(m)
		if same, twice := seen[text]; err != nil || twice {
			t.Errorf("changing %s is told like changing %s: %s, %v", what, same, text, err)
		}
		seen[text] = what
		back, err := ledger.ParseMerchant(m.ID, text)
		if err != nil || back.Zone.String() != m.Zone.String() {
			t.Fatalf("%s: read as %+v, %v", what, back, err)
		}
		if back.Zone = m.Zone; !reflect.DeepEqual(back, m) {
			t.Errorf("%s is not read as it was told: got %+v, want %+v", what, back, m)
		}
	}
	m := fresh()
	told("nothing", &m)
	m.Zone = time.FixedZone("Asia/Shanghai", 8*60*60)
	told("the zone", &m)
	for i := range reflect.TypeFor[ledger.Merchant]().NumField() {
		name := reflect.TypeFor[ledger.Merchant]().Field(i).Name
		if name == "ID" || name == "Zone" {
			continue
		}
		for n := 0; ; n++ {
			m, left := fresh(), n
			what, done := bump(reflect.ValueOf(&m).Elem().Field(i), name, &left)
			if !done {
				break
			}
			told(what, &m)
		}
	}
	if len(seen) < 60 {
		t.Errorf("only %d values were changed", len(seen))
	}
}
