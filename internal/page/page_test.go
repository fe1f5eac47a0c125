package page

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"tongka/internal/auth"
	"tongka/internal/codes"
	"tongka/internal/command"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
)

// paths has a request for each route, as a browser sends it, and whether it is for phones only that have a card.
var paths = []struct {
	method, path string
	bound        bool
}{
	{"GET", "/m/", true}, {"GET", "/m", false}, {"GET", "/m/bind", false}, {"POST", "/m/bind", false},
	{"GET", "/m/in", false}, {"POST", "/m/in", false}, {"GET", "/m/in/code", false}, {"POST", "/m/in/ask", false},
	{"POST", "/m/in/code", false}, {"GET", "/m/code", true}, {"GET", "/m/history", true},
	{"GET", "/m/service", true}, {"GET", "/m/lost", true}, {"POST", "/m/lost", true}, {"GET", "/m/password", true},
	{"POST", "/m/password", true}, {"GET", "/m/statement", true}, {"GET", "/m/data", true},
	{"GET", "/m/data/json", true}, {"GET", "/m/data/csv", true},
	{"POST", "/m/leave", false}, {"POST", "/m/next", false}, {"POST", "/m/forget", false}, {"POST", "/m/language", false},
	{"GET", "/m/offline", false}, {"GET", "/m/worker", false}, {"GET", "/m/manifest", false},
	{"GET", files.URL("page.css"), false}, {"GET", files.URL("page.js"), false}, {"GET", files.URL("icon.svg"), false},
	{"GET", "/m/assets/page.js", false}, {"GET", "/m/assets/000000000000/page.js", false}, {"GET", "/m/nothing", false},
	{"PUT", "/m/", false}, {"DELETE", "/m/bind", false}, {"HEAD", "/m/", true},
}

// Every route is in the table that the tests of headers, of other merchants and of foreign forms go through.
func TestEveryRouteIsTried(t *testing.T) {
	t.Parallel()
	mux, tried := http.NewServeMux(), map[string]bool{}
	for _, r := range routes {
		mux.HandleFunc(r.pattern, func(http.ResponseWriter, *http.Request) {})
	}
	for _, p := range paths {
		_, pattern := mux.Handler(httptest.NewRequest(p.method, phoneURL+p.path, nil))
		tried[pattern] = true
	}
	for _, r := range routes {
		if !tried[r.pattern] {
			t.Errorf("%s is tried by no test", r.pattern)
		}
	}
}

// What is of a card is shown to the phone that is bound to it, and to nobody else.
func TestWhoMay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	nobodys := (&phone{w: w}).get("/m/").Body.String()
	for _, route := range paths {
		ask := func(p *phone) *httptest.ResponseRecorder {
			if route.method == http.MethodPost {
				return p.post(route.path, nil)
			}
			r := httptest.NewRequest(route.method, phoneURL+route.path, nil)
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			return p.send(r)
		}
		got := ask(&phone{w: w})
		refused := got.Body.String() == nobodys || got.Body.String() == noCode
		if route.bound != refused {
			t.Errorf("%s %s: a phone that is not bound gets %d %s", route.method, route.path, got.Code, got.Body)
		}
		if !route.bound {
			continue
		}
		p := w.bound(1)
		if got := ask(p); got.Body.String() == nobodys || got.Body.String() == noCode {
			t.Errorf("%s %s: the bound phone gets %d", route.method, route.path, got.Code)
		}
		if w.card(1, "8800123456").Status == ledger.Lost {
			w.do(command.CancelLoss{Merchant: 1, Card: "8800123456"})
		}
	}
}

// Every answer of every route has the headers that protect it from other sites, and only assets may be cached
// (threats E3, E4).
func TestHeaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, who := range []*phone{{w: w}, w.bound(1)} {
		for _, p := range paths {
			r := httptest.NewRequest(p.method, phoneURL+p.path, nil)
			got := who.send(r)
			h := got.Header()
			for name, want := range map[string]string{
				"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; manifest-src 'self'; worker-src 'self'",
				"Referrer-Policy":         "strict-origin", "X-Content-Type-Options": "nosniff",
				"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
				"X-Robots-Tag": "noindex",
			} {
				if h.Get(name) != want {
					t.Errorf("%s %s: %s is %q", p.method, p.path, name, h.Get(name))
				}
			}
			kept := got.Code == http.StatusOK && strings.HasPrefix(p.path, "/m/assets/")
			if want := map[bool]string{
				true: "public, max-age=31536000, immutable", false: "no-store",
			}[kept]; h.Get("Cache-Control") != want {
				t.Errorf("%s %s: Cache-Control is %q", p.method, p.path, h.Get("Cache-Control"))
			}
			if strings.Contains(got.Body.String(), "style=") ||
				regexp.MustCompile(`<script>|\son\w+=`).MatchString(got.Body.String()) {
				t.Errorf("%s %s has script or style in the page", p.method, p.path)
			}
		}
	}
}

