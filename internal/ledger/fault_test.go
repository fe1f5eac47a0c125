package ledger_test

import (
	"reflect"
	"testing"

	"tongka/internal/ledger"
)

// fresh returns a merchant as it may be.
func fresh() *ledger.Merchant {
	return &ledger.Merchant{
		ID: 1, GUID: "{A}", Name: "某店", Zone: shanghai,
		Shops:  []ledger.Shop{{ID: 11, GUID: "{B}", Name: "总店"}},
		Levels: []ledger.Level{{ID: 1, Name: "普通卡", PayRate: ledger.Percent100, Earn: ledger.Percent100}},
		Rules: []ledger.Rule{
			{ID: 1, Name: "送一成", Kind: ledger.Percent, AddRate: 1000},
			{ID: 2, Name: "满百", Kind: ledger.FromAmount, Threshold: 100_00, AddMoney: 5_00},
		},
		PayTypes: []ledger.PayType{{ID: 1, Name: "现金", Code: "cash"}, {ID: 2, Name: "微信", Code: "wx"}},
		CouponKinds: []ledger.CouponKind{{CouponTerms: ledger.CouponTerms{
			Kind: 1, Name: "代金券", Type: ledger.CashCoupon, Face: 10_00, Shops: []ledger.ShopID{11},
		}}},
	}
}

// Which settings are allowed and which are not. Commands would calculate with wrong settings that no check refuses.
func TestFaultsOfSettings(t *testing.T) {
	t.Parallel()
	if f := fresh().AllFaults(); len(f) > 0 {
		t.Fatalf("a merchant as it may be: %v", f)
	}
	for field, spoil := range map[string]func(*ledger.Merchant){
		"name":                  func(m *ledger.Merchant) { m.Name = " " },
		"guid":                  func(m *ledger.Merchant) { m.GUID = "" },
		"shops":                 func(m *ledger.Merchant) { m.Shops, m.CouponKinds = nil, nil },
		"pay_types":             func(m *ledger.Merchant) { m.PayTypes[1].Code = "cash" },
		"coupon_kinds":          func(m *ledger.Merchant) { m.CouponKinds[0].Shops = []ledger.ShopID{12} },
		"settings.policy":       func(m *ledger.Merchant) { m.Settings.SpendOrder = 3 },
		"settings.bonus_days":   func(m *ledger.Merchant) { m.Settings.BonusDays = -1 },
		"settings.points_days":  func(m *ledger.Merchant) { m.Settings.PointsDays = ledger.MaxDays + 1 },
		"settings.cut_off":      func(m *ledger.Merchant) { m.Settings.CutOff = ledger.CutOffAt(24) },
		"settings.points_ratio": func(m *ledger.Merchant) { m.Settings.PointsRatio = -1 },
		"settings.max_amount":   func(m *ledger.Merchant) { m.Settings.MaxAmount = -1 },
		"settings.max_balance":  func(m *ledger.Merchant) { m.Settings.MaxBalance = ledger.MaxFen + 1 },
		"settings.code_from":    func(m *ledger.Merchant) { m.Settings.CodeFrom = -1 },
		"shop 11.guid":          func(m *ledger.Merchant) { m.Shops[0].GUID = "{}" },
		"level 1.discount":      func(m *ledger.Merchant) { m.Levels[0].PayRate = ledger.Percent100 + 1 },
		"level 1.earn":          func(m *ledger.Merchant) { m.Levels[0].Earn = -1 },
		"level 1.cash_back":     func(m *ledger.Merchant) { m.Levels[0].Rights.CashBack = ledger.CashBack{Each: -10, Back: -10} },
		"level 1.renewals":      func(m *ledger.Merchant) { m.Levels[0].Rights.Renewals = []ledger.Renewal{{Price: -1, Months: 12}} },
		"level 1.account": func(m *ledger.Merchant) {
			m.Levels[0].Rights.Account = ledger.HouseAccount{ID: 1, Name: "某公司", MaxAmount: -1}
		},
		"rule 1.add_rate":       func(m *ledger.Merchant) { m.Rules[0].AddRate = -1 },
		"rule 1.kind":           func(m *ledger.Merchant) { m.Rules[0].Kind = 9 },
		"rule 1.last":           func(m *ledger.Merchant) { m.Rules[0].First, m.Rules[0].Last = 2026_01_02, 2026_01_01 },
		"rule 1.weekdays":       func(m *ledger.Merchant) { m.Rules[0].Weekdays = 1 << 7 },
		"rule 1.from":           func(m *ledger.Merchant) { m.Rules[0].From = 24 * 60 },
		"rule 1.until":          func(m *ledger.Merchant) { m.Rules[0].From, m.Rules[0].Until = 60, 60 },
		"rule 2.threshold":      func(m *ledger.Merchant) { m.Rules[1].Threshold = 1_00 },
		"rule 2.add_money":      func(m *ledger.Merchant) { m.Rules[1].AddMoney = -5 },
		"rule 2.add_points":     func(m *ledger.Merchant) { m.Rules[1].AddPoints = -5 },
		"pay type 1.code":       func(m *ledger.Merchant) { m.PayTypes[0].Code = "Cash" },
		"coupon kind 1.face":    func(m *ledger.Merchant) { m.CouponKinds[0].Face = -1 },
		"coupon kind 1.grace":   func(m *ledger.Merchant) { m.CouponKinds[0].Grace = ledger.MaxDays + 1 },
		"coupon kind 1.max_use": func(m *ledger.Merchant) { m.CouponKinds[0].MaxUse = ledger.MaxUse + 1 },
		"coupon kind 1.stock":   func(m *ledger.Merchant) { m.CouponKinds[0].Stock = ledger.MaxStock + 1 },
	} {
		m := fresh()
		spoil(m)
		if f := m.AllFaults(); len(f) != 1 || f[0].Field != field || f[0].Text == "" {
			t.Errorf("%s: %v", field, f)
		}
	}
}

// No text of a merchant may be one that no database keeps, or that has more than one line: whoever saves it would fail
// with an error of the database, and others who save with it.
func TestEveryTextOfSettingsIsPlain(t *testing.T) {
	t.Parallel()
	texts := 0
	var walk func(path string, v reflect.Value, m *ledger.Merchant)
	walk = func(path string, v reflect.Value, m *ledger.Merchant) {
		switch v.Kind() {
		case reflect.String:
			texts++
			for _, bad := range []string{"a\x00b", "a\nb", "a\u202eb", "\xff"} {
				kept := v.String()
				v.SetString(bad)
				if len(m.AllFaults()) == 0 {
					t.Errorf("%s may be %q", path, bad)
				}
				v.SetString(kept)
			}
		case reflect.Struct:
			for i := range v.NumField() {
				walk(path+"."+v.Type().Field(i).Name, v.Field(i), m)
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(path, v.Index(i), m)
			}
		}
	}
	m := fresh()
	m.Levels[0].Rights.Account = ledger.HouseAccount{ID: 1, Name: "某公司", MaxAmount: 1000_00}
	walk("merchant", reflect.ValueOf(m).Elem(), m)
	if texts < 12 {
		t.Errorf("only %d texts were looked at", texts)
	}
}
