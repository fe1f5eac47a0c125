package apply_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// applied applies a file and wants these lines in the report, beside the lines of what the file does not name. It
// returns the merchant as it is then.
func (b books) applied(t *testing.T, text string, want ...string) *ledger.Merchant {
	t.Helper()
	lines, _ := b.apply(t, text)
	lines = slices.DeleteFunc(lines, func(l string) bool {
		return strings.HasSuffix(l, ": kept") ||
			strings.HasSuffix(l, ": unchanged")
	})
	if !slices.Equal(lines, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	merchants, err := b.Merchants(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return &merchants[0]
}

// A rule is given days, changed to another kind, ended, and removed.
func TestRulesLive(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	b.apply(t, shopFile(t)) // rule 1 is 充100送5, of kind threshold
	m := b.applied(t, "merchants: [{id: 1, rules: [{id: 1, first: 2026-12-01, last: 2026-12-31}]}]",
		"rule 1 充100送5: updated first: none → 2026-12-01, last: none → 2026-12-31")
	noon := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, 12, 0, 0, 0, time.UTC)
	}
	if r := m.Rules[0]; r.InForce(noon(2026, 11, 30)) || !r.InForce(noon(2026, 12, 1)) || !r.InForce(noon(2026, 12, 31)) ||
		r.InForce(noon(2027, 1, 1)) {
		t.Errorf("got %+v", r)
	}
	m = b.applied(
		t,
		`merchants: [{id: 1, rules: [{id: 1, name: 送一成, kind: percent, add_rate: 0.1, last: ""}]}]`,
		"rule 1 送一成: updated threshold: 100.00 → 0.00, add_money: 5.00 → 0.00, name: 充100送5 → 送一成, kind: threshold → percent, "+
			"add_rate: 0 → 0.1, last: 2026-12-31 → none",
	)
	if want := (ledger.Rule{
		ID: 1, Name: "送一成", Kind: ledger.Percent, AddRate: 1000, AddPoints: 1, First: 2026_12_01,
	}); m.Rules[0] != want {
		t.Errorf("got %+v, want %+v", m.Rules[0], want)
	}
	m = b.applied(t, "merchants: [{id: 1, rules: [{id: 1, kind: each, add_money: 2}]}]",
		"rule 1 送一成: updated add_rate: 0.1 → 0, kind: percent → each, add_money: 0.00 → 2.00")
	if r := m.Rules[0]; r.Kind != ledger.EachTime || r.AddRate != 0 || r.AddMoney != 2_00 {
		t.Errorf("got %+v", r)
	}
	m = b.applied(t, "merchants: [{id: 1, rules: [{id: 1, weekdays: 'sun, sat', from: 17:30, until: 24:00}]}]",
		"rule 1 送一成: updated weekdays: none → sat,sun, from: none → 17:30")
	if r := m.Rules[0]; r.Weekdays.String() != "sat,sun" || r.From != 17*60+30 || r.Until != 0 {
		t.Errorf("got %+v", r)
	}
	m = b.applied(t, "merchants: [{id: 1, rules: [{id: 1, weekdays: '', from: '', until: 2:00}]}]",
		"rule 1 送一成: updated weekdays: sat,sun → none, from: 17:30 → none, until: none → 02:00")
	if r := m.Rules[0]; r.Weekdays != 0 || r.From != 0 || r.Until != 2*60 {
		t.Errorf("got %+v", r)
	}
	m = b.applied(t, "merchants: [{id: 1, rules: [{id: 1, ended: true}]}]", "rule 1 送一成: updated ended: false → true")
	if m.Rules[0].InForce(noon(2026, 12, 5)) {
		t.Error("an ended rule is in force")
	}
	m = b.applied(t, "merchants: [{id: 1, rules: [{id: 1, absent: true}, {id: 9, absent: true}]}]", "rule 1 送一成: removed")
	if len(m.Rules) != 0 {
		t.Errorf("got %+v", m.Rules)
	}
	b.applied(t, "merchants: [{id: 1, rules: [{id: 1, absent: true}]}]")
}