// A form of another site changes nothing, whatever the browser says about it (threat E3).
func TestForeignForms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	link := w.link(1, "8800123456")
	mine := w.bound(2)
	before := w.card(2, "8800123456").Seq
	for _, header := range []http.Header{
		{"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}}, {"Origin": {"https://evil.example"}},
		{"Origin": {"null"}},
	} {
		for _, route := range paths {
			if route.method != http.MethodPost {
				continue
			}
			r := httptest.NewRequest(http.MethodPost, phoneURL+route.path, strings.NewReader("password=x&language=en"))
			r.Header = header.Clone()
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if got := mine.send(r); got.Code != http.StatusForbidden || len(got.Result().Cookies()) > 0 {
				t.Errorf("%s from elsewhere, %v: %d", route.path, header, got.Code)
			}
		}
		p := &phone{w: w}
		r := httptest.NewRequest(http.MethodPost, phoneURL+"/m/bind", strings.NewReader(p.form(link).Encode()))
		r.Header = header.Clone()
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if got := p.send(r); got.Code != http.StatusForbidden || p.cookie != nil || w.outcome() != httpd.OutOrigin {
			t.Errorf("%v: %d, %s", header, got.Code, w.outcome())
		}
	}
	if pass := w.card(1, "8800123456").Details.Pass; pass != 0 || w.card(2, "8800123456").Seq != before {
		t.Errorf("pass %d, and entries of forms from elsewhere", pass)
	}
	p := &phone{w: w} // behind a proxy that changed the host
	r := httptest.NewRequest(http.MethodPost, "http://10.0.0.1:8080/m/bind", strings.NewReader(p.form(link).Encode()))
	r.Header = http.Header{"Origin": {phoneURL}, "Content-Type": {"application/x-www-form-urlencoded"}}
	if got := p.send(r); got.Code != http.StatusSeeOther {
		t.Errorf("behind a proxy: %d", got.Code)
	}
}

// noCode is what a phone without a code is told.
const noCode = `{"code":"","used":0,"seq":0,"over":true}`

// A session ends with the pass, with the card, with its time and with a changed bit. A phone that was bound is told
// what became of it, and any other gets the answer of one that never had a card.
func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		end  func(*world, *phone)
		told text
	}{
		"another phone": {func(w *world, _ *phone) { w.bound(1) }, wTakenOver},
		"a lost phone": {func(w *world, _ *phone) {
			w.do(command.ModifyDetails{Merchant: 1, Card: "8800123456", NewPass: true})
		}, wUnbound},
		"another phone, and then a lost one": {func(w *world, _ *phone) {
			w.bound(1)
			w.do(command.ModifyDetails{Merchant: 1, Card: "8800123456", NewPass: true})
		}, wUnbound},
		"a returned card": {func(w *world, _ *phone) { w.do(command.Return{Merchant: 1, Card: "8800123456"}) }, wHandedIn},
		"half a year":     {func(w *world, _ *phone) { w.later(sessionFor + time.Second) }, text{}},
		"a changed bit":   {func(_ *world, p *phone) { p.cookie.Value = "B" + p.cookie.Value[1:] }, text{}},
		"a link for one": {func(w *world, p *phone) {
			p.cookie.Value = strings.TrimPrefix(w.link(1, "8800123456"), "/m/bind?bindToken=")
		}, text{}},
		"another name": {func(_ *world, p *phone) { p.cookie.Name = "tongka" }, text{}},
		"leaving":      {func(_ *world, p *phone) { p.post("/m/leave", nil) }, text{}},
	} {
		w := newWorld(t)
		p := w.bound(1)
		c.end(w, p)
		want := (&phone{w: w}).get("/m/").Body.String()
		for _, path := range []string{"/m/", "/m/history"} {
			got := p.get(path)
			body := got.Body.String()
			if w.outcome() != outNobody || !strings.Contains(body, "<body data-forget>") || strings.Contains(body, "8800123456") {
				t.Errorf("%s after %s: %s, %s", path, name, w.outcome(), body)
			}
			switch {
			case c.told == (text{}) && body != want:
				t.Errorf("%s after %s: %s", path, name, body)
			case c.told != (text{}) && (!strings.Contains(body, "聚客西餐") || !strings.Contains(body, c.told.Zh)):
				t.Errorf("%s after %s does not say %s: %s", path, name, c.told.Zh, body)
			}
		}
		if got := p.get("/m/code"); got.Body.String() != noCode {
			t.Errorf("code after %s: %d %s", name, got.Code, got.Body)
		}
		p.post("/m/forget", nil)
		if got := p.get("/m/").Body.String(); got != want || p.cookie != nil && name != "another name" {
			t.Errorf("after %s was seen: %s", name, got)
		}
	}
}

