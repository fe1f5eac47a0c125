package page

import (
	"bytes"
	"context"
	"crypto/sha256"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	_ "time/tzdata"

	"tongka/internal/auth"
	"tongka/internal/codes"
	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/store/storetest"
)

const phoneURL = "https://card.example.com"

// world is a whole server over a store in memory, with a clock that does not move by itself.
type world struct {
	t       testing.TB
	store   *storetest.MemStore
	engine  *engine.Engine
	log     *bytes.Buffer
	page    *Page
	handler http.Handler
	first   ledger.Merchant
	down    atomic.Bool // browsers do not reach it
	silent  atomic.Bool // it takes requests and answers none

	mu  sync.Mutex
	now time.Time
}

// subkey derives keys as internal/seal does, from a root that is not secret.
func subkey(purpose string) [32]byte { return sha256.Sum256([]byte("root/" + purpose)) }

// newWorld has two merchants whose cards share numbers and, because they are opened in the same order, ids.
func newWorld(t testing.TB) *world { return newWorldAt(t, phoneURL, Config{}) }

func newWorldAt(t testing.TB, address string, cfg Config) *world {
	t.Helper()
	return newWorldOf(t, address, cfg, 2)
}

// newWorldOf has only the first so many of the merchants.
func newWorldOf(t testing.TB, address string, cfg Config, n int) *world {
	t.Helper()
	w := &world{
		t: t, store: storetest.NewMemStore(), log: &bytes.Buffer{}, now: time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC),
	}
	for _, m := range merchants(t)[:n] {
		w.must(w.store.SaveMerchant(t.Context(), m))
	}
	w.first = merchants(t)[0]
	logger := slog.New(slog.NewJSONHandler(w.log, nil))
	w.engine = engine.New(w.store, engine.Config{Clock: w.clock, Logger: logger})
	t.Cleanup(func() { w.must(w.engine.Close(context.Background())) })
	directory, err := auth.Open(t.Context(), w.store, w.clock)
	w.must(err)
	cfg.URL, cfg.Reader, cfg.Directory, cfg.Clock = address, w.store, directory, w.clock
	cfg.Keys, cfg.Subkey = codes.KeysOf(subkey), subkey
	cfg.HashPassword = func(merchant, password string) string { return "hash of " + merchant + " " + password }
	cfg.CheckPassword = func(merchant, password, kept string) bool { return kept == cfg.HashPassword(merchant, password) }
	if cfg.Doer == nil {
		cfg.Doer = w.engine
	}
	w.page, err = New(cfg)
	w.must(err)
	mux := http.NewServeMux()
	w.page.Register(mux)
	w.handler = httpd.New(mux, httpd.Config{Logger: logger}).Handler()
	w.open(n)
	return w
}

func merchants(t testing.TB) []ledger.Merchant {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	one := ledger.Merchant{
		ID: 1, Name: "聚客西餐", Zone: zone, PayTypes: []ledger.PayType{{ID: 1, Name: "现金"}},
		Shops:  []ledger.Shop{{ID: 11, Name: "人民路店"}, {ID: 12, Name: "湖滨店"}},
		Levels: []ledger.Level{{ID: 1, Name: "金卡会员", PayRate: 8800, Earn: ledger.Percent100}},
		Rules:  []ledger.Rule{{ID: 1, Name: "充值送10%", Kind: ledger.Percent, AddRate: 1000}},
		CouponKinds: []ledger.CouponKind{
			{
				CouponTerms: ledger.CouponTerms{
					Kind: 1, Name: "三十元代金券", Type: ledger.CashCoupon, Face: 30_00, Least: 100_00, MaxUse: 2,
				},
				Days: 31, Info: "周末不可用 <b>",
			},
			{
				CouponTerms: ledger.CouponTerms{Kind: 2, Name: "甜品券", Type: ledger.GoodsCoupon, Shops: []ledger.ShopID{12}},
				Days:        31,
			},
			{CouponTerms: ledger.CouponTerms{Kind: 3, Name: "八折券", Type: ledger.PercentCoupon, Off: 2000, MaxOff: 50_00, Alone: true}},
			{CouponTerms: ledger.CouponTerms{Kind: 4, Name: "昨日券", Type: ledger.CashCoupon, Face: 5_00}, Days: 1},
		},
	}
	other := one
	other.ID, other.Name, other.Shops = 2, "canary-merchant", []ledger.Shop{{ID: 21, Name: "canary-shop"}}
	other.Levels = []ledger.Level{{ID: 1, Name: "canary-level", PayRate: ledger.Percent100}}
	return []ledger.Merchant{one, other}
}

