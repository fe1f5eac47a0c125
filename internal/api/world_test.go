package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	_ "time/tzdata"

	"tongka/internal/auth"
	"tongka/internal/cardfile"
	"tongka/internal/codes"
	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/follow"
	"tongka/internal/hook"
	"tongka/internal/httpd"
	"tongka/internal/job"
	"tongka/internal/ledger"
	"tongka/internal/sheet"
	"tongka/internal/store/storetest"
)

// The keys of the world. Those of shops and of reading are good at the first merchant; both is an agent of two.
const (
	keyAll   = "tk_all"
	keyRead  = "tk_read"
	keyShop  = "tk_shop"
	keyOther = "tk_other"
	keyBoth  = "both"
	keyDone  = "tk_stopped"
)

// world is a whole server over a store in memory, with two merchants that have the same cards.
type world struct {
	t       testing.TB
	store   *storetest.MemStore
	engine  *engine.Engine
	dir     *auth.Directory
	api     *API
	handler http.Handler
	now     time.Time
	log     *bytes.Buffer
	drawn   int
	runner  *job.Runner
	imports atomic.Int64 // requests about imports that were kept with what was sent and answered
	tests   []string     // that were sent to webhooks
}

// provers prove the first merchant's books at once.
type provers struct {
	now    time.Time
	mu     sync.Mutex
	proved bool
}

func (p *provers) LastProof(_ context.Context, m ledger.MerchantID) (*ledger.Job, *ProofFound, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m != 1 || !p.proved {
		return nil, nil, nil
	}
	return &ledger.Job{ID: "proof", State: ledger.JobDone, At: p.now, EndedAt: p.now, Done: 8, Total: 8}, &ProofFound{
		Holds: true, Cards: 4, Entries: 8, Principal: 60000, Bonus: 10000, Points: 10, Checks: []ProofCheck{
			{Invariant: 1, Name: "a card is the fold of its entries", State: "holds", Rows: 4},
		},
	}, nil
}

func (p *provers) Prove(_ context.Context, m ledger.MerchantID) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.proved = p.proved || m == 1
	return nil
}

// vault seals nothing.
type vault struct{}

func (vault) Seal(context string, plain []byte) []byte { return append([]byte(context), plain...) }

func (vault) Unseal(context string, sealed []byte) ([]byte, error) {
	return bytes.TrimPrefix(sealed, []byte(context)), nil
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{
		t: t, store: storetest.NewMemStore(), log: &bytes.Buffer{}, now: time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC),
	}
	zone, err := time.LoadLocation("Asia/Shanghai")
	w.must(err)
	for _, m := range []ledger.Merchant{merchantOf(1, zone), merchantOf(2, zone)} {
		w.must(w.store.SaveMerchant(t.Context(), m))
	}
	w.keys()
	logger := slog.New(slog.NewJSONHandler(w.log, nil))
	clock := func() time.Time { return w.now }
	w.engine = engine.New(w.store, engine.Config{Clock: clock, Logger: logger})
	t.Cleanup(func() { w.must(w.engine.Close(context.Background())) })
	w.trade(1)
	w.trade(2)
	w.dir, err = auth.Open(t.Context(), w.store, clock)
	w.must(err)
	w.serve(clock, logger)
	return w
}

// serve sets the API up, as a start of the program does.
func (w *world) serve(clock func() time.Time, logger *slog.Logger) {
	w.api = New(Config{
		Doer: w.engine, Books: w.store, Directory: w.dir, Clock: clock, Version: "0.1.0",
		HashPassword:  func(merchant, password string) string { return "kept/" + merchant + "/" + password },
		CheckPassword: func(merchant, password, kept string) bool { return kept == "kept/"+merchant+"/"+password },
		CouponNumber:  func() (string, error) { return w.draw("28%06d"), nil },
		Snapshot:      func(_ context.Context, fn func(Reports) error) error { return fn(w.store) },
		CardNumber:    func() (string, error) { return w.draw("9%05d"), nil },
		Keys:          &memberKeys,
		Vault:         vault{},
		Reach:         hook.ReachOf(nil),
		Subkey:        func(purpose string) [32]byte { return sha256.Sum256([]byte(purpose)) },
		Proofs:        &provers{now: w.now},
		Jobs:          w.store,
		TestWebhook: func(_ context.Context, h *ledger.Webhook) ledger.WebhookTry {
			w.tests = append(w.tests, h.URL)
			return ledger.WebhookTry{At: w.now, Status: 204, Took: 12 * time.Millisecond}
		},
	})
	w.runner = runnerOf(w, clock, logger)
	mux := http.NewServeMux()
	w.api.Register(mux)
	w.handler = w.watched(httpd.New(mux, httpd.Config{
		Logger: logger, Keep: func(e httpd.Exchange) {
			if strings.Contains(e.Note.Endpoint, "Import") {
				w.imports.Add(1)
			}
		},
	}).Handler())
}

