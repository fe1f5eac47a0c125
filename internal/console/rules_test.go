package console

import (
	"context"
	"html"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// whole returns a merchant with one thing of each kind, of which every field says something.
func whole(t *testing.T) *ledger.Merchant {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Urumqi")
	if err != nil {
		t.Fatal(err)
	}
	return &ledger.Merchant{
		ID: 1, GUID: "{A}", Name: "面馆", Zone: zone, LicenceEnd: 20301231,
		Settings: ledger.Settings{
			SpendOrder: ledger.BonusFirst, PartPayment: true, BonusDays: 90, PointsDays: 60, CutOff: ledger.CutOffAt(5),
			PointsRatio: 50, MaxAmount: 1000_00, MaxBalance: 5000_00, CodeFrom: 200_50, PasswordEverywhere: true,
			WeakPasswords: true, SecondPerson: 300_00,
		},
		Shops: []ledger.Shop{{ID: 11, GUID: "{S}", Name: "总店", Ended: true}},
		Levels: []ledger.Level{{ID: 3, Name: "银卡", PayRate: 8850, Earn: 15_000, Rights: ledger.Rights{
			NoRecharge: true, MemberPrice: true, CashBack: ledger.CashBack{Each: 100_00, Back: 1_00},
			Renewals: []ledger.Renewal{{Price: 20_00, Months: 12}, {Price: 12_50, Months: 6}},
			Account:  ledger.HouseAccount{ID: 9, Name: "公司", MaxAmount: 500_00, Fixed: 50_00, MaxCount: 10},
		}}},
		Rules: []ledger.Rule{{
			ID: 4, Name: "满送", Kind: ledger.FromAmount, Threshold: 300_00, AddMoney: 30_00, AddRate: 1000, AddPoints: 7,
			First: 20260101, Last: 20261231, Weekdays: 1 << time.Saturday, From: 17 * 60, Until: 30, Ended: true,
		}},
		PayTypes: []ledger.PayType{{ID: 5, Name: "微信", Code: "wx", Invoiceable: true, Ended: true}},
		CouponKinds: []ledger.CouponKind{{
			CouponTerms: ledger.CouponTerms{
				Kind: 6, Name: "八折", Type: ledger.PercentCoupon, Face: 1_00, Off: 2000, MaxOff: 50_00, Least: 60_00, MaxUse: 2,
				Alone: true, Grace: 3, Shops: []ledger.ShopID{11},
			},
			Start: 20260101, End: 20261231, Days: 30, Stock: 99, Info: "堂食",
		}},
	}
}

// Every setting there is can be changed by a form: each field of the merchant and of its parts is one that a box points
// at. A setting that is added later and in no form fails this.
func TestEverySettingHasABox(t *testing.T) {
	t.Parallel()
	m := whole(t)
	boxed := map[any]bool{ // ids stay what they are
		&m.ID: true, &m.Shops[0].ID: true, &m.Levels[0].ID: true, &m.Rules[0].ID: true, &m.PayTypes[0].ID: true,
		&m.CouponKinds[0].Kind: true,
	}
	for _, g := range append([]*settingGroup{licenceGroup}, settingGroups...) {
		for i := range g.boxes {
			boxed[g.boxes[i].at(thing{m, 0})] = true
		}
	}
	fields := 0
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		if boxed[v.Addr().Interface()] {
			fields++
			return
		}
		switch {
		case v.Kind() == reflect.Struct:
			for i := range v.NumField() {
				walk(path+"."+v.Type().Field(i).Name, v.Field(i))
			}
		case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct && v.Len() > 0:
			walk(path+"[0]", v.Index(0))
		default:
			t.Errorf("%s is in no form", path)
		}
	}
	walk("merchant", reflect.ValueOf(m).Elem())
	if fields < 60 {
		t.Errorf("only %d fields were found", fields)
	}
}