// A phone that opens its used link again after another was bound is told so; a third phone learns nothing.
func TestUsedLinkOnAPhoneThatWasTakenOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	link := w.link(1, "8800123456")
	p := &phone{w: w}
	p.post("/m/bind", p.form(link))
	w.bound(1)
	if got := p.get(link); got.Code != http.StatusGone || !strings.Contains(got.Body.String(), wTakenOver.Zh) {
		t.Errorf("the phone that had it: %d %s", got.Code, got.Body)
	}
	if got := w.bound(2).get(link); got.Code != http.StatusGone || strings.Contains(got.Body.String(), wTakenOver.Zh) {
		t.Errorf("a phone with another card: %d %s", got.Code, got.Body)
	}
}

// A phone keeps a card for each shop its holder goes to. One is shown, the others are a tap away, and ending one
// does not end another.
func TestCards(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := &phone{w: w}
	for _, merchant := range []ledger.MerchantID{1, 2} {
		p.post("/m/bind", p.form(w.link(merchant, "8800123456")))
	}
	shows := func(when, want string, more bool) {
		t.Helper()
		body := p.get("/m/").Body.String()
		if !strings.Contains(body, want) || strings.Contains(body, "/m/next") != more {
			t.Errorf("%s: want %s, and others %v, in %s", when, want, more, body)
		}
	}
	shows("bound last", "canary-holder", true)
	p.post("/m/next", nil)
	shows("next", "陈小明", true)
	w.later(2 * renewAfter) // renewed in its place
	shows("a while later", "陈小明", true)
	p.post("/m/bind", p.form(w.link(1, "8800123456"))) // the same card again
	p.post("/m/next", nil)
	shows("next of two", "canary-holder", true)
	p.post("/m/leave", nil)
	shows("left", "陈小明", false)
	p.post("/m/bind", p.form(w.link(2, "8800123456")))
	w.do(command.ModifyDetails{Merchant: 2, Card: "8800123456", NewPass: true})
	shows("one ended", "陈小明", true)
	shows("one ended, which is told", "canary-merchant</strong> <span>"+wUnbound.Zh, true)
	p.post("/m/next", nil)
	shows("one ended and forgotten", "陈小明", false)
	p.post("/m/leave", nil)
	if p.cookie != nil {
		t.Errorf("the phone keeps %v", p.cookie)
	}
	p.post("/m/next", nil)
	shows("none", "尚未绑定", false)
}

// However many cards a phone is bound to, its cookie has a limit.
func TestManyCards(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := &phone{w: w}
	for i := range maxCards + 3 {
		number := fmt.Sprint("many-", i)
		w.do(command.Open{
			Merchant: 1,
			Card:     command.NewCard{Number: number, Kind: ledger.Common, Level: 1, Holder: ledger.Holder{Name: number}},
		})
		p.post("/m/bind", p.form(w.link(1, number)))
	}
	if n := len(strings.Split(p.cookie.Value, ".")); n != maxCards ||
		!strings.Contains(p.get("/m/").Body.String(), "many-10") {
		t.Errorf("%d cards are kept, and the last is not shown", n)
	}
}

