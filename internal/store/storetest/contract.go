// Package storetest is what every store must do, as tests, and a store in memory.
//
// Run is the contract. It makes its records with real commands, so that what it asks of a store is
// what the program asks of it.
package storetest

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"tongka"
)

// Store is what Run tests. The engine and the edges each use a part of it.
type Store interface {
	Load(ctx context.Context, keys tongka.Keys) (tongka.Records, error)
	Save(ctx context.Context, ch tongka.Changes) error
	Saved(ctx context.Context, ch tongka.Changes) (bool, error)
	Card(ctx context.Context, key tongka.CardKey) (*tongka.Card, error)
	Find(ctx context.Context, q tongka.FindQuery) ([]tongka.Card, error)
	Search(ctx context.Context, q tongka.SearchQuery) ([]tongka.Card, error)
	History(ctx context.Context, q tongka.HistoryQuery) (tongka.HistoryPage, error)
	Merchants(ctx context.Context) ([]tongka.Merchant, error)
	SaveMerchant(ctx context.Context, m tongka.Merchant) error
	Secure(ctx context.Context) error
	Agents(ctx context.Context) ([]tongka.Agent, error)
	SaveAgent(ctx context.Context, a tongka.Agent) error
	SettingsVersion(ctx context.Context) (int64, error)
	DueCards(ctx context.Context, merchant tongka.MerchantID, before tongka.Date, limit int) ([]tongka.CardKey, error)
	EachEntry(ctx context.Context, merchant tongka.MerchantID, after tongka.EntryID, fn func(*tongka.Entry) error) error
	EachCard(ctx context.Context, merchant tongka.MerchantID, fn func(*tongka.Card) error) error
	Coupons(ctx context.Context, q tongka.CouponQuery) ([]tongka.Coupon, error)
	Wallet(ctx context.Context, key tongka.CardKey) (*tongka.Card, []tongka.Coupon, error)
	DueCoupons(ctx context.Context, merchant tongka.MerchantID, before tongka.Date, limit int) ([]tongka.CardKey, error)
	EachCoupon(ctx context.Context, merchant tongka.MerchantID, fn func(*tongka.Coupon) error) error
	Stocks(ctx context.Context, merchant tongka.MerchantID) ([]tongka.CouponStock, error)
	DropGuards(ctx context.Context, before time.Time) error
	UsedStep(ctx context.Context, merchant tongka.MerchantID, card tongka.CardID) (int64, error)
	Outbox(ctx context.Context, now time.Time, limit int) ([]tongka.Parcel, error)
	Claim(ctx context.Context, p tongka.Parcel, until time.Time) error
	Settle(ctx context.Context, p tongka.Parcel, at time.Time, failure string) error
	DropMessages(ctx context.Context, before time.Time) error
	EachRequest(ctx context.Context, merchant tongka.MerchantID, fn func(*tongka.Request) error) error
	LevelInUse(ctx context.Context, merchant tongka.MerchantID, level tongka.LevelID) (bool, error)
}

// Run tests a store. open gives a new, empty one each time, and closes it when the test has ended.
func Run(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	for _, c := range []struct {
		name string
		test func(*testing.T, *books)
	}{
		{"Merchants", testMerchants},
		{"Agents", testAgents},
		{"EveryFieldComesBack", testEveryField},
		{"FrontLots", testFrontLots},
		{"LotsApart", testLotsApart},
		{"Credit", testCredit},
		{"EntriesThatUndo", testUndo},
		{"Requests", testRequests},
		{"Replace", testReplace},
		{"NothingThere", testNothingThere},
		{"Stale", testStale},
		{"StaleSettings", testStaleSettings},
		{"TakenRows", testTaken},
		{"AllOrNothing", testAllOrNothing},
		{"NoHead", testNoHead},
		{"CallerGone", testCallerGone},
		{"Saved", testSaved},
		{"TwoMerchants", testTwoMerchants},
		{"DueCards", testDueCards},
		{"Walks", testWalks},
		{"History", testHistory},
		{"HistoryOfFew", testHistoryOfFew},
		{"Find", testFind},
		{"NumberInAnySpelling", testNumberInAnySpelling},
		{"LevelInUse", testLevelInUse},
		{"FindMany", testFindMany},
		{"ExtIDs", testExtIDs},
		{"ExtIDPasses", testExtIDPasses},
		{"Search", testSearch},
		{"SearchAfterChanges", testSearchAfterChanges},
		{"Coupons", testCoupons},
		{"CouponsOfCard", testCouponsOfCard},
		{"Wallet", testWallet},
		{"WalletOfOneMoment", testWalletOfOneMoment},
		{"DueCoupons", testDueCoupons},
		{"TakenCoupon", testTakenCoupon},
		{"Guards", testGuards},
		{"GuardsRace", testGuardsRace},
		{"Outbox", testOutbox},
		{"Race", testRace},
		{"OneMoment", testOneMoment},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, newBooks(t, open(t)))
		})
	}
}

