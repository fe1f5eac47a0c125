package dc78

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/scheme"
)

// The keys of the shops of the world; the first is that of the test vector.
const (
	pageKey  = "b77217c91f9d0f5670de0dfab0e75378176d6c2e"
	otherKey = "0000000000000000000000000000000000000001"
)

const allPermissions = ledger.MayRead | ledger.MayOpen | ledger.MayModify | ledger.MayRecharge | ledger.MayConsume |
	ledger.MayPoints | ledger.MayRefund | ledger.MayLose | ledger.MayCancelLoss

// books are a store and an engine in one. Commands are decided one after the other over a state that is never
// saved, so nothing has to be loaded.
type books struct {
	mu    sync.Mutex
	now   func() time.Time
	of    map[ledger.MerchantID]*command.State
	cards map[ledger.CardKey]ledger.Card
	first map[cardID]time.Time
	held  map[couponID]ledger.Coupon
	sent  map[couponKind]ledger.CouponStock
	fail  error            // the error that reads and commands return
	asked []ledger.Request // that were carried out
}

type couponID struct {
	merchant ledger.MerchantID
	id       ledger.CouponID
}

type couponKind struct {
	merchant ledger.MerchantID
	kind     ledger.CouponKindID
}

type cardID struct {
	merchant ledger.MerchantID
	card     ledger.CardID
}

func newBooks(now func() time.Time, merchants ...ledger.Merchant) *books {
	b := &books{
		now: now, of: map[ledger.MerchantID]*command.State{}, cards: map[ledger.CardKey]ledger.Card{},
		held: map[couponID]ledger.Coupon{}, sent: map[couponKind]ledger.CouponStock{}, first: map[cardID]time.Time{},
	}
	for _, m := range merchants {
		b.set(m)
	}
	return b
}

// set adds a merchant or replaces its settings.
func (b *books) set(m ledger.Merchant) {
	if s := b.of[m.ID]; s != nil {
		s.Apply(command.Changes{Settings: &m}) // what is pending, as everything here, would be lost by learning it
		return
	}
	s := command.NewState(m.ID)
	b.of[m.ID] = s
	s.Learn(command.Keys{Head: true}, command.Records{Merchant: &m, Head: ledger.Head{Merchant: m.ID}})
}

func (b *books) Do(_ context.Context, c command.Command) (command.Changes, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail != nil {
		return command.Changes{}, b.fail
	}
	s := b.of[c.MerchantID()]
	missing := s.Missing(c.Keys())
	s.Learn(missing, command.Records{Entries: entriesOf(s, missing.Entries)})
	ch, err := c.Decide(s, b.now())
	if missing, ok := errors.AsType[command.NeedRecords](err); ok {
		more := s.Missing(missing.Keys)
		s.Learn(more, command.Records{Entries: entriesOf(s, more.Entries)})
		ch, err = c.Decide(s, b.now())
	}
	if err != nil || ch.Replay != nil {
		return ch, err
	}
	s.Apply(ch)
	b.asked = append(b.asked, ch.Requests...)
	for _, e := range ch.Entries {
		if e.Seq == 1 {
			b.first[cardID{e.Merchant, e.Card}] = e.At
		}
	}
	for _, changed := range slices.Concat(ch.Opened, ch.Cards) {
		b.cards[changed.Key()] = changed
	}
	for _, changed := range ch.Coupons {
		b.held[couponID{changed.Merchant, changed.ID}] = changed
	}
	for _, changed := range ch.Stocks {
		b.sent[couponKind{changed.Merchant, changed.Kind}] = changed
	}
	return ch, ch.Denied
}

// entriesOf returns the named entries and those that reverse them.
func entriesOf(s *command.State, ids []ledger.EntryID) (found []ledger.Entry) {
	if len(ids) == 0 {
		return nil
	}
	for _, e := range s.Pending().Entries {
		if slices.Contains(ids, e.ID) || slices.Contains(ids, e.RefersTo) {
			found = append(found, e)
		}
	}
	return found
}