// What a form shows is what it sets: read back, it changes nothing, and on a thing that says nothing it sets all.
func TestFormsSayWhatTheySet(t *testing.T) {
	t.Parallel()
	m := whole(t)
	for _, g := range append([]*settingGroup{licenceGroup}, settingGroups...) {
		form := g.form(thing{m, 0})
		blank := &ledger.Merchant{
			ID: m.ID, Zone: time.UTC, Shops: []ledger.Shop{{ID: 11}}, Levels: []ledger.Level{{ID: 3}},
			Rules: []ledger.Rule{{ID: 4}}, PayTypes: []ledger.PayType{{ID: 5}},
			CouponKinds: []ledger.CouponKind{{CouponTerms: ledger.CouponTerms{Kind: 6}}},
		}
		to := thing{blank, 0}
		if _, wrong := g.read(form, to, thing{cloneSettings(blank), 0}); len(wrong) > 0 {
			t.Errorf("%s: %v", g.name, wrong)
		}
		for i := range g.boxes {
			b := &g.boxes[i]
			got := reflect.ValueOf(b.at(to)).Elem().Interface()
			if want := reflect.ValueOf(b.at(thing{m, 0})).Elem().Interface(); !reflect.DeepEqual(got, want) {
				t.Errorf("%s.%s: got %v, want %v", g.name, b.name, got, want)
			}
			if b.said(lang(ledger.English), thing{m, 0}) == "" {
				t.Errorf("%s.%s says nothing", g.name, b.name)
			}
		}
	}
}

// settings returns what the store has of the first merchant.
func (w *world) settings() *ledger.Merchant {
	w.t.Helper()
	records, err := w.store.Load(w.t.Context(), command.Want{Merchant: 1, Keys: command.Keys{Head: true}})
	w.must(err)
	return records[0].Merchant
}

// changed returns the newest entry of the first merchant's settings.
func (w *world) changed() ledger.Entry {
	w.t.Helper()
	page, err := w.store.OwnEntries(w.t.Context(), 1, 1<<60, 1)
	w.must(err)
	if len(page) == 0 {
		return ledger.Entry{}
	}
	return page[0]
}

// inputs returns what a form on a page sends if nothing is typed.
func inputs(page string) url.Values {
	form := url.Values{}
	page = page[strings.Index(page, `<form method="post" class="row`)+1:]
	for _, tag := range tagsOf(page, "<input ") {
		kind, name := attr(tag, "type"), attr(tag, "name")
		if name == "" || kind == "checkbox" && !strings.Contains(tag, " checked") {
			continue
		}
		form.Add(name, attr(tag, "value"))
	}
	for _, list := range strings.Split(page, "<select ")[1:] {
		list, _, _ = strings.Cut(list, "</select>")
		for _, option := range tagsOf(list, "<option ") {
			if strings.Contains(option, " selected") {
				form.Add(attr("<"+list, "name"), attr(option, "value"))
			}
		}
	}
	return form
}

func tagsOf(page, begin string) (all []string) {
	for _, rest := range strings.Split(page, begin)[1:] {
		tag, _, _ := strings.Cut(rest, ">")
		all = append(all, " "+tag)
	}
	return all
}

func attr(tag, name string) string {
	_, rest, found := strings.Cut(tag, " "+name+`="`)
	value, _, _ := strings.Cut(rest, `"`)
	if !found {
		return ""
	}
	return html.UnescapeString(value)
}

// fill opens a form, types into it and sends it.
func (b *tab) fill(path string, pairs ...string) (code int, body string) {
	b.t.Helper()
	opened := b.get(path)
	if opened.Code != http.StatusOK {
		b.t.Fatalf("%s: %d", path, opened.Code)
	}
	_, form, _ := strings.Cut(opened.Body.String(), `<form method="post" class="row`)
	return b.sendForm(attr(form, "action"), inputs(opened.Body.String()), pairs...)
}

func (b *tab) sendForm(path string, form url.Values, pairs ...string) (code int, body string) {
	b.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	rec := b.send(http.MethodPost, path, strings.NewReader(form.Encode()))
	return rec.Code, rec.Body.String()
}

