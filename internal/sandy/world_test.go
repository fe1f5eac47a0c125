package sandy

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/store/storetest"
)

// The GUIDs of the published page, and those of the other merchants of the demo.
const (
	guidPage    = "{DEFAULT-AUTO-8E5A-BDE2-34ABA1BD956C9}"
	guidBranch  = "{DEFAULT-AUTO-E207-8CC9-44AD86AEEB6DD}"
	guidSweets  = "{DEMO-AUTO-0002-SWEETS}"
	guidExpired = "{DEMO-AUTO-0003-EXPIRED}"
	guidClosed  = "{DEMO-AUTO-0004-CLOSED}"
	guidOther   = "{DEMO-AUTO-0004-OTHER}"
	guidNobody  = "{NOBODY-HAS-THIS-ONE}"
)

const allPermissions = ledger.MayRead | ledger.MayOpen | ledger.MayModify | ledger.MayRecharge | ledger.MayConsume |
	ledger.MayPoints | ledger.MayRefund | ledger.MayLose | ledger.MayCancelLoss

// world is a whole server over a store in memory, with a clock that does not move by itself.
type world struct {
	t       testing.TB
	store   *storetest.MemStore
	now     time.Time
	log     *bytes.Buffer
	mux     *http.ServeMux
	handler http.Handler
}

