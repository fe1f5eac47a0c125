package ledger

import (
	"strings"
	"testing"
)

// Names in configuration files are read back as they are printed.
func TestNamesRoundTrip(t *testing.T) {
	t.Parallel()
	for _, p := range []SpendOrder{Proportional, BonusFirst, PrincipalFirst} {
		if got, ok := ParseSpendOrder(p.String()); !ok || got != p {
			t.Errorf("%v is read as %v, %v", p, got, ok)
		}
	}
	for _, k := range []RuleKind{EachTime, Percent, FromAmount} {
		if got, ok := ParseRuleKind(k.String()); !ok || got != k {
			t.Errorf("%v is read as %v, %v", k, got, ok)
		}
	}
	for i, name := range PermissionNames {
		p, ok := ParsePermission(name)
		if !ok || p != 1<<i || p.String() != name {
			t.Errorf("%s is read as %v, %v", name, p, ok)
		}
	}
	for _, name := range []string{"", "none", "Read", "bonus", "each_time"} {
		if p, ok := ParseSpendOrder(name); ok {
			t.Errorf("policy %q is read as %v", name, p)
		}
		if k, ok := ParseRuleKind(name); ok {
			t.Errorf("rule kind %q is read as %v", name, k)
		}
		if p, ok := ParsePermission(name); ok {
			t.Errorf("permission %q is read as %v", name, p)
		}
	}
	if got, want := (MayRead | MayConsume).String(), "read,consume"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// An agent may do what one grant allows it, at that merchant and nowhere else.
func TestAgentMay(t *testing.T) {
	t.Parallel()
	a := Agent{Grants: []Grant{{1, MayRead | MayConsume}, {2, MayRead}, {2, MayRecharge}}}
	for _, c := range []struct {
		may      Permission
		merchant MerchantID
		want     bool
	}{
		{MayRead, 1, true}, {MayConsume, 1, true}, {MayRead | MayConsume, 1, true}, {MayRead | MayRecharge, 1, false},
		{MayRecharge, 1, false}, {MayRead, 2, true}, {MayRecharge, 2, false}, {MayRead, 3, false},
	} {
		if got := a.May(c.may, c.merchant); got != c.want {
			t.Errorf("%v at %d: got %v, want %v", c.may, c.merchant, got, c.want)
		}
		if got := a.Lacks(c.may, c.merchant) == 0; got != c.want {
			t.Errorf("%v at %d: lacks nothing is %v, want %v", c.may, c.merchant, got, c.want)
		}
	}
	if got := a.Lacks(MayConsume|MayRead|MayCancelLoss|MayRefund, 1); got != MayRefund|MayCancelLoss {
		t.Errorf("got %v, want what is asked for and not granted", got)
	}
}

func TestMerchantFinds(t *testing.T) {
	t.Parallel()
	m := Merchant{
		Shops: []Shop{{ID: 7, Name: "总店"}, {ID: 9, Name: "分店"}}, Levels: []Level{{ID: 2}}, PayTypes: []PayType{{ID: 3}},
	}
	if s, ok := m.Shop(9); !ok || s.Name != "分店" {
		t.Errorf("shop 9 is %+v, %v", s, ok)
	}
	_, shop := m.Shop(8)
	_, level := m.Level(1)
	_, payType := m.PayType(1)
	if shop || level || payType {
		t.Error("found what is not there")
	}
}

// GUIDs are the same with and without braces and in any letter case.
func TestFoldGUID(t *testing.T) {
	t.Parallel()
	const want = "D2F2B8F6-0C5B-4C68-9C3E-0123456789AB"
	for _, s := range []string{
		want, "{" + want + "}", "{d2f2b8f6-0c5b-4c68-9c3e-0123456789ab}", " d2f2b8f6-0c5b-4c68-9c3e-0123456789ab ",
	} {
		if got := FoldGUID(s); got != want {
			t.Errorf("%q: got %q", s, got)
		}
	}
}

// A card is found by the soonest expiry on it. If it is not loaded completely, the day may be too early but never too
// late, or a bonus would expire unnoticed.
func TestNextExpiry(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		card Card
		want Date
	}{
		{"nothing", Card{}, 0},
		{"no bonus", Card{Lots: []Lot{{1, Forever, 100, 0}}}, 0},
		{"bonus for ever", Card{Lots: []Lot{{1, Forever, 100, 10}}}, 0},
		{"bonus", Card{Lots: []Lot{{2, 2026_02_01, 0, 10}, {1, Forever, 100, 0}}}, 2026_02_01},
		{"bonus spent", Card{Lots: []Lot{{2, 2026_02_01, 5, 0}, {3, 2026_03_01, 5, 1}}}, 2026_03_01},
		{"points", Card{PointLots: []PointLot{{2026_01_31, 1}, {Forever, 1}}}, 2026_01_31},
		{"points for ever", Card{PointLots: []PointLot{{Forever, 1}}}, 0},
		{"points sooner", Card{Lots: []Lot{{2, 2026_02_01, 0, 10}}, PointLots: []PointLot{{2026_01_31, 1}}}, 2026_01_31},
		{"points later", Card{Lots: []Lot{{2, 2026_02_01, 0, 10}}, PointLots: []PointLot{{2026_03_31, 1}}}, 2026_02_01},
		{"bonus behind", Card{Bonus: 3, Lots: []Lot{{2, 2026_02_01, 5, 0}}, MoreLots: true}, 2026_02_01},
		{"bonus behind, nothing loaded", Card{Bonus: 3, MoreLots: true}, FirstDay},
		{"bonus for ever behind", Card{Bonus: 3, Lots: []Lot{{2, Forever, 5, 0}}, MoreLots: true}, 0},
		{"no bonus behind", Card{Lots: []Lot{{2, 2026_02_01, 5, 0}}, MoreLots: true}, 0},
	} {
		if got := c.card.NextExpiry(); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// A shop that is no longer configured is told by its number wherever its name would stand.
func TestShopName(t *testing.T) {
	t.Parallel()
	m := Merchant{Shops: []Shop{{ID: 11, Name: "总店"}, {ID: 12, Name: "东街", Ended: true}}}
	for id, want := range map[ShopID]string{0: "", 11: "总店", 12: "东街", 13: "13"} {
		if got := m.ShopName(id); got != want {
			t.Errorf("shop %d is named %q, want %q", id, got, want)
		}
	}
	if got := strings.Join(m.ShopNames([]ShopID{13, 11}), ","); got != "13,总店" {
		t.Errorf("two shops are named %s", got)
	}
}