// settingForms are what is typed into forms one after the other, and what the settings are then.
var settingForms = []struct {
	path  string
	typed []string
	is    func(*ledger.Merchant) bool
}{
	{
		"recharge/new", []string{"name", "充1000送300", "threshold", "1,000", "add_money", "300", "add_points", "10"},
		func(m *ledger.Merchant) bool {
			return m.Rules[1] == ledger.Rule{ID: 2, Name: "充1000送300", Kind: ledger.FromAmount, Threshold: 1000_00, AddMoney: 300_00, AddPoints: 10}
		},
	},
	{
		"recharge/2", []string{"kind", "percent", "add_rate", "12.5"}, // what was of the other kind goes
		func(m *ledger.Merchant) bool {
			return m.Rules[1] == ledger.Rule{ID: 2, Name: "充1000送300", Kind: ledger.Percent, AddRate: 1250, AddPoints: 10}
		},
	},
	{
		"recharge/2", []string{"weekdays", "sat", "from", "17:30", "until", "24:00"},
		func(m *ledger.Merchant) bool {
			r := m.Rules[1]
			return r.Weekdays.String() == "sat" && r.From == 17*60+30 && r.Until == 0
		},
	},
	{"recharge/2", []string{"ended", "yes"}, func(m *ledger.Merchant) bool { return m.Rules[1].Ended }},
	{
		"levels/new", []string{"name", "钻石 <i>", "discount", "87.5", "earn", "1.5"},
		func(m *ledger.Merchant) bool {
			return m.Levels[2].ID == 3 && m.Levels[2].PayRate == 8750 && m.Levels[2].Earn == 15000
		},
	},
	{"points/one", []string{"policy", "principal_first", "points_days", ""}, func(m *ledger.Merchant) bool {
		return m.Settings.SpendOrder == ledger.PrincipalFirst && m.Settings.PointsDays == 0
	}},
	{"limits", []string{"max_amount", "¥3,000"}, func(m *ledger.Merchant) bool { return m.Settings.MaxAmount == 3000_00 }},
	{"merchant/one", []string{"cut_off", "0", "zone", "Asia/Tokyo"}, func(m *ledger.Merchant) bool { return m.Settings.CutOff.Hour() == 0 && m.Zone.String() == "Asia/Tokyo" }},
	{"shops/new", []string{"name", "机场店"}, func(m *ledger.Merchant) bool { return m.Shops[2].ID == 1001 && len(m.Shops[2].GUID) == 38 }},
	{"shops/1001", []string{"place", "1"}, func(m *ledger.Merchant) bool { return m.Shops[0].ID == 1001 && m.Shops[1].ID == 11 }},
	{"shops/1001", []string{"ended", "yes"}, func(m *ledger.Merchant) bool { return m.Shops[0].Ended }},
	{"pay-types/2", []string{"place", "1", "code", "wx"}, func(m *ledger.Merchant) bool {
		return m.PayTypes[0].ID == 2 && m.PayTypes[0].Code == "wx" && m.PayTypes[0].Invoiceable
	}},
	{
		"coupons/new", []string{"name", "生日券", "type", "percent", "off", "20", "shops", "12"},
		func(m *ledger.Merchant) bool {
			return m.CouponKinds[1].Off == 2000 && m.CouponKinds[1].Shops[0] == 12 && m.CouponKinds[1].Days == 30
		},
	},
	{"coupons/2", []string{"end", "2026-03-03", "days", ""}, func(m *ledger.Merchant) bool { return m.CouponKinds[1].End == 20260303 }},
}

// Things are added, changed and ended by forms, each by an entry that names the person and the address; sending a form
// without a change makes none.
func TestSettingsByForms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("admin")
	for _, c := range settingForms {
		before := w.changed().ID
		path := "/console/m/1/rules/" + c.path
		code, body := b.fill(path, c.typed...)
		if code != http.StatusSeeOther || !c.is(w.settings()) {
			t.Fatalf("%s %q: %d %s\n%+v", c.path, c.typed, code, fault(body), w.settings())
		}
		e := w.changed()
		if e.ID == before || e.Kind != ledger.SettingsChanged || e.By.Person != 2 || e.By.Address == "" {
			t.Errorf("%s: entry %d by %+v", c.path, e.ID, e.By)
		}
		if strings.HasSuffix(path, "/new") {
			continue
		}
		if code, body := b.fill(path); code != http.StatusSeeOther || w.changed().ID != e.ID {
			t.Errorf("%s: sent without a change: %d %s, entry %d", c.path, code, fault(body), w.changed().ID)
		}
	}
}

// A shop gets an id that no other merchant's shop has.
func TestShopOfItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := *w.dir.Merchant(2)
	other.Shops = append(other.Shops[:1:1], ledger.Shop{ID: 1001, GUID: "{X}", Name: "x"}, ledger.Shop{ID: 1002, GUID: "{Y}", Name: "y"})
	w.must(w.store.SaveMerchant(t.Context(), other))
	w.must(w.dir.Refresh(t.Context()))
	if code, body := w.signedIn("admin").fill("/console/m/1/rules/shops/new", "name", "新店"); code != http.StatusSeeOther {
		t.Fatalf("%d %s", code, fault(body))
	}
	if s := w.settings().Shops[2]; s.ID != 1003 {
		t.Errorf("the shop is %d", s.ID)
	}
}

