package console

import (
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// agents makes two agents of a merchant, one with a token and one that is the tills of its first shop: of the first
// merchant those with the ids 1 and 2.
func (w *world) agents(m ledger.MerchantID) {
	w.t.Helper()
	grants := []ledger.Grant{{Merchant: m, Permissions: ledger.AtTheTill}}
	token := ledger.Agent{ID: ledger.AgentID(2*m - 1), Name: "canary-vendor-" + itoa(int64(m)), TokenHash: auth.Hash("token" + itoa(int64(m))), Grants: grants}
	signs := ledger.Agent{ID: ledger.AgentID(2 * m), Name: "canary-tills-" + itoa(int64(m)), Shop: ledger.ShopID(10*m + 1), Grants: grants}
	auth.SealAPIKey(vault{}, &signs, "0123456789abcdef-key-"+itoa(int64(m)))
	if m == 1 {
		token.Name, signs.Name = "vendor-1", "tills <b>"
	}
	w.do(command.ChangeAgent{To: token}, command.ChangeAgent{To: signs})
	w.sent(exchangeOf(m, "X", 0))
}

var secretShown = regexp.MustCompile(`<code id="secret">([^<]+)</code>`)

// agent returns what the directory has of an agent.
func (w *world) agent(id ledger.AgentID) *ledger.Agent {
	w.t.Helper()
	for _, a := range w.dir.Agents() {
		if a.ID == id {
			return &a
		}
	}
	w.t.Fatalf("there is no agent %d", id)
	return nil
}

// The host makes an agent, lets it do things, and changes its token while tills go on with the one of before; each
// secret is shown once, and every change is an entry that names who made it.
func TestAgentsOfTheHost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.signedIn("owner")
	got := b.post("/console/host/agents/new", "name", "新代理 <b>", "allow", "203.0.113.0/24", "until", "2027-01-31", "add", "1")
	first := secretShown.FindStringSubmatch(got.Body.String())
	if got.Code != http.StatusOK || first == nil {
		t.Fatalf("adding: %d %s", got.Code, fault(got.Body.String()))
	}
	from := netip.MustParseAddr("203.0.113.7")
	a, err := w.dir.Agent(first[1], from)
	w.must(err)
	if a.ID != 7 || !a.May(ledger.AtTheTill, 1) || a.May(ledger.MayRefund, 1) || a.Until != 20270131 {
		t.Errorf("made %+v", a)
	}
	if _, err := w.dir.Agent(first[1], netip.MustParseAddr("198.51.100.1")); err == nil {
		t.Error("an address that is not listed is let in")
	}
	const path = "/console/host/agents/7"
	page := b.get(path).Body.String()
	if strings.Contains(page, first[1]) || !strings.Contains(page, "新代理 &lt;b&gt;") || strings.Contains(page, "新代理 <b>") {
		t.Error("the page shows the token again, or a name that is not escaped")
	}
	got = b.post(path+"/secret", append(hidden(page)[:2:2], "how", "beside")...)
	second := secretShown.FindStringSubmatch(got.Body.String())
	if second == nil {
		t.Fatalf("a token beside: %d %s", got.Code, fault(got.Body.String()))
	}
	for _, token := range []string{first[1], second[1]} {
		if _, err := w.dir.Agent(token, from); err != nil {
			t.Errorf("while tills change over: %v", err)
		}
	}
	if got := b.post(path+"/secret", append(hidden(page)[:2:2], "how", "end")...); got.Code != http.StatusConflict {
		t.Errorf("with a version of before: %d", got.Code)
	}
	b.post(path+"/secret", append(hidden(b.get(path).Body.String())[:2:2], "how", "end")...)
	if _, err := w.dir.Agent(first[1], from); err == nil {
		t.Error("the token of before is still good")
	}
	got = b.post(path+"/secret", append(hidden(b.get(path).Body.String())[:2:2], "how", "only")...)
	third := secretShown.FindStringSubmatch(got.Body.String())
	if _, err := w.dir.Agent(second[1], from); err == nil || third == nil {
		t.Error("the token that was replaced is still good")
	}
	if e := w.newest(); e.Kind != ledger.AgentChanged || e.By.Person != 1 || e.By.Address == "" || strings.Contains(e.Settings, third[1]) {
		t.Errorf("the entry says %+v", e)
	}
	for what, pairs := range map[string][]string{
		"no address": {"name", "x", "allow", "everywhere"}, "no day": {"name", "x", "until", "2026-02-30"}, "no name": {"name", " "},
		"a name that is taken": {"name", "vendor-1"}, "a shop that has tills": {"name", "x", "shop", "11"},
	} {
		if got := b.post("/console/host/agents/new", pairs...); got.Code != http.StatusUnprocessableEntity || fault(got.Body.String()) == "" {
			t.Errorf("%s: %d", what, got.Code)
		}
	}
}