// A phone that is used stays bound, even if its card gets another number in the meantime.
func TestSessionsLast(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.bound(1)
	for range 4 {
		w.later(sessionFor / 2)
		if body := p.get("/m/").Body.String(); !strings.Contains(body, "陈小明") {
			t.Fatalf("the phone has no card any more: %s", body)
		}
	}
	w.do(command.Replace{Merchant: 1, Card: "8800123456", Number: "7700000001"})
	for path, want := range map[string]string{"/m/": "7700000001", "/m/history": "换卡"} {
		if body := p.get(path).Body.String(); !strings.Contains(body, want) {
			t.Errorf("%s of a replaced card: %s", path, body)
		}
	}
}

// A phone with one merchant's card never sees anything of another merchant's, although cards there have the same
// number and the same id (invariant 35).
func TestTenantIsolation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, other := w.card(1, "8800123456"), w.card(2, "8800123456")
	if one.ID != other.ID {
		t.Fatalf("ids %d and %d: the test is worth nothing", one.ID, other.ID)
	}
	p := w.bound(1)
	if got := (&phone{w: w}).form(w.link(1, "8800123456")); got.Get("bindToken") == "" {
		t.Fatal("no form")
	}
	for _, route := range paths {
		for _, path := range []string{route.path, route.path + "?before=9999999999999&page=1&merchant=2"} {
			if got := p.send(httptest.NewRequest(route.method, phoneURL+path, nil)); strings.Contains(got.Body.String(),
				"canary") || strings.Contains(got.Body.String(), "77.77") {
				t.Errorf("%s %s shows %s", route.method, path, got.Body)
			}
		}
	}
	if c := w.card(2, "8800123456"); c.Details.Pass != 0 || c.Status != ledger.Active {
		t.Errorf("the other merchant's card has pass %d and is %v", c.Details.Pass, c.Status)
	}
	w.do(command.CancelLoss{Merchant: 1, Card: "8800123456"}) // the phone reported its own card
	theirs := w.bound(2)
	body := theirs.get("/m/").Body.String()
	if !strings.Contains(body, "canary-holder") ||
		!strings.Contains(theirs.get("/m/history").Body.String(), "canary-shop") {
		t.Fatalf("the canaries are not where they belong: %s", body)
	}
	mine := w.bound(1)
	if code(t, mine.get("/m/").Body.String()).Alias == code(t, body).Alias {
		t.Error("both cards have one alias")
	}
}

// What people typed is shown as text everywhere (threat E4).
func TestEscaping(t *testing.T) {
	t.Parallel()
	const evil = `<script>alert("x")</script>'`
	w := newWorld(t)
	m := w.first
	m.Name, m.Levels[0].Name = evil, evil
	m.Shops[0].Name = evil
	m.CouponKinds[0].Name = evil
	w.must(w.store.SaveMerchant(t.Context(), m))
	w.must(w.page.cfg.Directory.Refresh(t.Context()))
	name := evil
	w.do(
		command.ModifyHolder{Merchant: 1, By: ledger.Caller{Shop: 11, Operator: evil}, Card: "8800123456", Name: &name},
		command.SendCoupons{Merchant: 1, Card: "8800123456", Kind: 1, Numbers: []string{"10000009"}, Subject: evil},
		command.AdjustPoints{Merchant: 1, Card: "8800123456", Points: 1, Note: evil},
	)
	p := w.bound(1)
	for _, path := range []string{
		"/m/", "/m/history", w.link(1, "8800123456"), "/m/bind?bindToken=" + url.QueryEscape(evil), "/m/statement", "/m/service",
		"/m/in?m=" + url.QueryEscape(evil), "/m/statement?month=" + url.QueryEscape(evil), "/m/history?x=" + url.QueryEscape(evil),
	} {
		got := p.get(path)
		if body := got.Body.String(); strings.Contains(body, "<script>alert") || strings.Contains(body, `alert("x")`) {
			t.Errorf("%s runs what was typed: %s", path, body)
		}
		if !strings.HasPrefix(got.Header().Get("Content-Type"), "text/html; charset=utf-8") {
			t.Errorf("%s is %s", path, got.Header().Get("Content-Type"))
		}
	}
	if body := p.get("/m/").Body.String(); strings.Count(body, "&lt;script&gt;") < 4 {
		t.Errorf("names are not shown: %s", body)
	}
}