// start is when the fixtures begin. Each command is decided a while after the one before it.
var start = time.Date(2026, 3, 5, 2, 30, 0, 0, time.UTC)

// books is a store with a merchant in it, and the way commands go into it.
type books struct {
	t   testing.TB
	s   Store
	ctx context.Context
	now time.Time
}

func newBooks(t *testing.T, s Store) *books {
	t.Helper()
	b := &books{t: t, s: s, ctx: context.Background(), now: start}
	b.must(s.SaveMerchant(b.ctx, merchant(1)))
	return b
}

// merchant is a merchant that uses everything a merchant can have.
func merchant(id tongka.MerchantID) tongka.Merchant {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic(err) // the tests bring the zones along
	}
	guid := string(rune('A' + id))
	return tongka.Merchant{
		ID: id, GUID: "{" + guid + "0000000-0000-0000-0000-000000000001}", Name: "和味小馆", Zone: zone, LicenceEnd: 20991231,
		Settings: tongka.Settings{
			Policy: tongka.BonusFirst, PartPayment: true, BonusDays: 30, PointsDays: 365, PointsRatio: 100,
			MaxAmount: 50_000_000, MaxBalance: 900_000_000, CodeFrom: 100_00, PasswordEverywhere: true, WeakPasswords: true,
		},
		Shops: []tongka.Shop{
			{ID: 7, GUID: "{" + guid + "0000000-0000-0000-0000-000000000002}", Name: "总店"},
			{ID: 3, GUID: "{" + guid + "0000000-0000-0000-0000-000000000003}", Name: "东门店"},
		},
		Levels: []tongka.Level{
			{ID: 1, Name: "普通卡", Discount: tongka.Whole, Earn: tongka.Whole},
			{ID: 2, Name: "金卡", Discount: 8800, Earn: 15000, Rights: tongka.Rights{
				MemberPrice: true, CashBack: tongka.CashBack{Each: 500_00, Back: 1_00},
				Renewals: []tongka.Renewal{{Price: 2_00, Months: 12}, {Price: 1_50, Months: 6}},
				Account:  tongka.SigningAccount{ID: 100021, Name: "苏州 <b>&\"'\\", MaxAmount: 100_00, Fixed: 15_00, MaxCount: 10},
			}},
		},
		Rules: []tongka.Rule{
			{ID: 1, Name: "每次送", Kind: tongka.EachTime, AddMoney: 100, AddPoints: 5},
			{ID: 2, Name: "按比例", Kind: tongka.Percent, AddRate: 500},
			{ID: 3, Name: "满一百", Kind: tongka.FromAmount, Threshold: 10000, AddMoney: 1000, AddPoints: 10, First: 20260101, Last: 20991231},
			{ID: 4, Name: "结束", Kind: tongka.EachTime, AddMoney: 5, Ended: true},
		},
		PayTypes: []tongka.PayType{{ID: 2, Name: "微信", Code: "wx", Invoiceable: true}, {ID: 1, Name: "现金"}},
		CouponKinds: []tongka.CouponKind{
			{
				CouponTerms: tongka.CouponTerms{
					Kind: 5, Name: "满减 <b>&\"'\\", Type: tongka.CashCoupon, Face: 300, Least: 1000, MaxUse: 2, Grace: 3, Shops: []tongka.ShopID{7, 3},
				},
				Start: 20260101, Days: 40, Stock: 500, Info: "堂食",
			},
			{
				CouponTerms: tongka.CouponTerms{Kind: 4, Name: "九折", Type: tongka.PercentCoupon, Off: 1000, MaxOff: 2000, Alone: true},
				End:         20991231,
			},
		},
	}
}

func (b *books) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// load is what a command sees in the store.
func (b *books) load(keys ...tongka.Keys) *tongka.State {
	b.t.Helper()
	var all tongka.Keys
	for _, k := range keys {
		all.Add(k)
	}
	state := tongka.NewState()
	wanted := state.Missing(all)
	records, err := b.s.Load(b.ctx, wanted)
	b.must(err)
	state.Learn(wanted, records)
	return state
}

