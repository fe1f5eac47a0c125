package console

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// apiKey makes an API key of a merchant: of the first merchant that with the id 5.
func (w *world) apiKey(m ledger.MerchantID) {
	w.t.Helper()
	key := ledger.Agent{
		ID: ledger.AgentID(4 + m), Name: "canary-key-" + itoa(int64(m)), TokenHash: auth.Hash("key" + itoa(int64(m))), Owner: m,
		Grants: []ledger.Grant{{Merchant: m, Permissions: ledger.MayRead | ledger.MayReports}},
	}
	if m == 1 {
		key.Name = "ERP <b>"
	}
	w.do(command.ChangeAgent{To: key})
}

// key returns what the directory has of the tests' API key.
func (w *world) key() *ledger.Agent {
	w.t.Helper()
	a := w.dir.AgentByID(5)
	if a == nil || a.Owner == 0 {
		w.t.Fatal("there is no API key")
	}
	return a
}

var (
	fromHere      = netip.MustParseAddr("203.0.113.7")
	fromElsewhere = netip.MustParseAddr("198.51.100.1")
)

// An admin makes an API key, which is shown once and is good within its bounds; a form that is sent twice makes one,
// and what is wrong with it is told with what was typed.
func TestKeyIsMade(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.signedIn("admin")
	page := b.get("/console/m/1/keys/new").Body.String()
	if strings.Contains(page, " checked") || strings.Contains(page, `value="agents"`) || strings.Contains(page, `value="people"`) ||
		!strings.Contains(page, `name="may" value="cash-out"`) {
		t.Error("something is ticked in advance, or the wrong things can be")
	}
	form := []string{
		"name", "报表 <b>", "may", "read", "may", "reports", "shop", "12", "shop", "11", "allow", "203.0.113.0/24", "until", "2027-01-31",
	}
	got := b.post("/console/m/1/keys/new", form...)
	shown := secretShown.FindStringSubmatch(got.Body.String())
	if got.Code != http.StatusOK || shown == nil || !strings.HasPrefix(shown[1], "tk_") || got.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("adding: %d %s", got.Code, fault(got.Body.String()))
	}
	a, err := w.dir.Caller(shown[1], fromHere)
	w.must(err)
	if a.ID != 7 || a.Owner != 1 || a.Granted() != ledger.MayRead|ledger.MayReports || a.Until != 20270131 ||
		!a.ActsAt(12) || a.ActsAt(0) {
		t.Errorf("made %+v", a)
	}
	if _, err := w.dir.Agent(shown[1], fromHere); err == nil {
		t.Error("it is a till's token")
	}
	if _, err := w.dir.Caller(shown[1], fromElsewhere); err == nil {
		t.Error("an address that is not listed is let in")
	}
	if e := w.newest(); e.Kind != ledger.AgentChanged || e.By.Person != 2 || strings.Contains(e.Settings, shown[1]) {
		t.Errorf("the entry says %+v", e)
	}
	got = b.post("/console/m/1/keys/new", form...)
	if body := got.Body.String(); got.Code != http.StatusUnprocessableEntity ||
		!strings.Contains(fault(body), wTakenKey.Zh) || secretShown.MatchString(body) || strings.Count(body, " checked") != 4 {
		t.Errorf("sent twice: %d %s", got.Code, fault(body))
	}
	for what, pairs := range map[string][]string{
		"nothing allowed": {"name", "x", "all", "yes"}, "no shop": {"name", "x", "may", "read"},
		"all and some":      {"name", "x", "may", "read", "all", "yes", "shop", "11"},
		"another's shop":    {"name", "x", "may", "read", "shop", "21"},
		"no address":        {"name", "x", "may", "read", "all", "yes", "allow", "everywhere"},
		"no day":            {"name", "x", "may", "read", "all", "yes", "until", "2026-02-30"},
		"no name":           {"name", " ", "may", "read", "all", "yes"},
		"what no key may":   {"name", "x", "may", "read", "may", "people", "all", "yes"},
		"what nobody knows": {"name", "x", "may", "everything", "all", "yes"},
	} {
		got := b.post("/console/m/1/keys/new", pairs...)
		if body := got.Body.String(); got.Code != http.StatusUnprocessableEntity || fault(body) == "" || secretShown.MatchString(body) {
			t.Errorf("%s: %d", what, got.Code)
		}
	}
	if n := len(w.dir.Keys(1)); n != 2 {
		t.Errorf("there are %d keys", n)
	}
}