// runnerOf returns what works on jobs. An export is one line here: the console has the rest.
func runnerOf(w *world, clock func() time.Time, logger *slog.Logger) *job.Runner {
	desk := &job.Desk{
		Books: w.store, Start: func() job.Starter { return w.engine.Bulk(nil) }, Clock: clock,
		Seal: vault{}.Seal, Unseal: vault{}.Unseal,
		HashPassword: func(merchant, password string) string { return "kept/" + merchant + "/" + password },
	}
	kinds := desk.Kinds()
	kinds[cardfile.JobExport] = func(_ context.Context, r *job.Running) (any, error) {
		r.Of(4)
		r.Step(4)
		return cardfile.Exported{Cards: 4}, r.Put(ledger.JobFile{
			Name: cardfile.ExportFile(sheet.CSV), Type: sheet.CSV.ContentType(), Content: []byte("number\n6001\n"),
		})
	}
	return &job.Runner{Jobs: w.store, Kinds: kinds, Clock: clock, Logger: logger}
}

// work has the jobs done that wait.
func (w *world) work() {
	w.t.Helper()
	w.must(w.runner.Round(w.t.Context()))
}

// memberKeys make the member codes of these tests.
var memberKeys = codes.KeysOf(func(purpose string) [32]byte { return sha256.Sum256([]byte(purpose)) })

// code returns what the phone of a card's holder shows now.
func (w *world) code(number string) string {
	w.t.Helper()
	card, err := w.store.Card(w.t.Context(), ledger.CardKey{Merchant: 1, Number: number})
	w.must(err)
	pass, err := memberKeys.Pass(codes.Member{Merchant: 1, Card: int64(card.ID)}, card.Details.Pass)
	w.must(err)
	return pass.Make(w.now)
}

func (w *world) draw(format string) string {
	w.drawn++
	return fmt.Sprintf(format, w.drawn)
}

func merchantOf(id ledger.MerchantID, zone *time.Location) ledger.Merchant {
	shop := ledger.ShopID(10 * id)
	return ledger.Merchant{
		ID: id, GUID: fmt.Sprintf("{MERCHANT-%d}", id), Name: fmt.Sprintf("聚客 %d", id), Zone: zone,
		Settings: ledger.Settings{PartPayment: true, PointsRatio: 100, BonusDays: 365},
		Shops: []ledger.Shop{
			{ID: shop + 1, GUID: fmt.Sprintf("{SHOP-%d}", shop+1), Name: "人民路店"},
			{ID: shop + 2, GUID: fmt.Sprintf("{SHOP-%d}", shop+2), Name: "湖滨店"},
		},
		Levels: []ledger.Level{
			{ID: 1, Name: "普通卡", PayRate: ledger.Percent100, Earn: ledger.Percent100},
			{ID: 2, Name: "金卡", PayRate: 9000, Earn: 2 * ledger.Percent100, Rights: ledger.Rights{
				CashBack: ledger.CashBack{Each: 100_00, Back: 5_00}, Renewals: []ledger.Renewal{{Price: 20_00, Months: 12}},
				Account: ledger.HouseAccount{ID: 7, Name: "公司", MaxAmount: 1000_00},
			}},
		},
		Rules: []ledger.Rule{
			{ID: 1, Name: "充500送100", Kind: ledger.FromAmount, Threshold: 500_00, AddMoney: 100_00},
			{ID: 2, Name: "每次送积分", Kind: ledger.EachTime, AddPoints: 5},
		},
		PayTypes: []ledger.PayType{
			{ID: 1, Name: "现金", Code: "cash"}, {ID: 2, Name: "微信", Code: "wx", Invoiceable: true},
		},
		CouponKinds: []ledger.CouponKind{
			{CouponTerms: ledger.CouponTerms{Kind: 1, Name: "减10元", Type: ledger.CashCoupon, Face: 10_00, Least: 50_00}, Days: 30},
		},
	}
}