var codeAttributes = regexp.MustCompile(`data-alias="(\d+)" data-key="([^"]+)" data-now="(\d+)"`)

// code returns the pass in a page.
func code(t *testing.T, body string) codes.Pass {
	t.Helper()
	m := codeAttributes.FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("no pass in %s", body)
	}
	alias, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	key, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(m[2], "&#43;", "+"))
	if err != nil {
		t.Fatal(err)
	}
	return codes.Pass{Alias: alias, Key: [32]byte(key)}
}

// accepted reports whether a till of the first merchant accepts the code for the card.
func (w *world) accepted(text string) bool {
	c, ok := codes.Parse(strings.ReplaceAll(text, " ", ""))
	card := w.card(1, "8800123456")
	keys := codes.KeysOf(subkey)
	if !ok || keys.Card(c, 1) != int64(card.ID) {
		return false
	}
	_, right := keys.Check(c, codes.Member{Merchant: 1, Card: int64(card.ID)}, card.Details.Pass, w.clock())
	return right
}

// The phone gets what makes valid codes, but not if the card cannot pay. The code shown without scripts, and the
// one that browsers ask for if they cannot make codes, are valid too.
func TestCodes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.bound(1)
	body := p.get("/m/").Body.String()
	digits := regexp.MustCompile(`id="digits">([\d ]+)<`).FindStringSubmatch(body)
	if digits == nil || !w.accepted(digits[1]) || !w.accepted(code(t, body).Make(w.now)) {
		t.Errorf("codes of the page are not taken: %v", digits)
	}
	var answer struct{ Code string }
	if err := json.Unmarshal(p.get("/m/code").Body.Bytes(), &answer); err != nil || !w.accepted(answer.Code) {
		t.Errorf("the answered code is not taken: %+v, %v", answer, err)
	}
	for name, c := range map[string]struct {
		block, free command.Command
		says        string
	}{
		"lost": {
			command.ReportLost{Merchant: 1, Card: "8800123456"}, command.CancelLoss{Merchant: 1, Card: "8800123456"}, "已挂失",
		},
		"stopped": {command.Stop{Merchant: 1, Card: "8800123456"}, command.Resume{Merchant: 1, Card: "8800123456"}, "已停用"},
	} {
		w.do(c.block)
		body := p.get("/m/").Body.String()
		if strings.Contains(body, "data-key") || !strings.Contains(body, c.says) || !strings.Contains(body, "余额") {
			t.Errorf("a card that is %s: %s", name, body)
		}
		if got := p.get("/m/code").Body.String(); got != noCode {
			t.Errorf("a card that is %s has a code: %s", name, got)
		}
		w.do(c.free)
	}
	m := w.first
	m.LicenceEnd = 20260101
	w.must(w.store.SaveMerchant(t.Context(), m))
	w.must(w.page.cfg.Directory.Refresh(t.Context()))
	if body := p.get("/m/").Body.String(); strings.Contains(body, "data-key") || !strings.Contains(body, "商户暂停服务") {
		t.Errorf("after the licence: %s", body)
	}
}

// The card's page shows what is on the card, as of the merchant's day.
func TestCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := w.bound(1).get("/m/").Body.String()
	for _, want := range []string{
		"聚客西餐", "陈小明", "卡号 8800123456", "金卡会员", "</span>986.92<", "长期有效",
		"三十元代金券 <span class=\"times\">× 2</span>", "满 ¥100.00 可用 · 每单限用 2 张", "¥30.00", "2026-04-01",
		"周末不可用 &lt;b&gt;", "兑换券", "限 湖滨店", "8折", "最高减 ¥50.00 · 不与其他券同用",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s: %s", want, body)
		}
	}
	if strings.Contains(body, "昨日券") {
		t.Error("a coupon that is over is shown")
	}
}

