package console

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"tongka/internal/auth"
	"tongka/internal/codes"
	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/exchange"
	"tongka/internal/hook"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/signin"
	"tongka/internal/store/storetest"
)

// world is a console over a store in memory, with two merchants and a person for each role.
type world struct {
	t        testing.TB
	store    *storetest.MemStore
	engine   *engine.Engine
	dir      *auth.Directory
	console  *Console
	handler  http.Handler
	log      *bytes.Buffer
	keeper   keeper
	requests *exchange.Recorder // of what is tried
	tested   func(*ledger.Webhook) ledger.WebhookTry

	mu  sync.Mutex
	now time.Time
}

const password = "correct horse battery"

// hashed is the password as it is kept. To make it takes as long as it should, so all worlds share it.
var hashed struct {
	once sync.Once
	text string
}

func kept(t testing.TB, service *signin.Service) string {
	hashed.once.Do(func() {
		var err error
		if hashed.text, err = service.Hash(t.Context(), password); err != nil {
			t.Error(err)
		}
	})
	return hashed.text
}

// vault seals by writing the context before what is sealed.
type vault struct{}

func (vault) Seal(context string, plain []byte) []byte {
	return append([]byte(context+"\x00"), plain...)
}

func (vault) Unseal(context string, sealed []byte) ([]byte, error) {
	before, plain, _ := strings.Cut(string(sealed), "\x00")
	if before != context {
		return nil, errors.New("sealed for another")
	}
	return []byte(plain), nil
}

func subkey(purpose string) [32]byte { return sha256.Sum256([]byte("root/" + purpose)) }

// people are one for each role; admins, managers, cashiers and auditors are the first merchant's, but for the last.
var people = []ledger.Person{
	{ID: 1, SignIn: "owner", Name: "老板", Grants: grantOf("owner", ledger.HostID)},
	{ID: 2, SignIn: "admin", Name: "管理员", Grants: grantOf("admin", 1)},
	{ID: 3, SignIn: "manager", Name: "店长", Grants: grantOf("manager", 1, 11)},
	{ID: 4, SignIn: "cashier", Name: "收银员", Grants: grantOf("cashier", 1, 11)},
	{ID: 5, SignIn: "auditor", Name: "审计", Grants: grantOf("auditor", 1)},
	{ID: 6, SignIn: "stranger", Name: "canary-person", Grants: grantOf("admin", 2)},
	{ID: 7, SignIn: "nothing", Name: "无权限"},
}

func grantOf(role string, merchant ledger.MerchantID, shops ...ledger.ShopID) []ledger.PersonGrant {
	r, ok := ledger.FindRole(role)
	if !ok {
		panic(role)
	}
	return []ledger.PersonGrant{{Merchant: merchant, Shops: shops, Permissions: r.Allowed}}
}

// merchantOf returns a merchant whose levels, rules, pay types and coupons are the same as those of others.
func merchantOf(id ledger.MerchantID, name string, zone *time.Location, shops ...ledger.Shop) ledger.Merchant {
	account := ledger.HouseAccount{ID: 5, Name: "总公司", MaxAmount: 1000_00, MaxCount: 9}
	for i := range shops {
		shops[i].GUID = "{" + itoa(int64(shops[i].ID)) + "}"
	}
	return ledger.Merchant{
		ID: id, GUID: "{" + itoa(int64(id)) + "}", Name: name, Zone: zone, Shops: shops,
		Levels: []ledger.Level{
			{ID: 1, Name: "普通", PayRate: ledger.Percent100, Earn: ledger.Percent100},
			{ID: 2, Name: "金卡", PayRate: 8000, Earn: ledger.Percent100, Rights: ledger.Rights{
				Account: account, Renewals: []ledger.Renewal{{Price: 10_00, Months: 12}},
			}},
		},
		Rules: []ledger.Rule{{
			ID: 1, Name: "充500送100", Kind: ledger.FromAmount, Threshold: 500_00, AddMoney: 100_00,
		}},
		PayTypes: []ledger.PayType{{ID: 1, Name: "现金"}, {ID: 2, Name: "微信", Invoiceable: true}},
		CouponKinds: []ledger.CouponKind{{
			CouponTerms: ledger.CouponTerms{Kind: 1, Name: "满减券", Type: ledger.CashCoupon, Face: 10_00, Least: 50_00},
			Days:        30,
		}},
		Settings: ledger.Settings{
			PointsRatio: 100, BonusDays: 365, PointsDays: 365, PartPayment: true, MaxAmount: 100_000_00,
		},
	}
}