func (b *books) Wallet(ctx context.Context, key ledger.CardKey) (*ledger.Card, []ledger.Coupon, error) {
	card, err := b.Card(ctx, key)
	if card == nil || err != nil {
		return nil, nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	var coupons []ledger.Coupon
	for _, c := range b.held {
		if c.Merchant == key.Merchant && c.Card == card.ID && c.State == ledger.Unused {
			coupons = append(coupons, c)
		}
	}
	slices.SortFunc(coupons, func(x, y ledger.Coupon) int { return cmp.Compare(x.ID, y.ID) })
	return card, coupons, nil
}

func (b *books) Stocks(_ context.Context, merchant ledger.MerchantID) (stocks []ledger.CouponStock, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.sent {
		if s.Merchant == merchant {
			stocks = append(stocks, s)
		}
	}
	return stocks, b.fail
}

func (b *books) Card(_ context.Context, key ledger.CardKey) (*ledger.Card, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c, ok := b.cards[key]; ok && b.fail == nil {
		return &c, nil
	}
	return nil, b.fail
}

func (b *books) Find(_ context.Context, q ledger.FindQuery) ([]ledger.Card, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var found []ledger.Card
	for _, c := range b.cards {
		same := (q.ID != 0 && q.ID == c.ID) || (q.ExtID != "" && q.ExtID == c.Details.ExtID) ||
			(q.Phone != "" && q.Phone == c.Holder.Phone) || (q.OpenID != "" && q.OpenID == c.Details.OpenID)
		if same && c.Merchant == q.Merchant {
			found = append(found, c)
		}
	}
	ledger.SortFound(found)
	return found, b.fail
}

// settings is what a Directory reads.
type settings struct{ merchants []ledger.Merchant }

func (s settings) Merchants(context.Context) ([]ledger.Merchant, error) { return s.merchants, nil }
func (s settings) Agents(context.Context) ([]ledger.Agent, error)       { return nil, nil }
func (s settings) People(context.Context) ([]ledger.Person, error)      { return nil, nil }
func (s settings) SettingsVersion(context.Context) (int64, error)       { return 1, nil }

// shops implements Shops by a map from msid.
type shops map[string]Access

func (s shops) Shop(msid string, _ netip.Addr) (Access, bool) {
	a, ok := s[msid]
	return a, ok
}

func (s shops) MSIDs() (all []scheme.Field) {
	for _, a := range s {
		if a.Scheme != nil && a.Scheme.msid() != ownMSID {
			all = append(all, a.Scheme.msid())
		}
	}
	return all
}

// world is the dialect over books, with a clock that does not move by itself.
type world struct {
	t       testing.TB
	now     time.Time
	books   *books
	shops   shops
	log     *bytes.Buffer
	mux     *http.ServeMux
	handler http.Handler
	nonce   int
}

// demo returns the world all tests begin with, at the second of the published mb_check.
func demo(t testing.TB) *world { return demoWith(t, Config{}) }

func demoWith(t testing.TB, cfg Config) *world {
	t.Helper()
	w := &world{t: t, now: time.Unix(1566296953, 0).UTC(), log: &bytes.Buffer{}}
	clock := func() time.Time { return w.now }
	merchants := demoMerchants()
	w.books = newBooks(clock, merchants...)
	w.shops = demoShops()
	directory, err := auth.Open(context.Background(), settings{merchants}, clock)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Doer, cfg.Reader, cfg.Directory, cfg.Shops = w.books, w.books, directory, w.shops
	cfg.Clock, cfg.ServerName = clock, "wx-task2.hz"
	cfg.counted()
	w.mux = http.NewServeMux()
	New(cfg).Register(w.mux)
	logger := slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w.handler = httpd.New(w.mux, httpd.Config{Logger: logger}).Handler()
	w.openCards()
	return w
}

// behind puts a trusted proxy on this machine in front of the server.
func (w *world) behind() {
	w.handler = httpd.New(w.mux, httpd.Config{
		Logger: slog.New(slog.NewJSONHandler(w.log, nil)), Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
	}).Handler()
}

// counted draws numbers and passwords by counting, so that answers can be recorded. A hashed password ends in the
// digest of everything it was made of.
func (cfg *Config) counted() {
	var numbers, passwords, coupons atomic.Int64
	if cfg.NewCouponNumber == nil {
		cfg.NewCouponNumber = func() (string, error) { return fmt.Sprintf("28%07d395", coupons.Add(1)), nil }
	}
	if cfg.NewNumber == nil {
		cfg.NewNumber = func() (string, error) { return fmt.Sprintf("88%014d", numbers.Add(1)), nil }
	}
	if cfg.NewPassword == nil {
		cfg.NewPassword = func() (string, error) { return fmt.Sprintf("%08d", 31415926+passwords.Add(1)), nil }
	}
	if cfg.HashPassword == nil {
		cfg.HashPassword = hashPassword
	}
}

func hashPassword(merchant, password string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{"key", merchant, password}, "/")))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func demoMerchants() []ledger.Merchant {
	zone := time.FixedZone("CST", 8*60*60)
	payTypes := []ledger.PayType{
		{ID: 1, Name: "现金"}, {ID: 2, Name: "银行卡"}, {ID: 4, Name: "阿里", Code: "ali", Invoiceable: true},
		{ID: 3, Name: "微信", Invoiceable: true},
	}
	return []ledger.Merchant{
		{
			ID: 10000, Name: "聚客西餐", Zone: zone, PayTypes: payTypes,
			Settings: ledger.Settings{PointsRatio: 100, WeakPasswords: true},
			Shops:    []ledger.Shop{{ID: 10021, Name: "总店"}, {ID: 10022, Name: "分店"}, {ID: 10020, Name: "老店", Ended: true}},
			Levels: []ledger.Level{
				{ID: 1, Name: "普通卡", PayRate: ledger.Percent100},
				{ID: 5, Name: "钻石卡1", PayRate: ledger.Percent100, Earn: 1000, Rights: ledger.Rights{
					CashBack: ledger.CashBack{Each: 500_00, Back: 1_00},
					Renewals: []ledger.Renewal{{Price: 2_00, Months: 12}},
					Account:  ledger.HouseAccount{ID: 100021, Name: "苏州果盘", MaxAmount: 100_00, Fixed: 15_00, MaxCount: 10},
				}},
				{
					ID: 6, Name: "折扣卡", PayRate: 8000, Earn: 15000,
					Rights: ledger.Rights{CashBack: ledger.CashBack{Each: 20_00, Back: 1_00}},
				},
				{ID: 7, Name: "内部卡", PayRate: ledger.Percent100, Rights: ledger.Rights{NoRecharge: true, MemberPrice: true}},
			},
			Rules:       []ledger.Rule{{ID: 1, Name: "充值送10%", Kind: ledger.Percent, AddRate: 1000}},
			CouponKinds: demoCoupons(),
		},
		{
			ID: 10001, Name: "部分支付", Zone: zone, PayTypes: payTypes, Settings: ledger.Settings{PartPayment: true},
			Shops:  []ledger.Shop{{ID: 10031, Name: "甜品"}},
			Levels: []ledger.Level{{ID: 1, Name: "会员", PayRate: ledger.Percent100}},
		},
		{ID: 10002, Name: "过期", Zone: zone, LicenceEnd: 20190819, Shops: []ledger.Shop{{ID: 10041}}},
		{
			ID: 10003, Name: "别家", Zone: zone, Shops: []ledger.Shop{{ID: 10051}},
			Levels: []ledger.Level{{ID: 1, PayRate: ledger.Percent100}},
		},
	}
}

