package console

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"tongka/internal/auth"
	"tongka/internal/browsertest"
	"tongka/internal/command"
	"tongka/internal/dc78"
	"tongka/internal/exchange"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/sandy"
	"tongka/internal/scheme"
)

// tillsOf finds the tills of shops by their agents.
type tillsOf struct{ dir *auth.Directory }

func (s tillsOf) Shop(msid string, from netip.Addr) (a dc78.Access, ok bool) {
	id, err := strconv.ParseInt(msid, 10, 64)
	if err != nil {
		return a, false
	}
	agent, place, err := s.dir.Shop(ledger.ShopID(id), from)
	if err != nil {
		return a, false
	}
	key, err := auth.APIKey(vault{}, agent)
	return dc78.Access{
		Merchant: place.Merchant.ID, Shop: place.Shop.ID, Agent: agent, Scheme: &dc78.HMAC{Key: key},
	}, err == nil
}

func (tillsOf) MSIDs() []scheme.Field { return nil }

// tills has the world answer tills, and keep what they send.
func (w *world) tills(logger *slog.Logger) {
	w.requests = exchange.New(w.store, logger, time.Now)
	mux := http.NewServeMux()
	sandy.New(sandy.Config{Doer: w.engine, Reader: w.store, Directory: w.dir, Clock: w.clock}).Register(mux)
	dc78.New(dc78.Config{
		Doer: w.engine, Reader: w.store, Directory: w.dir, Clock: w.clock, Shops: tillsOf{w.dir},
		NewNumber:    func() (string, error) { return "88000001", nil },
		NewPassword:  func() (string, error) { return "31415926", nil },
		HashPassword: func(_, password string) string { return "kept/" + password },
	}).Register(mux)
	w.console.cfg.Wires = map[string]Wire{memberCJB: sandy.Tried{}, dc78Wire: dc78.Tried{Clock: w.clock}}
	w.console.cfg.Tills = httpd.New(mux, httpd.Config{Logger: logger, Keep: w.requests.Take, Clock: w.clock}).Handler()
	w.console.cfg.MaskAnswer = exchange.MaskedAnswer
}

// save saves what tills have sent.
func (w *world) save() {
	over, end := context.WithCancel(w.t.Context())
	end()
	w.requests.Run(over)
}

// tillRecharges has a till of the first agent recharge a card, and keeps the request.
func (w *world) tillRecharges(base string) {
	w.t.Helper()
	body := `{"card_id":"6002","money":"1.00","pay_type":1,"request_id":"till-1"}`
	at := base + "/api2/member-cjb/recharge"
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodPost, at, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("AUTHORIZATION", "token1")
	r.Header.Set("CUSTOMERGUID", "{11}")
	got := httptest.NewRecorder()
	w.console.cfg.Tills.ServeHTTP(got, r)
	if w.save(); strings.Contains(got.Body.String(), "errcode") {
		w.t.Fatalf("a till's recharge: %d %s", got.Code, got.Body)
	}
}

const tryAt = "/console/m/1/integration/try"

// trying is what is typed to have an endpoint of an agent asked something.
func trying(agent, endpoint, key string, pairs ...string) []string {
	return append([]string{"agent", agent, "endpoint", endpoint, "shop", "11", "key", key, "do", "send"}, pairs...)
}

var listedAt = regexp.MustCompile(`href="(/console/m/1/integration/requests/[^"]+)"`)