// Of two people who change settings at once, the second is told what the first has changed, keeps what was typed, and
// decides again. Nothing is overwritten before that.
func TestTwoPeopleChangeSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second := w.signedIn("admin"), w.signedIn("owner")
	const path = "/console/m/1/rules/recharge/1"
	if code, body := first.fill(path, "add_money", "110"); code != http.StatusSeeOther {
		t.Fatalf("%d %s", code, fault(body))
	}
	opened := second.get(path).Body.String()
	if code, _ := first.fill(path, "add_money", "120", "name", "充500送120 <b>"); code != http.StatusSeeOther {
		t.Fatal("the first is refused")
	}
	e := w.changed()
	code, body := second.sendForm(path, inputs(opened), "add_money", "150", "add_points", "5")
	if code != http.StatusConflict || w.changed().ID != e.ID {
		t.Fatalf("the second: %d", code)
	}
	for _, want := range []string{wMoved.Zh, "¥110.00", "¥120.00", "充500送120 &lt;b&gt;", `value="150"`, `value="5"`, "管理员"} {
		if !strings.Contains(body, want) {
			t.Errorf("the second is not shown %s", want)
		}
	}
	if strings.Contains(body, "充500送120 <b>") {
		t.Error("a name is no text")
	}
	if code, body := second.sendForm(path, inputs(body)); code != http.StatusSeeOther {
		t.Fatalf("deciding again: %d %s", code, fault(body))
	}
	if r := w.settings().Rules[0]; r.AddMoney != 150_00 || r.AddPoints != 5 || r.Name != "充500送120 <b>" {
		t.Errorf("after both: %+v", r)
	}
	// What somebody else does to another thing is kept by whoever saves this one.
	opened = second.get(path).Body.String()
	if code, _ := first.fill("/console/m/1/rules/levels/2", "discount", "75"); code != http.StatusSeeOther {
		t.Fatal("the first is refused")
	}
	code, body = second.sendForm(path, inputs(opened), "add_points", "6")
	if code != http.StatusConflict || !strings.Contains(body, "75%") {
		t.Errorf("another thing was changed: %d", code)
	}
	code, _ = second.sendForm(path, inputs(body))
	if code != http.StatusSeeOther || w.settings().Levels[1].PayRate != 7500 {
		t.Errorf("the other change is gone: %d %+v", code, w.settings().Levels[1])
	}
	for _, version := range []string{"", "x", "-5", "99999"} {
		if code, _ := second.sendForm(path, url.Values{"version": {version}, "name": {"x"}}); code != http.StatusConflict {
			t.Errorf("version %q: %d", version, code)
		}
	}
}

// What somebody else does to other fields of the same thing is kept too, boxes to be checked and lists among them: only
// what was typed counts.
func TestUntouchedFieldsFollow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second := w.signedIn("admin"), w.signedIn("owner")
	if code, _ := first.fill("/console/m/1/rules/limits", "max_amount", "100"); code != http.StatusSeeOther {
		t.Fatal("no first version")
	}
	const level = "/console/m/1/rules/levels/2"
	opened := second.get(level).Body.String()
	code, _ := first.fill(level, "member_price", "yes", "earn", "3", "renewals.months", "6", "renewals.price", "5")
	if code != http.StatusSeeOther {
		t.Fatal("the first is refused")
	}
	_, body := second.sendForm(level, inputs(opened), "discount", "65", "earn", "2")
	if code, body := second.sendForm(level, inputs(body)); code != http.StatusSeeOther {
		t.Fatalf("%d %s", code, fault(body))
	}
	if l := w.settings().Levels[1]; l.PayRate != 6500 || l.Earn != 20_000 || !l.Rights.MemberPrice ||
		l.Rights.Renewals[0] != (ledger.Renewal{Price: 5_00, Months: 6}) {
		t.Errorf("after both: %+v", l)
	}
}

// What a form made by hand does not have stays as it is; what is not ticked any more in a form of the console goes.
func TestFormWithoutAField(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("admin")
	const path = "/console/m/1/rules/levels/2"
	code, _ := b.fill(path, "member_price", "yes", "renewals.months", "6", "renewals.price", "5")
	was := w.settings().Levels[1]
	if code != http.StatusSeeOther || !was.Rights.MemberPrice || len(was.Rights.Renewals) != 1 {
		t.Fatalf("%d %+v", code, was)
	}
	was.Earn = 30_000
	form := url.Values{"version": inputs(b.get(path).Body.String())["version"]}
	code, body := b.sendForm(path, form, "earn", "3")
	if got := w.settings().Levels[1]; code != http.StatusSeeOther || !reflect.DeepEqual(got, was) {
		t.Fatalf("%d %s: %+v, want %+v", code, fault(body), got, was)
	}
	form = inputs(b.get(path).Body.String())
	form.Del("member_price")
	if code, body := b.sendForm(path, form); code != http.StatusSeeOther || w.settings().Levels[1].Rights.MemberPrice {
		t.Errorf("%d %s: it is ticked still", code, fault(body))
	}
}

