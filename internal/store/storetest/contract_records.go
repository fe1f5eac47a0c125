package storetest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"tongka"
)

func testMerchants(t *testing.T, b *books) {
	second := merchant(2)
	before, err := b.s.SettingsVersion(b.ctx)
	b.must(err)
	b.must(b.s.SaveMerchant(b.ctx, second))
	changed := merchant(1)
	changed.Name, changed.Shops, changed.Rules = "改名", changed.Shops[:1], nil
	changed.Levels = append(changed.Levels, tongka.Level{ID: 9, Name: "钻石", Discount: 5000, Rights: tongka.Rights{NoRecharge: true}})
	changed.Settings = tongka.Settings{}
	b.must(b.s.SaveMerchant(b.ctx, changed))
	after, err := b.s.SettingsVersion(b.ctx)
	b.must(err)
	if after <= before {
		t.Errorf("settings version went from %d to %d", before, after)
	}
	got, err := b.s.Merchants(b.ctx)
	b.must(err)
	same(t, "merchants", got, []tongka.Merchant{changed, second})
	records, err := b.s.Load(b.ctx, tongka.Keys{Merchants: []tongka.MerchantID{2, 1, 5}})
	b.must(err)
	slices.SortFunc(records.Merchants, func(x, y tongka.Merchant) int { return cmp.Compare(x.ID, y.ID) })
	same(t, "loaded merchants", records.Merchants, got)
	if len(records.Heads) != 2 {
		t.Errorf("%d heads, want those of 2 merchants", len(records.Heads))
	}
}

func testAgents(t *testing.T, b *books) {
	second := tongka.Agent{ID: 2, Name: "代理二", TokenHash: [32]byte{1, 2, 3}, Weak: true, Allow: []string{"10.0.0.0/8", "::1"},
		Until: 20270101, Stopped: true, Grants: []tongka.Grant{{Merchant: 2, Permissions: tongka.MayConsume}, {Merchant: 1, Permissions: tongka.MayRead}}}
	first := tongka.Agent{ID: 1, Name: "one", TokenHash: [32]byte{9}, Shop: 10021, Key: []byte{1, 0, 255}, Always200: true,
		Scheme: "scheme: none\n", Secret: []byte{0, 7}}
	before, err := b.s.SettingsVersion(b.ctx)
	b.must(err)
	b.must(b.s.SaveAgent(b.ctx, second))
	b.must(b.s.SaveAgent(b.ctx, first))
	second.Grants, second.Weak = second.Grants[1:], false
	b.must(b.s.SaveAgent(b.ctx, second))
	got, err := b.s.Agents(b.ctx)
	b.must(err)
	same(t, "agents", got, []tongka.Agent{first, second})
	if after, err := b.s.SettingsVersion(b.ctx); err != nil || after <= before {
		t.Errorf("settings version went from %d to %d, %v", before, after, err)
	}
}

// Every field of every kind of entry comes back: the chain is computed from all of them. Cards come
// back as the commands left them (invariants 03, 21, 23).
func testEveryField(t *testing.T, b *books) {
	last := b.everything()
	folded := map[tongka.CardID]*tongka.Card{}
	journal := b.journal()
	for i := range journal {
		e := &journal[i]
		c := folded[e.Card]
		if c == nil {
			c = &tongka.Card{ID: e.Card, Merchant: 1}
			folded[e.Card] = c
		}
		if e.Chain(c.Hash) != e.Hash {
			t.Errorf("entry %d (%v) does not come back as it was", e.ID, e.Kind)
		}
		if _, err := c.Fold(e); err != nil {
			t.Fatal(err)
		}
		same(t, fmt.Sprintf("tally of entry %d", e.ID), e.Tally, c.Tally)
	}
	kinds := map[tongka.Kind]bool{}
	for _, e := range journal {
		kinds[e.Kind] = true
	}
	if len(kinds) != len(tongka.Kinds) {
		t.Errorf("%d kinds of entries were tried, want all %d", len(kinds), len(tongka.Kinds))
	}
	own := folded[0]
	delete(folded, 0)
	head := b.head()
	if head.Own == 0 || own.Hash != journal[head.Own-1].Hash || journal[head.TakenBack-1].Kind != tongka.ClockTakenBack {
		t.Errorf("the head does not come back as it was: %+v", head)
	}
	n := 0
	b.must(b.s.EachCard(b.ctx, 1, func(c *tongka.Card) error {
		n++
		same(t, "card "+c.Number, c, folded[c.ID])
		return nil
	}))
	if n != len(folded) {
		t.Errorf("%d cards, want %d", n, len(folded))
	}
	b.couponsAsFolded(journal)
	same(t, "newest entry", journal[len(journal)-1], *last.Last())
}