// Grants are given and taken, an agent is stopped, and the second of two who change one is told what the first did,
// with what was typed still there.
func TestAgentIsChangedByTwo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	one, two := w.signedIn("owner"), w.signedIn("owner")
	const path = "/console/host/agents/1"
	seen := "version"
	version := hidden(one.get(path).Body.String())[1]
	got := one.post(path, seen, version, "name", "vendor-1", "grant", "1=read", "grant", "1=refund", "grant", "2=read", "add", "2")
	if got.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", got.Code, fault(got.Body.String()))
	}
	a := w.agent(1)
	if !a.May(ledger.MayRead|ledger.MayRefund, 1) || a.May(ledger.MayConsume, 1) || !a.May(ledger.AtTheTill, 2) {
		t.Errorf("granted %+v", a.Grants)
	}
	got = two.post(path, seen, version, "name", "renamed", "grant", "1=read", "allow", "10.0.0.1")
	body := got.Body.String()
	if got.Code != http.StatusConflict || !strings.Contains(body, wMoved.Zh) || !strings.Contains(body, "10.0.0.1") ||
		!strings.Contains(body, `value="renamed"`) || !strings.Contains(body, "退款") {
		t.Errorf("the second: %d %s", got.Code, fault(body))
	}
	if w.agent(1).Name != "vendor-1" {
		t.Error("what the first did was overwritten")
	}
	got = two.post(path, seen, hidden(body)[1], "name", "renamed", "grant", "1=read")
	if got.Code != http.StatusSeeOther || w.agent(1).Name != "renamed" || w.agent(1).May(ledger.MayRead, 2) {
		t.Errorf("then: %d %+v", got.Code, *w.agent(1))
	}
	one.post(path+"/stop", seen, hidden(one.get(path).Body.String())[1], "stopped", "yes")
	if _, err := w.dir.Agent("token1", netip.MustParseAddr("203.0.113.7")); err == nil {
		t.Error("a stopped agent is let in")
	}
	if body := one.get("/console/host/agents").Body.String(); !strings.Contains(body, wStopped.Zh) || !strings.Contains(body, "tills &lt;b&gt;") {
		t.Error("the list")
	}
}