// The store that a form is saved to may have moved between the look and the save, too.
func TestMovedWhileSaving(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("admin")
	if code, _ := b.fill("/console/m/1/rules/limits/one", "max_amount", "100"); code != http.StatusSeeOther {
		t.Fatal("no first version")
	}
	w.console.cfg.Doer = before{w.engine, func() {
		to := w.settings()
		to.Settings.MaxAmount = 200_00
		w.do(command.ChangeSettings{Merchant: 1, By: ledger.Caller{Operator: "apply"}, To: *to, From: w.changed().ID})
	}}
	code, body := b.fill("/console/m/1/rules/limits/one", "max_amount", "300")
	if code != http.StatusConflict || !strings.Contains(body, "¥200.00") || !strings.Contains(body, `value="300"`) {
		t.Errorf("%d %s", code, fault(body))
	}
	if got := w.settings().Settings.MaxAmount; got != 200_00 {
		t.Errorf("overwritten by %v", got)
	}
}

// Whatever the core has against settings is told at its field, in words, and what was typed stays.
func TestWrongSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("admin")
	seen := map[string]bool{}
	for _, c := range []struct{ path, box, typed, also string }{
		{"levels/1", "name", " ", ""}, {"levels/1", "discount", "0", ""}, {"levels/1", "discount", "100.01", ""},
		{"levels/1", "discount", "8", wTenthsMeant.Zh}, {"levels/1", "discount", "9.99%", wTenthsMeant.Zh},
		{"levels/1", "discount", "八折", wNoShare.Zh}, {"levels/1", "earn", "1.23456", wNoRate.Zh},
		{"levels/1", "cash_back_each", "5", ""}, {"levels/1", "account_id", "7", ""},
		{"levels/1", "renewals.months", "12", wNoRenewal.Zh}, {"levels/1", "name", "金卡", wNameTwice.Zh},
		{"recharge/1", "name", "", ""}, {"recharge/1", "kind", "never", wChoose.Zh}, {"recharge/1", "threshold", "1", ""},
		{"recharge/1", "threshold", "a lot", wNoAmount.Zh}, {"recharge/1", "add_money", "", ""},
		{"recharge/1", "add_points", "2000000000", ""}, {"recharge/1", "add_points", "1.5", wNoCount.Zh},
		{"recharge/1", "first", "2026-02-30", wNoDate.Zh}, {"recharge/1", "weekdays", "x", wChoose.Zh},
		{"recharge/1", "from", "25:00", wNoClock.Zh},
		{"points/one", "points_ratio", "100001", ""}, {"points/one", "points_days", "100001", ""},
		{"points/one", "bonus_days", "-1", ""}, {"points/one", "policy", "x", wChoose.Zh},
		{"coupons/1", "name", "", ""}, {"coupons/1", "face", "", ""}, {"coupons/1", "off", "5", ""}, {"coupons/1", "max_off", "5", ""},
		{"coupons/1", "max_use", "100001", ""}, {"coupons/1", "grace", "100001", ""},
		{"coupons/1", "days", "100001", ""}, {"coupons/1", "stock", "-1", ""}, {"coupons/1", "shops", "21", wNoShop.Zh},
		{"coupons/1", "info", strings.Repeat("长", 201), wBadText.Zh}, {"coupons/1", "place", "9", wNoPlace.Zh},
		{"pay-types/1", "name", "", ""}, {"pay-types/1", "code", "WX", ""}, {"pay-types/1", "name", "微信", wNameTwice.Zh},
		{"limits/one", "max_amount", "10000000001", ""}, {"limits/one", "max_balance", "1e5", wNoAmount.Zh},
		{"shops/11", "name", "", ""}, {"shops/11", "guid", "", ""}, {"shops/11", "guid", "{12}", ""},
		{"merchant/one", "name", "", ""}, {"merchant/one", "zone", "Mars/Base", wNoZone.Zh}, {"merchant/one", "cut_off", "24", wChoose.Zh},
		{"merchant/one", "guid", "", ""}, {"merchant/one", "name", strings.Repeat("长", 65), wBadText.Zh},
	} {
		group, _, _ := strings.Cut(c.path, "/")
		code, body := b.fill("/console/m/1/rules/"+c.path, c.box, c.typed)
		if code != http.StatusUnprocessableEntity {
			t.Errorf("%s %s %q: %d", c.path, c.box, c.typed, code)
			continue
		}
		at, _, _ := strings.Cut(c.box, ".")
		seen[group+"."+at] = true
		if said := feedback(body, at); said == "" || !strings.Contains(said, c.also) {
			t.Errorf("%s %s %q: told %q, want %q (alert %q)", c.path, c.box, c.typed, said, c.also, fault(body))
		}
		picked := c.also == wChoose.Zh || c.also == wNoShop.Zh
		if !picked && !strings.Contains(body, html.EscapeString(strings.TrimSpace(c.typed))) {
			t.Errorf("%s %s %q: what was typed is gone", c.path, c.box, c.typed)
		}
	}
	if w.changed().ID != 0 {
		t.Error("a wrong form made an entry")
	}
	for name, said := range settingFaults {
		if said.Zh == "" || said.En == "" {
			t.Errorf("%s has no words", name)
		}
	}
	if len(seen) < 30 {
		t.Errorf("only %d fields were tried", len(seen))
	}
}