// cashBack is a consume at a level that gives some.
type cashBack struct{ tongka.Consume }

func (c cashBack) Decide(s *tongka.State, now time.Time) (tongka.Changes, error) {
	m := s.Merchant(c.Merchant)
	m.Levels = slices.Clone(m.Levels)
	for i := range m.Levels {
		m.Levels[i].Rights.CashBack = tongka.CashBack{Each: 100, Back: 10}
	}
	return c.Consume.Decide(s, now)
}

// bonusFirst is a consume at a merchant whose bonus goes first.
type bonusFirst struct{ tongka.Consume }

func (c bonusFirst) Decide(s *tongka.State, now time.Time) (tongka.Changes, error) {
	s.Merchant(c.Merchant).Settings.Policy = tongka.BonusFirst
	return c.Consume.Decide(s, now)
}

// openEveryKind makes an entry of every kind that gives a card its facts.
func (b *books) openEveryKind() {
	b.t.Helper()
	m, by := tongka.MerchantID(1), clerk
	b.do(open("10001"), full("10002"), open("10003"), open("10004"))
	b.do(tongka.OpenBalance{Merchant: m, By: by, Card: "10003", Principal: 700, Bonus: 300, Points: 50})
	remarks, code := "换绑", "9001"
	b.do(tongka.ModifyDetails{Merchant: m, By: by, Card: "10001", Remarks: &remarks, ExtID: &code},
		tongka.ModifyDetails{Merchant: m, By: by, Card: "10003", Physical: &details.Physical, Credit: &details.Credit})
	b.do(tongka.BindPhone{Merchant: m, By: by, ID: b.card("10002").ID, Card: "10002", Pass: details.Pass})
	bare := open("10005")
	bare.Card.Kind, bare.Card.Holder, bare.Card.Details.Credit = tongka.StoredValue, tongka.Holder{}, 1000
	b.do(tongka.Issue{Merchant: m, By: by, Cards: []tongka.NewCard{bare.Card}})
	brought := open("10006")
	brought.Card.Status, brought.Card.Expires, brought.Card.Principal = tongka.Lost, 2020_01_01, 700
	b.do(tongka.Import{Merchant: m, By: by, Cards: []tongka.NewCard{brought.Card}})
}

