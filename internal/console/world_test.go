package console

import (
	"bytes"
	"context"
	"crypto/sha256"
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
	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/signin"
	"tongka/internal/store/storetest"
)

// world is a console over a store in memory, with two merchants and a person for each role.
type world struct {
	t       testing.TB
	store   *storetest.MemStore
	engine  *engine.Engine
	dir     *auth.Directory
	console *Console
	handler http.Handler
	log     *bytes.Buffer

	mu  sync.Mutex
	now time.Time
}

const password = "correct horse battery"

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

func newWorld(t testing.TB) *world { return newWorldAt(t, "http://console.example.com", true) }

// newWorldAt returns a world that browsers reach at an address, with people or without.
func newWorldAt(t testing.TB, address string, peopled bool) *world {
	t.Helper()
	w := &world{
		t: t, store: storetest.NewMemStore(), log: &bytes.Buffer{}, now: time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC),
	}
	zone, err := time.LoadLocation("Asia/Shanghai")
	w.must(err)
	for _, m := range []ledger.Merchant{
		{ID: 1, Name: "聚客西餐 <b>&", Zone: zone, Shops: []ledger.Shop{{ID: 11, Name: "人民路店"}, {ID: 12, Name: "湖滨店"}}},
		{ID: 2, Name: "canary-merchant", Zone: zone, Shops: []ledger.Shop{{ID: 21, Name: "canary-shop"}}},
	} {
		w.must(w.store.SaveMerchant(t.Context(), m))
	}
	logger := slog.New(slog.NewJSONHandler(w.log, nil))
	w.engine = engine.New(w.store, engine.Config{Clock: w.clock, Logger: logger})
	t.Cleanup(func() { w.must(w.engine.Close(context.Background())) })
	w.dir, err = auth.Open(t.Context(), w.store, w.clock)
	w.must(err)
	service := signin.New(signin.Config{
		Doer: w.engine, Store: w.store, People: w.dir, Vault: vault{}, Subkey: subkey, Clock: w.clock,
	})
	if peopled {
		kept, err := service.Hash(t.Context(), password)
		w.must(err)
		for _, p := range people {
			p.Password = kept
			w.do(command.ChangePerson{To: p})
		}
		w.must(w.dir.Refresh(t.Context()))
	}
	w.console, err = New(Config{
		URL: address, Doer: w.engine, Sessions: w.store, Directory: w.dir, SignIn: service, Vault: vault{}, Clock: w.clock,
		Subkey: subkey,
	})
	w.must(err)
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

// signedIn returns a browser in which somebody is signed in.
func (w *world) signedIn(name string) *tab {
	w.t.Helper()
	b := w.tab()
	if got := b.post("/console/sign-in", "name", name, "password", password); got.Code != http.StatusSeeOther {
		w.t.Fatalf("%s is not signed in: %d %s", name, got.Code, got.Body)
	}
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
func (w *world) newest() (newest ledger.Entry) {
	w.t.Helper()
	w.must(w.store.EachEntry(w.t.Context(), ledger.HostID, 0, func(e *ledger.Entry) error {
		newest = *e
		return nil
	}))
	return newest
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