// open opens the cards: for the first merchant one with a long history, and one of every other sort.
func (w *world) open(merchants int) {
	at := w.now
	w.now = at.AddDate(0, 0, -2)
	card := func(merchant ledger.MerchantID, number, name string, kind ledger.CardKind) {
		w.do(command.Open{
			Merchant: merchant, By: ledger.Caller{Shop: 11},
			Card: command.NewCard{Number: number, Kind: kind, Level: 1, Holder: ledger.Holder{Name: name}},
		})
	}
	card(1, "8800123456", "陈小明", ledger.Common)
	card(1, "MICRO1", "微", ledger.Micro)
	card(1, "OVER01", "过期", ledger.Common)
	by := ledger.Caller{Agent: 1, Shop: 11}
	w.do(
		command.Recharge{Merchant: 1, By: by, Card: "8800123456", Amount: 1000_00, PayType: 1},
		command.SendCoupons{Merchant: 1, By: by, Card: "8800123456", Kind: 4, Numbers: []string{"20000001"}},
		command.SendCoupons{Merchant: 1, By: by, Card: "8800123456", Kind: 1, Numbers: []string{"10000001", "10000002"}},
		command.SendCoupons{Merchant: 1, By: by, Card: "8800123456", Kind: 2, Numbers: []string{"10000003"}},
		command.SendCoupons{Merchant: 1, By: by, Card: "8800123456", Kind: 3, Numbers: []string{"10000004"}},
		command.Consume{Merchant: 1, By: ledger.Caller{Agent: 1, Shop: 12}, Card: "8800123456", Amount: 128_50},
	)
	if merchants > 1 {
		card(2, "8800123456", "canary-holder", ledger.Common)
		w.do(
			command.Recharge{Merchant: 2, By: ledger.Caller{Shop: 21}, Card: "8800123456", Amount: 77_77, PayType: 1},
			command.SendCoupons{
				Merchant: 2, Card: "8800123456", Kind: 1, Numbers: []string{"90000001"}, Subject: "canary-subject",
			},
		)
	}
	w.now = at
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) later(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) do(commands ...command.Command) {
	w.t.Helper()
	for _, c := range commands {
		if _, err := w.engine.Do(context.Background(), c); err != nil {
			w.t.Fatalf("%+v: %v", c, err)
		}
	}
}

func (w *world) card(merchant ledger.MerchantID, number string) *ledger.Card {
	w.t.Helper()
	c, err := w.store.Card(context.Background(), ledger.CardKey{Merchant: merchant, Number: number})
	w.must(err)
	if c == nil {
		w.t.Fatalf("merchant %d has no card %s", merchant, number)
	}
	return c
}

// link returns the path of the link that a till would get for the card.
func (w *world) link(merchant ledger.MerchantID, number string) string {
	w.t.Helper()
	all := merchants(w.t)
	return strings.TrimPrefix(w.page.Link(&all[merchant-1], w.card(merchant, number)), w.page.cfg.URL)
}

// phone is a browser that keeps the session and the language, and follows no redirects.
type phone struct {
	w      *world
	cookie *http.Cookie // the session
	tongue *http.Cookie // the language
	asks   string       // what it sends as Accept-Language
}

func (p *phone) send(r *http.Request) *httptest.ResponseRecorder {
	p.w.t.Helper()
	for _, kept := range []*http.Cookie{p.cookie, p.tongue} {
		if kept != nil {
			r.AddCookie(kept)
		}
	}
	if p.asks != "" {
		r.Header.Set("Accept-Language", p.asks)
	}
	got := httptest.NewRecorder()
	p.w.handler.ServeHTTP(got, r)
	for _, set := range got.Result().Cookies() {
		if strings.HasSuffix(set.Name, httpd.LanguageCookie) {
			p.tongue = set
			continue
		}
		p.cookie = set
		if set.MaxAge < 0 {
			p.cookie = nil
		}
	}
	return got
}

func (p *phone) get(path string) *httptest.ResponseRecorder {
	p.w.t.Helper()
	r := httptest.NewRequest(http.MethodGet, phoneURL+path, nil)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return p.send(r)
}

func (p *phone) post(path string, form url.Values) *httptest.ResponseRecorder {
	p.w.t.Helper()
	r := httptest.NewRequest(http.MethodPost, phoneURL+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return p.send(r)
}

var hidden = regexp.MustCompile(`<input type="hidden" name="(\w+)" value="([^"]*)">`)

// form returns what the page behind a link would send.
func (p *phone) form(link string) url.Values {
	p.w.t.Helper()
	form := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(p.get(link).Body.String(), -1) {
		form.Set(m[1], m[2])
	}
	return form
}

// bound returns a phone that has the merchant's card.
func (w *world) bound(merchant ledger.MerchantID) *phone {
	w.t.Helper()
	p := &phone{w: w}
	if got := p.post("/m/bind", p.form(w.link(merchant, "8800123456"))); got.Code != http.StatusSeeOther ||
		p.cookie == nil {
		w.t.Fatalf("not bound: %d %s", got.Code, got.Body)
	}
	return p
}

// outcome returns the outcome of the last request from the log.
func (w *world) outcome() string {
	lines := strings.Split(strings.TrimSpace(w.log.String()), "\n")
	_, rest, _ := strings.Cut(lines[len(lines)-1], `"outcome":"`)
	outcome, _, _ := strings.Cut(rest, `"`)
	return outcome
}