// everything makes an entry of every kind.
func (b *books) everything() tongka.Changes {
	b.t.Helper()
	m, by := tongka.MerchantID(1), clerk
	b.openEveryKind()
	paid := b.do(recharge("10001", 20000), recharge("10002", 5000))
	bill := b.do(consume("10001", 4000), consume("10001", 1200), recharge("10001", 100))
	b.do(tongka.RefundConsume{Merchant: m, By: by, Card: "10001", Entry: bill.Entries[0].ID, Amount: 999, Note: "菜凉了"})
	b.do(tongka.ReverseRecharge{Merchant: m, By: by, Card: "10002", Entry: paid.Entries[1].ID, Note: "收错"})
	b.do(tongka.UsePoints{Merchant: m, By: by, Card: "10001", Points: 3}, tongka.AdjustPoints{Merchant: m, By: by, Card: "10001", Points: 7, Note: "补"})
	late := clerk
	late.Claimed = b.now.Add(-time.Hour)
	b.do(tongka.Recharge{Merchant: m, By: late, Card: "10001", Amount: 300, PayType: 2, NoBonus: true, Note: "补录 <b>"})
	made := b.do(tongka.Invoice{Merchant: m, By: by, Card: "10001", Amount: 250, Note: "普票 <b>"}, consume("10001", 100))
	b.do(tongka.ReverseInvoice{Merchant: m, By: by, Card: "10001", Entry: made.Entries[0].ID, Note: "抬头错"})
	b.do(tongka.Invoice{Merchant: m, By: by, Card: "10001", Amount: 50})
	signed := b.do(tongka.SignBill{Merchant: m, By: by, Card: "10001", Amount: 15_00, Note: "团餐 <b>"}, consume("10001", 100))
	b.do(tongka.RefundSigned{Merchant: m, By: by, Card: "10001", Entry: signed.Entries[0].ID, Note: "退餐"})
	b.do(tongka.SignBill{Merchant: m, By: by, Card: "10001", Amount: 7_50})
	b.do(tongka.Renew{Merchant: m, By: by, Card: "10001", Months: 6}, tongka.Renew{Merchant: m, By: by, Card: "10001", Months: 12})
	b.do(tongka.ReportLost{Merchant: m, By: by, Card: "10001"}, tongka.Unlose{Merchant: m, By: by, Card: "10001"})
	b.do(tongka.Stop{Merchant: m, By: by, Card: "10001", Note: "查"}, tongka.Resume{Merchant: m, By: by, Card: "10001", Note: "好"})
	name := "李四 <b>&\"'\\"
	b.do(tongka.ModifyHolder{Merchant: m, By: by, Card: "10001", Name: &name}, tongka.ChangeLevel{Merchant: m, By: by, Card: "10001", Level: 1, Note: "降级"})
	b.do(tongka.Transfer{Merchant: m, By: by, From: "10001", To: "10002", Amount: 500}, tongka.Withdraw{Merchant: m, By: by, Card: "10001", Amount: 20})
	sent := b.do(send("10001", 5, "28000001", "28000002"), send("10002", 4, "28000003")).Entries[0].Coupons
	paying := consume("10001", 1500)
	paying.Coupons = []tongka.CouponID{sent[0].Coupon}
	used := b.do(paying)
	b.do(tongka.RefundConsume{Merchant: m, By: by, Card: "10001", Entry: newest(used)})
	b.do(tongka.VoidCoupon{Merchant: m, By: by, Card: "10001", Coupon: sent[0].Coupon, Note: "发错"})
	paying = consume("10003", 400)
	paying.Points = tongka.PointsOffered{Points: 50}
	used = b.do(paying)
	b.do(tongka.RefundConsume{Merchant: m, By: by, Card: "10003", Entry: newest(used)})
	used = b.do(cashBack{consume("10003", 400)})
	b.do(tongka.RefundConsume{Merchant: m, By: by, Card: "10003", Entry: used.Last().ID, Amount: 100})
	b.do(consume("10005", 400), consume("10005", 100))
	b.do(open("10009"))
	paid = b.do(recharge("10009", 10000))
	used = b.do(bonusFirst{consume("10009", 500)})
	b.do(tongka.ReverseRecharge{Merchant: m, By: by, Card: "10009", Entry: newest(paid)})
	b.do(tongka.RefundConsume{Merchant: m, By: by, Card: "10009", Entry: newest(used), Amount: 200})
	b.do(tongka.Replace{Merchant: m, By: by, Card: "10002", Number: "20002"}, tongka.Return{Merchant: m, By: by, Card: "20002"})
	b.now = b.now.AddDate(0, 3, 0)
	b.do(tongka.ExpireCoupons{Merchant: m, By: by, Card: "10001"})
	expired := b.do(tongka.Expire{Merchant: m, By: tongka.Caller{Operator: "sweep"}, Card: "10003"})
	b.do(tongka.AcceptTime{Merchant: m, By: by, At: b.now, Note: "看过 <b>"})
	b.now = b.now.AddDate(0, -3, 0)
	b.do(tongka.TakeBackTime{Merchant: m, By: by, At: b.now, Note: "电池 <b>"}, consume("10001", 10))
	return b.do(tongka.ReverseExpiry{Merchant: m, By: by, Card: "10003", Entry: newest(expired)})
}

// A card with very many lots is loaded with its first ones only, unless it is wanted whole.
func testFrontLots(t *testing.T, b *books) {
	b.do(open("10001"))
	const n = tongka.FrontLots + 8
	for range n {
		b.now = b.now.Add(24 * 3600e9)
		b.do(recharge("10001", 100))
	}
	whole := b.card("10001")
	if len(whole.Lots) != n || whole.MoreLots {
		t.Fatalf("%d lots (more: %v), want all %d", len(whole.Lots), whole.MoreLots, n)
	}
	records, err := b.s.Load(b.ctx, tongka.Keys{Cards: []tongka.CardKey{key("10001")}})
	b.must(err)
	front := records.Cards[0]
	if !front.MoreLots {
		t.Error("a card with more lots does not say so")
	}
	same(t, "front lots", front.Lots, whole.Lots[:tongka.FrontLots])
	records, err = b.s.Load(b.ctx, tongka.Keys{Whole: []tongka.CardKey{key("10001")}})
	b.must(err)
	same(t, "whole card", records.Cards[0], *whole)

	b.do(consume("10001", 150)) // takes some of the first
	b.do(tongka.Return{Merchant: 1, By: clerk, Card: "10001"})
	if c := b.card("10001"); len(c.Lots) != 0 {
		t.Errorf("a returned card has %d lots", len(c.Lots))
	}
}