// feedback returns what a page says is wrong with a field.
func feedback(page, name string) string {
	_, rest, found := strings.Cut(page, `id="`+name+`-wrong"`)
	if !found {
		_, rest, found = strings.Cut(page, `id="`+name+`"`)
		if !found {
			return ""
		}
		_, rest, _ = strings.Cut(rest, "invalid-feedback")
	}
	_, rest, _ = strings.Cut(rest, ">")
	said, _, _ := strings.Cut(rest, "<")
	return said
}

// A GUID of another merchant is refused at its field, and whose it is is not told.
func TestGUIDOfAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	to := *w.dir.Merchant(2)
	to.GUID = "{CANARY-GUID}"
	w.must(w.store.SaveMerchant(t.Context(), to))
	code, body := w.signedIn("admin").fill("/console/m/1/rules/shops/11", "guid", "{canary-guid}")
	if code != http.StatusUnprocessableEntity || !strings.Contains(feedback(body, "guid"), "标识已被占用") || strings.Contains(body, "merchant 2") {
		t.Errorf("%d %s", code, feedback(body, "guid"))
	}
}

// What settings come to is worked out by the server, with what was typed, and nothing is saved.
func TestSamples(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("admin")
	for _, c := range []struct {
		path  string
		typed []string
		want  []string
	}{
		{"recharge/1", []string{"add_money", "150", "add_points", "20"}, []string{"充值 ¥500.00", "得 ¥650.00 和 20 分", "充值 ¥100.00", "得 ¥100.00"}},
		{"recharge/new", []string{"name", "", "kind", "percent", "add_rate", "10", "first", "2026-05-01"}, []string{"下次生效 2026-05-01 00:00", "得 ¥110.00", "得 ¥650.00"}},
		{"recharge/1", []string{"weekdays", "sun", "from", "17:00"}, []string{"下次生效 2026-03-08 17:00", "只适用于 周日 17:00–24:00", "得 ¥600.00"}},
		{"recharge/1", []string{"ended", "yes"}, []string{"已结束", "得 ¥500.00"}},
		{"recharge/1", []string{"threshold", "x"}, []string{"充值满：" + wNoAmount.Zh}},
		{"levels/2", []string{"discount", "75", "earn", "2", "cash_back_each", "50", "cash_back", "1"}, []string{"账单 ¥100.00", "付 ¥75.00，得 150 分，返 ¥1.00", "12 个月"}},
		{"coupons/1", []string{"face", "30", "least", "100"}, []string{"账单 ¥50.00", "账单没有达到用券金额", "减 ¥30.00", "2026-03-04 到 2026-04-02"}},
		{"points/one", []string{"points_ratio", "50", "policy", "bonus_first", "points_days", "10"}, []string{"100 分", "抵 ¥2.00", "到 2026-03-14", "扣本金 ¥40.00，赠送 ¥20.00"}},
		{"limits/one", []string{"max_amount", "800"}, []string{"¥800.00", "手工赠送由另一个人确认</dt><dd>从不需要"}},
		{"limits/one", []string{"second_person", "300"}, []string{"手工赠送由另一个人确认</dt><dd>超过 ¥300.00"}},
		{"merchant/one", []string{"cut_off", "6"}, []string{"2026-03-04 05:59", "算在 2026-03-03", "2026-03-04 06:00", "算在 2026-03-04"}},
		{"pay-types/2", []string{"name", "微信支付"}, []string{"现金 · 微信支付"}},
		{"shops/11", []string{"ended", "yes"}, []string{"湖滨店", "msid", "11"}},
	} {
		form := inputs(b.get("/console/m/1/rules/" + c.path).Body.String())
		code, body := b.sendForm("/console/m/1/rules/"+c.path+"/try", form, c.typed...)
		if code != http.StatusOK || strings.Contains(body, "<html") {
			t.Errorf("%s: %d", c.path, code)
		}
		for _, want := range c.want {
			if !strings.Contains(body, want) {
				t.Errorf("%s %q lacks %q: %s", c.path, c.typed, want, body)
			}
		}
	}
	if w.changed().ID != 0 {
		t.Error("a look has changed something")
	}
	page := b.get("/console/m/1/rules/recharge/1").Body.String() // without a script it is on the page as saved
	if !strings.Contains(page, "得 ¥600.00") {
		t.Error("what is saved comes to nothing")
	}
}