// The list says of each key of the merchant what it may do, where, until when and when it was last used, and of others
// nothing.
func TestKeysAreListed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.must(w.store.NoteUse(t.Context(), ledger.KeyUse{
		Merchant: 1, Key: 5, At: time.Date(2026, 3, 4, 1, 2, 3, 0, time.UTC), Address: "203.0.113.9",
	}))
	b := w.signedIn("admin")
	page := b.get("/console/m/1/keys").Body.String()
	for _, want := range []string{
		"ERP &lt;b&gt;", "2026-03-04 09:02 · 203.0.113.9", "查询 · 查看报表", wAllShops.Zh, wActive.Zh, `href="/console/m/1/keys/5"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("it lacks %q: %s", want, words(page))
		}
	}
	if strings.Contains(page, "canary") || strings.Contains(page, "vendor-1") {
		t.Error("it lists what is no key of the merchant")
	}
	if page := b.get("/console/m/1/keys/5").Body.String(); !strings.Contains(page, "2026-03-04 09:02 · 203.0.113.9") {
		t.Error("the page of the key does not say when it was used")
	}
	stranger := w.signedIn("stranger")
	if page := stranger.get("/console/m/2/keys").Body.String(); !strings.Contains(page, wNeverUsed.Zh) {
		t.Error("a key that was not used")
	}
	for _, page := range []string{"agents", "agents/new", "people/new"} {
		if body := w.signedIn("owner").get("/console/host/" + page).Body.String(); strings.Contains(body, "canary-key") {
			t.Errorf("%s of the host has a key", page)
		}
	}
	for _, page := range []string{"", "/check", "/try"} {
		if body := stranger.get("/console/m/2/integration" + page).Body.String(); strings.Contains(body, "canary-key") {
			t.Errorf("the integration%s has a key", page)
		}
	}
}

// A key is renewed while programs go on with the one of before; of one that was seen all others end at once; a stopped
// one is let in no more.
func TestKeyIsRenewed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.signedIn("admin")
	const path = "/console/m/1/keys/5"
	version := func() string { return hidden(b.get(path).Body.String())[1] }
	good := func(secrets ...string) (which string) {
		for _, s := range secrets {
			if _, err := w.dir.Caller(s, fromHere); err == nil {
				which += "+"
			} else {
				which += "-"
			}
		}
		return which
	}
	seen := version()
	got := b.post(path+"/secret", "version", seen, "how", "beside")
	second := secretShown.FindStringSubmatch(got.Body.String())
	if second == nil || !strings.HasPrefix(second[1], "tk_") || good("key1", second[1]) != "++" {
		t.Fatalf("beside: %d %s", got.Code, fault(got.Body.String()))
	}
	if got := b.post(path+"/secret", "version", seen, "how", "beside"); got.Code != http.StatusConflict || secretShown.MatchString(got.Body.String()) {
		t.Errorf("sent twice: %d", got.Code)
	}
	if got := b.post(path+"/secret", "version", version(), "how", "beside"); got.Code != http.StatusSeeOther || good("key1", second[1]) != "++" {
		t.Errorf("a third beside two: %d", got.Code)
	}
	if page := b.get(path).Body.String(); !strings.Contains(page, wTwoKeys.Zh) || strings.Contains(page, second[1]) {
		t.Error("its page does not say that two are good, or shows one again")
	}
	b.post(path+"/secret", "version", version(), "how", "end")
	if good("key1", second[1]) != "-+" {
		t.Error("the one of before is still good, or the new one is not")
	}
	got = b.post(path+"/secret", "version", version(), "how", "only")
	third := secretShown.FindStringSubmatch(got.Body.String())
	if third == nil || good("key1", second[1], third[1]) != "--+" {
		t.Errorf("instead: %d", got.Code)
	}
	if got := b.post(path+"/stop", "version", version(), "stopped", "yes"); got.Code != http.StatusSeeOther || good(third[1]) != "-" {
		t.Errorf("stopped: %d", got.Code)
	}
	if got := b.post(path+"/stop", "version", version(), "stopped", "no"); got.Code != http.StatusSeeOther || good(third[1]) != "+" {
		t.Errorf("resumed: %d", got.Code)
	}
}

// The second of two who change a key is told what the first did, with what was typed still there.
func TestKeyIsChangedByTwo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	one, two := w.signedIn("admin"), w.signedIn("owner")
	const path = "/console/m/1/keys/5"
	version := hidden(one.get(path).Body.String())[1]
	got := one.post(path, "version", version, "name", "ERP", "may", "read", "may", "recharge", "shop", "12", "until", "2026-12-31")
	if a := w.key(); got.Code != http.StatusSeeOther || a.Name != "ERP" || a.Granted() != ledger.MayRead|ledger.MayRecharge ||
		a.ActsAt(11) || a.Until != 20261231 {
		t.Fatalf("%d %s %+v", got.Code, fault(got.Body.String()), a)
	}
	got = two.post(path, "version", version, "name", "ERP <b>", "may", "read", "may", "reports", "all", "yes", "allow", "10.0.0.1")
	body := got.Body.String()
	if got.Code != http.StatusConflict || !strings.Contains(body, wMoved.Zh) || !strings.Contains(body, "10.0.0.1") ||
		!strings.Contains(body, `value="ERP"`) || !strings.Contains(body, `value="recharge" checked`) || !strings.Contains(body, "湖滨店") {
		t.Errorf("the second: %d %s", got.Code, words(body))
	}
	if got := two.post(path, "version", version, "name", "", "allow", "everywhere"); got.Code != http.StatusConflict {
		t.Errorf("a mistake in a form of before: %d", got.Code)
	}
	got = two.post(path, "version", hidden(body)[1], "name", "ERP", "may", "read", "all", "yes", "allow", "10.0.0.1")
	if a := w.key(); got.Code != http.StatusSeeOther || a.Shops != nil || a.Until != 0 || a.May(ledger.MayRecharge, 1) {
		t.Errorf("then: %d %+v", got.Code, a)
	}
	if page := words(one.get(path).Body.String()); !strings.Contains(page, wAgentHistory.Zh) || !strings.Contains(page, "湖滨店") {
		t.Errorf("what was changed is not told: %s", page)
	}
}

// Nobody reaches a key of another merchant or an integrator by the pages of keys, or gives more than he may do himself.
func TestKeysOfOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	admin := w.signedIn("admin")
	for _, path := range []string{"/console/m/1/keys/6", "/console/m/1/keys/1", "/console/m/1/keys/99", "/console/m/1/keys/x"} {
		if got := admin.get(path); got.Code != http.StatusNotFound || strings.Contains(got.Body.String(), "canary") {
			t.Errorf("%s: %d", path, got.Code)
		}
		for _, more := range []string{"", "/secret", "/stop"} {
			if got := admin.post(path+more, "stopped", "yes", "how", "only", "version", "1"); got.Code != http.StatusNotFound {
				t.Errorf("%s%s: %d", path, more, got.Code)
			}
		}
	}
	if got := w.signedIn("owner").get("/console/host/agents/5").Code; got != http.StatusNotFound {
		t.Errorf("a key as an agent: %d", got)
	}
	few := ledger.Person{ID: 8, SignIn: "few", Name: "人事", Grants: []ledger.PersonGrant{
		{Merchant: 1, Permissions: ledger.MayPeople | ledger.MayRead},
	}}
	some := ledger.Person{ID: 9, SignIn: "some", Name: "门店人事", Grants: []ledger.PersonGrant{
		{Merchant: 1, Shops: []ledger.ShopID{11}, Permissions: ledger.AllPermissions},
	}}
	w.do(command.ChangePerson{To: few}, command.ChangePerson{To: some})
	w.must(w.dir.Refresh(t.Context()))
	b := w.signedIn("few")
	const path = "/console/m/1/keys/5"
	if page := b.get("/console/m/1/keys/new").Body.String(); strings.Contains(page, `value="recharge"`) || !strings.Contains(page, `value="read"`) {
		t.Error("what the person may not do can be given")
	}
	if got := b.post("/console/m/1/keys/new", "name", "x", "may", "recharge", "all", "yes"); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("more is given than the person has: %d", got.Code)
	}
	version := hidden(b.get(path).Body.String())[1]
	if got := b.post(path+"/secret", "version", version, "how", "only"); got.Code != http.StatusUnprocessableEntity || secretShown.MatchString(got.Body.String()) {
		t.Errorf("a key that may do more is taken over: %d", got.Code)
	}
	if got := b.post(path+"/stop", "version", version, "stopped", "yes"); got.Code != http.StatusSeeOther || !w.key().Stopped {
		t.Errorf("it cannot be stopped: %d", got.Code)
	}
	one := w.signedIn("some")
	if got := one.get("/console/m/1/keys").Code; got != http.StatusForbidden {
		t.Errorf("who looks after the people of one shop: %d", got)
	}
	if body := one.get("/console/m/1/people").Body.String(); strings.Contains(body, `/console/m/1/keys"`) {
		t.Error("who looks after the people of one shop is led to keys")
	}
}