// What is held is told beneath the balance, which stays what is on the card, until it ends.
func TestHeldIsShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.bound(1)
	said := func() string {
		body := p.get("/m/").Body.String()
		if !strings.Contains(body, "</span>986.92<") {
			t.Errorf("the balance is another: %s", body)
		}
		_, after, _ := strings.Cut(body, `<p class="held">`)
		held, _, _ := strings.Cut(after, "<")
		return held
	}
	if got := said(); got != "" {
		t.Errorf("nothing is held, and the page says %q", got)
	}
	w.do(command.Hold{Merchant: 1, By: ledger.Caller{Shop: 11}, Card: "8800123456", Amount: 60_00})
	if got := said(); got != "其中 ¥60.00 已预留，可用 ¥926.92" {
		t.Errorf("the page says %q", got)
	}
	p.asks = "en"
	if got := said(); got != "¥60.00 of it is held, ¥926.92 can be used" {
		t.Errorf("in English it says %q", got)
	}
	credit := ledger.Fen(200_00)
	w.do(command.ModifyDetails{Merchant: 1, Card: "8800123456", Credit: &credit})
	if got := said(); got != "¥60.00 of it is held; with a credit of ¥200.00, ¥1,126.92 can be used" {
		t.Errorf("with a credit it says %q", got)
	}
	w.later(ledger.HoldUsual)
	if got := said(); got != "" {
		t.Errorf("after it has ended the page says %q", got)
	}
}

// The page speaks the language that was chosen, or else the browser's, and only that one.
func TestLanguages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.bound(1)
	p.asks = "en-GB,en"
	english := []string{`<html lang="en">`, "Balance", "Member code", "No last day", "20% off", "¥50.00 off at most", "only at 湖滨店"}
	chinese := []string{`<html lang="zh-CN">`, "余额", "会员码", "长期有效", "8折", "最高减", "限 湖滨店"}
	speaks := func(when string, here, not []string) {
		t.Helper()
		body := p.get("/m/").Body.String()
		for _, want := range here {
			if !strings.Contains(body, want) {
				t.Errorf("%s: the page lacks %q", when, want)
			}
		}
		for _, other := range not {
			if strings.Contains(body, other) {
				t.Errorf("%s: the page says %q", when, other)
			}
		}
	}
	speaks("as the browser asks", english, chinese)
	got := p.post("/m/language", url.Values{"language": {"zh"}, "back": {"/m/history?before=1&page=2"}})
	if to := got.Header().Get("Location"); got.Code != http.StatusSeeOther || to != "/m/history?before=1&page=2" {
		t.Errorf("choosing leads to %d %s", got.Code, to)
	}
	speaks("as chosen", chinese, english)
	p.post("/m/language", url.Values{"language": {"fr"}})
	speaks("as chosen before something else", chinese, english)
	p.post("/m/language", url.Values{"language": {"en"}})
	if body := p.get("/m/history").Body.String(); !strings.Contains(body, "Recharged") || strings.Contains(body, "账单") {
		t.Errorf("the history in English: %s", body)
	}
	for _, foreign := range []string{
		"https://evil.example/m/", "//evil.example/m/", "/m/../x", "/console/", "/m//evil.example", `/m/\evil`, "javascript:1", "%zz", "",
	} {
		if to := p.post("/m/language", url.Values{"back": {foreign}}).Header().Get("Location"); to != "/m/" {
			t.Errorf("%q leads to %q", foreign, to)
		}
	}
}