// cards opens a card of each merchant, both with the number 6001, and returns that of the first.
func (w *world) cards() ledger.CardID {
	w.t.Helper()
	for _, m := range []ledger.MerchantID{1, 2} {
		w.do(
			command.Open{Merchant: m, By: ledger.Caller{Shop: ledger.ShopID(10*m + 1)}, Card: command.NewCard{
				Number: "6001", Kind: ledger.Common, Level: 2, Expires: 2027_01_31,
				Holder: ledger.Holder{Name: "张三 <script>alert(1)</script>", Phone: "18612342465"},
			}},
			command.Open{Merchant: m, Card: command.NewCard{
				Number: "6002", Kind: ledger.Common, Level: 1, Holder: ledger.Holder{Name: "canary-holder"},
			}},
			command.Recharge{Merchant: m, Card: "6001", Amount: 500_00, PayType: 2},
			command.SendCoupons{Merchant: m, Card: "6001", Kind: 1, Numbers: []string{"28000001"}},
		)
		w.proposal(m, "p1", 3, ledger.ShopID(10*m+1))
		w.job(m, "j1", ledger.JobDone)
		w.agents(m)
		w.apiKey(m)
		w.cardJobs(m)
	}
	w.job(ledger.HostID, "j1", ledger.JobDone)
	w.must(w.dir.Refresh(w.t.Context()))
	return 1
}

// card returns what the store has of a card of the first merchant.
func (w *world) card(number string) *ledger.Card {
	w.t.Helper()
	c, err := w.store.Card(w.t.Context(), ledger.CardNamed(1, number))
	w.must(err)
	return c
}

func newWorld(t testing.TB) *world { return newWorldAt(t, "http://console.example.com", true) }

// newWorldAt returns a world that browsers reach at an address, with people or without.
func newWorldAt(t testing.TB, address string, peopled bool) *world {
	t.Helper()
	return newWorldOf(t, address, peopled, true)
}

// newEmptyWorld returns a world with neither people nor merchants.
func newEmptyWorld(t testing.TB, address string) *world {
	t.Helper()
	return newWorldOf(t, address, false, false)
}

func newWorldOf(t testing.TB, address string, peopled, trading bool) *world {
	t.Helper()
	w := &world{
		t: t, store: storetest.NewMemStore(), log: &bytes.Buffer{}, now: time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC),
	}
	zone, err := time.LoadLocation("Asia/Shanghai")
	w.must(err)
	for _, m := range []ledger.Merchant{
		merchantOf(1, "聚客西餐 <b>&", zone, ledger.Shop{ID: 11, Name: "人民路店"}, ledger.Shop{ID: 12, Name: "湖滨店"}),
		merchantOf(2, "canary-merchant", zone, ledger.Shop{ID: 21, Name: "canary-shop"}),
	} {
		if !trading {
			break
		}
		w.must(w.store.SaveMerchant(t.Context(), m))
	}
	logger := slog.New(slog.NewJSONHandler(w.log, nil))
	w.engine = engine.New(w.store, engine.Config{Clock: w.clock, Logger: logger})
	t.Cleanup(func() { w.must(w.engine.Close(context.Background())) })
	w.dir, err = auth.Open(t.Context(), w.store, w.clock)
	w.must(err)
	service := signin.New(signin.Config{
		Doer: w.engine, Store: w.store, People: w.dir, Vault: vault{}, Subkey: subkey, Clock: w.clock, URL: address,
	})
	if peopled {
		for _, p := range people {
			p.Password = kept(t, service)
			w.do(command.ChangePerson{To: p})
		}
		w.must(w.dir.Refresh(t.Context()))
	}
	w.console, err = New(Config{
		URL: address, Doer: w.engine, Books: w.store, Sessions: w.store, Proposals: w.store, Jobs: w.store,
		Requests: w.store, Keeper: &w.keeper, Directory: w.dir, Webhooks: w.store, Hooks: Hooks{
			Test:  func(_ context.Context, h *ledger.Webhook) ledger.WebhookTry { return w.testHook(h) },
			Reach: hook.ReachOf(nil),
		},
		Server:  func() Server { return served },
		Backups: backups(t), SignIn: service, Vault: vault{}, Clock: w.clock,
		Subkey:        subkey,
		Snapshot:      func(_ context.Context, fn func(DayBooks) error) error { return fn(w.store) },
		HashPassword:  func(merchant, password string) string { return "kept/" + merchant + "/" + password },
		CheckPassword: func(merchant, password, kept string) bool { return kept == "kept/"+merchant+"/"+password },
		CouponNumber:  func() (string, error) { return codes.NewCoupon(rand.Reader) },
		NewNumber:     func() (string, error) { return codes.NewNumber(rand.Reader, "", 12) },
	})
	w.must(err)
	w.tills(logger)
	mux := http.NewServeMux()
	w.console.Register(mux)
	w.handler = httpd.New(mux, httpd.Config{Logger: logger}).Handler()
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
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
		_, err := w.engine.Do(w.t.Context(), c)
		w.must(err)
	}
}

