package ledger

import (
	"maps"
	"testing"
	"time"
)

// TestSettingsByPath: settings are told in the words and units of configuration files.
func TestSettingsByPath(t *testing.T) {
	t.Parallel()
	m := &Merchant{
		GUID: "{A}", Name: "面馆", Zone: time.UTC, LicenceEnd: 20271231,
		Settings: Settings{SpendOrder: BonusFirst, PartPayment: true, MaxAmount: 500_00, CutOff: CutOffAt(3)},
		Shops:    []Shop{{ID: 11, Name: "总店"}},
		Levels: []Level{{ID: 1, PayRate: 8800, Rights: Rights{
			Renewals: []Renewal{{Price: 20_00, Months: 12}}, Account: HouseAccount{ID: 7, MaxAmount: 1_00},
		}}},
		Rules: []Rule{{ID: 3, Kind: EachTime, Threshold: 50_00, AddMoney: 2_00, AddRate: 1000}},
		CouponKinds: []CouponKind{
			{CouponTerms: CouponTerms{Kind: 5, Type: PercentCoupon, Off: 1000, Shops: []ShopID{11, 12}}},
		},
	}
	text, err := SettingsText(m)
	if err != nil {
		t.Fatal(err)
	}
	got, err := SettingsByPath(text)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"guid": "{A}", "name": "面馆", "zone": "UTC", "licence_end": "2027-12-31", "settings.policy": "bonus_first",
		"settings.part_payment": "true", "settings.max_amount": "500.00", "settings.cut_off": "03:00",
		"shops[11].id": "11", "shops[11].name": "总店", "levels[1].id": "1", "levels[1].discount": "0.88",
		"levels[1].renewals[1].price": "20.00", "levels[1].renewals[1].months": "12", "levels[1].account.id": "7",
		"levels[1].account.max_amount": "1.00", "rules[3].id": "3", "rules[3].kind": "each", "rules[3].threshold": "50.00",
		"rules[3].add_money": "2.00", "rules[3].add_rate": "0.1", "coupon_kinds[5].id": "5", "coupon_kinds[5].type": "percent",
		"coupon_kinds[5].off": "0.1", "coupon_kinds[5].shops[1]": "11", "coupon_kinds[5].shops[2]": "12",
	}
	if !maps.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if _, err := SettingsByPath("{"); err == nil {
		t.Error("half a text is read")
	}
}

// TestAgentByPath: an agent is told in the same words, its grants by their merchants.
func TestAgentByPath(t *testing.T) {
	t.Parallel()
	text, err := AgentText(&Agent{
		ID: 7, Name: "till", Allow: []string{"10.0.0.0/8"}, Until: 20270131, Stopped: true, Scheme: "scheme: none\n",
		Grants: []Grant{{Merchant: 3, Permissions: MayRead | MayConsume}},
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := AgentByPath(text)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"id": "7", "name": "till", "allow[1]": "10.0.0.0/8", "until": "2027-01-31", "stopped": "true",
		"signature": "scheme: none\n", "grants[3].merchant": "3", "grants[3].permissions": "read,consume",
	}
	if !maps.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
