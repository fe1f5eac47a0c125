package verify

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/report"
)

// books are records in memory, which a test can tamper with.
type books struct {
	settings []ledger.Merchant
	derive   func(*ledger.StoredCard) // what a store derived otherwise; nil = nothing
	guards   []ledger.Guard
	messages []ledger.StoredMessage
	guids    map[string]ledger.MerchantID
	strays   []ledger.Stray
	owners   map[string][]ledger.MerchantID
	counters []string
	heads    []ledger.Head
	cards    []ledger.Card
	entries  []ledger.Entry
	requests []ledger.Request
	coupons  []ledger.Coupon
	stocks   []ledger.CouponStock
	cursors  []ledger.Cursor
	days     []ledger.DayTotal
}

func (b *books) CursorsOf(context.Context, ledger.MerchantID) ([]ledger.Cursor, error) {
	return b.cursors, nil
}

func (b *books) EachDayTotal(_ context.Context, _ ledger.MerchantID, _, _ ledger.Date, fn func(*ledger.DayTotal) error) error {
	for i := range b.days {
		if err := fn(&b.days[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *books) Heads(context.Context) ([]ledger.Head, error) { return b.heads, nil }

func (b *books) EachStoredCard(_ context.Context, _ ledger.MerchantID, fn func(*ledger.StoredCard) error) error {
	for i := range b.cards {
		c := ledger.StoredCard{Card: b.cards[i], NextExpiry: b.cards[i].NextExpiry(), Search: b.cards[i].SearchText()}
		if b.derive != nil {
			b.derive(&c)
		}
		if err := fn(&c); err != nil {
			return err
		}
	}
	return nil
}

func (b *books) StoredMerchants(context.Context) ([]ledger.Merchant, error) { return b.settings, nil }

func (b *books) Owners(context.Context) (map[string][]ledger.MerchantID, error) { return b.owners, nil }

func (b *books) Strays(context.Context) ([]ledger.Stray, error) { return b.strays, nil }

func (b *books) Counters(context.Context) ([]string, error) { return b.counters, nil }

func (b *books) GUIDs(context.Context) (map[string]ledger.MerchantID, error) { return b.guids, nil }

func (b *books) Span(context.Context, ledger.MerchantID) (first, last ledger.EntryID, err error) {
	for _, e := range b.entries {
		if first == 0 || e.ID < first {
			first = e.ID
		}
		last = max(last, e.ID)
	}
	return first, last, nil
}

func (b *books) EachGuard(_ context.Context, _ ledger.MerchantID, fn func(*ledger.Guard) error) error {
	for i := range b.guards {
		if err := fn(&b.guards[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *books) EachMessage(_ context.Context, _ ledger.MerchantID, fn func(*ledger.StoredMessage) error) error {
	for i := range b.messages {
		if err := fn(&b.messages[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *books) EachEntry(_ context.Context, _ ledger.MerchantID, after ledger.EntryID, fn func(*ledger.Entry) error) error {
	for i := range b.entries {
		if b.entries[i].ID <= after {
			continue
		}
		if err := fn(&b.entries[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *books) EachOf(_ context.Context, _ ledger.MerchantID, ids []ledger.EntryID, fn func(*ledger.Entry) error) error {
	for i := range b.entries {
		if !slices.Contains(ids, b.entries[i].ID) {
			continue
		}
		if err := fn(&b.entries[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *books) EachRequest(_ context.Context, _ ledger.MerchantID, fn func(*ledger.Request) error) error {
	for i := range b.requests {
		if err := fn(&b.requests[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *books) EachCoupon(_ context.Context, _ ledger.MerchantID, fn func(*ledger.Coupon) error) error {
	for i := range b.coupons {
		if err := fn(&b.coupons[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *books) Stocks(context.Context, ledger.MerchantID) ([]ledger.CouponStock, error) {
	return b.stocks, nil
}

// withCoupons is the journal's newest entry of the kind that names coupons.
func (b *books) withCoupons(kind ledger.Kind) *ledger.Entry {
	for i := range slices.Backward(b.entries) {
		if b.entries[i].Kind == kind && len(b.entries[i].Coupons) > 0 {
			return &b.entries[i]
		}
	}
	return nil
}

// withPoints is the journal's newest entry of the kind that points paid on.
func (b *books) withPoints(kind ledger.Kind) *ledger.Entry {
	for i := range slices.Backward(b.entries) {
		if b.entries[i].Kind == kind && b.entries[i].ByPoints.Points != 0 {
			return &b.entries[i]
		}
	}
	return nil
}

// entry is the journal's only entry of the kind.
func (b *books) entry(kind ledger.Kind) *ledger.Entry {
	i := slices.IndexFunc(b.entries, func(e ledger.Entry) bool { return e.Kind == kind })
	return &b.entries[i]
}

// rehash mends the hash chains, as somebody would who knows how they are made.
func (b *books) rehash() {
	last := map[ledger.CardID][32]byte{}
	for i := range b.entries {
		e := &b.entries[i]
		e.Hash = e.Chain(last[e.Card])
		last[e.Card] = e.Hash
	}
	for i := range b.cards {
		b.cards[i].Hash = last[b.cards[i].ID]
	}
}

var noon = time.Date(2026, 5, 4, 4, 0, 0, 0, time.UTC)

// sent is where the ids of sound's coupons begin.
const sent = ledger.CouponID(21 * 128)

// ours is the entry that opens the card whose level's rights are used.
const ours = ledger.EntryID(38)

// owing is the bill that earned points which are owed.
const owing = ledger.EntryID(63)

func consumeWith(coupons ...ledger.CouponID) command.Consume {
	return command.Consume{Merchant: 1, By: ledger.Caller{Shop: 1}, Card: "A0001", Amount: 50_00, Coupons: coupons}
}

// merchant uses all of what is checked.
func merchant() ledger.Merchant {
	return ledger.Merchant{
		ID: 1, GUID: "{V}", Name: "某店", Zone: time.UTC,
		Settings: ledger.Settings{BonusDays: 30, PointsDays: 30, PointsRatio: 100},
		Shops:    []ledger.Shop{{ID: 1, GUID: "{S}", Name: "总店"}},
		Levels: []ledger.Level{
			{ID: 1, Name: "会员", Discount: 8000, Earn: ledger.Whole, Rights: ledger.Rights{
				Renewals: []ledger.Renewal{{Price: 2_00, Months: 12}}, Account: ledger.SigningAccount{ID: 100021, Name: "某公司"},
			}},
			{ID: 2, Name: "返现", Discount: ledger.Whole, Rights: ledger.Rights{CashBack: ledger.CashBack{Each: 10_00, Back: 1_00}}},
		},
		Rules:    []ledger.Rule{{ID: 1, Name: "充值送10%", Kind: ledger.Percent, AddRate: 1000, AddPoints: 5}},
		PayTypes: []ledger.PayType{{ID: 1, Name: "现金"}, {ID: 2, Name: "微信", Invoiceable: true}},
		CouponKinds: []ledger.CouponKind{{CouponTerms: ledger.CouponTerms{
			Kind: 1, Name: "代金券", Type: ledger.CashCoupon, Face: 10_00, Least: 20_00, MaxUse: 2, Shops: []ledger.ShopID{1},
		}, Days: 5}},
	}
}

// sound makes books on which a bit of everything was done.
func sound(t *testing.T) *books {
	t.Helper()
	s := command.NewState(1)
	b := around(&books{})
	teachMerchant(s)
	learn := func(k command.Keys) {
		found := command.Records{Coupons: b.coupons, Stocks: b.stocks}
		for _, e := range b.entries {
			if slices.Contains(k.Entries, e.ID) || slices.Contains(k.Entries, e.Of) {
				found.Entries = append(found.Entries, e)
			}
		}
		s.Learn(s.Missing(k), found)
	}
	for _, c := range everything() {
		learn(c.Keys())
		ch, err := c.Decide(s, noon)
		for more, missing := errors.AsType[command.MissingError](err); missing; more, missing = errors.AsType[command.MissingError](err) {
			learn(more.Keys)
			ch, err = c.Decide(s, noon)
		}
		if err != nil {
			t.Fatalf("%T: %v", c, err)
		}
		s.Apply(ch)
		b.save(s.Pending())
		s.Saved()
	}
	b.fold()
	return b
}

// fold adds up the business days of all entries but the newest.
func (b *books) fold() {
	days, upTo := report.NewDays(time.UTC), b.entries[len(b.entries)-1].ID-1
	for i := range b.entries {
		if b.entries[i].ID <= upTo {
			days.Add(&b.entries[i])
		}
	}
	b.days = days.Totals()
	b.cursors = []ledger.Cursor{{Merchant: 1, Follower: ledger.DayTotals, Version: 3, Entry: upTo, Zone: "UTC"}}
}

// teachMerchant has a state know the merchant of these tests, at whom nothing was done yet.
func teachMerchant(s *command.State) {
	m := merchant()
	s.Learn(command.Keys{Head: true}, command.Records{Merchant: &m, Head: ledger.Head{Merchant: 1}})
}

// around gives books what belongs to no card.
func around(b *books) *books {
	b.settings = []ledger.Merchant{merchant()}
	b.guids = map[string]ledger.MerchantID{ledger.FoldGUID("{V}"): 1, ledger.FoldGUID("{S}"): 1}
	b.owners = map[string][]ledger.MerchantID{"merchant": {1}, "head": {1}, "card": {1}, "entry": {1}, "guard": {1}}
	b.counters = []string{"clock", "demo", "key", "probe", "version"}
	b.guards = []ledger.Guard{
		{Merchant: 1, GuardKey: ledger.GuardKey{Kind: ledger.PasswordAtAgent, Subject: "1/7"}, Count: 1},
		{Merchant: 1, GuardKey: ledger.GuardKey{Kind: ledger.MissesOfAddress, Subject: "192.0.2.0/24"}, Count: 1},
	}
	b.messages = []ledger.StoredMessage{
		{ID: 1, Card: 1, At: noon, Until: noon.Add(time.Minute), Next: noon},
		{ID: 2, Card: 1, At: noon, Until: noon.Add(time.Minute), Tries: 1, Done: noon.Add(time.Second)},
	}
	return b
}

// everything is a bit of everything.
func everything() []command.Command {
	open := func(number string) command.Open {
		return command.Open{Merchant: 1, Card: command.NewCard{Number: number, Level: 1, Holder: ledger.Holder{Name: "某人"}, Principal: 500_00}}
	}
	key := ledger.RequestKey{Agent: 1, Scope: "test", ID: "r1"}
	answer := func(command.Changes) []byte { return []byte("done") }
	code, credit := "101", ledger.Fen(50_00)
	return []command.Command{
		open("A0001"), open("A0002"), open("A0003"),
		command.Once{Command: command.Recharge{Merchant: 1, Card: "A0001", Amount: 100_00, PayType: 1}, Key: key, Answer: answer},
		command.Consume{Merchant: 1, Card: "A0001", Amount: 600_00},
		command.RefundConsume{Merchant: 1, Card: "A0001", Entry: 8, Amount: 50_00},
		command.Recharge{Merchant: 1, Card: "A0002", Amount: 100_00, PayType: 1},
		command.ReverseRecharge{Merchant: 1, Card: "A0002", Entry: 10},
		command.Transfer{Merchant: 1, From: "A0002", To: "A0001", Amount: 10_00},
		command.Withdraw{Merchant: 1, Card: "A0002", Amount: 10_00},
		command.Replace{Merchant: 1, Card: "A0002", Number: "A0009"},
		command.ReportLost{Merchant: 1, Card: "A0003"}, command.Unlose{Merchant: 1, Card: "A0003"},
		command.Return{Merchant: 1, Card: "A0003"},
		command.ModifyDetails{Merchant: 1, Card: "A0001", ExtID: &code},
		command.SendCoupons{Merchant: 1, Card: "A0001", Kind: 1, Numbers: []string{"28000001", "28000002", "28000003", "28000004"}},
		consumeWith(sent+1, sent+2),
		command.RefundConsume{Merchant: 1, Card: "A0001", Entry: 22},
		consumeWith(sent + 2),
		command.VoidCoupon{Merchant: 1, Card: "A0001", Coupon: sent + 1},
		command.Consume{Merchant: 1, Card: "A0001", Amount: 50_00, Points: command.PointsOffered{Points: 150}},
		command.RefundConsume{Merchant: 1, Card: "A0001", Entry: 26, Amount: 1_00},
		command.RefundConsume{Merchant: 1, Card: "A0001", Entry: 26},
		command.ModifyDetails{Merchant: 1, Card: "A0009", Credit: &credit},
		command.Consume{Merchant: 1, Card: "A0009", Amount: 620_00},
		command.ChangeLevel{Merchant: 1, Card: "A0001", Level: 2},
		command.Consume{Merchant: 1, Card: "A0001", Amount: 40_00},
		command.RefundConsume{Merchant: 1, Card: "A0001", Entry: 32, Amount: 10_00},
		command.Consume{Merchant: 1, Card: "A0001", Amount: 20_00},
		command.Open{Merchant: 1, Card: command.NewCard{Number: "B0001", Level: 1, Holder: ledger.Holder{Name: "某人"}, Expires: 2027_01_31}},
		command.Recharge{Merchant: 1, Card: "B0001", Amount: 100_00, PayType: 1},
		command.Renew{Merchant: 1, Card: "B0001", Months: 12},
		command.Recharge{Merchant: 1, Card: "B0001", Amount: 50_00, PayType: 2},
		command.ReverseRecharge{Merchant: 1, Card: "B0001", Entry: ours + 3},
		command.Recharge{Merchant: 1, Card: "B0001", Amount: 20_00, PayType: 2},
		command.Invoice{Merchant: 1, Card: "B0001", Amount: 15_00},
		command.ReverseInvoice{Merchant: 1, Card: "B0001", Entry: ours + 6},
		command.SignBill{Merchant: 1, Card: "B0001", Amount: 15_00},
		command.RefundSigned{Merchant: 1, Card: "B0001", Entry: ours + 8},
		// Cash back that is spent, its bill refunded, and then what it was spent on.
		command.Open{Merchant: 1, Card: command.NewCard{Number: "C0001", Level: 2, Holder: ledger.Holder{Name: "某人"}, Principal: 100_00}},
		command.Consume{Merchant: 1, Card: "C0001", Amount: 100_00},
		command.Consume{Merchant: 1, Card: "C0001", Amount: 9_00},
		command.RefundConsume{Merchant: 1, Card: "C0001", Entry: ours + 12},
		command.RefundConsume{Merchant: 1, Card: "C0001", Entry: ours + 14, Amount: 5_00},
		command.AdjustPoints{Merchant: 1, Card: "A0001", Points: 1},
		command.ChangeSettings{Merchant: 1, By: ledger.Caller{Operator: "apply"}, To: merchant()},
		command.Recharge{Merchant: 1, Card: "C0001", Amount: 10_00, PayType: 1},
		// Points that are owed: money of their worth, 0.80, stays on the card.
		command.Open{Merchant: 1, Card: command.NewCard{Number: "D0001", Level: 1, Holder: ledger.Holder{Name: "某人"}, Principal: 200_00}},
		command.Consume{Merchant: 1, Card: "D0001", Amount: 100_00},
		command.UsePoints{Merchant: 1, Card: "D0001", Points: 80},
		command.RefundConsume{Merchant: 1, Card: "D0001", Entry: owing},
		command.Withdraw{Merchant: 1, Card: "D0001", Amount: 199_20},
	}
}

func (b *books) save(ch command.Changes) {
	b.heads = []ledger.Head{*ch.Head}
	b.entries = append(b.entries, ch.Entries...)
	b.requests = append(b.requests, ch.Requests...)
	for _, c := range ch.Coupons {
		b.coupons = slices.DeleteFunc(b.coupons, func(d ledger.Coupon) bool { return d.ID == c.ID })
		b.coupons = append(b.coupons, c)
	}
	b.stocks = append(b.stocks, ch.Stocks...)
	for _, c := range slices.Concat(ch.Opened, ch.Cards) {
		b.cards = slices.DeleteFunc(b.cards, func(d ledger.Card) bool { return d.ID == c.ID })
		b.cards = append(b.cards, c)
	}
	slices.SortFunc(b.cards, func(a, c ledger.Card) int { return int(a.ID - c.ID) })
}

// run checks the books, all at once and entry by entry with every card packed in between: both must find the
// same.
func run(t *testing.T, b *books) map[int]Result {
	t.Helper()
	found := checked(t, newAudit(), b)
	packing := newAudit()
	packing.chunk, packing.most = 1, 0
	if packed := checked(t, packing, b); !reflect.DeepEqual(found, packed) {
		t.Errorf("found %+v, and with packed cards %+v", found, packed)
	}
	return found
}

// checked is what a audit finds, by invariant, but for the times.
func checked(t *testing.T, l *audit, b *books) map[int]Result {
	t.Helper()
	results, err := l.run(t.Context(), b, b, func(int64, int64) {})
	if err != nil {
		t.Fatal(err)
	}
	found := map[int]Result{}
	for _, r := range results {
		r.Took = 0
		if same, twice := found[r.Invariant]; twice { // it has several lines
			r.Rows, r.Violations, r.Examples = r.Rows+same.Rows, r.Violations+same.Violations, append(same.Examples, r.Examples...)
		}
		slices.Sort(r.Examples) // those of the end come in no order
		found[r.Invariant] = r
	}
	return found
}

// Books that are in order must be said to be, and every check must have looked at something.
func TestSoundBooksHold(t *testing.T) {
	t.Parallel()
	for number, r := range run(t, sound(t)) {
		if r.Violations != 0 {
			t.Errorf("invariant %02d: %v", number, r.Examples)
		}
		if r.Rows == 0 {
			t.Errorf("invariant %02d looked at nothing", number)
		}
	}
}

// Books without an entry prove nothing, and say so; not so when anything is left that an entry must have made.
func TestEmptyBooksAreNotGreen(t *testing.T) {
	t.Parallel()
	empty := around(&books{heads: []ledger.Head{{Merchant: 1, Version: 1}}})
	empty.guards, empty.messages = nil, nil
	results, err := newAudit().run(t.Context(), empty, empty, func(int64, int64) {})
	if err != nil || !Empty(results) {
		t.Errorf("empty: %v, %v", Empty(results), err)
	}
	for _, r := range results {
		if want := r.Invariant == 57 && r.Rows > 0; (r.State() == Holds) != want {
			t.Errorf("invariant %02d %s of nothing", r.Invariant, r.State())
		}
	}
	for what, b := range map[string]*books{
		"no heads":    around(&books{owners: map[string][]ledger.MerchantID{}}),
		"a card left": {heads: empty.heads, settings: empty.settings, guids: empty.guids, owners: empty.owners, counters: empty.counters, cards: sound(t).cards[:1]},
		"sound":       sound(t),
	} {
		if what == "no heads" {
			b.owners["head"] = nil
		}
		results, err := newAudit().run(t.Context(), b, b, func(int64, int64) {})
		if err != nil || Empty(results) {
			t.Errorf("%s: empty, %v", what, err)
		}
	}
}

// Every check must find what it is there for, and say which entry or card it is about. The hash chain
// is mended after the tampering, so that no check leans on it.
func TestTamperingIsFound(t *testing.T) {
	t.Parallel()
	findTampering(t, []tampering{
		{1, "a kind that may not move money", func(b *books) { b.entry(ledger.Consumed).Kind = ledger.ReportedLost }},
		{2, "a card that holds more than the journal gave", func(b *books) { b.cards[0].Principal += 100; b.cards[0].Lots[0].Principal += 100 }},
		{3, "a lot", func(b *books) { b.cards[0].Lots[0].Principal++ }},
		{3, "a name", func(b *books) { b.cards[0].Holder.Name = "别人" }},
		{3, "a kind of card", func(b *books) { b.cards[0].Kind = ledger.StoredValue }},
		{3, "an inner code", func(b *books) { b.cards[1].Details.ExtID = "9" }},
		{3, "a credit in the journal", func(b *books) { b.entry(ledger.DetailsChanged).Details.Credit++ }},
		{3, "a card without entries", func(b *books) { b.cards = append(b.cards, ledger.Card{Merchant: 1, ID: 99, Status: ledger.Active}) }},
		{3, "a card that is gone", func(b *books) { b.cards = b.cards[1:] }},
		{3, "a tally", func(b *books) { b.entry(ledger.Consumed).Tally[0].N++ }},
		{4, "a balance after", func(b *books) { b.entry(ledger.Consumed).PrincipalAfter += 100 }},
		{4, "points after", func(b *books) { b.entry(ledger.Consumed).PointsAfter++ }},
		{4, "a sequence", func(b *books) { b.entry(ledger.Consumed).Seq++ }},
		{5, "a balance below zero", func(b *books) { b.entry(ledger.Withdrawn).PrincipalAfter = -1 }},
		{6, "an amount out of range", func(b *books) { b.entry(ledger.Withdrawn).Original = ledger.MaxFen + 1 }},
		{9, "a discount", func(b *books) { b.entry(ledger.Consumed).Discount = 7000 }},
		{9, "a recharge that got more than the rules give", func(b *books) { b.entry(ledger.Recharged).Rules[0].Money = 0 }},
		{10, "another policy", func(b *books) { b.entry(ledger.Consumed).Policy = ledger.PrincipalFirst }},
		{3, "a renewal to another day", func(b *books) { b.entry(ledger.Renewed).Until++ }},
		{3, "a renewal that takes days", func(b *books) { b.entry(ledger.Renewed).Until = 2027_01_31 }},
		{9, "a renewal at another price", func(b *books) { b.entry(ledger.Renewed).Original++ }},
		{10, "a renewal by another policy", func(b *books) { b.entry(ledger.Renewed).Policy = ledger.PrincipalFirst }},
		{11, "a renewal that was undone", func(b *books) { b.entry(ledger.ConsumeRefunded).Of = b.entry(ledger.Renewed).ID }},
		{11, "a refund of more than the bill", func(b *books) { b.entry(ledger.ConsumeRefunded).Principal += 1000_00 }},
		{11, "a refund of another card's bill", func(b *books) { b.entry(ledger.ConsumeRefunded).Of = 3 }},
		{11, "a refund to another lot", func(b *books) { b.entry(ledger.ConsumeRefunded).Parts[0].Lot++ }},
		{11, "a refund that is good for longer", func(b *books) { b.entry(ledger.ConsumeRefunded).Parts[0].GoodUntil++ }},
		{11, "a refund of nothing that is there", func(b *books) { b.entry(ledger.ConsumeRefunded).Of = 999 }},
		{12, "bonus that was paid out", func(b *books) { b.entry(ledger.Withdrawn).Original++ }},
		{12, "bonus that arrived as principal", func(b *books) { b.entry(ledger.TransferredIn).Principal++ }},
		{12, "a pay-out of more than the principal", func(b *books) { b.entry(ledger.Closed).Original++ }},
		{13, "a recharge reversed twice", func(b *books) {
			b.entry(ledger.ConsumeRefunded).Of = 10
			b.entry(ledger.ConsumeRefunded).Kind = ledger.RechargeReversed
		}},
		{31, "a bill that does not say its rate", func(b *books) { b.withPoints(ledger.Consumed).EarnRate = 0 }},
		{57, "a rate that gives fewer points", func(b *books) { b.entry(ledger.Consumed).EarnRate /= 2 }},
		{21, "an entry that is gone", func(b *books) { b.entries = slices.Delete(b.entries, 4, 5) }},
		{21, "entries gone from the end", func(b *books) { b.entries = b.entries[:len(b.entries)-1] }},
		{22, "an entry dated back", func(b *books) { b.entry(ledger.Consumed).At = noon.Add(-time.Hour) }},
		{25, "a sum", func(b *books) { b.cards[0].SumConsume++ }},
		{26, "details of a closed card", func(b *books) { b.entry(ledger.DetailsChanged).Status = ledger.Returned }},
		{26, "a status out of turn", func(b *books) { b.entry(ledger.Found).Status = ledger.Stopped }},
		{26, "a closed card that holds something", func(b *books) { b.cards[2].Points = 1 }},
		{22, "entries of two cards the wrong way round", func(b *books) {
			b.entry(ledger.ReportedLost).At = noon.Add(time.Hour)
			b.entry(ledger.Found).At = noon.Add(time.Hour)
			b.entry(ledger.Closed).At = noon.Add(time.Hour)
		}},
	})
}

// The same for invoices and bills that somebody signed for.
func TestTamperedInvoicesAreFound(t *testing.T) {
	t.Parallel()
	findTampering(t, []tampering{
		{3, "what was signed for", func(b *books) { b.cards[len(b.cards)-1].Signed.Bills++ }},
		{3, "a signed bill taken back for more", func(b *books) { b.entry(ledger.SignedRefunded).Original++ }},
		{9, "a bill signed for nobody", func(b *books) { b.entry(ledger.BillSigned).SignedTo = 0 }},
		{9, "a consume that somebody signed for", func(b *books) { b.entry(ledger.Consumed).SignedTo = 5 }},
		{13, "a signed bill taken back from another", func(b *books) { b.entry(ledger.SignedRefunded).SignedTo++ }},
		{13, "a signed bill taken back in part", func(b *books) {
			e := b.entry(ledger.SignedRefunded)
			e.Original, e.Actual = 1, 1
		}},
		{3, "what may be invoiced", func(b *books) { b.cards[len(b.cards)-1].Invoiceable++ }},
		{9, "an invoice for nothing", func(b *books) { b.entry(ledger.Invoiced).Invoice = 0 }},
		{9, "a consume that may be invoiced", func(b *books) { b.entry(ledger.Consumed).Invoice = 5 }},
		{9, "bonus that may be invoiced", func(b *books) { b.entry(ledger.Recharged).Invoice = 110_00 }},
		{12, "a recharge that was reversed and may be invoiced", func(b *books) { b.entries[ours+3].Invoice = 0 }},
		{13, "an invoice taken back for more", func(b *books) {
			e := b.entry(ledger.InvoiceReversed)
			e.Original, e.Invoice = e.Original+1, e.Invoice+1
		}},
		{13, "an invoice taken back twice", func(b *books) {
			e := &b.entries[ours+3] // the reversal
			e.Kind, e.Of = ledger.InvoiceReversed, b.entry(ledger.Invoiced).ID
		}},
	})
}

// The same for requests, and the entries they asked for.
func TestTamperedRequestsAreFound(t *testing.T) {
	t.Parallel()
	findTampering(t, []tampering{
		{19, "a request without its entry", func(b *books) { b.requests[0].Entry = 999 }},
		{19, "a request that is gone", func(b *books) { b.requests = nil }},
		{19, "a request that stands for another entry", func(b *books) { b.requests[0].Entry-- }},
		{19, "a request of another agent", func(b *books) { b.requests[0].Key.Agent++ }},
		{19, "a request for something else", func(b *books) { b.requests[0].Fingerprint[0]++ }},
		{19, "another answer", func(b *books) { b.requests[0].Answer[0]++ }},
		{19, "a request without its proof", func(b *books) { b.requests[0].Proof = 0 }},
		{19, "a request for an entry that nobody asked for", func(b *books) {
			r := b.requests[0]
			r.Key.ID, r.Entry = "r2", 2
			r.Proof = r.Evidence()
			b.requests = append(b.requests, r)
		}},
	})
}

// The same for rows of which the journal says nothing, and for what is derived.
func TestTamperedRowsAreFound(t *testing.T) {
	t.Parallel()
	card := func(change func(*ledger.StoredCard)) func(*books) {
		return func(b *books) { b.derive = change }
	}
	findTampering(t, []tampering{
		{57, "a merchant without a head", func(b *books) { b.owners["head"], b.heads = nil, nil }},
		{57, "a merchant without settings", func(b *books) { b.owners["merchant"] = nil }},
		{57, "a level that cards have is gone", func(b *books) { b.settings[0].Levels = b.settings[0].Levels[1:] }},
		{57, "a setting below zero", func(b *books) { b.settings[0].Settings.PointsRatio = -1 }},
		{57, "a rule that takes", func(b *books) { b.settings[0].Rules[0].AddRate = -1 }},
		{57, "cards of another merchant", func(b *books) { b.owners["card"] = []ledger.MerchantID{1, 2} }},
		{57, "settings of a merchant that is not there", func(b *books) { b.owners["rule"] = []ledger.MerchantID{2} }},
		{57, "lots of a card that keeps its own", func(b *books) { b.strays = []ledger.Stray{{Table: "lot", Merchant: 1, ID: 1}} }},
		{57, "a counter that is gone", func(b *books) { b.counters = b.counters[1:] }},
		{57, "a guid that is gone", func(b *books) { delete(b.guids, ledger.FoldGUID("{S}")) }},
		{57, "a guid too many", func(b *books) { b.guids["{x}"] = 1 }},
		{57, "a guid of another", func(b *books) { b.guids[ledger.FoldGUID("{S}")] = 2 }},
		{57, "a last card too low", func(b *books) { b.heads[0].LastCard-- }},
		{57, "a last card too high", func(b *books) { b.heads[0].LastCard++ }},
		{57, "a head of another time", func(b *books) { b.heads[0].LastAt = noon.Add(time.Hour) }},
		{57, "a head of no version", func(b *books) { b.heads[0].Version = 0 }},
		{21, "a last entry too low", func(b *books) { b.heads[0].LastEntry-- }},
		{21, "a last entry far too high", func(b *books) { b.heads[0].LastEntry = 1 << 60 }},
		{21, "an entry very far away", func(b *books) { b.entries[len(b.entries)-1].ID = 1 << 60 }},
		{21, "an entry very far away that was asked for", func(b *books) {
			e := &b.entries[len(b.entries)-1]
			e.ID, e.Asked = 1<<60, 1
		}},
		{57, "a day of expiry", card(func(c *ledger.StoredCard) { c.NextExpiry++ })},
		{57, "a text to be found by", card(func(c *ledger.StoredCard) { c.Search += "x" })},
		{57, "lots in the row that are apart", card(func(c *ledger.StoredCard) { c.OwnLots = "20270131:7:1:0" })},
		{53, "a guard of no card", func(b *books) { b.guards[0].Subject = "99/7" }},
		{53, "a guard of nothing", func(b *books) { b.guards[0].Subject = "x" }},
		{53, "a guard of an unknown kind", func(b *books) { b.guards[0].Kind = 99 }},
		{53, "a guard that counted backwards", func(b *books) { b.guards[0].Count = -1 }},
		{42, "a message to no card", func(b *books) { b.messages[0].Card = 99 }},
		{42, "a message that is done and to be sent", func(b *books) { b.messages[0].Done = noon }},
		{42, "a message that is neither", func(b *books) { b.messages[0].Next = time.Time{} }},
	})
}

// Totals are held against the journal up to their cursor, and the cursor against the journal.
func TestTamperedDayTotalsAreFound(t *testing.T) {
	t.Parallel()
	findTampering(t, []tampering{
		{60, "a total that is gone", func(b *books) { b.days = b.days[1:] }},
		{60, "all totals are gone", func(b *books) { b.days = nil }},
		{60, "a total of nothing", func(b *books) {
			b.days = append(b.days, ledger.DayTotal{DayKey: ledger.DayKey{Day: 1999_09_09, Kind: ledger.Consumed}, DaySums: ledger.DaySums{Count: 1}})
		}},
		{60, "a total that stands twice", func(b *books) { b.days = append(b.days, b.days[0]) }},
		{60, "an entry more", func(b *books) { b.days[0].Count++ }},
		{60, "gross", func(b *books) { b.days[0].Gross-- }},
		{60, "net", func(b *books) { b.days[0].Net++ }},
		{60, "principal", func(b *books) { b.days[0].Principal++ }},
		{60, "bonus", func(b *books) { b.days[0].Bonus-- }},
		{60, "points", func(b *books) { b.days[0].Points++ }},
		{60, "another day", func(b *books) { b.days[0].Day++ }},
		{60, "another shop", func(b *books) { b.days[0].Shop++ }},
		{60, "another operator", func(b *books) { b.days[0].Operator += "x" }},
		{60, "another kind", func(b *books) { b.days[0].Kind = ledger.CardStopped }},
		{60, "another pay type", func(b *books) { b.days[0].PayType += 7 }},
		{60, "a cursor too early", func(b *books) { b.cursors[0].Entry-- }},
		{60, "a cursor too late", func(b *books) { b.cursors[0].Entry++ }},
		{60, "a cursor ahead of the journal", func(b *books) { b.cursors[0].Entry += 2 }},
		{60, "a cursor ahead of a journal that has no totals", func(b *books) { b.days, b.cursors[0].Follower, b.cursors[0].Entry = nil, "another", 1<<40 }},
		{60, "a cursor before the journal", func(b *books) { b.days, b.cursors[0].Entry = nil, -1 }},
		{60, "a cursor at the beginning", func(b *books) { b.cursors[0].Entry = 0 }},
		{60, "no cursor", func(b *books) { b.cursors = nil }},
		{60, "a cursor of nobody", func(b *books) { b.cursors[0].Follower = "nobody" }},
		{60, "a cursor of no version", func(b *books) { b.cursors[0].Version = 0 }},
		{60, "a zone that is not known", func(b *books) { b.cursors[0].Zone = "Mars/Olympus" }},
		{60, "no zone", func(b *books) { b.cursors[0].Zone = "" }},
		{60, "another zone", func(b *books) { b.cursors[0].Zone = "Pacific/Pago_Pago" }},
		{60, "a journal that says something else", func(b *books) { b.entries[3].By.Operator = "somebody else" }},
	})
	for what, b := range map[string]*books{"a cursor behind": sound(t), "nothing folded yet": sound(t)} {
		if what == "nothing folded yet" {
			b.days, b.cursors = nil, nil
		}
		if r := run(t, b)[60]; r.Violations > 0 {
			t.Errorf("%s: %v", what, r.Examples)
		}
	}
}

// The same for coupons.
func TestTamperedCouponsAreFound(t *testing.T) {
	t.Parallel()
	findTampering(t, []tampering{
		{26, "a coupon of a closed card", func(b *books) {
			b.cards[0].Status, b.entries[len(b.entries)-1].Status = ledger.Returned, ledger.Returned
		}},
		{27, "a coupon used twice", func(b *books) {
			e := b.withCoupons(ledger.Consumed)
			e.Coupons = append(slices.Clone(e.Coupons), e.Coupons[0])
		}},
		{27, "a coupon used after its last day", func(b *books) { b.withCoupons(ledger.CouponSent).Offer.Until = 2026_05_02 }},
		{27, "a coupon used before its first day", func(b *books) { b.withCoupons(ledger.CouponSent).Offer.From = 2026_05_06 }},
		{27, "a coupon used elsewhere", func(b *books) { b.withCoupons(ledger.Consumed).By.Shop = 2 }},
		{27, "a bill too low", func(b *books) { b.withCoupons(ledger.CouponSent).Offer.Least = 50_00 }},
		{27, "too many of a kind", func(b *books) { b.withCoupons(ledger.CouponSent).Offer.MaxUse = 1 }},
		{27, "another card's coupon", func(b *books) { b.withCoupons(ledger.Consumed).Card = 2 }},
		{28, "a coupon that paid more", func(b *books) { b.withCoupons(ledger.Consumed).Coupons[0].Pays++ }},
		{28, "a face value", func(b *books) { b.withCoupons(ledger.CouponSent).Offer.Face++ }},
		{9, "a bill that coupons did not pay", func(b *books) { b.withCoupons(ledger.Consumed).Coupons = nil }},
		{29, "a coupon's state", func(b *books) { b.coupons[0].State = ledger.Void }},
		{29, "a coupon's last day", func(b *books) { b.coupons[0].Until++ }},
		{29, "a coupon's number", func(b *books) { b.coupons[0].Number += "1" }},
		{29, "a coupon's holder", func(b *books) { b.coupons[0].Card++ }},
		{29, "a coupon's shops", func(b *books) { b.coupons[0].Shops = nil }},
		{29, "a coupon that is gone", func(b *books) { b.coupons = b.coupons[1:] }},
		{29, "a coupon nobody sent", func(b *books) {
			b.coupons = append(b.coupons, ledger.Coupon{Merchant: 1, ID: 129, State: ledger.Unused})
		}},
		{29, "a stock", func(b *books) { b.stocks[0].Sent-- }},
		{29, "a stock that is gone", func(b *books) { b.stocks = nil }},
		{29, "a used coupon made void", func(b *books) { b.withCoupons(ledger.CouponVoided).Coupons[0].Coupon = sent + 2 }},
		{30, "a coupon that came back by itself", func(b *books) { b.withCoupons(ledger.ConsumeRefunded).Of = 8 }},
		{30, "a coupon that came back worth more", func(b *books) { b.withCoupons(ledger.ConsumeRefunded).Coupons[0].Pays++ }},
		{30, "a coupon that came back before the money", func(b *books) { b.withCoupons(ledger.ConsumeRefunded).Principal-- }},
		{30, "money that came back without the coupons", func(b *books) { b.withCoupons(ledger.ConsumeRefunded).Coupons = nil }},
	})
}

// The same for what goes with principal that leaves a card.
func TestTamperedPayOutsAreFound(t *testing.T) {
	t.Parallel()
	findTampering(t, []tampering{
		{12, "bonus that comes back for nothing", func(b *books) {
			e := b.entry(ledger.Withdrawn)
			e.Forfeits = []ledger.Forfeit{{Lot: e.Parts[0].Lot, GoodUntil: e.Parts[0].GoodUntil, Bonus: 1}}
		}},
		{12, "bonus that stays when its principal goes", func(b *books) {
			e := b.entry(ledger.TransferredOut)
			e.Parts[0].Bonus++
			e.Bonus++
		}},
		{12, "a pay-out by rules of before", func(b *books) { b.entry(ledger.Closed).Version = 0 }},
		{12, "a reversal that has bonus forfeited", func(b *books) {
			e := b.entry(ledger.RechargeReversed)
			e.Forfeits = []ledger.Forfeit{{Lot: e.Of, GoodUntil: e.Parts[0].GoodUntil, Bonus: 1}}
		}},
		{12, "money of another kind that was sent as invoiceable", func(b *books) { b.entry(ledger.TransferredIn).Invoiceable = 1 }},
		{12, "money that may be invoiced and was paid out", func(b *books) { b.entry(ledger.Withdrawn).Invoice = -1 }},
	})
}

// The same for points that pay.
func TestTamperedPointsAreFound(t *testing.T) {
	t.Parallel()
	findTampering(t, []tampering{
		{9, "points that paid more", func(b *books) { b.withPoints(ledger.Consumed).ByPoints.Worth++ }},
		{9, "another ratio", func(b *books) { b.withPoints(ledger.Consumed).ByPoints.Ratio = 90 }},
		{9, "more points than were taken", func(b *books) {
			b.withPoints(ledger.Consumed).ByPoints = ledger.PointPay{Points: -151, Worth: 1_50, Ratio: 100}
		}},
		{9, "points taken that paid nothing", func(b *books) {
			e := b.withPoints(ledger.Consumed)
			e.Actual += e.ByPoints.Worth
			e.ByPoints = ledger.PointPay{}
		}},
		{32, "points that pay on what is no bill", func(b *books) { b.entry(ledger.Recharged).ByPoints.Points = -1 }},
		{32, "more points that came back", func(b *books) { b.withPoints(ledger.ConsumeRefunded).ByPoints.Points++ }},
		{32, "points that came back and had paid more", func(b *books) { b.withPoints(ledger.ConsumeRefunded).ByPoints.Worth++ }},
		{32, "points that came back for longer", func(b *books) { b.withPoints(ledger.ConsumeRefunded).PointParts[0].GoodUntil++ }},
		{32, "points that came back before the money", func(b *books) { b.withPoints(ledger.ConsumeRefunded).Principal-- }},
		{32, "money that came back without the points", func(b *books) {
			b.withPoints(ledger.ConsumeRefunded).ByPoints = ledger.PointPay{}
		}},
		{31, "points taken back that the bill keeps", func(b *books) { b.entry(ledger.ConsumeRefunded).PointsOwed = 1 }},
		{55, "points of a bill that the card paid nothing of", func(b *books) {
			e := b.entry(ledger.Consumed)
			e.Principal, e.Bonus, e.Version = 0, 0, ledger.EntryVersion
		}},
		{57, "a version of the rules on what has none", func(b *books) { b.entry(ledger.Recharged).Version = ledger.EntryVersion }},
		{32, "points that came back by themselves", func(b *books) { b.withPoints(ledger.ConsumeRefunded).Of = 8 }},
	})
}

// The same for cash back: entries 33 and 37 gave some, and 35 took a quarter of the first again.
func TestTamperedCashBackIsFound(t *testing.T) {
	t.Parallel()
	at := func(b *books, id int) *ledger.Entry {
		e := &b.entries[id-1]
		if e.Kind != ledger.CashedBack {
			t.Errorf("entry %d is a %v", id, e.Kind)
		}
		return e
	}
	findTampering(t, []tampering{
		{9, "cash back beyond the bill", func(b *books) { at(b, 33).Original = 3_99 }},
		{9, "cash back of more than was given", func(b *books) { at(b, 33).Actual++ }},
		{9, "cash back in principal", func(b *books) { at(b, 33).Principal = 1 }},
		{9, "cash back taken that was not", func(b *books) { at(b, 35).Actual++ }},
		{32, "cash back of a bill of another amount", func(b *books) { at(b, 33).Original-- }},
		{32, "cash back of another bill", func(b *books) { at(b, 37).Of = 32 }},
		{32, "cash back of no bill", func(b *books) { at(b, 37).Of = 31 }},
		{32, "too little taken again", func(b *books) { at(b, 35).Bonus++ }},
		{32, "nothing taken again", func(b *books) { at(b, 35).Kind = ledger.LotsExpired }},
		{32, "taken again of a bill that stays", func(b *books) { at(b, 35).Of = 36 }},
		{32, "taken again from another card", func(b *books) { at(b, 35).Card++ }},
		{32, "taken again and never given", func(b *books) { at(b, 35).Of = 22 }},
		// Of the 10.00 that 51 gave, 9.00 were spent when 54 took them; 57 puts 5.00 of these back.
		{57, "taken elsewhere, and not to be forfeited", func(b *books) { at(b, 54).Forfeits = nil }},
		{57, "taken elsewhere, and less to be forfeited", func(b *books) { at(b, 54).Forfeits[0].Bonus-- }},
		{32, "taken elsewhere for another lot", func(b *books) { at(b, 54).Forfeits[0].Lot = 33 }},
		{32, "taken elsewhere, as if of before", func(b *books) { at(b, 54).Forfeits, at(b, 54).Version = nil, 0 }},
		{32, "more put back than was forfeited", func(b *books) { at(b, 57).Principal++ }},
		{32, "put back to another lot", func(b *books) { at(b, 57).Parts[0].Lot = 2 }},
		{32, "put back of another bill", func(b *books) { at(b, 57).Of = 32 }},
		{32, "put back by another command", func(b *books) { at(b, 57).Writer++ }},
		{32, "forfeited and not put back", func(b *books) { at(b, 57).Kind = ledger.LotsExpired }},
	})
}

// The same for what is owed: entry 30 takes 16.00 of a credit of 50.00, which entry 29 gave.
func TestTamperedCreditIsFound(t *testing.T) {
	t.Parallel()
	bill := func(b *books) *ledger.Entry { return &b.entries[30-1] }
	findTampering(t, []tampering{
		{5, "a bill beyond the credit", func(b *books) { b.entries[29-1].Details.Credit = 15_99 }},
		{5, "a renewal beyond the credit", func(b *books) {
			b.entries[29-1].Details.Credit, b.entries[30-1].Kind = 15_99, ledger.Renewed
		}},
		{5, "a bill beyond the lots that no credit paid", func(b *books) {
			parts := bill(b).Parts
			parts[len(parts)-1].Lot = 3
		}},
		{5, "a credit that gave more than it took", func(b *books) {
			parts := bill(b).Parts
			parts[len(parts)-1].Principal = 1
		}},
		{3, "a card that owes less", func(b *books) { b.cards[1].Principal++; b.cards[1].Lots[0].Principal++ }},
		{10, "a credit taken before the lots", func(b *books) {
			parts := bill(b).Parts
			parts[0].Principal++
			parts[len(parts)-1].Principal--
		}},
	})
}

// tampering is a change that a check must find.
type tampering struct {
	invariant int
	what      string
	tamper    func(*books)
}

func findTampering(t *testing.T, all []tampering) {
	t.Helper()
	for _, tt := range all {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			b := sound(t)
			tt.tamper(b)
			b.rehash()
			r := run(t, b)[tt.invariant]
			if r.Violations == 0 {
				t.Errorf("invariant %02d held", tt.invariant)
			}
			if strings.Contains(strings.Join(r.Examples, ""), "某人") {
				t.Errorf("the report names a holder: %v", r.Examples)
			}
		})
	}
}

// A change without the hash is found by the chain, whatever was changed.
func TestChangedEntryBreaksTheChain(t *testing.T) {
	t.Parallel()
	b := sound(t)
	b.entry(ledger.Opened).Note = "x"
	if r := run(t, b)[23]; r.Violations == 0 {
		t.Error("the chain held")
	}
}

// A journal longer than a chunk must be read whole and in order.
func TestChunksJoin(t *testing.T) {
	t.Parallel()
	b := around(&books{})
	card := &ledger.Card{}
	for i := range int64(2*chunkSize + 1) {
		e := ledger.Entry{Merchant: 1, ID: ledger.EntryID(i + 1), Card: 1, Seq: i + 1, Kind: ledger.HolderModified, At: noon, Status: ledger.Active, Level: 1, Holder: &ledger.Holder{Name: "某人"}}
		if i == 0 {
			e.Kind, e.Number = ledger.Opened, "A0001"
		}
		e.Hash = e.Chain(card.Hash)
		next := *card
		if _, err := next.Fold(&e); err != nil {
			e.Tally = next.Tally // Fold wants the tally it has just made
		}
		if _, err := card.Fold(&e); err != nil {
			t.Fatal(err)
		}
		b.entries = append(b.entries, e)
	}
	b.cards = []ledger.Card{*card}
	b.heads = []ledger.Head{{Merchant: 1, Version: 1, LastEntry: ledger.EntryID(len(b.entries)), LastCard: 1, LastAt: noon}}
	found := checked(t, newAudit(), b)
	for number, r := range found {
		if r.Violations != 0 {
			t.Errorf("invariant %02d: %v", number, r.Examples)
		}
	}
	if got := found[21].Rows; got != 2*chunkSize+1 {
		t.Errorf("%d entries were checked, want %d", got, 2*chunkSize+1)
	}
}