// build starts the server over what fill put into the store.
func build(t testing.TB, now time.Time, fill func(*world)) *world {
	t.Helper()
	w := &world{t: t, store: storetest.NewMemStore(), now: now, log: &bytes.Buffer{}}
	fill(w)
	logger := slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	clock := func() time.Time { return w.now }
	e := engine.New(w.store, engine.Config{Clock: clock, Logger: logger})
	t.Cleanup(func() {
		if err := e.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	w.serve(e, Config{}, logger, clock)
	return w
}

// serve sets up the dialect and the server around a Doer.
func (w *world) serve(do Doer, cfg Config, logger *slog.Logger, clock func() time.Time) {
	w.t.Helper()
	directory, err := auth.Open(context.Background(), w.store, clock)
	if err != nil {
		w.t.Fatal(err)
	}
	cfg.Doer, cfg.Reader, cfg.Directory, cfg.Clock = do, w.store, directory, clock
	w.mux = http.NewServeMux()
	New(cfg).Register(w.mux)
	w.handler = httpd.New(w.mux, httpd.Config{Logger: logger}).Handler()
}

// behind puts a trusted proxy on this machine in front of the server.
func (w *world) behind() {
	w.handler = httpd.New(w.mux, httpd.Config{
		Logger: slog.New(slog.NewJSONHandler(w.log, nil)), Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
	}).Handler()
}

func (w *world) merchant(m ledger.Merchant) {
	w.t.Helper()
	if m.Zone == nil {
		zone, err := time.LoadLocation("Asia/Shanghai")
		if err != nil {
			w.t.Fatal(err)
		}
		m.Zone = zone
	}
	if err := w.store.SaveMerchant(context.Background(), m); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) agent(id ledger.AgentID, name, token string, grants ...ledger.Grant) {
	w.t.Helper()
	a := ledger.Agent{ID: id, Name: name, TokenHash: auth.Hash(token), Grants: grants}
	if err := w.store.SaveAgent(context.Background(), a); err != nil {
		w.t.Fatal(err)
	}
}

// do carries commands out before the server is set up.
func (w *world) do(commands ...command.Command) {
	w.t.Helper()
	for _, c := range commands {
		ctx := context.Background()
		s := command.NewState(c.MerchantID())
		learn := func(k command.Keys) {
			k = s.Missing(k)
			records, err := w.store.Load(ctx, command.Want{Merchant: c.MerchantID(), Keys: k})
			if err != nil {
				w.t.Fatal(err)
			}
			s.Learn(k, records[0])
		}
		learn(c.Keys())
		changes, err := c.Decide(s, w.now)
		if more, missing := errors.AsType[command.NeedRecords](err); missing {
			learn(more.Keys)
			changes, err = c.Decide(s, w.now)
		}
		if err != nil {
			w.t.Fatalf("%+v: %v", c, err)
		}
		s.Apply(changes)
		if err := w.store.Save(ctx, s.Pending()); err != nil {
			w.t.Fatal(err)
		}
	}
}

// count sets the ids that a merchant's next card and entry get.
func (w *world) count(merchant ledger.MerchantID, card ledger.CardID, entry ledger.EntryID) {
	w.t.Helper()
	head := w.head(merchant)
	head.LastCard, head.LastEntry = card-1, entry-1
	if err := w.store.Save(context.Background(), command.Changes{Head: &head}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) head(merchant ledger.MerchantID) ledger.Head {
	w.t.Helper()
	records, err := w.store.Load(context.Background(), command.Want{Merchant: merchant, Keys: command.Keys{Head: true}})
	if err != nil {
		w.t.Fatal(err)
	}
	return records[0].Head
}

// last returns the newest entry of the published merchant.
func (w *world) last() ledger.EntryID {
	w.t.Helper()
	return w.head(10000).LastEntry
}

func (w *world) open(merchant ledger.MerchantID, cards ...command.NewCard) {
	w.t.Helper()
	for _, c := range cards {
		w.do(command.Open{Merchant: merchant, By: ledger.Caller{Shop: 10020}, Card: c})
	}
}

// ask sends a request as the agent with the token.
func (w *world) ask(token, guid, endpoint, body string) *httptest.ResponseRecorder {
	method := http.MethodPost
	if endpoint == "cardlevellist" {
		method = http.MethodGet
	}
	r := httptest.NewRequest(method, Base+endpoint, strings.NewReader(body))
	r.Header.Set("AUTHORIZATION", token)
	r.Header.Set("CUSTOMERGUID", guid)
	return w.send(r)
}

func (w *world) send(r *http.Request) *httptest.ResponseRecorder {
	r.RemoteAddr = "127.0.0.1:40000"
	got := httptest.NewRecorder()
	w.handler.ServeHTTP(got, r)
	return got
}

func everything(merchants ...ledger.MerchantID) []ledger.Grant {
	var grants []ledger.Grant
	for _, m := range merchants {
		grants = append(grants, ledger.Grant{Merchant: m, Permissions: allPermissions})
	}
	return grants
}

var payTypes = []ledger.PayType{{ID: 1, Name: "现金"}, {ID: 2, Name: "银行卡"}, {ID: 4, Name: "支付宝"}, {ID: 3, Name: "微信"}}

// demoWorld has the merchants, cards and agent of the demo.
func demoWorld(t testing.TB) *world {
	return build(t, time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC), fillDemo)
}

func fillDemo(w *world) {
	levels := []ledger.Level{
		{ID: 1, Name: "普通会员", PayRate: ledger.Percent100, Earn: ledger.Percent100},
		{ID: 2, Name: "高级会员", PayRate: 8000, Earn: ledger.Percent100},
	}
	w.merchant(ledger.Merchant{
		ID: 10000, GUID: guidPage, Name: "聚客西餐",
		Settings: ledger.Settings{PointsRatio: 100},
		Shops: []ledger.Shop{
			{ID: 10020, GUID: guidPage, Name: "聚客西餐"}, {ID: 10021, GUID: guidBranch, Name: "聚客西餐分店"},
			{ID: 10022, GUID: guidClosed, Name: "聚客西餐老店", Ended: true},
		},
		Levels: levels,
		Rules: []ledger.Rule{
			{ID: 1, Name: "充值送10%", Kind: ledger.Percent, AddRate: 1000},
			{ID: 2, Name: "冲500送100", Kind: ledger.FromAmount, Threshold: 500_00, AddMoney: 100_00},
		},
		PayTypes: payTypes,
	})
	w.merchant(ledger.Merchant{
		ID: 10001, GUID: guidSweets, Name: "聚客甜品", Settings: ledger.Settings{PartPayment: true},
		Shops:  []ledger.Shop{{ID: 10030, Name: "聚客甜品"}},
		Levels: []ledger.Level{{ID: 1, Name: "会员", PayRate: 8000, Earn: ledger.Percent100}},
		Rules: []ledger.Rule{
			{ID: 1, Name: "充值送10%", Kind: ledger.Percent, AddRate: 1000},
			{ID: 2, Name: "单次送5元", Kind: ledger.EachTime, AddMoney: 5_00, AddPoints: 5},
			// These are neither listed nor applied.
			{ID: 3, Name: "结束的", Kind: ledger.EachTime, AddMoney: 7_00, Ended: true},
			{ID: 4, Name: "过去的", Kind: ledger.EachTime, AddMoney: 7_00, Last: 20000101},
			{ID: 5, Name: "将来的", Kind: ledger.EachTime, AddMoney: 7_00, First: 21991231},
		},
		PayTypes: payTypes,
	})
	w.merchant(ledger.Merchant{ID: 10002, GUID: guidExpired, Name: "旧城餐厅", LicenceEnd: 20200101, Levels: levels})
	w.merchant(ledger.Merchant{ID: 10003, GUID: guidOther, Name: "别家餐厅", Levels: levels, PayTypes: payTypes})
	w.agent(1, "test", "test", everything(10000, 10001, 10002)...)
	w.agent(2, "reader", "reader-token", ledger.Grant{Merchant: 10000, Permissions: ledger.MayRead})
	w.agent(3, "other", "other-token", everything(10003)...)
	w.open(10000,
		command.NewCard{Number: "000001", Level: 1, Holder: ledger.Holder{Name: "陈小明", Phone: "13800000001"}},
		command.NewCard{
			Number: "wx001", Level: 1, Holder: ledger.Holder{Name: "李小红", Phone: "13800000002"}, Principal: 1200_00,
			Bonus: 110_00,
		},
		command.NewCard{
			Number: "M000123", Level: 2, Holder: ledger.Holder{Name: "Chan Kan Seng", Phone: "66538536"}, Principal: 14073_80,
			Bonus: 500_00, Points: 2475,
		},
		command.NewCard{
			Number: "47302320", Level: 2, Holder: ledger.Holder{Name: "雪碧", Phone: "15606132502"}, Principal: 5795_99,
			Bonus: 40009_39, Points: 310,
		},
	)
	w.open(10001, command.NewCard{
		Number: "M000123", Level: 1, Holder: ledger.Holder{Name: "Chan Kan Seng", Phone: "66538536"}, Principal: 14573_80,
		Points: 2475,
	})
	w.open(10003, command.NewCard{
		Number: "S000001", Level: 1, Holder: ledger.Holder{Name: "secret-canary-holder", Phone: "13900009999"},
		Principal: 88_88,
	})
}

// statusWorld is the demo with a card of each status at the first merchant, two days later.
func statusWorld(t testing.TB) *world {
	w := build(t, time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC), func(w *world) {
		fillDemo(w)
		for _, number := range []string{"LOST01", "BACK01", "STOP01", "MOVE01", "OVER01"} {
			w.open(10000, command.NewCard{
				Number: number, Level: 1, Expires: 20261231, Principal: 50_00,
				Holder: ledger.Holder{Name: "状态", Phone: "13700000000"},
			})
		}
		w.open(10000, command.NewCard{
			Number: "OVER02", Level: 1, Expires: 20261123, Principal: 50_00,
			Holder: ledger.Holder{Name: "过期", Phone: "13700000000"},
		})
		w.do(
			command.ReportLost{Merchant: 10000, Card: "LOST01"},
			command.Return{Merchant: 10000, Card: "BACK01"},
			command.Stop{Merchant: 10000, Card: "STOP01"},
			command.Replace{Merchant: 10000, Card: "MOVE01", Number: "MOVE02"},
		)
	})
	w.now = w.now.AddDate(0, 0, 2)
	return w
}

// historyWorld has a card with an entry of every kind, with texts that must be escaped in HTML.
func historyWorld(t testing.TB) *world {
	return build(t, time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC), func(w *world) {
		const m = 10000
		w.merchant(ledger.Merchant{
			ID: m, GUID: guidPage, Name: "<聚客> & \"西餐\"",
			Settings: ledger.Settings{BonusDays: 3, PointsDays: 3},
			Levels: []ledger.Level{
				{ID: 1, Name: "银<卡>", PayRate: 8500, Earn: ledger.Percent100},
				{ID: 2, Name: "金卡", PayRate: ledger.Percent100, Rights: ledger.Rights{
					Renewals: []ledger.Renewal{{Price: 2_00, Months: 12}}, Account: ledger.HouseAccount{ID: 7, Name: "某公司"},
				}}},
			Rules:    []ledger.Rule{{ID: 1, Name: "<script>送</script>", Kind: ledger.EachTime, AddMoney: 5_00, AddPoints: 5}},
			PayTypes: payTypes,
		})
		w.agent(1, "test", "test", everything(m)...)
		holder := ledger.Holder{Name: "<b>", Phone: "1&2"}
		w.open(m,
			command.NewCard{Number: "H0001", Level: 1, Holder: holder, Principal: 100_00, Bonus: 10_00, Points: 7},
			command.NewCard{Number: "H0002", Level: 1, Holder: holder},
			command.NewCard{Number: "H0004", Level: 1, Holder: holder, Principal: 100_00, Bonus: 10_00, Points: 7},
		)
		recharge := func() ledger.EntryID {
			w.do(command.Recharge{Merchant: m, Card: "H0001", Amount: 50_00, PayType: 4})
			return w.last()
		}
		w.do(command.ReverseRecharge{Merchant: m, Card: "H0001", Entry: recharge(), Note: "<输错>"})
		recharge()
		w.do(command.Consume{Merchant: m, Card: "H0001", Amount: 20_00})
		bill := w.last()
		w.do(
			command.RefundConsume{Merchant: m, Card: "H0001", Entry: bill, Amount: 7_00, Note: "少上一道菜"},
			command.UsePoints{Merchant: m, Card: "H0001", Points: 3},
			command.AdjustPoints{Merchant: m, Card: "H0001", Points: 4, Note: "补"},
			command.AdjustPoints{Merchant: m, Card: "H0001", Points: -1},
			command.ChangeLevel{Merchant: m, Card: "H0001", Level: 2},
			command.Consume{Merchant: m, Card: "H0001", Amount: 1_00},
			command.Transfer{Merchant: m, From: "H0001", To: "H0002", Amount: 10_00},
			command.Withdraw{Merchant: m, Card: "H0001", Amount: 5_00},
			command.ReportLost{Merchant: m, Card: "H0001"},
			command.CancelLoss{Merchant: m, Card: "H0001"},
			command.Stop{Merchant: m, Card: "H0001", Note: "停"},
			command.Resume{Merchant: m, Card: "H0001"},
		)
		w.now = w.now.AddDate(0, 0, 4)
		w.do(
			command.Expire{Merchant: m, Card: "H0001"},
			command.Replace{Merchant: m, Card: "H0001", Number: "H0003"},
			command.Return{Merchant: m, Card: "H0003"},
		)
		w.open(m, command.NewCard{Number: "H0005", Level: 2, Holder: holder, Principal: 100_00, Expires: 20270131})
		w.do(
			command.Renew{Merchant: m, Card: "H0005", Months: 12},
			command.ChargeToAccount{Merchant: m, Card: "H0005", Amount: 15_00, Note: "<团餐>"},
		)
		w.do(command.RefundCharge{Merchant: m, Card: "H0005", Entry: w.last(), Note: "退餐"})
	})
}

