// Package storetest holds the tests that every store must pass, and a store in memory that passes them.
//
// Run is the contract. It makes its records with real commands, so what it asks of a store is what the program asks
// of it.
package storetest

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Store is what Run tests. The engine and the edges each use a part of it.
type Store interface {
	Load(ctx context.Context, wants ...command.Want) ([]command.Records, error)
	Save(ctx context.Context, changes ...command.Changes) error
	Saved(ctx context.Context, changes ...command.Changes) (bool, error)
	Card(ctx context.Context, key ledger.CardKey) (*ledger.Card, error)
	Find(ctx context.Context, q ledger.FindQuery) ([]ledger.Card, error)
	Search(ctx context.Context, q ledger.SearchQuery) ([]ledger.Card, error)
	Cards(ctx context.Context, q ledger.CardsQuery) (ledger.CardsPage, error)
	History(ctx context.Context, q ledger.HistoryQuery) (ledger.HistoryPage, error)
	Merchants(ctx context.Context) ([]ledger.Merchant, error)
	SaveMerchant(ctx context.Context, m ledger.Merchant) error
	Secure(ctx context.Context) error
	RefusesRepeats() bool
	Agents(ctx context.Context) ([]ledger.Agent, error)
	People(ctx context.Context) ([]ledger.Person, error)
	AddSession(ctx context.Context, s ledger.Session) error
	SeeSession(ctx context.Context, place [32]byte, at time.Time) error
	EndSession(ctx context.Context, place [32]byte) error
	EndSessions(ctx context.Context, person ledger.PersonID, but [32]byte) error
	DropSessions(ctx context.Context, idle, now time.Time) error
	Session(ctx context.Context, place [32]byte) (ledger.Session, bool, error)
	Sessions(ctx context.Context, person ledger.PersonID) ([]ledger.Session, error)
	AddProposal(ctx context.Context, p ledger.Proposal) error
	DecideProposal(ctx context.Context, p ledger.Proposal) error
	Proposal(ctx context.Context, merchant ledger.MerchantID, id string) (ledger.Proposal, bool, error)
	WaitingProposals(ctx context.Context, q ledger.WaitingQuery) ([]ledger.Proposal, error)
	Proposals(ctx context.Context, q ledger.ProposalQuery) ([]ledger.Proposal, error)
	jobStore
	webhookStore
	AddExchanges(ctx context.Context, all []ledger.Exchange) error
	DropExchanges(ctx context.Context, merchant ledger.MerchantID, before time.Time, most int) (bool, error)
	Exchange(ctx context.Context, merchant ledger.MerchantID, at time.Time, id string) (ledger.Exchange, bool, error)
	SeenExchange(ctx context.Context, q ledger.SeenExchange) (ledger.Exchange, bool, error)
	Exchanges(ctx context.Context, q ledger.ExchangeQuery) ([]ledger.Exchange, error)
	SaveAgent(ctx context.Context, a ledger.Agent) error
	NoteUse(ctx context.Context, u ledger.KeyUse) error
	KeyUses(ctx context.Context, merchant ledger.MerchantID) ([]ledger.KeyUse, error)
	SettingsVersion(ctx context.Context) (int64, error)
	DueHolds(ctx context.Context, merchant ledger.MerchantID, now time.Time, limit int) ([]ledger.CardKey, error)
	DueCards(ctx context.Context, merchant ledger.MerchantID, before ledger.Date, limit int) ([]ledger.CardKey, error)
	EachEntry(ctx context.Context, merchant ledger.MerchantID, after ledger.EntryID, fn func(*ledger.Entry) error) error
	OwnEntries(ctx context.Context, merchant ledger.MerchantID, from int64, limit int) ([]ledger.Entry, error)
	EachCard(ctx context.Context, merchant ledger.MerchantID, fn func(*ledger.Card) error) error
	Coupons(ctx context.Context, q ledger.CouponQuery) ([]ledger.Coupon, error)
	Wallet(ctx context.Context, key ledger.CardKey) (*ledger.Card, []ledger.Coupon, error)
	DueCoupons(ctx context.Context, merchant ledger.MerchantID, before ledger.Date, limit int) ([]ledger.CardKey, error)
	EachCoupon(ctx context.Context, merchant ledger.MerchantID, fn func(*ledger.Coupon) error) error
	Stocks(ctx context.Context, merchant ledger.MerchantID) ([]ledger.CouponStock, error)
	EachGuard(ctx context.Context, merchant ledger.MerchantID, fn func(*ledger.Guard) error) error
	DropGuards(ctx context.Context, before time.Time) error
	UsedStep(ctx context.Context, merchant ledger.MerchantID, card ledger.CardID) (int64, error)
	Outbox(ctx context.Context, now time.Time, limit int) ([]ledger.Parcel, error)
	Failing(ctx context.Context, merchant ledger.MerchantID) (int64, error)
	GivenUp(ctx context.Context, merchant ledger.MerchantID, limit int) ([]ledger.GivenUp, error)
	Guards(ctx context.Context, q ledger.GuardQuery) ([]ledger.Guard, error)
	Claim(ctx context.Context, p ledger.Parcel, until time.Time) error
	Settle(ctx context.Context, p ledger.Parcel, at time.Time, failure string) error
	DropMessages(ctx context.Context, before time.Time) error
	EachRequest(ctx context.Context, merchant ledger.MerchantID, fn func(*ledger.Request) error) error
	Heads(ctx context.Context) ([]ledger.Head, error)
	Cursors(ctx context.Context, follower string) ([]ledger.Cursor, error)
	CursorsOf(ctx context.Context, merchant ledger.MerchantID) ([]ledger.Cursor, error)
	SaveCursor(ctx context.Context, c ledger.Cursor) error
	SaveDayTotals(ctx context.Context, c ledger.Cursor, add []ledger.DayTotal) error
	EachEntryInBrief(ctx context.Context, merchant ledger.MerchantID, after ledger.EntryID,
		fn func(*ledger.Entry) error) error
	EachDayTotal(ctx context.Context, merchant ledger.MerchantID, first, last ledger.Date,
		fn func(*ledger.DayTotal) error) error
	OwedThrough(ctx context.Context, merchant ledger.MerchantID, last ledger.Date) (ledger.Owed, error)
	EachOf(ctx context.Context, merchant ledger.MerchantID, ids []ledger.EntryID, fn func(*ledger.Entry) error) error
	SavePartTotals(ctx context.Context, c ledger.Cursor, lots []ledger.LotTotal, coupons []ledger.CouponTotal) error
	EachLotTotal(ctx context.Context, merchant ledger.MerchantID, first, last ledger.Date,
		fn func(*ledger.LotTotal) error) error
	EachCouponTotal(ctx context.Context, merchant ledger.MerchantID, first, last ledger.Date,
		fn func(*ledger.CouponTotal) error) error
	LevelInUse(ctx context.Context, merchant ledger.MerchantID, level ledger.LevelID) (bool, error)
	ShopInUse(ctx context.Context, merchant ledger.MerchantID, shop ledger.ShopID) (bool, error)
	PayTypeInUse(ctx context.Context, merchant ledger.MerchantID, id ledger.PayTypeID) (bool, error)
}

