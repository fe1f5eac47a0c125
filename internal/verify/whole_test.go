package verify_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/follow"
	"tongka/internal/ledger"
	"tongka/internal/report"
	"tongka/internal/store"
)

// Ids of entries and coupons in the books that whole makes. writer.is checks that they are right.
const (
	aBill      = ledger.EntryID(9)
	aRecharge  = ledger.EntryID(8)
	firstSent  = ledger.CouponID(34 * 128)
	anotherOne = ledger.MerchantID(2)
)

// whole fills an empty database with books that contain every kind of entry and every kind of row.
func whole(t *testing.T, dsn string) {
	t.Helper()
	ctx := t.Context()
	st, err := store.Open(ctx, dsn, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := &writer{t: t, st: st, now: time.Date(2026, 5, 4, 4, 0, 0, 0, time.UTC)}
	w.engine = engine.New(st, engine.Config{Clock: func() time.Time { return w.now }})
	if err := st.Bulk(ctx, 0, func(bool) error { return w.everything(ctx) }); err != nil { // searches find all cards then
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
}

// everything makes all entries and rows.
func (w *writer) everything(ctx context.Context) error {
	w.settings()
	w.moneyAndPoints()
	w.livesOfCards()
	w.coupons()
	w.rights()
	w.manyLots()
	w.proofs()
	w.expiries()
	w.forfeits()
	w.byPersons()
	w.merges()
	w.takesBack()
	w.webhooks()
	w.holds()
	w.clock()
	w.do(command.Open{Merchant: anotherOne, Card: newCard("A0001", 5_00)})
	w.everyKind()
	w.follow()
	return w.engine.Close(ctx)
}

// holds makes holds that are captured, released and still there.
func (w *writer) holds() {
	w.do(command.Open{Merchant: 1, Card: newCard("Y0001", 100_00)})
	hold := func(amount ledger.Fen) ledger.EntryID {
		return w.do(command.Hold{Merchant: 1, Card: "Y0001", Amount: amount}).ID
	}
	w.do(command.Capture{Merchant: 1, Card: "Y0001", Hold: hold(30_00), Amount: 20_00})
	w.do(command.ReleaseHold{Merchant: 1, Card: "Y0001", Hold: hold(10_00)})
	hold(25_00)
}

type writer struct {
	t      *testing.T
	st     *store.Store
	engine *engine.Engine
	now    time.Time
	keys   int
	shop   ledger.Merchant
}

// do carries a command out, every other one under a request id.
func (w *writer) do(c command.Command) *ledger.Entry {
	w.t.Helper()
	var last *ledger.Entry
	w.keys++
	if w.keys%2 == 0 {
		inner := c
		c = command.Once{
			Command: inner, Key: ledger.RequestKey{Agent: 1, Scope: "test", ID: fmt.Sprint("r", w.keys)},
			Fingerprint: sha256.Sum256(fmt.Append(nil, w.keys)),
			Answer:      func(command.Changes) []byte { return fmt.Append(nil, "done ", w.keys) },
		}
	}
	ch, err := w.engine.Do(w.t.Context(), c)
	if err != nil {
		w.t.Fatalf("%T: %v", c, err)
	}
	if len(ch.Entries) > 0 {
		last = ch.Last()
	}
	return last
}

func newCard(number string, principal ledger.Fen) command.NewCard {
	return command.NewCard{
		Number: number, Kind: ledger.Common, Level: 1,
		Holder: ledger.Holder{Name: "某人", Phone: "13800138000", Gender: 1, Birthday: 1999_09_09}, Principal: principal,
	}
}

func (w *writer) settings() {
	rights := ledger.Rights{
		Renewals: []ledger.Renewal{{Price: 2_00, Months: 12}}, Account: ledger.HouseAccount{
			ID: 7, Name: "某公司", MaxAmount: 900_00, Fixed: 200_00, MaxCount: 30,
		},
	}
	m := ledger.Merchant{
		ID: 1, GUID: "{V}", Name: "某店", Zone: time.UTC,
		Settings: ledger.Settings{BonusDays: 30, PointsDays: 30, PointsRatio: 100, PartPayment: true, CodeFrom: 20_00,
			SecondPerson: 50_00},
		Shops: []ledger.Shop{{ID: 1, GUID: "{S}", Name: "总店"}, {ID: 2, GUID: "{S2}", Name: "分店"}},
		Levels: []ledger.Level{
			{ID: 1, Name: "会员", PayRate: 8000, Earn: ledger.Percent100, Rights: rights},
			{
				ID: 2, Name: "返现", PayRate: ledger.Percent100,
				Rights: ledger.Rights{CashBack: ledger.CashBack{Each: 10_00, Back: 1_00}},
			},
			{
				ID: 3, Name: "员工", PayRate: ledger.Percent100, Rights: ledger.Rights{NoRecharge: true, MemberPrice: true},
			},
		},
		Rules:    []ledger.Rule{{ID: 1, Name: "充值送10%", Kind: ledger.Percent, AddRate: 1000, AddPoints: 5}},
		PayTypes: []ledger.PayType{{ID: 1, Name: "现金"}, {ID: 2, Name: "微信", Invoiceable: true}},
		CouponKinds: []ledger.CouponKind{
			{CouponTerms: ledger.CouponTerms{
				Kind: 1, Name: "代金券", Type: ledger.CashCoupon, Face: 10_00, Least: 20_00, MaxUse: 2, Shops: []ledger.ShopID{1},
			}, Days: 5},
			{CouponTerms: ledger.CouponTerms{
				Kind: 2, Name: "折扣券", Type: ledger.PercentCoupon, Off: 1000, MaxOff: 5_00, Alone: true, Grace: 3,
			}, Start: 2026_01_01, End: 2099_12_31, Stock: 100, Info: "堂食"},
		},
	}
	w.shop = m
	other := ledger.Merchant{
		ID: anotherOne, GUID: "{W}", Name: "别店", Zone: time.UTC, Shops: []ledger.Shop{{ID: 1, GUID: "{T}", Name: "总店"}},
		Levels: m.Levels[:1],
	}
	for _, one := range []ledger.Merchant{m, other} {
		w.host(command.AddMerchant{By: ledger.Caller{Operator: "apply"}, To: one})
		w.set(one, 0)
	}
	tills := ledger.Agent{
		ID: 1, Name: "till", Key: []byte("sealed"), Secret: []byte("too"), Scheme: "scheme: none\n", Shop: 1,
		Allow: []string{"127.0.0.1"}, Grants: []ledger.Grant{{Merchant: 1, Permissions: ledger.AllPermissions}},
	}
	vendor := ledger.Agent{
		ID: 2, Name: "vendor", TokenHash: sha256.Sum256([]byte("token")), Weak: true, Until: 2027_01_01, Always200: true,
		Grants: []ledger.Grant{{Merchant: 1, Permissions: 7}, {Merchant: anotherOne, Permissions: 1}},
	}
	w.host(command.ChangeAgent{To: vendor})
	w.host(command.ChangeAgent{To: tills, Note: "新"})
	vendor.Stopped, vendor.Version = true, 3
	w.host(command.ChangeAgent{To: vendor})
	w.people()
}

// people are two who sign in, with everything that somebody may have.
func (w *writer) people() {
	boss := ledger.Person{
		ID: 1, SignIn: "boss", Name: "老板", Language: ledger.Chinese, Password: "$argon2id$", TOTP: []byte("sealed"),
		Recovery: [][32]byte{{1}}, Passkeys: []ledger.Passkey{{ID: []byte{1}, Key: []byte{2}, Name: "手机", Made: 2026_01_05}},
		Grants: []ledger.PersonGrant{{Permissions: ledger.AllPermissions}},
	}
	left := ledger.Person{
		ID: 2, SignIn: "mei", Name: "小美", Stopped: true, Until: 2027_01_01, Agent: 2,
		Grants: []ledger.PersonGrant{{Merchant: 1, Shops: []ledger.ShopID{1}, Permissions: ledger.MayRead}},
	}
	w.host(command.ChangePerson{To: boss})
	w.host(command.ChangePerson{By: ledger.Caller{Person: 1, Address: "127.0.0.1"}, To: left})
	now := w.now.Add(time.Hour)
	err := w.st.AddSession(w.t.Context(), ledger.Session{Person: 1, MadeAt: now, SeenAt: now, Until: now.Add(time.Hour)})
	if err != nil {
		w.t.Fatal(err)
	}
}

// byPersons is what people do in the console: looks at what is masked, exports, and what one proposes and another
// confirms.
func (w *writer) byPersons() {
	role, _ := ledger.FindRole("manager")
	w.host(command.ChangePerson{To: ledger.Person{
		ID: 3, SignIn: "lin", Name: "林店长",
		Grants: []ledger.PersonGrant{{Merchant: 1, Shops: []ledger.ShopID{1}, Permissions: role.Allowed}},
	}})
	lin, boss := ledger.Caller{Person: 3, Shop: 1, Operator: "lin"}, ledger.Caller{Person: 1, Proposer: 3, Shop: 1}
	w.do(command.Open{Merchant: 1, Card: newCard("P0001", 500_00)})
	w.do(command.ShowData{Merchant: 1, By: lin, Card: "P0001", What: ledger.ShownPhone})
	w.do(command.RecordExport{Merchant: 1, By: ledger.Caller{Person: 1}, What: "cards.csv", Rows: 7})
	w.do(command.Withdraw{Merchant: 1, By: lin, Card: "P0001", Amount: 50_00})
	taken := w.do(command.Withdraw{Merchant: 1, By: boss, Card: "P0001", Amount: 60_00, PayType: 2})
	w.handOver(lin, ledger.HandOver{Operator: "lin", UpTo: taken.ID, Counted: 1_00})
	w.handOver(lin, ledger.HandOver{UpTo: taken.ID})
	w.do(command.Recharge{Merchant: 1, By: lin, Card: "P0001", Amount: 30_00, PayType: 1})
	w.handOver(lin, ledger.HandOver{After: taken.ID, UpTo: taken.ID + 3, Cash: 1, Counted: 30_00})
	err := w.st.AddProposal(w.t.Context(), ledger.Proposal{
		Merchant: 1, ID: "p1", Card: taken.Card, Act: "withdraw", Form: "{}", Person: 3, Shop: 1, At: w.now,
		Until: w.now.Add(time.Hour), State: ledger.ProposalConfirmed, DecidedBy: 1, DecidedAt: w.now, Entry: taken.ID,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	job := ledger.Job{
		Merchant: 1, ID: "j1", Kind: "verify", Ask: "{}", Person: 3, At: w.now, State: ledger.JobRuns, Turn: 1,
	}
	if err := w.st.AddJob(w.t.Context(), job); err != nil {
		w.t.Fatal(err)
	}
	job.State, job.EndedAt = ledger.JobDone, w.now
	file := ledger.JobFile{Name: "found.csv", Type: "text/csv", Content: []byte("x")}
	if err := w.st.EndJob(w.t.Context(), job, file); err != nil {
		w.t.Fatal(err)
	}
	err = w.st.AddExchanges(w.t.Context(), []ledger.Exchange{{
		Merchant: 1, At: w.now, ID: "X1", Agent: 1, Dialect: "dc78", Endpoint: "mb_trans", Outcome: "ok", Status: 200, Told: "{}",
	}})
	if err != nil {
		w.t.Fatal(err)
	}
	w.host(command.ChangeAgent{To: ledger.Agent{
		ID: 9, Name: "ERP", TokenHash: [32]byte{9}, Owner: 1, Shops: []ledger.ShopID{1, 2},
		Grants: []ledger.Grant{{Merchant: 1, Permissions: ledger.MayRead}},
	}})
	if err := w.st.NoteUse(w.t.Context(), ledger.KeyUse{Merchant: 1, Key: 9, At: w.now, Address: "127.0.0.1"}); err != nil {
		w.t.Fatal(err)
	}
}

// merges has a card with bonus, points and coupons go into another.
func (w *writer) merges() {
	w.do(command.Open{Merchant: 1, Card: newCard("G0001", 20_00)})
	w.do(command.Open{Merchant: 1, Card: newCard("G0002", 0)})
	w.do(command.GiveBonus{Merchant: 1, Card: "G0001", Amount: 8_00, Until: 2026_12_31, Note: "致歉"})
	w.do(command.AdjustPoints{Merchant: 1, Card: "G0001", Points: 30})
	w.do(command.SendCoupons{Merchant: 1, Card: "G0001", Kind: 2, Numbers: []string{"28000101", "28000102"}})
	w.do(command.Recharge{Merchant: 1, Card: "G0001", Amount: 30_00, PayType: 2})
	w.do(command.Consume{Merchant: 1, Card: "G0001", Amount: 10_00})
	w.do(command.Merge{Merchant: 1, From: "G0001", To: "G0002"})
	w.do(command.Consume{Merchant: 1, Card: "G0002", Amount: 5_00})
}

// takesBack takes back that cards were brought in, with a debt and coupons, and brings one of them in again.
func (w *writer) takesBack() {
	owing, bare := newCard("H0001", 20_00), newCard("H0002", 0)
	owing.Owes, owing.Points, owing.Bonus, owing.Details.ExtID = 35_00, 7, 3_00, "201"
	owing.Coupons = []command.BroughtCoupons{{Kind: 2, Numbers: []string{"28000201"}, Until: 2098_12_31}}
	bare.Status = ledger.Stopped
	last := w.do(command.Import{Merchant: 1, Cards: []command.NewCard{owing, bare}}).ID
	w.do(command.ReverseOpenings{Merchant: 1, Cards: []command.BroughtCard{
		{Number: "H0001", First: last - 4, Last: last - 2}, {Number: "H0002", First: last - 1, Last: last},
	}})
	owing.Coupons[0].Numbers = []string{"28000202"}
	w.do(command.Import{Merchant: 1, Cards: []command.NewCard{owing}})
}

// webhooks has two endpoints told of what happens, one of them stopped and started again.
func (w *writer) webhooks() {
	one := ledger.Webhook{
		Merchant: 1, ID: 1, Name: "总部 ERP", URL: "https://erp.example.com/", Kinds: []ledger.Kind{ledger.Consumed},
		Secret: []byte("sealed"), Spare: []byte("too"),
	}
	other := ledger.Webhook{Merchant: 1, ID: 2, Name: "报表", URL: "https://bi.example.com/", Secret: []byte("sealed 2")}
	boss := ledger.Caller{Person: 1}
	w.do(command.ChangeWebhook{By: boss, To: other})
	other.Version = w.do(command.ChangeWebhook{By: boss, To: one}).ID - 1
	other.Stopped = true
	other.Version = w.do(command.ChangeWebhook{By: boss, To: other}).ID
	one.Version, one.Stopped = other.Version-1, true
	one.Version = w.do(command.ChangeWebhook{By: boss, To: one, Note: "搬家"}).ID
	one.Stopped = false
	last := w.do(command.ChangeWebhook{By: boss, To: one}).ID
	state := ledger.WebhookState{Merchant: 1, Webhook: 1, Turn: 1, Entry: last, LastAt: w.now, LastCode: 200}
	tries := []ledger.WebhookTry{{Merchant: 1, Webhook: 1, At: w.now, Entry: last, Status: 500, Said: "no"}}
	if err := w.st.SaveWebhookState(w.t.Context(), state, tries, nil); err != nil {
		w.t.Fatal(err)
	}
	again := ledger.WebhookAgain{Merchant: 1, Webhook: 1, First: 1, Last: 2, At: w.now}
	if err := w.st.AddWebhookAgain(w.t.Context(), again); err != nil {
		w.t.Fatal(err)
	}
}

// host carries out a command of the host.
func (w *writer) host(c command.Command) {
	w.t.Helper()
	if _, err := w.engine.Do(w.t.Context(), c); err != nil {
		w.t.Fatalf("%T: %v", c, err)
	}
}

// set records a merchant's settings in the journal.
func (w *writer) set(m ledger.Merchant, from ledger.EntryID) {
	w.do(command.ChangeSettings{Merchant: m.ID, By: ledger.Caller{Operator: "apply"}, To: m, From: from})
}

func (w *writer) moneyAndPoints() {
	card := newCard("A0001", 500_00)
	card.Points, card.Bonus, card.Expires = 9, 10_00, 2099_12_31
	w.do(command.Open{Merchant: 1, Card: card})
	w.do(command.Open{Merchant: 1, Card: newCard("A0002", 5_00)})
	w.do(command.Open{Merchant: 1, Card: newCard("A0003", 50_00)})
	w.is(aRecharge,
		w.do(command.Recharge{
			Merchant: 1, By: ledger.Caller{Agent: 1, Shop: 1, Operator: "小王", Claimed: w.now.Add(-time.Hour)}, Card: "A0001",
			Amount: 100_00, PayType: 1, Note: "备注",
		}))
	w.is(aBill,
		w.do(command.Consume{
			Merchant: 1, By: ledger.Caller{Agent: 1, Shop: 1}, Card: "A0001", Amount: 600_00, NoDiscount: 10_00,
		}))
	w.do(command.RefundConsume{Merchant: 1, Card: "A0001", Entry: aBill, Amount: 50_00, Note: "菜凉了"})
	r := w.do(command.Recharge{Merchant: 1, Card: "A0002", Amount: 100_00, PayType: 2})
	w.do(command.ReverseRecharge{Merchant: 1, Card: "A0002", Entry: r.ID})
	w.do(command.Recharge{Merchant: 1, Card: "A0002", Amount: 200_00, PayType: 2})
	w.do(command.Transfer{Merchant: 1, From: "A0002", To: "A0001", Amount: 10_00})
	w.do(command.Withdraw{Merchant: 1, Card: "A0002", Amount: 10_00})
	w.do(command.UsePoints{Merchant: 1, Card: "A0001", Points: 7})
	w.do(command.AdjustPoints{Merchant: 1, Card: "A0001", Points: 200, Note: "生日"})
	bill := w.do(command.Consume{Merchant: 1, Card: "A0001", Amount: 50_00, Points: command.PointsOffered{Points: 150}})
	w.do(command.RefundConsume{Merchant: 1, Card: "A0001", Entry: bill.ID, Amount: 1_00})
	w.do(command.RefundConsume{Merchant: 1, Card: "A0001", Entry: bill.ID})
	w.do(command.Consume{Merchant: 1, Card: "A0003", Amount: 90_00}) // a part is paid elsewhere
}

// is checks that an entry has the id that the books are built around.
func (w *writer) is(id ledger.EntryID, e *ledger.Entry) {
	w.t.Helper()
	if e.ID != id {
		w.t.Fatalf("a %v is entry %d, not %d", e.Kind, e.ID, id)
	}
}

func (w *writer) livesOfCards() {
	w.do(command.Replace{Merchant: 1, Card: "A0002", Number: "A0009"})
	w.do(command.ReportLost{Merchant: 1, Card: "A0003"})
	w.do(command.CancelLoss{Merchant: 1, Card: "A0003"})
	w.do(command.Stop{Merchant: 1, Card: "A0003", Note: "欠费"})
	w.do(command.Resume{Merchant: 1, Card: "A0003"})
	w.do(command.Return{Merchant: 1, Card: "A0003", PayType: 1})
	name, code, credit := "别人", "101", ledger.Fen(50_00)
	w.do(command.ModifyHolder{Merchant: 1, Card: "A0001", Name: &name})
	password := "hash"
	w.do(command.ModifyDetails{
		Merchant: 1, Card: "A0001", ExtID: &code, Password: &password, OpenID: &code, Remarks: &name,
	})
	w.do(command.ModifyDetails{Merchant: 1, Card: "A0009", Credit: &credit})
	w.do(command.Consume{Merchant: 1, Card: "A0009", Amount: 300_00})
}

func (w *writer) coupons() {
	sent := w.do(command.SendCoupons{
		Merchant: 1, Card: "A0001", Kind: 1, Subject: "开业",
		Numbers: []string{"28000001", "28000002", "28000003", "28000004", "28000005"},
	})
	w.is(firstSent.Sender(), sent)
	use := func(c ...ledger.CouponID) *ledger.Entry {
		return w.do(command.Consume{Merchant: 1, By: ledger.Caller{Shop: 1}, Card: "A0001", Amount: 50_00, Coupons: c})
	}
	bill := use(firstSent+1, firstSent+2)
	w.do(command.RefundConsume{Merchant: 1, Card: "A0001", Entry: bill.ID})
	use(firstSent + 2)
	w.do(command.VoidCoupon{Merchant: 1, Card: "A0001", Coupon: firstSent + 1})
	w.now = w.now.AddDate(0, 0, 6)
	w.do(command.ExpireCoupons{Merchant: 1, Card: "A0001"})
	w.do(command.SendCoupons{Merchant: 1, Card: "A0001", Kind: 1, Numbers: []string{"28000006"}})
}

func (w *writer) rights() {
	card := newCard("B0001", 0)
	card.Expires, card.Details = 2027_01_31, ledger.Details{Subject: "开业", Physical: ledger.Physical{No: "K1", Balance: 1}}
	w.do(command.Open{Merchant: 1, Card: card})
	w.do(command.Recharge{Merchant: 1, Card: "B0001", Amount: 100_00, PayType: 2})
	w.do(command.Renew{Merchant: 1, Card: "B0001", Months: 12})
	renewal := w.do(command.Renew{Merchant: 1, Card: "B0001", Months: 12})
	w.do(command.ReverseRenewal{Merchant: 1, Card: "B0001", Entry: renewal.ID})
	invoice := w.do(command.Invoice{Merchant: 1, Card: "B0001", Amount: 15_00, Note: "普票"})
	w.do(command.ReverseInvoice{Merchant: 1, Card: "B0001", Entry: invoice.ID})
	signed := w.do(command.ChargeToAccount{Merchant: 1, Card: "B0001", Amount: 15_00})
	w.do(command.RefundCharge{Merchant: 1, Card: "B0001", Entry: signed.ID})
	w.do(command.ChargeToAccount{Merchant: 1, Card: "B0001", Amount: 5_00})
	w.do(command.ChangeLevel{Merchant: 1, Card: "B0001", Level: 2})
	bill := w.do(command.Consume{Merchant: 1, Card: "B0001", Amount: 40_00})
	w.do(command.RefundConsume{Merchant: 1, Card: "B0001", Entry: bill.ID, Amount: 10_00})
	w.do(command.Consume{Merchant: 1, Card: "B0001", Amount: 20_00})
	w.do(command.BindPhone{Merchant: 1, ID: 5, Card: "B0001", Pass: 0})
}

// manyLots gives a card so many lots that they become rows of their own.
func (w *writer) manyLots() {
	w.do(command.Open{Merchant: 1, Card: newCard("C0001", 1_00)})
	for range ledger.CardLots + 1 {
		w.do(command.Recharge{Merchant: 1, Card: "C0001", Amount: 10_00, PayType: 1})
	}
	w.do(command.Consume{Merchant: 1, Card: "C0001", Amount: 15_00})
}

// proofs leave guards, messages, and a request without an entry.
func (w *writer) proofs() {
	wrong := &command.Proof{Password: func(string) bool { return false }, From: "192.0.2.0/24"}
	_, err := w.engine.Do(w.t.Context(), command.Consume{
		Merchant: 1, By: ledger.Caller{Agent: 1}, Card: "A0001", Amount: 1_00, Proof: wrong,
	})
	if err == nil {
		w.t.Fatal("a wrong password was right")
	}
	card := newCard("D0001", 100_00)
	card.Kind = ledger.Micro
	w.do(command.Open{Merchant: 1, Card: card})
	hash := func(ledger.CardID) [32]byte { return sha256.Sum256([]byte("123456")) }
	w.keys |= 1 // the next command gets a request id
	w.do(command.SendCode{
		Merchant: 1, Card: "D0001", Kind: ledger.Consumed, Amount: 30_00, Hash: hash,
		Message: ledger.Message{ID: 77, Sealed: []byte("sealed")},
	})
}

func (w *writer) expiries() {
	w.now = w.now.AddDate(0, 0, 40)
	w.do(command.Expire{Merchant: 1, Card: "C0001"})
	w.do(command.Recharge{Merchant: 1, Card: "C0001", Amount: 10_00, PayType: 1})
	w.do(command.Consume{Merchant: 1, Card: "A0001", Amount: 1_00})
	w.do(command.Recharge{Merchant: 1, Card: "A0001", Amount: 10_00, PayType: 2})
}

// forfeits takes principal out of a lot whose bonus was spent, and brings the bonus back.
func (w *writer) forfeits() {
	old := newCard("E0001", 0)
	old.Expires = 2020_01_31
	w.do(command.Import{Merchant: 1, Cards: []command.NewCard{old}})
	w.shop.Settings.SpendOrder = ledger.BonusFirst
	w.set(w.shop, 1)
	w.do(command.Open{Merchant: 1, Card: newCard("F0001", 0)})
	w.do(command.Recharge{Merchant: 1, Card: "F0001", Amount: 100_00, PayType: 1})
	bill := w.do(command.Consume{Merchant: 1, Card: "F0001", Amount: 20_00})
	w.do(command.Withdraw{Merchant: 1, Card: "F0001", Amount: 40_00})
	w.do(command.RefundConsume{Merchant: 1, Card: "F0001", Entry: bill.ID})
}

// handOver closes a shift, with what its entries add up to.
func (w *writer) handOver(by ledger.Caller, of ledger.HandOver) {
	till := report.Till{}
	of.Shop = by.Shop
	err := w.st.EachEntry(w.t.Context(), 1, of.After, func(e *ledger.Entry) error {
		if of.Concerns(e) {
			till.Add(e)
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	of.Takings = till.Takings()
	w.do(command.HandOver{Merchant: 1, By: by, Of: of, Note: "交班"})
}

// clock runs 40 days ahead for a while, and is set back.
func (w *writer) clock() {
	right := w.now
	w.do(command.AcceptTime{Merchant: 1, At: w.now, Note: "已核对"})
	w.now = w.now.AddDate(0, 0, 40)
	expired := w.do(command.Expire{Merchant: 1, Card: "F0001"})
	w.do(command.TakeBackTime{Merchant: 1, At: right})
	w.now = right.Add(time.Hour)
	w.do(command.ReverseExpiry{Merchant: 1, Card: "F0001", Entry: expired.ID})
	w.do(command.Recharge{Merchant: 1, Card: "F0001", Amount: 1_00, PayType: 1})
}

// follow adds up the business days, and what was done to lots and coupons, except for the newest entries.
func (w *writer) follow() {
	for _, f := range []follow.Follower{follow.NewDays(w.st), follow.NewParts(w.st)} {
		r := follow.New(f, follow.NewBell(), follow.Config{Journal: w.st, Pace: -1})
		if err := r.Round(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
	}
	w.do(command.Recharge{Merchant: 1, Card: "F0001", Amount: 1_00, PayType: 1})
}

// everyKind checks that no kind of entry is missing.
func (w *writer) everyKind() {
	missing := slices.Clone(ledger.Kinds)
	var err error
	for _, id := range []ledger.MerchantID{ledger.HostID, 1} {
		err = errors.Join(err, w.st.EachEntry(w.t.Context(), id, 0, func(e *ledger.Entry) error {
			missing = slices.DeleteFunc(missing, func(k ledger.Kind) bool { return k == e.Kind })
			return nil
		}))
	}
	if err != nil || len(missing) > 0 {
		w.t.Errorf("the books hold no %v, %v", missing, err)
	}
}