// pageWorld reproduces the published examples to the last value, including card ids, entry ids, times and sums.
func pageWorld(t testing.TB) *world {
	return build(t, time.Unix(1570592439, 0).UTC(), fillPage)
}

func fillPage(w *world) {
	const m = 10000
	w.merchant(ledger.Merchant{
		ID: m, GUID: guidPage, Name: "聚客西餐",
		Shops:  []ledger.Shop{{ID: 10020, Name: "聚客西餐"}, {ID: 10021, GUID: guidBranch, Name: "ASDFG"}},
		Levels: []ledger.Level{{ID: 1, Name: "普通卡", PayRate: 8000, Earn: ledger.Percent100}},
		Rules: []ledger.Rule{
			{ID: 1, Name: "充值送10%", Kind: ledger.Percent, AddRate: 1000},
			{ID: 2, Name: "单次送5元", Kind: ledger.EachTime, AddMoney: 5_00, AddPoints: 5},
		},
		PayTypes: payTypes,
	})
	w.agent(1, "test", "test", everything(m)...)
	w.open(m, command.NewCard{
		Number: "wx001", Level: 1, Holder: ledger.Holder{Name: "微信会员"}, Principal: 80_00, Points: 2655,
	})
	w.count(m, 200889, 972)
	chan123 := command.NewCard{
		Number: "M000123", Level: 1, Holder: ledger.Holder{Name: "Chan Kan Seng", Phone: "66538536"},
		Principal: 14906_90, Points: 1550,
	}
	w.open(m, chan123)
	w.do(
		command.Recharge{Merchant: m, Card: chan123.Number, Amount: 529_00, PayType: 1},
		command.Consume{Merchant: m, Card: chan123.Number, Amount: 1150_00},
	)
	for range 12 {
		w.do(command.ReportLost{Merchant: m, Card: chan123.Number}, command.CancelLoss{Merchant: m, Card: chan123.Number})
	}
}