// demoCoupons returns coupon kinds; the first is that of the published mb_check.
func demoCoupons() []ledger.CouponKind {
	return []ledger.CouponKind{
		{
			CouponTerms: ledger.CouponTerms{
				Kind: 28200, Name: "彭老板的券", Type: ledger.CashCoupon, Face: 30_00, Least: 100_00, MaxUse: 3,
			}, Days: 31, Info: "这是券说明",
		},
		{
			CouponTerms: ledger.CouponTerms{
				Kind: 28201, Name: "甜品券", Type: ledger.GoodsCoupon, Shops: []ledger.ShopID{10022, 10021},
			}, Days: 31,
		},
		{
			CouponTerms: ledger.CouponTerms{
				Kind: 28202, Name: "八折券", Type: ledger.PercentCoupon, Off: 2000, MaxOff: 50_00, Alone: true,
			},
		},
		{
			CouponTerms: ledger.CouponTerms{Kind: 28203, Name: "国庆券", Type: ledger.CashCoupon, Face: 5_50, Least: 10_50},
			Start:       20191001, End: 20191007, Stock: 3,
		},
		{CouponTerms: ledger.CouponTerms{Kind: 28204, Name: "往年券", Type: ledger.CashCoupon, Face: 5_00}, End: 20190819},
		{
			CouponTerms: ledger.CouponTerms{
				Kind: 28205, Name: "分店券", Type: ledger.CashCoupon, Face: 1_00, Shops: []ledger.ShopID{10022},
			}, Days: 1,
		},
	}
}