// An endpoint that reads is asked, and the answer is shown as it is kept: without phones. The request is listed as that
// of the till, and nothing anywhere has the key.
func TestTryReads(t *testing.T) {
	t.Parallel()
	for _, one := range [][]string{
		trying("1", "getcardinfo", "token1", "f.card_id", "6001"),
		trying("2", "mb_check", "0123456789abcdef-key-1", "f.mbno", "6001"),
	} {
		w := newWorld(t)
		w.cards()
		b := w.signedIn("admin")
		got := b.post(tryAt, one...)
		body := got.Body.String()
		if got.Code != http.StatusOK || !strings.Contains(body, "6001") || !strings.Contains(body, "500") {
			t.Errorf("%s: %d\n%s", one[3], got.Code, body)
		}
		if strings.Contains(body, "18612342465") || !strings.Contains(body, "186****2465") {
			t.Errorf("%s shows a phone", one[3])
		}
		listed := listedAt.FindStringSubmatch(body)
		if listed == nil {
			t.Fatalf("%s: is listed nowhere", one[3])
		}
		w.save()
		seen := b.get(listed[1])
		if seen.Code != http.StatusOK || !strings.Contains(seen.Body.String(), "Tongka console, admin") {
			t.Errorf("%s: what is listed: %d", one[3], seen.Code)
		}
		for where, text := range map[string]string{"the page": body, "the list": seen.Body.String(), "the log": w.log.String()} {
			if strings.Contains(text, one[7]) {
				t.Errorf("%s has the key", where)
			}
		}
	}
}

// What changes something is sent after it was confirmed, once, and is the till's in the books.
func TestTryChanges(t *testing.T) {
	t.Parallel()
	for _, one := range [][]string{
		trying("1", "consume", "token1", "f.card_id", "6001", "f.money", "10.00", "f.request_id", "r1"),
		trying("2", "mb_trans/1", "0123456789abcdef-key-1", "f.mbno", "6001", "f.amt", "8", "f.ref", "r1", "f.op", "admin"),
	} {
		w := newWorld(t)
		w.cards()
		b := w.signedIn("admin")
		before := w.card("6001").Amount()
		if got := b.post(tryAt, one...); got.Code != http.StatusUnprocessableEntity || w.card("6001").Amount() != before ||
			!strings.Contains(got.Body.String(), wTryNotSure.Zh) {
			t.Errorf("%s, not confirmed: %d, %v left", one[3], got.Code, w.card("6001").Amount())
		}
		for range 2 {
			got := b.post(tryAt, append(one, "sure", "yes")...)
			if got.Code != http.StatusOK || w.card("6001").Amount() != before-8_00 {
				t.Errorf("%s: %d, %v left of %v\n%s", one[3], got.Code, w.card("6001").Amount(), before, got.Body)
			}
		}
		if e := w.newestOf("6001"); e.Kind != ledger.Consumed || itoa(int64(e.By.Agent)) != one[1] || e.By.Person != 0 {
			t.Errorf("%s: by %+v", one[3], e.By)
		}
	}
}

// The request is shown before it is sent, without a key, and with one as it would be signed. What the holder typed is
// not shown.
func TestTryShows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.signedIn("admin")
	show := func(key string) string {
		t.Helper()
		got := b.post(tryAt, "agent", "2", "endpoint", "mb_trans/1", "key", key, "do", "show", "f.mbno", "6001", "f.amt", "10",
			"f.vericode", "canary-code")
		if got.Code != http.StatusOK || strings.Contains(got.Body.String(), "canary-code") {
			t.Errorf("%d\n%s", got.Code, got.Body)
		}
		return got.Body.String()
	}
	before := w.card("6001").Amount()
	if body := show(""); !strings.Contains(body, "mb_trans↵\n11↵") || !strings.Contains(body, wTryNoSign.Zh) {
		t.Errorf("without a key: %s", body)
	}
	if body := show("0123456789abcdef-key-1"); strings.Contains(body, "0123456789abcdef") || strings.Contains(body, wTryNoSign.Zh) {
		t.Error("with a key: the request is not signed, or the key is shown")
	}
	if w.card("6001").Amount() != before {
		t.Error("what was shown was done")
	}
}

// With no key and with a wrong one nothing is done; the server's own is never used.
func TestTryWithoutTheKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.signedIn("owner")
	before := w.card("6001").Amount()
	for _, agent := range []string{"1", "2"} {
		endpoint, card := "consume", "f.card_id"
		if agent == "2" {
			endpoint, card = "mb_trans/1", "f.mbno"
		}
		for key, status := range map[string]int{"": http.StatusUnprocessableEntity, "another": http.StatusOK} {
			got := b.post(tryAt, trying(agent, endpoint, key, card, "6001", "f.money", "1", "f.amt", "1", "sure", "yes")...)
			if got.Code != status || w.card("6001").Amount() != before || key != "" && !strings.Contains(got.Body.String(), "401") {
				t.Errorf("%s with %q: %d", endpoint, key, got.Code)
			}
		}
	}
}

