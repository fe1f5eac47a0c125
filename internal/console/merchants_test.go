package console

import (
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

var (
	tokenShown  = regexp.MustCompile(`id="token">([^<]+)<`)
	apiKeyShown = regexp.MustCompile(`id="apikey">([^<]+)<`)
)

// From an empty store to a till that works: the owner made by the link is led to the first merchant, gives it a name, a
// shop, levels and a rule, and gets a token and an ApiKey that are good for that merchant and nothing else.
func TestFirstMerchant(t *testing.T) {
	t.Parallel()
	w := newEmptyWorld(t, "http://console.example.com")
	b := w.owner()
	if got := b.get("/console/"); got.Header().Get("Location") != "/console/host/merchants/new" {
		t.Fatalf("led to %q", got.Header().Get("Location"))
	}
	if got := b.post("/console/host/merchants/new", "name", " ", "shop", "总店"); got.Code != http.StatusUnprocessableEntity ||
		!strings.Contains(got.Body.String(), wNeeded.Zh) || !strings.Contains(got.Body.String(), `value="总店"`) {
		t.Errorf("without a name: %d", got.Code)
	}
	got := b.post("/console/host/merchants/new", "id", "1", "name", "聚客 <b>", "shop", "人民路店", "licence_end", "2030-12-31")
	if got.Header().Get("Location") != "/console/host/merchants/1/levels" {
		t.Fatalf("adding: %d %s", got.Code, fault(got.Body.String()))
	}
	levels := b.get("/console/host/merchants/1/levels").Body.String()
	for _, want := range []string{`value="普通会员"`, `value="金卡会员"`, `value="90"`, `value="500.00"`, `value="50.00"`} {
		if !strings.Contains(levels, want) {
			t.Errorf("the levels lack %s", want)
		}
	}
	form := append(hidden(levels), "level1", "会员", "level2", "钻石", "discount", "85", "threshold", "1000", "add_money", "200", "points_ratio", "100")
	if got := b.post("/console/host/merchants/1/levels", form...); got.Header().Get("Location") != "/console/host/merchants/1/till" {
		t.Fatalf("levels: %d %s", got.Code, fault(got.Body.String()))
	}
	m := w.settings()
	if m.Levels[1].PayRate != 8500 || m.Rules[0].Name != "充1000送200" || m.LicenceEnd != 20301231 || len(m.PayTypes) != 4 || !m.PayTypes[0].Invoiceable || m.Shops[0].ID != 1001 {
		t.Errorf("made %+v", m)
	}
	if e := w.changed(); e.By.Person != 1 || e.By.Address == "" || e.Seq != 2 {
		t.Errorf("the entry says %+v", e)
	}
	page := b.post("/console/host/merchants/1/till").Body.String()
	token, key := tokenShown.FindStringSubmatch(page), apiKeyShown.FindStringSubmatch(page)
	if token == nil || key == nil || !strings.Contains(page, m.Shops[0].GUID) || !strings.Contains(page, "http://console.example.com/api2/member-cjb/") {
		t.Fatalf("credentials: %s", page)
	}
	w.tillsWork(m, token[1], key[1])
	for _, where := range []string{w.log.String(), b.get("/console/host/merchants/1/till").Body.String(), b.get("/console/host/merchants/1/ready").Body.String()} {
		if strings.Contains(where, token[1]) || strings.Contains(where, key[1]) {
			t.Error("a secret is shown again, or in the log")
		}
	}
	if got := b.get("/console/host/merchants/1/ready").Body.String(); !strings.Contains(got, "聚客 &lt;b&gt;") {
		t.Error("the last page does not name the merchant")
	}
}

// Where the server's address is one that this machine alone can reach, the pages that tell it to tills say so.
func TestAddressOfThisMachine(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"http://127.0.0.1:8080": true, "http://localhost": true, "http://[::1]:8080": true, "https://card.example.com": false,
		"http://192.168.1.9:8080": false,
	} {
		w := newWorldAt(t, address, true)
		b := w.signedIn("owner")
		for _, path := range []string{"/console/host/merchants/1/till", "/console/m/1/integration"} {
			if got := strings.Contains(b.get(path).Body.String(), wOnlyHere.Zh); got != want {
				t.Errorf("%s at %s: told that it is of this machine: %t", path, address, got)
			}
		}
	}
}

// owner makes the owner of an empty server by the link of the first start.
func (w *world) owner() *tab {
	w.t.Helper()
	b := w.tab()
	link, err := url.Parse(w.console.FirstLink())
	w.must(err)
	got := b.post("/console/first", "key", link.Query().Get("key"), "person", "老板", "name", "boss", "new", password,
		"again", password)
	if got.Code != http.StatusSeeOther {
		w.t.Fatalf("the owner: %d", got.Code)
	}
	return b
}