// A phone that asks is told once what was paid and what is left, and nothing while nothing has happened.
func TestPaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.bound(1)
	seq := w.card(1, "8800123456").Seq
	by := ledger.Caller{Agent: 1, Shop: 12}
	coupons, err := w.store.Coupons(t.Context(), ledger.CouponQuery{Merchant: 1, Card: 1, Unused: true, Limit: 9})
	w.must(err)
	ask := func(since int64) (answer told) {
		t.Helper()
		got := p.get(fmt.Sprintf("/m/code?since=%d", since))
		if err := json.Unmarshal(got.Body.Bytes(), &answer); err != nil || got.Code != http.StatusOK {
			t.Fatalf("%d %s: %v", got.Code, got.Body, err)
		}
		return answer
	}
	if got := ask(seq); got.Said != "" || got.Balance != "" || got.Seq != seq || got.Code == "" {
		t.Errorf("before anything happened: %+v", got)
	}
	for _, c := range []struct {
		cmd     command.Command
		said    string
		english string
	}{
		{command.Consume{Merchant: 1, By: by, Card: "8800123456", Amount: 100_00}, "已支付 ¥88.00", "Paid ¥88.00"},
		{command.Recharge{Merchant: 1, By: by, Card: "8800123456", Amount: 50_00, PayType: 1}, "已充值 ¥55.00", "Topped up ¥55.00"},
		{command.AdjustPoints{Merchant: 1, By: by, Card: "8800123456", Points: 1, Note: "x"}, "", ""},
		{
			command.Consume{Merchant: 1, By: by, Card: "8800123456", Amount: 22_73, NoDiscount: 22_73, Coupons: nil},
			"已支付 ¥22.73", "Paid ¥22.73",
		},
		{
			command.Consume{Merchant: 1, By: by, Card: "8800123456", Amount: 125_00, Coupons: []ledger.CouponID{coupons[len(coupons)-1].ID}},
			"已支付 ¥88.00", "Paid ¥88.00",
		},
	} {
		w.later(time.Second)
		w.do(c.cmd)
		balance := ""
		if c.said != "" {
			balance = "余额 ¥" + w.card(1, "8800123456").Amount().String()
		}
		got := ask(seq)
		if got.Said != c.said || got.Balance != balance || got.Seq != seq+1 {
			t.Errorf("%T: told %+v, want %q, %q", c.cmd, got, c.said, balance)
		}
		p.asks = "en"
		if got := ask(seq).Said; got != c.english {
			t.Errorf("%T: told %q, want %q", c.cmd, got, c.english)
		}
		p.asks = ""
		seq++
	}
	for _, since := range []string{"", "?since=", "?since=x", "?since=0", "?since=-1", "?since=99999"} {
		if got := p.get("/m/code" + since).Body.String(); strings.Contains(got, "said") {
			t.Errorf("%q: %s", since, got)
		}
	}
}

// What a phone is told of bills that the card paid nothing or not all of.
func TestNews(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]ledger.Entry{
		"已支付 ¥5.00 · 还需另付 ¥3.00": {Kind: ledger.Consumed, Gross: 8_00, Net: 8_00, Principal: -5_00},
		"已结账 ¥8.00":              {Kind: ledger.Consumed, Gross: 8_00, Coupons: []ledger.CouponPart{{Pays: 8_00}}},
		"已签单 ¥66.00":             {Kind: ledger.AccountCharged, Gross: 66_00},
		"已退款 ¥7.00":              {Kind: ledger.ConsumeRefunded, Principal: 7_00},
		"转出 -9.00":               {Kind: ledger.TransferredOut, Principal: -9_00},
		"":                       {Kind: ledger.DetailsChanged},
	} {
		if got := newsOf(lang(ledger.Chinese), &e); got != want {
			t.Errorf("%v: got %q, want %q", e.Kind, got, want)
		}
	}
}

// The history shows every entry once, however many are written while it is read.
func TestHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 45 {
		w.later(time.Second)
		w.do(command.Consume{Merchant: 1, By: ledger.Caller{Shop: 12}, Card: "8800123456", Amount: 1_00})
	}
	p := w.bound(1)
	want := w.card(1, "8800123456").Seq
	more := regexp.MustCompile(`href="(/m/history\?[^"]+)"`)
	var lines, pages int64
	for next := "/m/history"; next != ""; pages++ {
		body := p.get(next).Body.String()
		lines += int64(strings.Count(body, "<li>"))
		next = ""
		if m := more.FindStringSubmatch(body); m != nil {
			next = strings.ReplaceAll(m[1], "&amp;", "&")
		}
		w.later(time.Second)
		w.do(command.Consume{Merchant: 1, Card: "8800123456", Amount: 1_00})
	}
	if lines != want || pages != (want+linesAPage-1)/linesAPage {
		t.Errorf("%d lines on %d pages, want %d", lines, pages, want)
	}
	where := regexp.MustCompile(`name="back" value="[^"]*"`) // the address, for whoever changes the language
	first := where.ReplaceAllString(p.get("/m/history").Body.String(), "")
	for _, query := range []string{
		"?page=0&before=1", "?page=2", "?page=x&before=y", "?page=1000001&before=1", "?before=-1&page=1",
		"?before=253402300799001&page=1", "?page=-9223372036854775808",
	} {
		if got := where.ReplaceAllString(p.get("/m/history"+query).Body.String(), ""); got != first {
			t.Errorf("%s is not the first page", query)
		}
	}
	if body := p.get("/m/history?before=0&page=1").Body.String(); !strings.Contains(body, "暂无记录") {
		t.Errorf("before the first: %s", body)
	}
}