// A card keeps few lots with it and many apart, and comes back from the one to the other.
func testLotsApart(t *testing.T, b *books) {
	b.do(open("10001"))
	recharges := func(n int) {
		t.Helper()
		for range n {
			b.do(recharge("10001", 100))
		}
		c := b.card("10001")
		if len(c.Lots) != n || c.LotsApart != (n > tongka.CardLots) {
			t.Errorf("after %d recharges the card has %d lots, apart: %v", n, len(c.Lots), c.LotsApart)
		}
	}
	pay := func(amount tongka.Fen) tongka.Consume {
		return tongka.Consume{Merchant: 1, By: clerk, Card: "10001", Amount: amount, NoDiscount: amount}
	}
	recharges(tongka.CardLots)
	before := b.card("10001").Lots
	b.do(recharge("10001", 100), pay(before[0].Principal))
	if c := b.card("10001"); len(c.Lots) != tongka.CardLots+1 || c.Lots[0] == before[0] || !c.LotsApart {
		t.Errorf("%d lots, apart: %v, the first %+v", len(c.Lots), c.LotsApart, c.Lots[0])
	}
	b.do(pay(b.card("10001").Amount()))
	if c := b.card("10001"); len(c.Lots) != 0 || c.LotsApart {
		t.Errorf("an empty card has %d lots, apart: %v", len(c.Lots), c.LotsApart)
	}
	recharges(tongka.CardLots + 1)
}

// What is owed stands before all lots, with the card and apart from it, and is loaded first.
func testCredit(t *testing.T, b *books) {
	o := open("10001")
	o.Card.Details.Credit = 10000
	b.do(o)
	owe := tongka.Consume{Merchant: 1, By: clerk, Card: "10001", Amount: 700, NoDiscount: 700}
	b.do(owe)
	if c := b.card("10001"); c.Principal != -700 || c.Debt() != 700 || c.LotsApart {
		t.Errorf("the card has %v and owes %v, apart: %v", c.Principal, c.Debt(), c.LotsApart)
	}
	for range tongka.FrontLots + 2 {
		b.do(recharge("10001", 10))
	}
	b.do(tongka.Transfer{Merchant: 1, By: clerk, From: b.rich(), To: "10001", Amount: 5})
	c := b.card("10001")
	if !c.LotsApart || c.Principal >= 0 || c.Debt() != 700 {
		t.Errorf("the card has %v and owes %v, apart: %v", c.Principal, c.Debt(), c.LotsApart)
	}
	records, err := b.s.Load(b.ctx, tongka.Keys{Cards: []tongka.CardKey{key("10001")}})
	b.must(err)
	if front := records.Cards[0]; !front.MoreLots || front.Debt() != 700 {
		t.Errorf("of its front %v is owed, more lots: %v", front.Debt(), front.MoreLots)
	}
	owe.Amount, owe.NoDiscount = c.CanPay(), c.CanPay()
	bill := newest(b.do(owe))
	if c := b.card("10001"); c.Amount() != -10000 || c.Debt() != 10000 || len(c.Lots) != 1 {
		t.Errorf("the card has %v and owes %v", c.Amount(), c.Debt())
	}
	b.do(tongka.RefundConsume{Merchant: 1, By: clerk, Card: "10001", Entry: bill})
	same(t, "card after the refund", b.card("10001").Lots, c.Lots)
}

// rich opens a card with money on it.
func (b *books) rich() string {
	b.do(open("10009"), recharge("10009", 10000))
	return "10009"
}

func newest(ch tongka.Changes) tongka.EntryID { return ch.Last().ID }

func testUndo(t *testing.T, b *books) {
	b.do(open("10001"), recharge("10001", 10000))
	bill := newest(b.do(consume("10001", 4000)))
	refund := tongka.RefundConsume{Merchant: 1, By: clerk, Card: "10001", Entry: bill, Amount: 100}
	first, second := newest(b.do(refund)), newest(b.do(refund))
	b.do(consume("10001", 100))
	for _, c := range []struct {
		named []tongka.EntryID
		want  []tongka.EntryID
	}{
		{[]tongka.EntryID{bill}, []tongka.EntryID{bill, first, second}},
		{[]tongka.EntryID{bill, second}, []tongka.EntryID{bill, first, second}}, // each once
		{[]tongka.EntryID{first}, []tongka.EntryID{first}},
		{[]tongka.EntryID{999}, nil},
	} {
		var keys tongka.Keys
		for _, id := range c.named {
			keys.Entries = append(keys.Entries, tongka.EntryKey{Merchant: 1, ID: id})
		}
		records, err := b.s.Load(b.ctx, keys)
		b.must(err)
		var got []tongka.EntryID
		for _, e := range records.Entries {
			got = append(got, e.ID)
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("entries of %v = %v, want %v", c.named, got, c.want)
		}
	}
}