// keeper says what a test wants of requests that were kept, and were not.
type keeper struct {
	dropped int64
	used    map[ledger.AgentID]time.Time
}

func (k *keeper) Dropped(ledger.MerchantID) int64 { return k.dropped }

func (k *keeper) LastUse(id ledger.AgentID) time.Time { return k.used[id] }

// person returns what the store has of somebody.
func (w *world) person(id ledger.PersonID) *ledger.Person {
	w.t.Helper()
	w.must(w.dir.Refresh(w.t.Context()))
	return w.dir.Person(id)
}

// tab is a browser without a screen.
type tab struct {
	*world
	cookies  map[string]*http.Cookie
	language string
}

func (w *world) tab() *tab { return &tab{w, map[string]*http.Cookie{}, "zh-CN"} }

// signedIn returns a browser in which somebody is signed in: one that has a session's token, since to type a password
// takes long.
func (w *world) signedIn(name string) *tab {
	w.t.Helper()
	b := w.tab()
	p := w.dir.PersonNamed(name)
	if p == nil {
		w.t.Fatalf("there is no %s", name)
	}
	var token [32]byte
	rand.Read(token[:])
	w.must(w.store.AddSession(w.t.Context(), ledger.Session{
		Place: sha256.Sum256(token[:]), Person: p.ID, MadeAt: w.clock(), SeenAt: w.clock(),
		Until: w.clock().Add(ledger.SessionMost),
	}))
	cookie := httpd.Cookie(w.console.cfg.URL, sessionCookie)
	cookie.Value = base64.RawURLEncoding.EncodeToString(token[:])
	b.cookies[cookie.Name] = &cookie
	return b
}

func (b *tab) get(path string) *httptest.ResponseRecorder { return b.send(http.MethodGet, path, nil) }

// post sends a form of names and values.
func (b *tab) post(path string, pairs ...string) *httptest.ResponseRecorder {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return b.send(http.MethodPost, path, strings.NewReader(form.Encode()))
}

func (b *tab) send(method, path string, body io.Reader) *httptest.ResponseRecorder {
	return b.serve(b.request(method, path, body))
}

// request returns a request with what the browser keeps.
func (b *tab) request(method, path string, body io.Reader) *http.Request {
	r := httptest.NewRequestWithContext(b.t.Context(), method, path, body)
	if body != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Accept-Language", b.language)
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	return r
}

func (b *tab) serve(r *http.Request) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	b.handler.ServeHTTP(rec, r)
	for _, c := range rec.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c
		}
	}
	return rec
}

// newest returns the host's newest entry.
func (w *world) newest() ledger.Entry { return w.newestAt(ledger.HostID) }

// newestAt returns the newest entry of a merchant's journal.
func (w *world) newestAt(m ledger.MerchantID) (newest ledger.Entry) {
	w.t.Helper()
	w.must(w.store.EachEntry(w.t.Context(), m, 0, func(e *ledger.Entry) error {
		newest = *e
		return nil
	}))
	return newest
}

// taken returns how many exports the first merchant's journal has.
func (w *world) taken() (n int) {
	w.t.Helper()
	w.must(w.store.EachEntry(w.t.Context(), 1, 0, func(e *ledger.Entry) error {
		if e.Kind == ledger.DataExported {
			n++
		}
		return nil
	}))
	return n
}

// wait lets seconds pass.
func (w *world) wait(seconds int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(time.Duration(seconds) * time.Second)
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