// tillsWork fails the test unless the credentials are good for the first merchant and nothing else, and cards can be
// opened and recharged by them.
func (w *world) tillsWork(m *ledger.Merchant, token, key string) {
	w.t.Helper()
	t := w.t
	from := netip.MustParseAddr("203.0.113.7")
	agent, err := w.dir.Agent(token, from)
	w.must(err)
	if !agent.May(ledger.AtTheTill, 1) || agent.May(ledger.MayRefund, 1) || agent.May(ledger.MayRead, 2) || agent.Weak {
		t.Errorf("the token is good for %+v", agent.Grants)
	}
	place, ok := w.dir.Place(m.Shops[0].GUID)
	if !ok || place.Shop.Name != "人民路店" {
		t.Errorf("the GUID leads to %+v", place)
	}
	signs, at, err := w.dir.Shop(1001, from)
	w.must(err)
	if got, err := auth.APIKey(vault{}, signs); err != nil || got != key || at.Merchant.ID != 1 {
		t.Errorf("the ApiKey is kept as %q, %v", got, err)
	}
	w.do(command.Open{Merchant: 1, By: ledger.Caller{Shop: 1001, Agent: agent.ID}, Card: command.NewCard{
		Number: "8001", Kind: ledger.Common, Level: 2, Holder: ledger.Holder{Name: "张三"},
	}},
		command.Recharge{Merchant: 1, Card: "8001", Amount: 1000_00, PayType: 1})
	if c := w.card("8001"); c.Amount() != 1200_00 {
		t.Errorf("the first recharge gives %v", c.Amount())
	}
}

// Credentials that tills have are not replaced by a page that is sent again, but only if that is what is wanted.
func TestCredentialsAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("owner")
	const path = "/console/host/merchants/1/till"
	first := tokenShown.FindStringSubmatch(b.post(path).Body.String())
	again := b.post(path)
	if body := again.Body.String(); again.Code != http.StatusConflict || tokenShown.MatchString(body) ||
		!strings.Contains(body, wMadeBefore.Zh) {
		t.Errorf("again: %d", again.Code)
	}
	from := netip.MustParseAddr("203.0.113.7")
	if _, err := w.dir.Agent(first[1], from); err != nil {
		t.Errorf("the token of before: %v", err)
	}
	second := tokenShown.FindStringSubmatch(b.post(path, "again", "yes").Body.String())
	if _, err := w.dir.Agent(first[1], from); err == nil {
		t.Error("the token of before is still good")
	}
	if _, err := w.dir.Agent(second[1], from); err != nil {
		t.Errorf("the new token: %v", err)
	}
	if e := w.newest(); e.Kind != ledger.AgentChanged || e.By.Person != 1 || e.By.Address == "" || strings.Contains(e.Settings, second[1]) {
		t.Errorf("the entry says %+v", e)
	}
}

// The host adds merchants beside those there are, and sets how long their licences go; nobody else may.
func TestMerchantsOfTheHost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("owner")
	if body := b.get("/console/host/merchants").Body.String(); !strings.Contains(body, "canary-merchant") || !strings.Contains(body, "聚客西餐 &lt;b&gt;") {
		t.Error("the list")
	}
	if got := b.post("/console/host/merchants/new", "id", "3", "name", "第三家", "shop", "店"); got.Header().Get("Location") != "/console/host/merchants/3/levels" {
		t.Fatalf("adding: %d %s", got.Code, fault(got.Body.String()))
	}
	if m := w.dir.Merchant(3); m == nil || m.Shops[0].ID != 3001 || len(m.GUID) != 38 || m.GUID == m.Shops[0].GUID {
		t.Errorf("added %+v", m)
	}
	page := b.get("/console/host/merchants/1").Body.String()
	if got := b.post("/console/host/merchants/1", append(hidden(page), "licence_end", "2026-02-30")...); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("no day: %d", got.Code)
	}
	if got := b.post("/console/host/merchants/1", append(hidden(page), "licence_end", "2026-01-01")...); got.Code != http.StatusSeeOther || w.settings().LicenceEnd != 20260101 {
		t.Errorf("the licence: %d", got.Code)
	}
	if got := b.post("/console/host/merchants/1", append(hidden(page), "licence_end", "2027-01-01")...); got.Code != http.StatusConflict || w.settings().LicenceEnd != 20260101 {
		t.Errorf("with a version of before: %d", got.Code)
	}
	if body := b.get("/console/host/merchants").Body.String(); !strings.Contains(body, wLicenceOver.Zh) {
		t.Error("an ended licence is not told")
	}
	for _, path := range []string{"99", "0", "x", "99/levels", "99/till", "99/ready"} {
		if got := b.get("/console/host/merchants/" + path).Code; got != http.StatusNotFound {
			t.Errorf("%s: %d", path, got)
		}
	}
	if code, _ := b.fill("/console/m/1/rules/levels/new", "name", "三级"); code != http.StatusSeeOther {
		t.Error("settings cannot be changed after the licence has ended")
	}
	m := w.settings()
	m.Rules = nil
	w.do(command.ChangeSettings{Merchant: 1, To: *m, From: w.changed().ID})
	if got := b.get("/console/host/merchants/1/levels").Header().Get("Location"); got != "/console/m/1/rules" {
		t.Errorf("a merchant with levels of its own is led to %q", got)
	}
}

// A form that is sent twice adds one merchant.
func TestMerchantIsAddedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("owner")
	const path = "/console/host/merchants/new"
	form := append(hidden(b.get(path).Body.String()), "name", "第三家", "shop", "店")
	if got := b.post(path, form...); got.Code != http.StatusSeeOther {
		t.Fatalf("adding: %d %s", got.Code, fault(got.Body.String()))
	}
	got := b.post(path, form...)
	body := got.Body.String()
	if got.Code != http.StatusConflict || w.dir.Merchant(4) != nil || !strings.Contains(body, wAddedToo.Zh) {
		t.Fatalf("sent again: %d", got.Code)
	}
	if got := b.post(path, append(hidden(body), "name", "第四家", "shop", "店")...); got.Code != http.StatusSeeOther ||
		w.dir.Merchant(4) == nil {
		t.Errorf("another one: %d %s", got.Code, fault(got.Body.String()))
	}
}
