package apply_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tongka/internal/apply"
	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/store/storetest"
)

var now = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

// numbers counts the coupons of all tests, to give each another number.
var numbers atomic.Int64

func options() apply.Options {
	made := 0
	opt := apply.Options{Now: now, Vault: vault{}, NewToken: func() string {
		made++
		return fmt.Sprintf("token-%d", made)
	}}
	opt.NewCouponNumber = func() (string, error) { return fmt.Sprintf("28%014d", numbers.Add(1)), nil }
	return opt
}

// vault encrypts nothing: what it seals is the context and the plain text.
type vault struct{}

func (vault) Seal(context string, plain []byte) []byte { return []byte(context + ":" + string(plain)) }

func (vault) Unseal(context string, sealed []byte) ([]byte, error) {
	plain, found := strings.CutPrefix(string(sealed), context+":")
	if !found {
		return nil, errors.New("sealed for something else")
	}
	return []byte(plain), nil
}

func shopFile(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("testdata/shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// silver has the rights of the first level in the file.
var silver = ledger.Rights{
	NoRecharge: true, MemberPrice: true, CashBack: ledger.CashBack{Each: 500_00, Back: 1_00},
	Renewals: []ledger.Renewal{{Price: 2_00, Months: 12}, {Price: 1_50, Months: 6}},
	Account:  ledger.HouseAccount{ID: 7, Name: "某公司", MaxAmount: 100_00, Fixed: 15_00, MaxCount: 10},
}

// books is a store with an engine on it.
type books struct {
	*storetest.MemStore
	engine *engine.Engine
}

func newBooks(t *testing.T) books {
	t.Helper()
	store := storetest.NewMemStore()
	e := engine.New(store, engine.Config{Clock: func() time.Time { return now }})
	t.Cleanup(func() {
		if err := e.Close(t.Context()); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
	})
	return books{store, e}
}

func (b books) plan(t *testing.T, text string, opt apply.Options) (*apply.Plan, error) {
	t.Helper()
	current, err := apply.Read(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	return apply.NewPlan([]byte(text), current, opt)
}

// apply applies a file and returns the report, as one text per line and as it is.
func (b books) apply(t *testing.T, text string) ([]string, apply.Report) {
	t.Helper()
	plan, err := b.plan(t, text, options())
	if err != nil {
		t.Fatal(err)
	}
	report, err := plan.Run(t.Context(), b, b.engine)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, l := range report.Lines {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s: %s %s", l.Kind, l.Name, l.Result, l.Detail)))
	}
	return lines, report
}

func TestApplyCreatesEverything(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	lines, report := b.apply(t, shopFile(t))
	for _, l := range lines {
		if !strings.HasSuffix(l, ": created") {
			t.Errorf("want created: %s", l)
		}
	}
	if len(lines) != 16 {
		t.Errorf("got %d lines, want 16: %q", len(lines), lines)
	}
	merchants, err := b.Merchants(t.Context())
	if err != nil || len(merchants) != 1 {
		t.Fatalf("got %v, %v", merchants, err)
	}
	m := merchants[0]
	wantSettings := ledger.Settings{
		SpendOrder: ledger.BonusFirst, PartPayment: true, BonusDays: 365, PointsDays: 730, PointsRatio: 100,
		MaxAmount: 500000, MaxBalance: 2000000, CodeFrom: 20000, PasswordEverywhere: true, WeakPasswords: true,
		CutOff: ledger.CutOffAt(6), SecondPerson: 50000,
	}
	if m.Settings != wantSettings || m.Zone.String() != "Asia/Tokyo" || m.LicenceEnd != 20991231 || m.GUID != "{SHOP-1}" {
		t.Errorf("merchant: %+v", m)
	}
	wantLevels := []ledger.Level{{ID: 1, Name: "银卡", PayRate: ledger.Percent100, Rights: silver}, {ID: 2, Name: "金卡", PayRate: 8500, Earn: 15000}}
	if !reflect.DeepEqual(m.Levels, wantLevels) {
		t.Errorf("levels: %+v", m.Levels)
	}
	wantRules := []ledger.Rule{{ID: 1, Name: "充100送5", Kind: ledger.FromAmount, Threshold: 10000, AddMoney: 500, AddPoints: 1}}
	if !slices.Equal(m.Rules, wantRules) {
		t.Errorf("rules: %+v", m.Rules)
	}
	if want := []ledger.PayType{{ID: 2, Name: "微信", Code: "wx", Invoiceable: true}, {ID: 1, Name: "现金"}}; !slices.Equal(m.PayTypes, want) {
		t.Errorf("pay types: %+v", m.PayTypes)
	}
	if m.Shops[0].ID != 11 || len(m.Shops) != 2 {
		t.Errorf("shops: %+v", m.Shops)
	}
	c, err := b.Card(t.Context(), ledger.CardKey{Merchant: 1, Number: "A0001"})
	if err != nil || c == nil {
		t.Fatal(err)
	}
	if c.Principal != 1230 || c.Bonus != 400 || c.Points != 5 || c.Expires != 20300101 ||
		c.Holder != (ledger.Holder{Name: "王五", Phone: "13700000000", Gender: 1, Birthday: 19900102}) {
		t.Errorf("card: %+v", c)
	}
	agents, err := b.Agents(t.Context())
	if err != nil || len(agents) != 1 {
		t.Fatalf("got %v, %v", agents, err)
	}
	if want := []apply.Token{{Agent: "till", Token: "token-1"}}; !slices.Equal(report.Tokens, want) {
		t.Errorf("tokens: %v", report.Tokens)
	}
	if a := agents[0]; a.TokenHash != sha256.Sum256([]byte("token-1")) || a.Weak || !a.May(ledger.MayRead|ledger.MayConsume, 1) || a.May(ledger.MayRecharge, 1) {
		t.Errorf("agent: %+v", a)
	}
}

// A second apply that changed anything would open cards twice or hand out new tokens.
func TestApplyAgainIsNothing(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	b.apply(t, shopFile(t))
	before, err := b.SettingsVersion(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lines, report := b.apply(t, shopFile(t))
	for _, l := range lines {
		if !strings.HasSuffix(l, ": unchanged") {
			t.Errorf("want unchanged: %s", l)
		}
	}
	if len(report.Tokens) != 0 {
		t.Errorf("tokens: %v", report.Tokens)
	}
	if after, err := b.SettingsVersion(t.Context()); err != nil || after != before {
		t.Errorf("settings version moved from %d to %d, %v", before, after, err)
	}
}

func TestApplyChanges(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	b.apply(t, shopFile(t))
	lines, _ := b.apply(t, `
agents:
  - {name: till, stopped: true, allow: [10.0.0.0/8], grants: [{merchant: 1, permissions: [read]}]}
merchants:
  - id: 1
    settings: {bonus_days: 30}
    shops: [{id: 13, guid: "{SHOP-13}", name: 新店}]
    levels: [{id: 1, discount: 0.9, name: 白银, recharge: true, cash_back: {each: 100}, renewals: [{price: 2, months: 12}], account: {max_count: 10}}]
    pay_types: [{id: 1}, {id: 2}]
`)
	want := []string{
		"merchant 面馆: updated bonus_days: 365 → 30, order of pay types",
		"shop 13 新店: created",
		"level 1 白银: updated discount: 1 → 0.9, name: 银卡 → 白银, recharge: false → true, cash_back.each: 500.00 → 100.00, " +
			"renewals: 12 months for 2.00 and 6 months for 1.50 → 12 months for 2.00",
		"pay type 1 现金: unchanged",
		"pay type 2 微信: unchanged",
		"shop 11 总店: kept",
		"shop 12 分店: kept",
		"level 2 金卡: kept",
		"rule 1 充100送5: kept",
		"coupon kind 7 甜品券: kept",
		"coupon kind 3 满减券: kept",
		"coupon kind 5 九折券: kept",
		"agent till: updated stopped: false → true, allow: none → 10.0.0.0/8, grant on 1: read,consume → read",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	merchants, err := b.Merchants(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	m := merchants[0]
	rights := silver
	rights.NoRecharge, rights.CashBack.Each, rights.Renewals = false, 100_00, silver.Renewals[:1]
	if !reflect.DeepEqual(m.Levels[0].Rights, rights) {
		t.Errorf("rights: %+v", m.Levels[0].Rights)
	}
	if m.Settings.BonusDays != 30 || m.Settings.PointsDays != 730 || m.Shops[0].ID != 11 || len(m.Shops) != 3 ||
		m.PayTypes[0].ID != 1 {
		t.Errorf("merchant: %+v", m)
	}
	if lines, _ := b.apply(t,
		"agents: [{name: till, grants: [{merchant: 1, permissions: []}]}]"); lines[0] != "agent till: updated grant on 1: read → none" {
		t.Errorf("taking a grant away: %q", lines)
	}
	if agents, err := b.Agents(t.Context()); err != nil || agents[0].May(ledger.MayRead, 1) {
		t.Errorf("the grant is still there: %v, %v", agents, err)
	}
}

// A card that was opened has been used since: the file must not restore its opening balance.
func TestApplyLeavesUsedCards(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	b.apply(t, shopFile(t))
	if _, err := b.engine.Do(t.Context(), command.Consume{Merchant: 1, Card: "A0001", Amount: 1000}); err != nil {
		t.Fatal(err)
	}
	b.apply(t, strings.Replace(shopFile(t), "principal: 12.30", "principal: 99.00", 1))
	c, err := b.Card(t.Context(), ledger.CardKey{Merchant: 1, Number: "A0001"})
	if err != nil || c.Amount() != 630 {
		t.Errorf("got %+v, %v, want 6.30 on it", c, err)
	}
}

// A list that several merchants share can be written once, with a YAML alias.
func TestApplyAlias(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	b.apply(t, `merchants:
  - {id: 1, guid: a, name: n, shops: [{id: 1, guid: b, name: n}], pay_types: &pay [{id: 1, name: 现金}]}
  - {id: 2, guid: c, name: n, shops: [{id: 2, guid: d, name: n}], pay_types: *pay}
`)
	merchants, err := b.Merchants(t.Context())
	if err != nil || len(merchants) != 2 || !slices.Equal(merchants[0].PayTypes, merchants[1].PayTypes) {
		t.Errorf("got %+v, %v", merchants, err)
	}
}

// If somebody else changed the same settings first, nothing is overwritten; the error says so, and the file can be
// applied again.
func TestApplyOverwritesNothing(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	first, err := b.plan(t, shopFile(t), options())
	if err != nil {
		t.Fatal(err)
	}
	b.apply(t, shopFile(t))
	if _, err := first.Run(t.Context(), b, b.engine); err == nil ||
		!strings.Contains(err.Error(), "there is a merchant 1: nothing of theirs was overwritten; apply the file again") {
		t.Errorf("a merchant that somebody else has made: %v", err)
	}
	file := "agents: [{name: till, allow: [10.0.0.0/8]}]"
	second, err := b.plan(t, file, options())
	if err != nil {
		t.Fatal(err)
	}
	b.apply(t, "agents: [{name: till, stopped: true}]")
	if _, err := second.Run(t.Context(), b, b.engine); err == nil ||
		!strings.Contains(err.Error(), "save agent till: somebody else changed the settings meanwhile: agent till") {
		t.Errorf("an agent that somebody else has changed: %v", err)
	}
	b.apply(t, file)
	agents, err := b.Agents(t.Context())
	if err != nil || !agents[0].Stopped || !slices.Equal(agents[0].Allow, []string{"10.0.0.0/8"}) {
		t.Errorf("got %+v, %v, want what both have changed", agents, err)
	}
}