// How the tills of a shop sign is set by its settings, and what contradicts itself is refused with the text still
// there.
func TestSignatureOfAgent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.signedIn("owner")
	const path = "/console/host/agents/2"
	version := func() string { return hidden(b.get(path).Body.String())[1] }
	custom := "scheme: custom\r\ndigest: sha1\r\nkey: suffix\r\ntime: required\r\nnonce: required\r\n"
	if got := b.post(path+"/signature", "version", version(), "signature", custom); got.Code != http.StatusSeeOther || !strings.Contains(w.agent(2).Scheme, "digest: sha1") {
		t.Errorf("custom: %d %s", got.Code, fault(got.Body.String()))
	}
	for _, bad := range []string{"scheme: strange", "digest: sha1", "scheme: custom\nsecret: suffix", "<b>"} {
		got := b.post(path+"/signature", "version", version(), "signature", bad)
		if got.Code != http.StatusUnprocessableEntity || strings.Contains(got.Body.String(), "<b></textarea>") {
			t.Errorf("%q: %d", bad, got.Code)
		}
	}
	if got := b.post(path+"/signature", "version", version(), "signature", "scheme: custom\nsecret: suffix", "secret", "s3cret-canary"); got.Code != http.StatusSeeOther || w.agent(2).Secret == nil {
		t.Errorf("with a developer secret: %d %s", got.Code, fault(got.Body.String()))
	}
	if body := b.get(path).Body.String(); strings.Contains(body, "s3cret-canary") || strings.Contains(body, "0123456789abcdef-key") || !strings.Contains(body, "ey-1") {
		t.Error("a secret is shown")
	}
	if got := b.post("/console/host/agents/1/signature", "signature", custom); got.Code != http.StatusNotFound {
		t.Errorf("of an agent with a token: %d", got.Code)
	}
	old, err := auth.APIKey(vault{}, w.agent(2))
	w.must(err)
	got := b.post(path+"/secret", "version", version(), "how", "only")
	shown := secretShown.FindStringSubmatch(got.Body.String())
	if fresh, err := auth.APIKey(vault{}, w.agent(2)); err != nil || shown == nil || fresh != shown[1] || fresh == old {
		t.Errorf("a new ApiKey: %v", err)
	}
}

// Somebody whose form was opened before another changed the agent is told so, also if the form has a mistake:
// corrected, it would overwrite what the other did.
func TestMistakeInAFormOfBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.signedIn("owner")
	version := func(path string) string { return hidden(b.get(path).Body.String())[1] }
	for path, mistake := range map[string][]string{
		"/console/host/agents/1":           {"name", "vendor-1", "allow", "everywhere"},
		"/console/host/agents/2/signature": {"signature", "scheme: strange"},
	} {
		page := strings.TrimSuffix(path, "/signature")
		seen := version(page)
		b.post(page+"/stop", "version", seen, "stopped", "yes")
		got := b.post(path, append(mistake, "version", seen)...)
		body := got.Body.String()
		if got.Code != http.StatusConflict || !strings.Contains(body, wMoved.Zh) ||
			!strings.Contains(body, mistake[len(mistake)-1]) {
			t.Errorf("%s: %d %s", path, got.Code, fault(body))
		}
		if got := b.post(path, append(mistake, "version", version(page))...).Code; got != http.StatusUnprocessableEntity {
			t.Errorf("%s: then %d", path, got)
		}
		if got := b.post(path, append(mistake, "version", "x")...).Code; got != http.StatusConflict {
			t.Errorf("%s: without a version %d", path, got)
		}
	}
}

// A token that somebody chose is good at few addresses and for some days only, as a file of settings has it. What a
// demo's has stays if it is left.
func TestChosenTokenInTheConsole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	weak := *w.agent(1)
	weak.Weak, weak.Allow, weak.Until = true, []string{"127.0.0.0/8"}, 99991231
	w.do(command.ChangeAgent{To: weak})
	b := w.signedIn("owner")
	const path = "/console/host/agents/1"
	for _, row := range []struct{ allow, until, want string }{
		{"", "2026-03-31", wWeakOpen.Zh},
		{"0.0.0.0/1", "2026-03-31", wWeakOpen.Zh},
		{"10.0.0.0/8", "", wWeakLong.with(auth.MaxWeakDays).Zh},
		{"10.0.0.0/8", "2026-12-31", wWeakLong.with(auth.MaxWeakDays).Zh},
		{"127.0.0.0/8", "9999-12-31", ""},
		{"10.0.0.0/8", "2026-03-31", ""},
	} {
		got := b.post(path, "version", hidden(b.get(path).Body.String())[1], "name", "vendor-1", "allow", row.allow,
			"until", row.until, "grant", "1=read")
		if said := strings.TrimSpace(fault(got.Body.String())); (got.Code == http.StatusSeeOther) != (row.want == "") ||
			!strings.Contains(said, row.want) {
			t.Errorf("%v: %d %s", row, got.Code, said)
		}
	}
}