// decide applies commands to what is in the store, and leaves the outcome to be saved.
func (b *books) decide(commands ...tongka.Command) tongka.Changes {
	b.t.Helper()
	var keys []tongka.Keys
	for _, c := range commands {
		keys = append(keys, c.Keys())
	}
	state := b.load(keys...)
	for _, c := range commands {
		b.now = b.now.Add(1234567 * time.Microsecond)
		ch, err := c.Decide(state, b.now)
		if shallow, ok := errors.AsType[tongka.ShallowError](err); ok {
			state = b.load(append(keys, tongka.Keys{Whole: []tongka.CardKey{shallow.Card}})...)
			ch, err = c.Decide(state, b.now)
		}
		if missing, ok := errors.AsType[tongka.MissingError](err); ok {
			wanted := state.Missing(missing.Keys)
			records, failed := b.s.Load(b.ctx, wanted)
			b.must(failed)
			state.Learn(wanted, records)
			ch, err = c.Decide(state, b.now)
		}
		b.must(err)
		state.Apply(ch)
	}
	return state.Pending()
}

// do decides commands as one batch and saves them.
func (b *books) do(commands ...tongka.Command) tongka.Changes {
	b.t.Helper()
	ch := b.decide(commands...)
	b.must(b.s.Save(b.ctx, ch))
	return ch
}

func key(number string) tongka.CardKey { return tongka.CardKey{Merchant: 1, Number: number} }

// card is a card as it is in the store, with all of its lots.
func (b *books) card(number string) *tongka.Card {
	b.t.Helper()
	c, err := b.s.Card(b.ctx, key(number))
	b.must(err)
	return c
}

// head is that of merchant 1.
func (b *books) head() tongka.Head {
	b.t.Helper()
	r, err := b.s.Load(b.ctx, tongka.Keys{Merchants: []tongka.MerchantID{1}})
	b.must(err)
	return r.Heads[0]
}

// journal is all entries of merchant 1.
func (b *books) journal() []tongka.Entry {
	b.t.Helper()
	var all []tongka.Entry
	b.must(b.s.EachEntry(b.ctx, 1, 0, func(e *tongka.Entry) error {
		all = append(all, *e)
		return nil
	}))
	return all
}

var clerk = tongka.Caller{Agent: 9, Shop: 3, Operator: "小王"}

func open(number string) tongka.Open {
	return tongka.Open{Merchant: 1, By: clerk, Card: tongka.NewCard{
		Number: number, Level: 2, Expires: 20301231,
		Holder: tongka.Holder{Name: "张三 " + number, Phone: "138" + number, Gender: 1, Birthday: 19990909},
	}}
}

// details are facts of which every one says something.
var details = tongka.Details{
	ExtID: "001234567890123456789012", Remarks: "备注 <b>&\"'\\", Subject: "开业 <i>", Referrer: "88", OpenID: "oABC-_1",
	Physical: tongka.Physical{No: "K-7", Type: "老卡", Name: "贵宾", Balance: 12_34, Points: 56},
	IDNumber: "32050119990909001X", Credit: 100_00, Password: "kept", Pass: 3,
}

// full opens a card that has everything a card can have.
func full(number string) tongka.Open {
	o := open(number)
	o.Card.Kind, o.Card.Details = tongka.Common, details
	return o
}

func recharge(number string, amount tongka.Fen) tongka.Recharge {
	return tongka.Recharge{Merchant: 1, By: clerk, Card: number, Amount: amount, PayType: 2}
}

func consume(number string, amount tongka.Fen) tongka.Consume {
	return tongka.Consume{Merchant: 1, By: clerk, Card: number, Amount: amount, NoDiscount: amount / 4}
}

// same compares two records field by field; nil and empty lists are alike.
func same[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if g, w := plain(reflect.ValueOf(got)), plain(reflect.ValueOf(want)); !reflect.DeepEqual(g, w) {
		t.Errorf("%s\n got %+v\nwant %+v", what, g, w)
	}
}

// plain is a value without pointers, and with nil for empty lists.
func plain(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		if zone, ok := v.Interface().(*time.Location); ok {
			return zone.String()
		}
		return plain(v.Elem())
	case reflect.Slice:
		if v.Len() == 0 {
			return nil
		}
		list := make([]any, v.Len())
		for i := range list {
			list[i] = plain(v.Index(i))
		}
		return list
	case reflect.Struct:
		if at, ok := v.Interface().(time.Time); ok {
			return at.String()
		}
		fields := map[string]any{}
		for i := range v.NumField() {
			fields[v.Type().Field(i).Name] = plain(v.Field(i))
		}
		return fields
	default:
		return v.Interface()
	}
}