// Whoever may not change settings sees them, and no form; what has ended stays to be seen.
func TestSettingsForOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin, cashier := w.signedIn("admin"), w.signedIn("cashier")
	if code, _ := admin.fill("/console/m/1/rules/recharge/1", "ended", "yes"); code != http.StatusSeeOther {
		t.Fatal("not ended")
	}
	list := cashier.get("/console/m/1/rules/recharge").Body.String()
	if !strings.Contains(list, "充500送100") || !strings.Contains(list, wHasEnded.Zh) || strings.Contains(list, "recharge/new") {
		t.Error("the list of a cashier")
	}
	for _, g := range settingGroups {
		item := "1"
		switch {
		case g.things == nil:
			item = onlyThing
		case g == shopGroup:
			item = "11"
		}
		for _, path := range []string{g.name, g.name + "/" + item, "history", "history/now", "history/1"} {
			got := cashier.get("/console/m/1/rules/" + path)
			if body := got.Body.String(); got.Code != http.StatusOK && path != "history/1" || strings.Contains(body, `name="version"`) ||
				strings.Contains(body, "hx-post") || strings.Contains(body, `name="seen"`) {
				t.Errorf("%s: %d", path, got.Code)
			}
		}
	}
	if got := cashier.get("/console/m/1/rules/levels/new").Code; got != http.StatusForbidden {
		t.Errorf("the form of a new level: %d", got)
	}
	for _, path := range []string{"levels/99", "levels/x", "nothing", "nothing/1", "points/1", "history/99", "history/x", "history/0"} {
		if got := admin.get("/console/m/1/rules/" + path).Code; got != http.StatusNotFound {
			t.Errorf("%s: %d", path, got)
		}
	}
}

// before does something just before a command is carried out, once.
type before struct {
	Doer
	first func()
}

func (b before) Do(ctx context.Context, cmd command.Command) (command.Changes, error) {
	b.first()
	return b.Doer.Do(ctx, cmd)
}

// Whatever people type as a name is text on every page that shows it, also what a spreadsheet would calculate.
func TestNamesStayText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("owner")
	const bad = `"><script>alert(1)</script>=1+1`
	texts := 0
	for path, names := range map[string][]string{
		"levels/2": {"name", "account_name"}, "recharge/1": {"name"}, "pay-types/1": {"name"}, "shops/11": {"name"},
		"coupons/1": {"name", "info"}, "merchant/one": {"name"},
	} {
		for _, name := range names {
			texts++
			if code, body := b.fill("/console/m/1/rules/"+path, name, bad); code != http.StatusSeeOther {
				t.Fatalf("%s %s: %d %s", path, name, code, fault(body))
			}
		}
	}
	pages := []string{
		"/console/m/1/rules", "/console/m/1/rules/history", "/console/m/1/rules/history/now", "/console/host/merchants",
		"/console/host/merchants/1", "/console/host/merchants/1/till", "/console/host/merchants/1/ready",
		"/console/host/merchants/1/levels",
	}
	for _, g := range settingGroups {
		pages = append(pages, "/console/m/1/rules/"+g.name)
		for _, one := range g.all(w.settings()) {
			item := onlyThing
			if g.things != nil {
				item = itoa(g.things.id(one))
			}
			path := "/console/m/1/rules/" + g.name + "/" + item
			pages = append(pages, path)
			if code, body := b.sendForm(path+"/try", inputs(b.get(path).Body.String())); code != http.StatusOK || strings.Contains(body, "<script>alert") {
				t.Errorf("%s/try: %d, or a name is no text", path, code)
			}
		}
	}
	for _, path := range pages {
		if got := b.get(path); got.Code != http.StatusOK || strings.Contains(got.Body.String(), "<script>alert") ||
			!strings.Contains(got.Body.String(), "&lt;script&gt;alert") {
			t.Errorf("%s: %d, or a name is no text", path, got.Code)
		}
	}
	if code, _ := b.fill("/console/m/1/rules/shops/11", "name", "多行\n"); code != http.StatusSeeOther {
		t.Errorf("a name with space around it: %d", code) // which is dropped
	}
	if code, body := b.fill("/console/m/1/rules/shops/11", "name", "多\n行"); code != http.StatusUnprocessableEntity {
		t.Errorf("a name of two lines: %d %s", code, fault(body))
	}
	if texts != 8 {
		t.Errorf("%d texts were tried", texts)
	}
}