// keys makes the keys. They are made before the server, which reads them when it begins.
func (w *world) keys() {
	w.t.Helper()
	all := ledger.AllPermissions
	grant := func(m ledger.MerchantID, p ledger.Permission) []ledger.Grant {
		return []ledger.Grant{{Merchant: m, Permissions: p}}
	}
	for _, a := range []ledger.Agent{
		{ID: 1, Name: "all", TokenHash: auth.Hash(keyAll), Grants: grant(1, all), Owner: 1},
		{ID: 2, Name: "read", TokenHash: auth.Hash(keyRead), Grants: grant(1, ledger.MayRead), Owner: 1},
		{ID: 3, Name: "shop", TokenHash: auth.Hash(keyShop), Grants: grant(1, all), Owner: 1, Shops: []ledger.ShopID{12}},
		{ID: 4, Name: "other", TokenHash: auth.Hash(keyOther), Grants: grant(2, all), Owner: 2},
		{ID: 5, Name: "both", TokenHash: auth.Hash(keyBoth), Grants: append(grant(1, all), grant(2, all)...)},
		{ID: 6, Name: "stopped", TokenHash: auth.Hash(keyDone), Grants: grant(1, all), Owner: 1, Stopped: true},
	} {
		w.must(w.store.SaveAgent(w.t.Context(), a))
	}
}

// trade opens the cards of a merchant: 6001 has money, points and a coupon at level 2, 6002 has nothing, 6003 is lost,
// 6004 has a password.
func (w *world) trade(m ledger.MerchantID) {
	w.t.Helper()
	open := func(number string, level ledger.LevelID, expires ledger.Date, d ledger.Details) command.Command {
		return command.Open{Merchant: m, Card: command.NewCard{
			Number: number, Kind: ledger.Common, Level: level, Expires: expires, Details: d,
			Holder: ledger.Holder{Name: "张三", Phone: "1861234" + number, Birthday: 1990_05_06},
		}}
	}
	w.do(
		open("6001", 2, 2026_12_31, ledger.Details{ExtID: "77001", OpenID: "o-6001"}),
		open("6002", 1, 0, ledger.Details{}),
		open("6003", 1, 0, ledger.Details{}),
		open("6004", 1, 0, ledger.Details{Password: fmt.Sprintf("kept/%d/8250xz", m)}),
		command.Recharge{Merchant: m, Card: "6001", Amount: 500_00, PayType: 2},
		command.Recharge{Merchant: m, Card: "6004", Amount: 100_00, PayType: 1},
		command.SendCoupons{Merchant: m, Card: "6001", Kind: 1, Numbers: []string{"28000901"}},
		command.ReportLost{Merchant: m, Card: "6003"},
	)
}

// fold adds up the journal, as the followers do behind it.
func (w *world) fold() {
	w.t.Helper()
	cfg := follow.Config{Journal: w.store, Clock: func() time.Time { return w.now }, Pace: -1}
	for _, f := range []follow.Follower{follow.NewDays(w.store), follow.NewParts(w.store)} {
		w.must(follow.New(f, follow.NewBell(), cfg).Round(w.t.Context()))
	}
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

// entries returns how many entries the first merchant has.
func (w *world) entries() (n int) {
	w.t.Helper()
	w.must(w.store.EachEntry(w.t.Context(), 1, 0, func(*ledger.Entry) error {
		n++
		return nil
	}))
	return n
}

// call sends a request. headers are names and values.
func (w *world) call(key, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	r := httptest.NewRequestWithContext(w.t.Context(), method, Base+path, strings.NewReader(body))
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	return rec
}

// post does something under a name.
func (w *world) post(key, path, name, body string) *httptest.ResponseRecorder {
	w.t.Helper()
	return w.call(key, http.MethodPost, path, body, "Idempotency-Key", name)
}

// read reads an answer, and fails if it is not of that status.
func read[T any](w *world, rec *httptest.ResponseRecorder, status int) (v T) {
	w.t.Helper()
	if rec.Code != status {
		w.t.Fatalf("got %d, want %d: %s", rec.Code, status, rec.Body)
	}
	w.must(json.Unmarshal(rec.Body.Bytes(), &v))
	return v
}

// problem reads a problem, and fails if its code is another one.
func (w *world) problem(rec *httptest.ResponseRecorder, status int, code string) Problem {
	w.t.Helper()
	p := read[Problem](w, rec, status)
	if p.Code != code || p.Status != status || p.RequestID == "" || p.Detail == "" ||
		rec.Header().Get("Content-Type") != "application/problem+json" ||
		!slices.Equal(rec.Header()["Cache-Control"], []string{"no-store"}) {
		w.t.Fatalf("want %s, got %+v, %v", code, p, rec.Header())
	}
	return p
}

// bodyOf reads the body of a request, to send it more than once.
func bodyOf(t testing.TB, r *http.Request) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func withBody(r *http.Request, body string) *http.Request {
	r.Body = io.NopCloser(strings.NewReader(body))
	return r
}