// Nobody does by this page what that person may not do, or what takes a second person.
func TestTryTakesThePermission(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.grant(11, ledger.MaySettings|ledger.MayRead)
	before := w.card("6001").Amount()
	got := b.post(tryAt, trying("1", "consume", "token1", "f.card_id", "6001", "f.money", "1", "sure", "yes")...)
	if got.Code != http.StatusForbidden || w.card("6001").Amount() != before ||
		!strings.Contains(got.Body.String(), wTryNotYours.Zh) {
		t.Errorf("without the permission: %d", got.Code)
	}
	if got := b.post(tryAt, trying("1", "getcardinfo", "token1", "f.card_id", "6001")...); got.Code != http.StatusOK {
		t.Errorf("reading: %d", got.Code)
	}
	w.limit()
	for _, one := range [][]string{
		trying("1", "refund", "token1", "f.card_id", "6001", "f.id", "1", "sure", "yes"),
		trying("2", "mb_pttrans", "0123456789abcdef-key-1", "f.mbno", "6001", "f.pt", "5000", "sure", "yes"),
		trying("2", "mb_trans/3", "0123456789abcdef-key-1", "f.mbno", "6001", "f.id", "1", "sure", "yes"),
	} {
		got = w.signedIn("owner").post(tryAt, one...)
		if got.Code != http.StatusForbidden || !strings.Contains(got.Body.String(), wTrySecond.Zh) {
			t.Errorf("what takes a second person, %s: %d", one[3], got.Code)
		}
	}
}

// An agent's own people try with its token what it may do, at the merchants it has been granted, and nothing of another
// agent; no card is filled in for them.
func TestTryOfAnAgentsPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.signedIn("owner").post("/console/host/people/new", "person", "小代", "name", "dai", "role", ofAnAgent, "agent", "1",
		"new", password, "again", password)
	w.must(w.dir.Refresh(t.Context()))
	b := w.signedIn("dai")
	if body := b.get(tryAt + "?agent=2&endpoint=getcardinfo").Body.String(); strings.Contains(body, "tills &lt;b&gt;") ||
		strings.Contains(body, "6001") || !strings.Contains(body, "vendor-1") {
		t.Error("another agent's page, or a card")
	}
	before := w.card("6001").Amount()
	got := b.post(tryAt, trying("1", "consume", "token1", "f.card_id", "6001", "f.money", "10", "sure", "yes")...)
	if got.Code != http.StatusOK || w.card("6001").Amount() != before-8_00 {
		t.Errorf("its own: %d, %v left", got.Code, w.card("6001").Amount())
	}
	got = b.post(tryAt, trying("1", "refund", "token1", "f.card_id", "6001", "f.id", "1", "sure", "yes")...)
	if !strings.Contains(got.Body.String(), `&#34;errcode&#34;: &#34;403&#34;`) {
		t.Errorf("what the agent may not: %s", got.Body)
	}
	if got := b.post(tryAt, "agent", "1", "shop", "21", "endpoint", "getcardinfo", "key", "token1", "do", "send", "f.card_id", "6001"); got.Code != http.StatusNotFound {
		t.Errorf("at a shop of another merchant: %d", got.Code)
	}
	if got := b.post(tryAt, trying("2", "mb_check", "0123456789abcdef-key-1", "f.mbno", "6001")...); got.Code != http.StatusNotFound {
		t.Errorf("another agent's: %d", got.Code)
	}
}

// A request comes from where the browser is: an agent that is bound to addresses is answered there only.
func TestTryFromTheBrowsersAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	a := *w.agent(1)
	a.Allow = []string{"192.0.2.0/24"} // where requests of tests come from
	w.do(command.ChangeAgent{To: a})
	w.must(w.dir.Refresh(t.Context()))
	b := w.signedIn("admin")
	form := url.Values{
		"agent": {"1"}, "shop": {"11"}, "endpoint": {"getcardinfo"}, "key": {"token1"}, "f.card_id": {"6001"}, "do": {"send"},
	}
	for from, want := range map[string]string{"192.0.2.7:99": "张三", "203.0.113.9:99": "401"} {
		r := b.request(http.MethodPost, tryAt, strings.NewReader(form.Encode()))
		r.RemoteAddr = from
		if got := b.serve(r); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), want) {
			t.Errorf("from %s: %d", from, got.Code)
		}
	}
}