// In English no Chinese is shown but names.
func TestSettingsInEnglish(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("owner")
	b.language = "en"
	if code, body := b.fill("/console/m/1/rules/levels/2", "discount", "70"); code != http.StatusSeeOther {
		t.Fatalf("%d %s", code, fault(body))
	}
	names := strings.NewReplacer("聚客西餐", "", "人民路店", "", "湖滨店", "", "老板", "", "普通", "", "金卡", "", "充500送100", "", "现金", "",
		"微信", "", "满减券", "", "总公司", "")
	paths := []string{
		"/console/m/1/rules", "/console/m/1/rules/history", "/console/m/1/rules/history/now", "/console/host/merchants",
		"/console/host/merchants/new", "/console/host/merchants/1", "/console/host/merchants/1/levels",
		"/console/host/merchants/1/till", "/console/host/merchants/1/ready",
	}
	for _, g := range settingGroups {
		paths = append(paths, "/console/m/1/rules/"+g.name)
		if g.things != nil {
			paths = append(paths, "/console/m/1/rules/"+g.name+"/new")
			for _, one := range g.all(w.settings()) {
				paths = append(paths, "/console/m/1/rules/"+g.name+"/"+itoa(g.things.id(one)))
			}
		}
	}
	for _, path := range paths {
		rec := b.get(path)
		body := names.Replace(rec.Body.String())
		i := strings.IndexFunc(body, func(r rune) bool { return unicode.Is(unicode.Han, r) })
		if i >= 0 || rec.Code != http.StatusOK {
			t.Errorf("%s: %d %q", path, rec.Code, body[max(0, i-40):min(len(body), max(0, i)+20)])
		}
	}
}

// The days and the hours of a rule are one phrase, also in the list.
func TestHoursOfARule(t *testing.T) {
	t.Parallel()
	weekend := ledger.Weekdays(0).With(time.Friday).With(time.Saturday)
	for _, c := range []struct {
		rule   ledger.Rule
		zh, en string
	}{
		{ledger.Rule{}, "", ""},
		{ledger.Rule{Weekdays: weekend}, "周五、周六", "Friday, Saturday"},
		{ledger.Rule{Weekdays: weekend, From: 21 * 60, Until: 2 * 60}, "周五、周六 21:00–02:00", "Friday, Saturday 21:00–02:00"},
		{ledger.Rule{From: 17 * 60}, "每天 17:00–24:00", "Every day 17:00–24:00"},
		{ledger.Rule{Until: 9 * 60}, "每天 00:00–09:00", "Every day 00:00–09:00"},
	} {
		if zh, en := lang(ledger.Chinese).hours(&c.rule), lang(ledger.English).hours(&c.rule); zh != c.zh || en != c.en {
			t.Errorf("%+v: %q, %q", c.rule, zh, en)
		}
	}
	w := newWorld(t)
	b := w.signedIn("admin")
	b.fill("/console/m/1/rules/recharge/1", "weekdays", "sat", "from", "17:00")
	list := b.get("/console/m/1/rules/recharge").Body.String()
	if !strings.Contains(list, " · 周六 17:00–24:00") || strings.Contains(list, "每天") {
		t.Errorf("the list: %s", words(list))
	}
	if page := b.get("/console/m/1/rules/recharge/new").Body.String(); strings.Contains(page, "充值 ¥0.00") || !strings.Contains(page, "充值 ¥100.00") {
		t.Error("a new rule shows what a recharge of nothing gives")
	}
}