// Where something was done at a shop that is no longer configured is told by its number; it was left out.
func TestLineOfAShopThatIsGone(t *testing.T) {
	t.Parallel()
	v := visit{merchant: &ledger.Merchant{Zone: time.UTC, Shops: []ledger.Shop{{ID: 12, Name: "湖滨店"}}}}
	for id, want := range map[ledger.ShopID]string{0: "", 12: "湖滨店", 13: "13"} {
		if got := v.line(&ledger.Entry{By: ledger.Caller{Shop: id}}).where; got != want {
			t.Errorf("a line of shop %d says %q, want %q", id, got, want)
		}
	}
}

// A line says what happened, when in the merchant's zone, where, the amount with its sign, and the balance after;
// not what the shop noted.
func TestLines(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.do(command.AdjustPoints{Merchant: 1, Card: "8800123456", Points: -10, Note: "内部备注"})
	body := html.UnescapeString(w.bound(1).get("/m/history").Body.String())
	for _, want := range []string{
		"绑定手机", "消费", "2026-03-02 18:00 · 湖滨店", `<b class="out">-113.08</b>`, `<b class="in">+1,100.00</b>`, "余额 986.92",
		"积分 +113", "积分 -10",
		"充值送10% +100.00", "账单金额 128.50", "会员折扣 -15.42", "三十元代金券 × 2", "开卡",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the history lacks %s: %s", want, body)
		}
	}
	if strings.Contains(body, "内部备注") {
		t.Error("a note of the shop is shown")
	}
}

// One address may send only a certain number of requests, whatever they are for.
func TestRate(t *testing.T) {
	t.Parallel()
	at := time.Unix(0, 0)
	limit := auth.NewLimiter[netip.Addr](auth.Limit{PerSecond: 2}, func() time.Time { return at })
	w := newWorldAt(t, phoneURL, Config{ByAddress: limit})
	p := &phone{w: w}
	for i, want := range []int{200, 200, 429} {
		if got := p.get(files.URL("page.js")); got.Code != want {
			t.Errorf("request %d: %d, want %d", i, got.Code, want)
		}
	}
	if got := p.get("/m/"); got.Code != 429 || got.Header().Get("Retry-After") == "" || w.outcome() != httpd.OutRate {
		t.Errorf("got %d, %v", got.Code, got.Header())
	}
}

// If phones reach the server by plain HTTP, which is possible only on this machine, the cookie cannot require
// TLS.
func TestPlainCookie(t *testing.T) {
	t.Parallel()
	w := newWorldAt(t, "http://127.0.0.1:8080", Config{})
	p := &phone{w: w}
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8080/m/bind",
		strings.NewReader(p.form(w.link(1, "8800123456")).Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	p.send(r)
	if c := p.cookie; c == nil || c.Name != "tongka" || c.Secure || !c.HttpOnly {
		t.Errorf("cookie %+v", c)
	}
	if _, err := New(Config{URL: "card.example.com", Subkey: subkey}); err == nil {
		t.Error("a page without a scheme is made")
	}
}

// failing is a reader whose reads return an error.
type failing struct{ Reader }

var errRead = errors.New("secret disk")

func (failing) Wallet(context.Context, ledger.CardKey) (*ledger.Card, []ledger.Coupon, error) {
	return nil, nil, errRead
}

func (failing) History(context.Context, ledger.HistoryQuery) (ledger.HistoryPage, error) {
	return ledger.HistoryPage{}, errRead
}

// A failed read is answered as a failure, and reveals nothing of the error.
func TestReadsFail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.bound(1)
	w.page.cfg.Reader = failing{w.store}
	for _, path := range []string{"/m/", "/m/history", "/m/statement", "/m/data/json", "/m/data/csv"} {
		got := p.get(path)
		if got.Code != http.StatusInternalServerError || strings.Contains(got.Body.String(), "secret") ||
			!strings.Contains(w.log.String(), errRead.Error()) {
			t.Errorf("%s: %d %s", path, got.Code, got.Body)
		}
	}
	if got := fmt.Sprint(w.outcome()); got != outFailed {
		t.Errorf("outcome %s", got)
	}
}