// clause is one part of the contract, run as a subtest in a new store.
type clause struct {
	name string
	test func(*testing.T, *books)
}

var clauses = []clause{
	{"Merchants", testMerchants},
	{"GUIDs", testGUIDs},
	{"Agents", testAgents},
	{"Host", testHost},
	{"AddedMerchant", testAddedMerchant},
	{"People", testPeople},
	{"Sessions", testSessions},
	{"Proposals", testProposals},
	{"Jobs", testJobs},
	{"Exchanges", testExchanges},
	{"KeyUses", testKeyUses},
	{"Webhooks", testWebhooks},
	{"WebhookStates", testWebhookStates},
	{"WebhookPause", testWebhookPause},
	{"WebhooksDue", testDueWebhooks},
	{"WebhookTries", testWebhookTries},
	{"WebhookRemoved", testWebhookRemoved},
	{"WebhookAgain", testWebhookAgain},
	{"EveryFieldComesBack", testEveryField},
	{"FrontLots", testFrontLots},
	{"LotsApart", testLotsApart},
	{"Credit", testCredit},
	{"EntriesThatUndo", testUndo},
	{"Lapses", testLapses},
	{"Requests", testRequests},
	{"Layouts", testLayouts},
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
	{"DueHolds", testDueHolds},
	{"Walks", testWalks},
	{"History", testHistory},
	{"HistoryOfFew", testHistoryOfFew},
	{"Find", testFind},
	{"NumberInAnySpelling", testNumberInAnySpelling},
	{"TextsThatNoneHas", testTextsThatNoneHas},
	{"OwnEntries", testOwnEntries},
	{"LevelInUse", testLevelInUse},
	{"ShopInUse", testShopInUse},
	{"PayTypeInUse", testPayTypeInUse},
	{"FindMany", testFindMany},
	{"ExtIDs", testExtIDs},
	{"ExtIDPasses", testExtIDPasses},
	{"Search", testSearch},
	{"SearchAfterChanges", testSearchAfterChanges},
	{"Cards", testCards},
	{"CardsByUse", testCardsByUse},
	{"Coupons", testCoupons},
	{"CouponsOfCard", testCouponsOfCard},
	{"Wallet", testWallet},
	{"WalletOfOneMoment", testWalletOfOneMoment},
	{"DueCoupons", testDueCoupons},
	{"TakenCoupon", testTakenCoupon},
	{"Guards", testGuards},
	{"GuardsRace", testGuardsRace},
	{"Outbox", testOutbox},
	{"Failing", testFailing},
	{"GivenUp", testGivenUp},
	{"GuardQueries", testGuardQueries},
	{"EntriesInBrief", testEntriesInBrief},
	{"Cursors", testCursors},
	{"CursorRace", testCursorRace},
	{"DayTotals", testDayTotals},
	{"ManyDayTotals", testManyDayTotals},
	{"Owed", testOwed},
	{"EntriesOfIDs", testEntriesOfIDs},
	{"PartTotals", testPartTotals},
	{"ManyPartTotals", testManyPartTotals},
	{"Race", testRace},
	{"OneMoment", testOneMoment},
}