func once(id string, c tongka.Command, fingerprint byte) tongka.Once {
	return tongka.Once{
		Command: c, Key: tongka.RequestKey{Merchant: 1, Agent: 9, Scope: "sandy/recharge", ID: id},
		Fingerprint: [32]byte{fingerprint}, Answer: func(ch tongka.Changes) []byte { return fmt.Appendf(nil, "entry %d\x00", ch.Last().ID) },
	}
}

// The first answer is there for whoever asks again, and only under its very key (invariants 14, 15, 17).
func testRequests(t *testing.T, b *books) {
	b.do(open("10001"))
	first := b.do(once("甲", recharge("10001", 100), 1)).Requests[0]
	again := once("甲", recharge("10001", 100), 1)
	ch, err := again.Decide(b.load(again.Keys()), b.now)
	b.must(err)
	if ch.Replay == nil {
		t.Fatal("the same request is done again")
	}
	same(t, "replayed request", *ch.Replay, first)
	other := once("甲", recharge("10001", 999), 2)
	if _, err := other.Decide(b.load(other.Keys()), b.now); !errors.Is(err, tongka.Refusal{Reason: tongka.RequestReused}) {
		t.Errorf("the id for something else: %v, want a refusal", err)
	}
	for _, k := range []tongka.RequestKey{
		{Merchant: 1, Agent: 9, Scope: "sandy/consume", ID: "甲"},
		{Merchant: 1, Agent: 8, Scope: "sandy/recharge", ID: "甲"},
		{Merchant: 2, Agent: 9, Scope: "sandy/recharge", ID: "甲"},
		{Merchant: 1, Agent: 9, Scope: "sandy/recharge", ID: "乙"},
	} {
		records, err := b.s.Load(b.ctx, tongka.Keys{Requests: []tongka.RequestKey{k}})
		if err != nil || len(records.Requests) != 0 {
			t.Errorf("request %v: %v, %v, want none", k, records.Requests, err)
		}
	}
	empty := once("", open("10002"), 3)
	empty.Answer = func(tongka.Changes) []byte { return nil }
	b.do(empty)
	records, err := b.s.Load(b.ctx, tongka.Keys{Requests: []tongka.RequestKey{empty.Key}})
	if err != nil || len(records.Requests) != 1 || len(records.Requests[0].Answer) != 0 {
		t.Errorf("an empty answer comes back as %v, %v", records.Requests, err)
	}
}

// A replaced card keeps its account under the new number; the old number stays readable and taken.
func testReplace(t *testing.T, b *books) {
	b.do(open("10001"), recharge("10001", 1000))
	before := b.card("10001")
	b.do(tongka.Replace{Merchant: 1, By: clerk, Card: "10001", Number: "20001"}, consume("20001", 10),
		tongka.Replace{Merchant: 1, By: clerk, Card: "20001", Number: "30001"})
	now := b.card("30001")
	if now.ID != before.ID || now.Seq != before.Seq+3 {
		t.Errorf("card %d at entry %d under the new number, want %d at %d", now.ID, now.Seq, before.ID, before.Seq+3)
	}
	for _, old := range []string{"10001", "20001"} {
		if c := b.card(old); c == nil || c.Status != tongka.Replaced || c.Amount() != 0 || len(c.Lots) != 0 {
			t.Errorf("the old number %s shows %+v", old, c)
		}
	}
}

func testNothingThere(t *testing.T, b *books) {
	records, err := b.s.Load(b.ctx, tongka.Keys{
		Merchants: []tongka.MerchantID{44}, Cards: []tongka.CardKey{key("nobody")}, Whole: []tongka.CardKey{key("noone")},
		Entries: []tongka.EntryKey{{Merchant: 1, ID: 4}}, Requests: []tongka.RequestKey{{Merchant: 1}},
	})
	b.must(err)
	same(t, "records", records, tongka.Records{})
	if c := b.card("nobody"); c != nil {
		t.Errorf("card %+v, want none", c)
	}
	page, err := b.s.History(b.ctx, tongka.HistoryQuery{Card: key("nobody"), Page: 1, Size: 5})
	b.must(err)
	same(t, "history", page, tongka.HistoryPage{})
	found, err := b.s.Search(b.ctx, tongka.SearchQuery{Merchant: 1, Key: "no", Limit: 5})
	if err != nil || len(found) != 0 {
		t.Errorf("found %v, %v, want nothing", found, err)
	}
}
