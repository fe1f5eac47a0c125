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

// paths has a request for each route, as a browser sends it.
var paths = []struct{ method, path string }{
	{"GET", "/m/"}, {"GET", "/m"}, {"GET", "/m/bind"}, {"POST", "/m/bind"}, {"GET", "/m/code"}, {"GET", "/m/history"},
	{"POST", "/m/leave"}, {"POST", "/m/next"},
	{"GET", "/m/assets/page.css"}, {"GET", "/m/assets/page.js"}, {"GET", "/m/assets/icon.svg"},
	{"GET", "/m/assets/doc.go"}, {"GET", "/m/nothing"},
	{"PUT", "/m/"}, {"DELETE", "/m/bind"}, {"HEAD", "/m/"},
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
				"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
				"Referrer-Policy":         "strict-origin", "X-Content-Type-Options": "nosniff",
				"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
				"X-Robots-Tag": "noindex",
			} {
				if h.Get(name) != want {
					t.Errorf("%s %s: %s is %q", p.method, p.path, name, h.Get(name))
				}
			}
			kept := strings.HasPrefix(p.path, "/m/assets/page") || strings.HasPrefix(p.path, "/m/assets/icon")
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
	for _, header := range []http.Header{
		{"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}}, {"Origin": {"https://evil.example"}},
		{"Origin": {"null"}},
	} {
		p := &phone{w: w}
		r := httptest.NewRequest(http.MethodPost, phoneURL+"/m/bind", strings.NewReader(p.form(link).Encode()))
		r.Header = header.Clone()
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if got := p.send(r); got.Code != http.StatusForbidden || p.cookie != nil || w.outcome() != httpd.OutOrigin {
			t.Errorf("%v: %d, %s", header, got.Code, w.outcome())
		}
	}
	if pass := w.card(1, "8800123456").Details.Pass; pass != 0 {
		t.Errorf("pass %d", pass)
	}
	p := &phone{w: w} // behind a proxy that changed the host
	r := httptest.NewRequest(http.MethodPost, "http://10.0.0.1:8080/m/bind", strings.NewReader(p.form(link).Encode()))
	r.Header = http.Header{"Origin": {phoneURL}, "Content-Type": {"application/x-www-form-urlencoded"}}
	if got := p.send(r); got.Code != http.StatusSeeOther {
		t.Errorf("behind a proxy: %d", got.Code)
	}
}

// A session ends with the pass, with the card, with its time and with a changed bit. The phone then gets the
// answer of one that never had a card.
func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*world, *phone){
		"another phone": func(w *world, _ *phone) { w.bound(1) },
		"a lost phone": func(w *world, _ *phone) {
			w.do(command.ModifyDetails{Merchant: 1, Card: "8800123456", NewPass: true})
		},
		"a returned card": func(w *world, _ *phone) { w.do(command.Return{Merchant: 1, Card: "8800123456"}) },
		"half a year":     func(w *world, _ *phone) { w.later(sessionFor + time.Second) },
		"a changed bit":   func(_ *world, p *phone) { p.cookie.Value = "B" + p.cookie.Value[1:] },
		"a link for one": func(w *world, p *phone) {
			p.cookie.Value = strings.TrimPrefix(w.link(1, "8800123456"), "/m/bind?bindToken=")
		},
		"another name": func(_ *world, p *phone) { p.cookie.Name = "tongka" },
		"leaving":      func(_ *world, p *phone) { p.post("/m/leave", nil) },
	} {
		w := newWorld(t)
		p := w.bound(1)
		end(w, p)
		want := (&phone{w: w}).get("/m/").Body.String()
		for _, path := range []string{"/m/", "/m/history"} {
			if got := p.get(path); got.Body.String() != want || w.outcome() != outNobody {
				t.Errorf("%s after %s: %s, %s", path, name, w.outcome(), got.Body)
			}
		}
		if got := p.get("/m/code"); got.Code != http.StatusForbidden || got.Body.String() != `{"code":""}` {
			t.Errorf("code after %s: %d %s", name, got.Code, got.Body)
		}
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
	if pass := w.card(2, "8800123456").Details.Pass; pass != 0 {
		t.Errorf("the other merchant's card has pass %d", pass)
	}
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
		"/m/", "/m/history", w.link(1, "8800123456"), "/m/bind?bindToken=" + url.QueryEscape(evil),
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
		if got := p.get("/m/code").Code; got != http.StatusForbidden {
			t.Errorf("a card that is %s has a code: %d", name, got)
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
		"聚客西餐", "陈小明", "No. 8800123456", "金卡会员", "</span>986.92<", "长期有效",
		"三十元代金券 <span class=\"times\">× 2</span>", "满 ¥100.00 可用", "¥30.00", "2026-04-01",
		"兑换券", "限 湖滨店", "减20%", "不与其他券同用",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s: %s", want, body)
		}
	}
	if strings.Contains(body, "昨日券") {
		t.Error("a coupon that is over is shown")
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
	first := p.get("/m/history").Body.String()
	for _, query := range []string{
		"?page=0&before=1", "?page=2", "?page=x&before=y", "?page=1000001&before=1", "?before=-1&page=1",
		"?before=253402300799001&page=1", "?page=-9223372036854775808",
	} {
		if got := p.get("/m/history" + query).Body.String(); got != first {
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
		if got := v.line(&ledger.Entry{By: ledger.Caller{Shop: id}}).Where; got != want {
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
		"with bonus</span> 100.00", "bill</span> 128.50", "三十元代金券 × 2", "开卡",
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
		if got := p.get("/m/assets/page.js"); got.Code != want {
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
	for _, path := range []string{"/m/", "/m/history"} {
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