// What was changed of an agent is told as far back as what was before is looked at, and no further.
func TestPastOfAgentEndsWhereItIsNotLookedAt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.signedIn("owner")
	const path = "/console/host/agents/1"
	if body := b.get(path).Body.String(); !strings.Contains(body, "#") || !strings.Contains(words(body), wItemName.Zh+" : - → vendor-1") {
		t.Fatalf("its first change is not told: %s", words(body))
	}
	for range pastLooked - 1 {
		w.do(command.RecordExport{Merchant: ledger.HostID, What: "x.csv"})
	}
	renamed := *w.agent(1)
	renamed.Name = "renamed"
	w.do(command.ChangeAgent{To: renamed})
	if body := words(b.get(path).Body.String()); strings.Contains(body, ": - → renamed") {
		t.Errorf("a change is told as one of nothing: %s", body)
	}
}

// An agent's own people see their agent, the merchants that let it in and nothing else.
func TestAgentsOwnPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	owner := w.signedIn("owner")
	if got := owner.post("/console/host/people/new", "person", "小代", "name", "dai", "role", ofAnAgent, "agent", "1", "new", password, "again", password); got.Code != http.StatusSeeOther {
		t.Fatalf("adding: %d %s", got.Code, fault(got.Body.String()))
	}
	w.must(w.dir.Refresh(t.Context()))
	b := w.signedIn("dai")
	may := map[string]bool{}
	for _, path := range []string{"GET /console/host/agents/{agent}", "GET /console/m/{merchant}/integration"} {
		may[path] = true
	}
	for _, r := range routes {
		if r.door == anybody || r.door == somebody {
			continue
		}
		method, path := pathOf(r, "1")
		path = strings.Replace(path, "agents/2", "agents/1", 1)
		got := b.get(path).Code
		if method == http.MethodPost {
			got = b.post(path, "name", "x").Code
		}
		if allowed := got < http.StatusBadRequest; allowed != may[r.pattern] && !strings.Contains(r.pattern, "/integration/") {
			t.Errorf("%s: %d", r.pattern, got)
		}
	}
	if got := b.get("/console/").Header().Get("Location"); got != "/console/m/1/integration" {
		t.Errorf("home leads to %q", got)
	}
	if got := b.get("/console/host/agents/2").Code; got != http.StatusForbidden {
		t.Errorf("another agent: %d", got)
	}
	if got := b.get("/console/m/2/integration").Code; got != http.StatusNotFound {
		t.Errorf("another merchant: %d", got)
	}
	if body := b.get("/console/m/1/integration").Body.String(); strings.Contains(body, "tills &lt;b&gt;") || !strings.Contains(body, "vendor-1") {
		t.Error("the agents of a merchant")
	}
	if body := b.get("/console/host/agents/1").Body.String(); strings.Contains(body, "<form class=\"card") {
		t.Error("an agent's own people may change it")
	}
}

// Of a shop without an ApiKey it is said where one is made, or for those who may not, by whom.
func TestShopWithoutAKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.agents(1)
	w.must(w.dir.Refresh(t.Context()))
	const at = "/console/m/1/integration"
	if page := w.signedIn("owner").get(at).Body.String(); !strings.Contains(page, `href="/console/host/agents/new?shop=12"`) ||
		strings.Contains(page, wAskHost.Zh) {
		t.Error("the host is not led to where an ApiKey is made")
	}
	if page := w.signedIn("admin").get(at).Body.String(); strings.Contains(page, "agents/new") || !strings.Contains(page, wAskHost.Zh) {
		t.Error("a merchant's admin is not told who makes an ApiKey")
	}
}