// Each endpoint has a form with values that suit it, and what it takes to be sent.
func TestTryForms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.signedIn("admin")
	for agent, told := range map[string]Wire{"1": sandy.Tried{}, "2": dc78.Tried{}} {
		for _, e := range told.Endpoints() {
			body := b.get(tryAt + "?agent=" + agent + "&endpoint=" + e.Name).Body.String()
			for _, f := range e.Fields {
				if !strings.Contains(body, `id="f.`+f.Name+`"`) {
					t.Errorf("%s has no field for %s", e.Name, f.Name)
				}
			}
			if sure := strings.Contains(body, `name="sure"`); sure != e.Changes {
				t.Errorf("%s: is confirmed: %t", e.Name, sure)
			}
			if e.Changes == strings.Contains(body, `value="6001"`) && e.Name != "request" && len(e.Fields) > 0 && !strings.HasPrefix(e.Name, "mb_state/2") {
				t.Errorf("%s: a card is filled in: %t", e.Name, e.Changes)
			}
		}
	}
}

// An integrator tries an endpoint, on a phone in Chinese and at a desk in English.
func TestTryInTheBrowser(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]browsertest.Size{"phone": browsertest.Phone, "desktop": browsertest.Desktop} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, srv := inBrowser(t, true)
			w.cards()
			tab := browsertest.New(t, size)
			shop := &shopper{t, tab, name}
			language := map[string]string{"phone": "zh", "desktop": "en"}[name]
			enter(tab, srv.URL, "owner", language, "details.who")
			tab.Do(chromedp.Navigate(srv.URL+"/console/m/1/integration"),
				chromedp.Click("a[href$='integration/try']", chromedp.ByQuery), chromedp.WaitVisible("#try", chromedp.ByQuery),
				chromedp.SetValue("#endpoint", "recharge", chromedp.ByQuery),
				chromedp.Click("main form[method=get] button", chromedp.ByQuery), chromedp.WaitVisible("#sure", chromedp.ByQuery))
			shop.look("try")
			tab.Do(chromedp.SetValue("[id='f.card_id']", "6002", chromedp.ByQuery), chromedp.Click("button[value=show]", chromedp.ByQuery),
				chromedp.WaitVisible("#built", chromedp.ByQuery))
			shop.look("try-shown")
			tab.Do(chromedp.SetValue("#key", "token1", chromedp.ByQuery), chromedp.Click("#sure", chromedp.ByQuery),
				chromedp.Click("button[value=send]", chromedp.ByQuery), chromedp.WaitVisible("#answered", chromedp.ByQuery))
			shop.look("try-answered")
			if got := w.card("6002").Amount(); got != 1_00 {
				t.Errorf("the card has %v", got)
			}
			w.save()
			tab.Do(chromedp.Click("#answered a", chromedp.ByQuery), chromedp.WaitVisible("#curl", chromedp.ByQuery))
			ticked := func() int {
				tab.Do(chromedp.Navigate(srv.URL+"/console/m/1/integration/check?agent=1"),
					chromedp.WaitVisible("[role=status]", chromedp.ByQuery))
				return strings.Count(tab.Text("main"), "✓")
			}
			before := ticked()
			w.tillRecharges(srv.URL)
			if after := ticked(); after != before+1 {
				t.Errorf("%d are ticked once it was tried here, and %d once a till did it", before, after)
			}
			tab.Do(chromedp.Navigate(srv.URL+tryAt+"?agent=2&endpoint=mb_trans/1"), chromedp.WaitVisible("#key", chromedp.ByQuery),
				chromedp.SetValue("#key", "another", chromedp.ByQuery), chromedp.Click("button[value=show]", chromedp.ByQuery),
				chromedp.WaitVisible("#built", chromedp.ByQuery))
			shop.look("try-signed")
		})
	}
}