// byGet returns scheme none of a shop whose tills send by GET.
func byGet() *scheme.Scheme {
	s := plainNone
	s.ByGet = scheme.Allowed
	return &s
}

func demoShops() shops {
	everything := &ledger.Agent{ID: 1, Name: "vendor", Grants: []ledger.Grant{
		{Merchant: 10000, Permissions: allPermissions}, {Merchant: 10001, Permissions: allPermissions},
		{Merchant: 10002, Permissions: allPermissions},
	}}
	reader := &ledger.Agent{ID: 2, Name: "reader", Grants: []ledger.Grant{{Merchant: 10000, Permissions: ledger.MayRead}}}
	return shops{
		"10021": {Merchant: 10000, Shop: 10021, Agent: everything, Scheme: &HMAC{Key: pageKey}},
		"10022": {Merchant: 10000, Shop: 10022, Agent: reader, Scheme: &HMAC{Key: pageKey, PostUnsigned: true}},
		"10023": {Merchant: 10000, Shop: 10022, Agent: everything, Scheme: None{Scheme: byGet()}},
		"10030": {Merchant: 10000, Shop: 10022, Agent: everything, Scheme: None{}},
		"10024": {Merchant: 10000, Shop: 10022, Agent: everything, Scheme: &HMAC{}},
		"10025": {Merchant: 10000, Shop: 10022, Agent: everything},
		"10026": {Merchant: 10000, Shop: 10022, Scheme: &HMAC{Key: pageKey}},
		"10027": {Merchant: 10000, Shop: 99999, Agent: everything, Scheme: &HMAC{Key: pageKey}},
		"10028": {Merchant: 99999, Shop: 10021, Agent: everything, Scheme: &HMAC{Key: pageKey}},
		"10029": {Merchant: 10000, Shop: 10021, Agent: everything, Scheme: &HMAC{Key: pageKey, PostUnsigned: true}},
		"10031": {Merchant: 10001, Shop: 10031, Agent: everything, Scheme: &HMAC{Key: otherKey}},
		"10020": {Merchant: 10000, Shop: 10020, Agent: everything, Scheme: &HMAC{Key: otherKey}},
		"10041": {Merchant: 10002, Shop: 10041, Agent: everything, Scheme: &HMAC{Key: otherKey}},
		"10051": {Merchant: 10003, Shop: 10051, Agent: everything, Scheme: &HMAC{Key: otherKey}},
	}
}

// openCards fills the books: the card of the published mb_check, and one for each state and case.
func (w *world) openCards() {
	person := func(name, phone string) ledger.Holder { return ledger.Holder{Name: name, Phone: phone} }
	now := w.now
	w.now = time.Date(2019, 7, 23, 8, 8, 49, 0, time.UTC) // when the published coupon was sent
	w.open(10000,
		command.NewCard{
			Number: "47302320", Level: 5, Principal: 5795_99, Bonus: 40009_39, Points: 310, Expires: 20190825,
			Kind:   ledger.Micro,
			Holder: ledger.Holder{Name: "雪碧", Phone: "15606132502", Gender: 1, Birthday: 20181018},
			Details: ledger.Details{
				ExtID: "123456789012312345678", Remarks: "666", Subject: "666", Referrer: "1234567890",
				OpenID:   "o9gBSxJJlVsT6GZvwPVayMh49OfE",
				Physical: ledger.Physical{No: "90866", Type: "5", Name: "1", Balance: 1_00, Points: 1},
			},
		},
	)
	w.do(command.SendCoupons{
		Merchant: 10000, Card: "47302320", Kind: 28200, Numbers: []string{"280000000395"}, Subject: "赠送",
	})
	w.now = now
	w.open(10000,
		command.NewCard{
			Number: "PLAIN1", Level: 1, Kind: ledger.Common, Holder: person("<b>&\"", "13700000000"),
			Details: ledger.Details{Remarks: "0666"},
		},
		command.NewCard{
			Number: "LEVEL6", Level: 6, Kind: ledger.Common, Principal: 100_00, Holder: person("折扣", "13700000001"),
		},
		command.NewCard{
			Number: "LOST01", Level: 1, Kind: ledger.Common, Principal: 50_00, Holder: person("状态", "13700000002"),
		},
		command.NewCard{Number: "BACK01", Level: 1, Kind: ledger.Common, Holder: person("状态", "13700000002")},
		command.NewCard{Number: "LIVE01", Level: 7, Kind: ledger.Common, Holder: person("状态", "13700000002")},
		command.NewCard{
			Number: "OVER01", Level: 1, Kind: ledger.Common, Expires: 20190820, Holder: person("过期", "13700000003"),
		},
	)
	w.open(10001, command.NewCard{
		Number: "PART01", Level: 1, Principal: 5_00, Kind: ledger.Common, Holder: person("部分", "13700000004"),
	})
	w.open(10003, command.NewCard{
		Number: "SECRET", Level: 1, Principal: 88_88, Kind: ledger.Common, Holder: person("canary", "13700000005"),
	})
	w.do(
		command.ReportLost{Merchant: 10000, Card: "LOST01"},
		command.Return{Merchant: 10000, Card: "BACK01"},
	)
}