// The first tills of a merchant get credentials of their own, also where an API key is called what they would be.
func TestFirstTillLeavesKeysAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apiKey(1)
	w.must(w.dir.Refresh(t.Context()))
	key := *w.key()
	key.Name = tillName(w.dir.Merchant(1))
	w.do(command.ChangeAgent{To: key})
	if got := w.signedIn("owner").post("/console/host/merchants/1/till"); got.Code != http.StatusOK {
		t.Errorf("the first tills: %d %s", got.Code, fault(got.Body.String()))
	}
	if w.key().TokenHash != key.TokenHash || len(w.dir.AgentsAt(1)) != 2 {
		t.Errorf("the key is %+v, and there are %d agents", w.key(), len(w.dir.AgentsAt(1)))
	}
}

// What was changed of a merchant's keys stands in its audit, and what is done by a key is told by its name; that one
// ends soon stands on the first page.
func TestKeysAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	ends := *w.key()
	ends.Until = 20260310
	w.do(command.ChangeAgent{To: ends, By: ledger.Caller{Person: 2, Operator: "admin"}})
	w.must(w.dir.Refresh(t.Context()))
	b := w.signedIn("admin")
	page := b.get("/console/m/1/audit?of=people").Body.String()
	if !strings.Contains(page, wKey.Zh+" · ERP &lt;b&gt;") || strings.Contains(page, "canary") || strings.Contains(page, "vendor-1") {
		t.Errorf("the audit: %s", words(page))
	}
	entry := itoa(int64(w.newest().ID))
	if page := words(b.get("/console/m/1/audit/" + entry).Body.String()); !strings.Contains(page, "2026-03-10") {
		t.Errorf("the change: %s", page)
	}
	if got := w.signedIn("stranger").get("/console/m/2/audit/" + entry).Code; got != http.StatusNotFound {
		t.Errorf("another merchant sees the change: %d", got)
	}
	if name, known := (names{w.dir, 1}).agent(5); !known || name != "ERP <b>" {
		t.Errorf("what a key does is told as by %s", name)
	}
	if name, known := (names{w.dir, 1}).agent(6); known || name != "6" {
		t.Errorf("another merchant's key is told as %s", name)
	}
	page = b.get("/console/m/1/").Body.String()
	if !strings.Contains(page, wKeyEnds.Zh+"ERP &lt;b&gt; · 2026-03-10") || !strings.Contains(page, `href="/console/m/1/keys/5"`) {
		t.Errorf("the first page: %s", words(page))
	}
}