// What the file says is absent is removed, unless it is in use.
func TestAbsent(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	b.apply(t, shopFile(t))
	b.apply(t, "merchants: [{id: 1, levels: [{id: 3, name: 铂金}], coupon_kinds: [{id: 4, name: 新券, type: goods}]}]")
	m := b.applied(t,
		`merchants: [{id: 1, pay_types: [{id: 1, name: 现金, absent: true}], shops: [{id: 12, absent: false, name: 分店}],
  levels: [{id: 3, absent: true}], coupon_kinds: [{id: 4, absent: true}]}]`,
		"pay type 1 现金: removed", "level 3 铂金: removed", "coupon kind 4 新券: removed")
	if _, found := m.CouponKind(4); found || len(m.PayTypes) != 1 || len(m.Levels) != 2 || len(m.Shops) != 2 ||
		len(m.CouponKinds) != 3 {
		t.Errorf("got %+v", m)
	}
	for _, cmd := range []command.Command{
		command.Recharge{Merchant: 1, By: ledger.Caller{Shop: 11}, Card: "A0002", Amount: 1_00, PayType: 2},
		command.SendCoupons{Merchant: 1, Card: "A0001", Kind: 7, Numbers: []string{"77889900"}},
	} {
		if _, err := b.engine.Do(t.Context(), cmd); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.plan(t, "merchants: [{id: 1, levels: [{id: 1, absent: true}]}]", options()); err == nil ||
		!strings.Contains(err.Error(), "levels[0]: there are cards of the level") {
		t.Errorf("a level of cards: got %v", err)
	}
	if _, err := b.engine.Do(t.Context(), command.Consume{
		Merchant: 1, By: ledger.Caller{Shop: 12}, Card: "A0001", Amount: 1_00,
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.plan(t, "merchants: [{id: 1, shops: [{id: 12, absent: true}]}]", options()); err == nil ||
		!strings.Contains(err.Error(), "the journal names the shop") {
		t.Errorf("a shop with a history: got %v", err)
	}
	for text, want := range map[string]string{
		"pay_types: [{id: 2, absent: true}]":    "pay_types[0]: the journal names the pay type",
		"coupon_kinds: [{id: 7, absent: true}]": "coupon_kinds[0]: coupons of the kind were sent",
	} {
		if _, err := b.plan(t, "merchants: [{id: 1, "+text+"}]", options()); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
	b.apply(t, "agents: [{name: tills, shop: 12, grants: [{merchant: 1, permissions: [read]}]}]")
	if _, err := b.plan(t,
		"merchants: [{id: 1, coupon_kinds: [{id: 7, shops: [11]}, {id: 5, shops: [11]}], shops: [{id: 12, absent: true}]}]",
		options()); err == nil ||
		!strings.Contains(err.Error(), "shops[0]: agent tills is the tills of the shop") {
		t.Errorf("a shop of tills: got %v", err)
	}
	if _, err := b.plan(t, "merchants: [{id: 1, shops: [{id: 11, absent: true}, {id: 12, absent: true}]}]",
		options()); err == nil || !strings.Contains(err.Error(), "want at least one shop") {
		t.Errorf("all shops: got %v", err)
	}
}

// A check reports what would be done, cards and coupons included, and changes nothing.
func TestCheckSaysWould(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	check := func(text string) (lines []string) {
		t.Helper()
		plan, err := b.plan(t, text, options())
		if err != nil {
			t.Fatal(err)
		}
		all, err := plan.Check(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range all {
			lines = append(lines, l.Kind+" "+l.Name+": "+string(l.Result)+" "+l.Detail)
		}
		return lines
	}
	would := check(shopFile(t))
	done, _ := b.apply(t, shopFile(t))
	if len(would) != len(done) {
		t.Errorf("would %q, did %q", would, done)
	}
	for i := range would {
		if strings.TrimSpace(strings.Replace(would[i], "would be ", "", 1)) != done[i] ||
			!strings.Contains(would[i], ": would be created") {
			t.Errorf("would %q, did %q", would[i], done[i])
		}
	}
	for _, l := range check(shopFile(t)) {
		if !strings.Contains(l, ": unchanged") {
			t.Errorf("done, and still: %s", l)
		}
	}
	got := check("merchants: [{id: 1, rules: [{id: 1, absent: true}], levels: [{id: 2, discount: 0.7}]}]")
	for _, want := range []string{
		"rule 1 充100送5: would be removed ", "level 2 金卡: would be updated discount: 0.85 → 0.7",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// An empty document does not count, and of a secret field that changes only the name is shown.
func TestNothingElseIsTold(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	b.apply(t, "---\n"+shopFile(t)+"\n---\n")
	key := strings.Repeat("s", 40)
	lines, _ := b.apply(t,
		"agents: [{name: tills, shop: 12, api_key: "+key+", grants: [{merchant: 1, permissions: [read]}]}]")
	again, _ := b.apply(t, "agents: [{name: tills, api_key: "+strings.ToUpper(key)+"}]")
	if told := strings.Join(append(lines, again...), "\n"); strings.Contains(strings.ToLower(told), key) ||
		!strings.Contains(told, "agent tills: updated api_key") {
		t.Errorf("got %s", told)
	}
}

// A shop and a pay type are ended and opened again: nothing is done at an ended one, and its name stays.
func TestEnded(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	b.apply(t, shopFile(t))
	recharge := func() ledger.Reason {
		_, err := b.engine.Do(t.Context(), command.Recharge{
			Merchant: 1, By: ledger.Caller{Shop: 12}, Card: "A0002", Amount: 1_00, PayType: 2,
		})
		refusal, _ := errors.AsType[ledger.Refusal](err)
		return refusal.Reason
	}
	if got := recharge(); got != 0 {
		t.Fatal(got)
	}
	m := b.applied(t, "merchants: [{id: 1, shops: [{id: 12, ended: true}]}]",
		"shop 12 分店: updated ended: false → true")
	if shop, _ := m.Shop(12); !shop.Ended || shop.Name != "分店" {
		t.Errorf("got %+v", shop)
	}
	if got := recharge(); got != ledger.ShopEnded {
		t.Errorf("at an ended shop: got %v", got)
	}
	b.applied(t, "merchants: [{id: 1, shops: [{id: 12, ended: false}], pay_types: [{id: 2, ended: true}]}]",
		"shop 12 分店: updated ended: true → false", "pay type 2 微信: updated ended: false → true")
	if got := recharge(); got != ledger.UnknownPayType {
		t.Errorf("by an ended pay type: got %v", got)
	}
	b.applied(t, "merchants: [{id: 1, pay_types: [{id: 2, ended: false}]}]",
		"pay type 2 微信: updated ended: true → false")
	if got := recharge(); got != 0 {
		t.Errorf("opened again: got %v", got)
	}
	plan, err := b.plan(t, "merchants: [{id: 1, shops: [{id: 12, ended: true}]}]", options())
	if err != nil || len(plan.Warnings) != 1 || !strings.Contains(plan.Warnings[0], "its tills are refused") {
		t.Errorf("got %+v, %v", plan, err)
	}
}

// Two records of one kind are not called the same, but for what has ended.
func TestOneNameEach(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	b.apply(t, shopFile(t))
	for _, c := range []struct{ text, want string }{
		{"levels: [{id: 3, name: 金卡}]", "levels: 2 and 3 are both named 金卡"},
		{"shops: [{id: 13, guid: X, name: 分店}]", "shops: 12 and 13 are both named 分店"},
		{"shops: [{id: 12, ended: true}, {id: 13, guid: X, name: 分店}]", ""},
		{"pay_types: [{id: 9, name: 现金}]", "pay_types: "},
		{"pay_types: [{id: 1, ended: true}, {id: 9, name: 现金}]", ""},
		{"rules: [{id: 8, name: 充100送5, kind: each, add_money: 1}]", "rules: 1 and 8 are both named"},
		{"rules: [{id: 1, last: 2020-01-01}, {id: 8, name: 充100送5, kind: each, add_money: 1}]", ""},
		{"coupon_kinds: [{id: 8, name: 满减券, type: goods}]", "coupon_kinds: "},
		{"coupon_kinds: [{id: 3, days: 0, end: 2020-01-01}, {id: 8, name: 满减券, type: goods}]", ""},
	} {
		_, err := b.plan(t, "merchants: [{id: 1, "+c.text+"}]", options())
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.text, err, c.want)
		}
	}
}