func (w *world) open(merchant ledger.MerchantID, cards ...command.NewCard) {
	w.t.Helper()
	for _, c := range cards {
		w.do(command.Open{Merchant: merchant, Card: c})
	}
}

func (w *world) do(commands ...command.Command) {
	w.t.Helper()
	for _, c := range commands {
		if _, err := w.books.Do(context.Background(), c); err != nil {
			w.t.Fatalf("%+v: %v", c, err)
		}
	}
}

// ask sends a signed request, with the action's get parameters as in a query.
func (w *world) ask(msid, key, action, get string) *httptest.ResponseRecorder {
	w.nonce++
	return w.askWith(msid, key, action, get, "nonce-"+strconv.Itoa(1000+w.nonce))
}

func (w *world) askWith(msid, key, action, get, nonce string) *httptest.ResponseRecorder {
	w.t.Helper()
	target := "/Api/" + action + "?" + get + "&msid=" + msid + "&nonce=" + nonce + "&timestamp=" +
		strconv.FormatInt(w.now.Unix(), 10)
	return w.send(w.signed(newGet(target), key))
}

// post sends mb_newcard of a shop with the key of the test vector, with a post group and its digest.
func (w *world) post(msid, get, body string) *httptest.ResponseRecorder {
	w.nonce++
	return w.postWith(msid, get, body, "nonce-"+strconv.Itoa(1000+w.nonce))
}

func (w *world) postWith(msid, get, body, nonce string) *httptest.ResponseRecorder {
	w.t.Helper()
	return w.postAs(msid, pageKey, get, body, nonce)
}

func (w *world) postAs(msid, key, get, body, nonce string) *httptest.ResponseRecorder {
	w.t.Helper()
	sum := sha256.Sum256([]byte(body))
	target := "/Api/mb_newcard?" + get + "&post_sha256=" + hex.EncodeToString(sum[:]) + "&msid=" + msid + "&nonce=" +
		nonce +
		"&timestamp=" + strconv.FormatInt(w.now.Unix(), 10)
	return w.send(w.signed(httptest.NewRequest(http.MethodPost, target, strings.NewReader(body)), key))
}

// signed returns the request, in any of the forms, with its signature.
func (w *world) signed(r *http.Request, key string) *http.Request {
	w.t.Helper()
	body := copyBody(w.t, r)
	q, err := parse(r)
	r.Body = body()
	if err == nil || q != nil && q.get != nil { // the post group may be unreadable
		r.URL.RawQuery += "&sign=" + signed(key, q.signText())
	}
	return r
}

func (w *world) send(r *http.Request) *httptest.ResponseRecorder {
	r.RemoteAddr = "127.0.0.1:40000"
	got := httptest.NewRecorder()
	w.handler.ServeHTTP(got, r)
	return got
}

// wantFault requires a negative answer, or a success if info is "".
func wantFault(t *testing.T, got *httptest.ResponseRecorder, status int, info string) {
	t.Helper()
	want := `{"status":"0","info":"` + info + `","server_timestamp":`
	if info == "" {
		want = `{"status":"1",`
	}
	if body := got.Body.String(); got.Code != status || !strings.HasPrefix(body, want) {
		t.Errorf("got %d %s, want %d %s", got.Code, body, status, want)
	}
}

// wantPart requires a success that contains a text.
func wantPart(t *testing.T, got *httptest.ResponseRecorder, part string) {
	t.Helper()
	wantFault(t, got, http.StatusOK, "")
	if !strings.Contains(got.Body.String(), part) {
		t.Errorf("got %s, want %s in it", got.Body, part)
	}
}

func newGet(target string) *http.Request { return httptest.NewRequest(http.MethodGet, target, nil) }