// Run tests a store. It calls open once for each clause; open returns a new, empty store and closes it when that
// test has ended. The clauses run in parallel.
func Run(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	for _, c := range clauses {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, newBooks(t, open(t)))
		})
	}
}

// start is the time at which the fixtures begin. Every command is decided a little over a second after the one
// before it.
var start = time.Date(2026, 3, 5, 2, 30, 0, 0, time.UTC)

// books is a store with merchant 1 in it, and decides and saves commands as an engine does, but one batch at a time.
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

// merchant returns a merchant that uses every setting a merchant can have, so that a column that is not stored
// shows.
func merchant(id ledger.MerchantID) ledger.Merchant {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic(err) // the zone data are built into the tests
	}
	guid := string(rune('A' + id))
	return ledger.Merchant{
		ID: id, GUID: "{" + guid + "0000000-0000-0000-0000-000000000001}", Name: "和味小馆", Zone: zone, LicenceEnd: 20991231,
		Settings: ledger.Settings{
			SpendOrder: ledger.BonusFirst, PartPayment: true, BonusDays: 30, PointsDays: 365, PointsRatio: 100,
			MaxAmount: 50_000_000, MaxBalance: 900_000_000, CodeFrom: 100_00, PasswordEverywhere: true, WeakPasswords: true,
			CutOff: ledger.CutOffAt(6), SecondPerson: 300_00,
		},
		Shops: []ledger.Shop{
			{ID: 7, GUID: "{" + guid + "0000000-0000-0000-0000-000000000002}", Name: "总店"},
			{ID: 3, GUID: "{" + guid + "0000000-0000-0000-0000-000000000003}", Name: "东门店"},
		},
		Levels: []ledger.Level{
			{ID: 1, Name: "普通卡", PayRate: ledger.Percent100, Earn: ledger.Percent100},
			{ID: 2, Name: "金卡", PayRate: 8800, Earn: 15000, Rights: ledger.Rights{
				MemberPrice: true, CashBack: ledger.CashBack{Each: 500_00, Back: 1_00},
				Renewals: []ledger.Renewal{{Price: 2_00, Months: 12}, {Price: 1_50, Months: 6}},
				Account:  ledger.HouseAccount{ID: 100021, Name: "苏州 <b>&\"'\\", MaxAmount: 100_00, Fixed: 15_00, MaxCount: 10},
			}},
		},
		Rules: []ledger.Rule{
			{ID: 1, Name: "每次送", Kind: ledger.EachTime, AddMoney: 100, AddPoints: 5},
			{ID: 2, Name: "按比例", Kind: ledger.Percent, AddRate: 500},
			{
				ID: 3, Name: "满一百", Kind: ledger.FromAmount, Threshold: 10000, AddMoney: 1000, AddPoints: 10, First: 20260101,
				Last: 20991231, Weekdays: 0b1111111, From: 23 * 60, Until: 22*60 + 59,
			},
			{ID: 4, Name: "结束", Kind: ledger.EachTime, AddMoney: 5, Ended: true},
		},
		PayTypes: []ledger.PayType{{ID: 2, Name: "微信", Code: "wx", Invoiceable: true}, {ID: 1, Name: "现金"}},
		CouponKinds: []ledger.CouponKind{
			{
				CouponTerms: ledger.CouponTerms{
					Kind: 5, Name: "满减 <b>&\"'\\", Type: ledger.CashCoupon, Face: 300, Least: 1000, MaxUse: 2, Grace: 3,
					Shops: []ledger.ShopID{7, 3},
				},
				Start: 20260101, Days: 40, Stock: 500, Info: "堂食",
			},
			{
				CouponTerms: ledger.CouponTerms{
					Kind: 4, Name: "九折", Type: ledger.PercentCoupon, Off: 1000, MaxOff: 2000, Alone: true,
				},
				End: 20991231,
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

// load returns the state that a command of merchant 1 is given to decide on.
func (b *books) load(keys command.Keys) *command.State {
	b.t.Helper()
	state := command.NewState(1)
	b.teach(state, 1, keys)
	return state
}

// teach loads the records among keys that the state does not have yet.
func (b *books) teach(state *command.State, merchant ledger.MerchantID, keys command.Keys) {
	b.t.Helper()
	wanted := state.Missing(keys)
	state.Learn(wanted, b.records(merchant, wanted))
}

// records loads the records of one merchant.
func (b *books) records(merchant ledger.MerchantID, keys command.Keys) command.Records {
	b.t.Helper()
	found, err := b.s.Load(b.ctx, command.Want{Merchant: merchant, Keys: keys})
	b.must(err)
	if len(found) != 1 {
		b.t.Fatalf("%d records for one want", len(found))
	}
	return found[0]
}

// decide decides commands of one merchant, each on the outcome of the one before it, and returns the changes without
// saving them.
func (b *books) decide(commands ...command.Command) command.Changes {
	b.t.Helper()
	var keys command.Keys
	for _, c := range commands {
		keys.Add(c.Keys())
	}
	id := commands[0].MerchantID()
	state := command.NewState(id)
	b.teach(state, id, keys)
	for _, c := range commands {
		b.now = b.now.Add(1234567 * time.Microsecond)
		ch, err := c.Decide(state, b.now)
		if shallow, ok := errors.AsType[ledger.NeedLots](err); ok {
			keys.AllLots = append(keys.AllLots, shallow.Card.Number)
			state = command.NewState(id)
			b.teach(state, id, keys)
			ch, err = c.Decide(state, b.now)
		}
		for missing := (command.NeedRecords{}); errors.As(err, &missing); {
			b.teach(state, id, missing.Keys)
			ch, err = c.Decide(state, b.now)
		}
		b.must(err)
		state.Apply(ch)
	}
	return state.Pending()
}

// do decides commands of one merchant as one batch, saves the changes and returns them.
func (b *books) do(commands ...command.Command) command.Changes {
	b.t.Helper()
	ch := b.decide(commands...)
	b.must(b.s.Save(b.ctx, ch))
	return ch
}

func key(number string) ledger.CardKey { return ledger.CardKey{Merchant: 1, Number: number} }

// card returns a card of merchant 1 with all of its lots; nil if there is no such card.
func (b *books) card(number string) *ledger.Card {
	b.t.Helper()
	c, err := b.s.Card(b.ctx, key(number))
	b.must(err)
	return c
}

// head returns the head of merchant 1.
func (b *books) head() ledger.Head {
	b.t.Helper()
	return b.records(1, command.Keys{Head: true}).Head
}

// journal returns all entries of merchant 1, by id.
func (b *books) journal() []ledger.Entry {
	b.t.Helper()
	var all []ledger.Entry
	b.must(b.s.EachEntry(b.ctx, 1, 0, func(e *ledger.Entry) error {
		all = append(all, *e)
		return nil
	}))
	return all
}

var clerk = ledger.Caller{Agent: 9, Shop: 3, Operator: "小王"}

// host is whoever runs the server.
var host = ledger.Caller{Operator: "运维"}

func open(number string) command.Open {
	return command.Open{Merchant: 1, By: clerk, Card: command.NewCard{
		Number: number, Level: 2, Expires: 20301231,
		Holder: ledger.Holder{Name: "张三 " + number, Phone: "138" + number, Gender: 1, Birthday: 19990909},
	}}
}

// details sets every field to something, so that a field that is not stored shows.
var details = ledger.Details{
	ExtID: "001234567890123456789012", Remarks: "备注 <b>&\"'\\", Subject: "开业 <i>", Referrer: "88", OpenID: "oABC-_1",
	Physical: ledger.Physical{No: "K-7", Type: "老卡", Name: "贵宾", Balance: 12_34, Points: 56},
	IDNumber: "32050119990909001X", Credit: 100_00, Password: "kept", Pass: 3,
}

// full returns a command that opens a card with every field of its holder and details set.
func full(number string) command.Open {
	o := open(number)
	o.Card.Kind, o.Card.Details = ledger.Common, details
	return o
}

func recharge(number string, amount ledger.Fen) command.Recharge {
	return command.Recharge{Merchant: 1, By: clerk, Card: number, Amount: amount, PayType: 2}
}

func consume(number string, amount ledger.Fen) command.Consume {
	return command.Consume{Merchant: 1, By: clerk, Card: number, Amount: amount, NoDiscount: amount / 4}
}

// same compares two values field by field. A nil slice and an empty one are equal, as not every store can tell them
// apart.
func same[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if g, w := plain(reflect.ValueOf(got)), plain(reflect.ValueOf(want)); !reflect.DeepEqual(g, w) {
		t.Errorf("%s\n got %+v\nwant %+v", what, g, w)
	}
}

// plain returns the value without pointers, and with nil for empty slices, so that reflect.DeepEqual compares
// contents.
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
