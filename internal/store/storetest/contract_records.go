package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

func testMerchants(t *testing.T, b *books) {
	second := merchant(2)
	before, err := b.s.SettingsVersion(b.ctx)
	b.must(err)
	b.must(b.s.SaveMerchant(b.ctx, second))
	changed := merchant(1)
	changed.Name, changed.Shops, changed.Rules = "改名", changed.Shops[:1], nil
	changed.Levels = append(changed.Levels, ledger.Level{
		ID: 9, Name: "钻石", PayRate: 5000, Rights: ledger.Rights{NoRecharge: true},
	})
	changed.Settings = ledger.Settings{}
	b.must(b.s.SaveMerchant(b.ctx, changed))
	after, err := b.s.SettingsVersion(b.ctx)
	b.must(err)
	if after <= before {
		t.Errorf("settings version went from %d to %d", before, after)
	}
	got, err := b.s.Merchants(b.ctx)
	b.must(err)
	same(t, "merchants", got, []ledger.Merchant{changed, second})
	head := command.Keys{Head: true}
	records, err := b.s.Load(b.ctx, command.Want{Merchant: 2, Keys: head}, command.Want{Merchant: 1, Keys: head},
		command.Want{
			Merchant: 5, Keys: head,
		})
	b.must(err)
	same(t, "loaded merchants", []ledger.Merchant{*records[1].Merchant, *records[0].Merchant}, got)
	for i, id := range []ledger.MerchantID{2, 1, 0} {
		if records[i].Head.Merchant != id {
			t.Errorf("head %d is of merchant %d, want %d", i, records[i].Head.Merchant, id)
		}
	}
	same(t, "no merchant", records[2], command.Records{})
}

// GUIDs are unique over all merchants. Whoever loads one learns which merchant has it, whatever merchant the load is
// for. Of two saves that give one GUID to two merchants only the first succeeds, however the GUID is written, and a
// merchant cannot take one that another already has.
func testGUIDs(t *testing.T, b *books) {
	b.must(b.s.SaveMerchant(b.ctx, merchant(2)))
	b.must(b.s.SaveMerchant(b.ctx, merchant(3)))
	theirs := merchant(2)
	head, shop := theirs.GUIDs()[0], theirs.GUIDs()[2]
	asked := []string{"FREE", shop, head}
	want := []ledger.GUIDOwner{{GUID: head, Merchant: 2}, {GUID: shop, Merchant: 2}}
	for _, id := range []ledger.MerchantID{1, 2, 77} {
		got := b.records(id, command.Keys{GUIDs: asked}).GUIDs
		slices.SortFunc(got, func(x, y ledger.GUIDOwner) int { return strings.Compare(x.GUID, y.GUID) })
		same(t, fmt.Sprintf("asked for merchant %d", id), got, want)
	}
	take := func(id ledger.MerchantID, guid string) command.Changes {
		to := merchant(id)
		to.Shops[1].GUID = guid
		return b.decide(command.ChangeSettings{Merchant: id, By: clerk, To: to})
	}
	first, second := take(1, "{new}"), take(3, "NEW")
	b.unchanged(func() {
		if err := b.s.Save(b.ctx, first, second); !errors.Is(err, command.ErrStale) {
			t.Errorf("two take one GUID at once: %v, want ErrStale", err)
		}
	})
	b.must(b.s.Save(b.ctx, second))
	b.unchanged(func() {
		if err := b.s.Save(b.ctx, first); !errors.Is(err, command.ErrStale) {
			t.Errorf("a GUID of another: %v, want ErrStale", err)
		}
	})
	to := merchant(1)
	to.Shops[1].GUID = "new"
	again := command.ChangeSettings{Merchant: 1, By: clerk, To: to}
	if _, err := again.Decide(b.load(again.Keys()), b.now); !errors.Is(err, ledger.Refusal{
		Reason: ledger.GUIDTaken, Detail: "NEW",
	}) {
		t.Errorf("decided again: %v, want a refusal", err)
	}
}

func testAgents(t *testing.T, b *books) {
	second := ledger.Agent{
		ID: 2, Name: "代理二", TokenHash: [32]byte{1, 2, 3}, Spare: [32]byte{0, 4}, Weak: true,
		Allow: []string{"10.0.0.0/8", "::1"}, Until: 20270101, Stopped: true,
		Grants: []ledger.Grant{{Merchant: 2, Permissions: ledger.MayConsume}, {Merchant: 1, Permissions: ledger.MayRead}}}
	first := ledger.Agent{ID: 1, Name: "one", TokenHash: [32]byte{9}, Shop: 10021, Key: []byte{1, 0, 255}, Always200: true,
		Scheme: "scheme: none\n", Secret: []byte{0, 7}, Version: 12}
	before, err := b.s.SettingsVersion(b.ctx)
	b.must(err)
	b.must(b.s.SaveAgent(b.ctx, second))
	b.must(b.s.SaveAgent(b.ctx, first))
	second.Grants, second.Weak = second.Grants[1:], false
	b.must(b.s.SaveAgent(b.ctx, second))
	key := ledger.Agent{
		ID: 3, Name: "ERP", TokenHash: [32]byte{3}, Owner: 1, Shops: []ledger.ShopID{7, 10021},
		Grants: []ledger.Grant{{Merchant: 1, Permissions: ledger.MayReports}},
	}
	b.must(b.s.SaveAgent(b.ctx, key))
	got, err := b.s.Agents(b.ctx)
	b.must(err)
	same(t, "agents", got, []ledger.Agent{first, second, key})
	if after, err := b.s.SettingsVersion(b.ctx); err != nil || after <= before {
		t.Errorf("settings version went from %d to %d, %v", before, after, err)
	}
}

// refold folds the cards of a merchant from its journal, checks every entry against its hash on the way, and notes
// which kinds of entries there are.
func (b *books) refold(
	id ledger.MerchantID, kinds map[ledger.Kind]bool,
) (map[ledger.CardID]*ledger.Card, []ledger.Entry) {
	b.t.Helper()
	folded, journal := map[ledger.CardID]*ledger.Card{}, []ledger.Entry(nil)
	b.must(b.s.EachEntry(b.ctx, id, 0, func(e *ledger.Entry) error {
		c := folded[e.Card]
		if c == nil {
			c = &ledger.Card{ID: e.Card, Merchant: id}
			folded[e.Card] = c
		}
		if e.Chain(c.Hash) != e.Hash {
			b.t.Errorf("entry %d (%v) does not come back as it was", e.ID, e.Kind)
		}
		if _, err := c.Fold(e); err != nil {
			return err
		}
		same(b.t, fmt.Sprintf("tally of entry %d", e.ID), e.Tally, c.Tally)
		kinds[e.Kind], journal = true, append(journal, *e)
		return nil
	}))
	return folded, journal
}

// Every field of every kind of entry comes back, which the hash chain proves, as it is computed from all of them.
// Cards come back as the commands left them (invariants 03, 21, 23).
func testEveryField(t *testing.T, b *books) {
	last := b.everything()
	one, _ := someAgents()
	b.do(command.ChangeAgent{By: host, To: one, Note: "新 <b>"})
	b.do(command.AddMerchant{By: clerk, To: merchant(5), Note: "新店 <b>"})
	boss, _ := somePeople()
	by := clerk
	by.Person, by.Proposer, by.Address = 1, 2, "10.0.0.1"
	b.do(command.ChangePerson{By: host, To: boss})
	boss.Version, boss.Name = 3, "老板"
	b.do(command.ChangePerson{By: by, To: boss})
	kinds := map[ledger.Kind]bool{}
	b.refold(ledger.HostID, kinds)
	folded, journal := b.refold(1, kinds)
	for _, k := range ledger.Kinds {
		if !kinds[k] {
			t.Errorf("no %v was tried", k)
		}
	}
	own := folded[0]
	delete(folded, 0)
	head := b.head()
	if head.Own == 0 || own.Hash != journal[head.Own-1].Hash || journal[head.TakenBack-1].Kind != ledger.ClockTakenBack ||
		head.Clock != head.TakenBack || journal[head.Settings-1].Kind != ledger.SettingsChanged {
		t.Errorf("the head does not come back as it was: %+v", head)
	}
	n := 0
	b.must(b.s.EachCard(b.ctx, 1, func(c *ledger.Card) error {
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

// cashBack is a Consume at a level that pays 0.10 back for every 1.00.
type cashBack struct{ command.Consume }

func (c cashBack) Decide(s *command.State, now time.Time) (command.Changes, error) {
	m := s.Merchant()
	m.Levels = slices.Clone(m.Levels)
	for i := range m.Levels {
		m.Levels[i].Rights.CashBack = ledger.CashBack{Each: 100, Back: 10}
	}
	return c.Consume.Decide(s, now)
}

// bonusFirst is a Consume at a merchant where the bonus is spent before the principal.
type bonusFirst struct{ command.Consume }

func (c bonusFirst) Decide(s *command.State, now time.Time) (command.Changes, error) {
	s.Merchant().Settings.SpendOrder = ledger.BonusFirst
	return c.Consume.Decide(s, now)
}

// openEveryKind makes the entries that set facts of a card: every way of opening one and of changing its details.
func (b *books) openEveryKind() {
	b.t.Helper()
	m, by := ledger.MerchantID(1), clerk
	rich := open("10003")
	rich.Card.Principal, rich.Card.Bonus, rich.Card.Points = 700, 300, 50
	b.do(open("10001"), full("10002"), rich, open("10004"))
	remarks, code := "换绑", "9001"
	b.do(command.ModifyDetails{Merchant: m, By: by, Card: "10001", Remarks: &remarks, ExtID: &code},
		command.ModifyDetails{Merchant: m, By: by, Card: "10003", Physical: &details.Physical, Credit: &details.Credit})
	b.do(command.BindPhone{Merchant: m, By: by, ID: b.card("10002").ID, Card: "10002", Pass: details.Pass})
	bare := open("10005")
	bare.Card.Kind, bare.Card.Holder, bare.Card.Details.Credit = ledger.StoredValue, ledger.Holder{}, 1000
	b.do(command.Issue{Merchant: m, By: by, Cards: []command.NewCard{bare.Card}})
	brought := open("10006")
	brought.Card.Status, brought.Card.Expires, brought.Card.Principal = ledger.Lost, 2020_01_01, 700
	b.do(command.Import{Merchant: m, By: by, Cards: []command.NewCard{brought.Card}})
}

// everything makes an entry of every kind that a merchant's own journal has, and returns the last changes. The kinds
// of the host's journal are left to the caller.
func (b *books) everything() command.Changes {
	b.t.Helper()
	m, by := ledger.MerchantID(1), clerk
	b.openEveryKind()
	paid := b.do(recharge("10001", 20000), recharge("10002", 5000))
	bill := b.do(consume("10001", 4000), consume("10001", 1200), recharge("10001", 100))
	b.do(command.RefundConsume{Merchant: m, By: by, Card: "10001", Entry: bill.Entries[0].ID, Amount: 999, Note: "菜凉了"})
	b.do(command.ReverseRecharge{Merchant: m, By: by, Card: "10002", Entry: paid.Entries[1].ID, Note: "收错"})
	b.do(command.UsePoints{Merchant: m, By: by, Card: "10001", Points: 3}, command.AdjustPoints{
		Merchant: m, By: by, Card: "10001", Points: 7, Note: "补",
	})
	late := clerk
	late.Claimed = b.now.Add(-time.Hour)
	b.do(command.Recharge{Merchant: m, By: late, Card: "10001", Amount: 300, PayType: 2, NoBonus: true, Note: "补录 <b>"})
	made := b.do(command.Invoice{Merchant: m, By: by, Card: "10001", Amount: 250, Note: "普票 <b>"}, consume("10001", 100))
	b.do(command.ReverseInvoice{Merchant: m, By: by, Card: "10001", Entry: made.Entries[0].ID, Note: "抬头错"})
	b.do(command.Invoice{Merchant: m, By: by, Card: "10001", Amount: 50})
	signed := b.do(command.ChargeToAccount{Merchant: m, By: by, Card: "10001", Amount: 15_00, Note: "团餐 <b>"},
		consume("10001", 100))
	b.do(command.RefundCharge{Merchant: m, By: by, Card: "10001", Entry: signed.Entries[0].ID, Note: "退餐"})
	b.do(command.ChargeToAccount{Merchant: m, By: by, Card: "10001", Amount: 7_50})
	b.renews()
	b.holds()
	b.do(command.ReportLost{Merchant: m, By: by, Card: "10001"}, command.CancelLoss{Merchant: m, By: by, Card: "10001"})
	b.do(command.Stop{Merchant: m, By: by, Card: "10001", Note: "查"}, command.Resume{
		Merchant: m, By: by, Card: "10001", Note: "好",
	})
	b.do(command.ShowData{Merchant: m, By: by, Card: "10001", What: ledger.ShownPhone}, consume("10001", 10))
	b.do(command.RecordExport{Merchant: m, By: by, What: "cards <b>.csv", Rows: 9})
	name := "李四 <b>&\"'\\"
	b.do(command.ModifyHolder{Merchant: m, By: by, Card: "10001", Name: &name}, command.ChangeLevel{
		Merchant: m, By: by, Card: "10001", Level: 1, Note: "降级",
	})
	b.do(command.Transfer{Merchant: m, By: by, From: "10001", To: "10002", Amount: 500}, command.Withdraw{
		Merchant: m, By: by, Card: "10001", Amount: 20,
	})
	sent := b.do(send("10001", 5, "28000001", "28000002"), send("10002", 4, "28000003")).Entries[0].Coupons
	paying := consume("10001", 1500)
	paying.Coupons = []ledger.CouponID{sent[0].Coupon}
	used := b.do(paying)
	b.do(command.RefundConsume{Merchant: m, By: by, Card: "10001", Entry: newest(used)})
	b.do(command.VoidCoupon{Merchant: m, By: by, Card: "10001", Coupon: sent[0].Coupon, Note: "发错"})
	paying = consume("10003", 400)
	paying.Points = command.PointsOffered{Points: 50}
	used = b.do(paying)
	b.do(command.RefundConsume{Merchant: m, By: by, Card: "10003", Entry: newest(used)})
	used = b.do(cashBack{consume("10003", 400)})
	b.do(command.RefundConsume{Merchant: m, By: by, Card: "10003", Entry: used.Last().ID, Amount: 100})
	b.do(consume("10005", 400), consume("10005", 100))
	b.do(open("10009"))
	paid = b.do(recharge("10009", 10000))
	used = b.do(bonusFirst{consume("10009", 500)})
	b.do(command.ReverseRecharge{Merchant: m, By: by, Card: "10009", Entry: newest(paid)})
	b.do(command.RefundConsume{Merchant: m, By: by, Card: "10009", Entry: newest(used), Amount: 200})
	b.shares()
	b.merges()
	b.takesBack()
	b.do(command.Replace{Merchant: m, By: by, Card: "10002", Number: "20002"}, command.Return{
		Merchant: m, By: by, Card: "20002",
	})
	return b.timeGoesOn()
}

// renews renews a card three times, and undoes the last.
func (b *books) renews() {
	b.t.Helper()
	m, by := ledger.MerchantID(1), clerk
	b.do(command.Renew{Merchant: m, By: by, Card: "10001", Months: 6}, command.Renew{
		Merchant: m, By: by, Card: "10001", Months: 12,
	})
	renewed := b.do(command.Renew{Merchant: m, By: by, Card: "10001", Months: 12})
	b.do(command.ReverseRenewal{Merchant: m, By: by, Card: "10001", Entry: renewed.Entries[0].ID, Note: "改主意"})
}

// shares has three cards pay one bill, which is found again by any of its entries.
func (b *books) shares() {
	b.t.Helper()
	cards := []string{"10031", "10032", "10033"}
	for _, number := range cards {
		b.do(open(number))
		b.do(recharge(number, 300))
	}
	bill := b.do(command.ConsumeShared{Bill: consume("", 700), Cards: []command.Payer{
		{Card: cards[0]}, {Card: cards[1], Most: 50}, {Card: cards[2]},
	}})
	entries := ledger.OfKind(pointers(bill.Entries), ledger.Consumed)
	if len(entries) != 3 || entries[2].First() != entries[0].ID || entries[1].OtherCard != cards[2] {
		b.t.Fatalf("shared by %+v", bill.Entries)
	}
	back := b.do(command.RefundShared{
		Merchant: 1, By: clerk, Cards: cards[1:], Entry: entries[2].ID, Amount: 40, Note: "退 <b>",
	})
	if refunded := back.Entries[0].RefersTo; refunded != entries[2].ID {
		b.t.Errorf("entry %d was refunded first, want %d", refunded, entries[2].ID)
	}
	b.do(command.RefundShared{Merchant: 1, By: clerk, Cards: cards, Entry: entries[1].ID})
}

func pointers(entries []ledger.Entry) (all []*ledger.Entry) {
	for i := range entries {
		all = append(all, &entries[i])
	}
	return all
}

// merges has two cards go into a third, with coupons, one of which has come along before.
func (b *books) merges() {
	b.t.Helper()
	m, by := ledger.MerchantID(1), clerk
	b.do(open("10011"), open("10012"), open("10013"))
	b.do(recharge("10011", 3000), command.GiveBonus{
		Merchant: m, By: by, Card: "10011", Amount: 500, Until: ledger.DateOf(b.now).AddDays(900), Note: "致歉 <b>",
	})
	b.do(send("10011", 4, "28000011", "28000012"), send("10012", 4, "28000013"))
	b.do(command.Merge{Merchant: m, By: by, From: "10011", To: "10012"})
	b.do(command.Merge{Merchant: m, By: by, From: "10012", To: "10013"})
	for number, want := range map[string]int{"10011": 0, "10012": 0, "10013": 3} {
		k := command.Keys{Wallets: []string{number}, WalletSizes: []string{number}}
		r := b.records(m, k)
		if len(r.Coupons) != want || len(r.WalletSizes) != 1 || r.WalletSizes[0].Unused != want {
			b.t.Errorf("card %s has the coupons %+v, counted %+v, want %d", number, r.Coupons, r.WalletSizes, want)
		}
	}
}

// takesBack takes back that cards were brought in, and opens others by their numbers and inner codes in the same save.
func (b *books) takesBack() {
	b.t.Helper()
	m, by := ledger.MerchantID(1), clerk
	owing, bare := full("10021").Card, open("10022").Card
	owing.Number, owing.Details.ExtID, owing.Holder.Phone = "a10021", "9021", "13900010021"
	owing.Owes, owing.Coupons = 900, []command.BroughtCoupons{{Kind: 4, Numbers: []string{"28000021"}}}
	bare.Status = ledger.Stopped
	all := b.do(command.Import{Merchant: m, By: by, Cards: []command.NewCard{owing, bare}})
	var cards []command.BroughtCard
	for i := range all.Opened {
		of := slices.DeleteFunc(slices.Clone(all.Entries), func(e ledger.Entry) bool { return e.Card != all.Opened[i].ID })
		cards = append(cards, command.BroughtCard{Number: all.Opened[i].Number, First: of[0].ID, Last: of[len(of)-1].ID})
	}
	owing.Coupons[0].Numbers, owing.Number = []string{"28000022"}, "A10021"
	b.do(command.ReverseOpenings{Merchant: m, By: by, Cards: cards},
		command.Import{Merchant: m, By: by, Cards: []command.NewCard{owing}}, recharge("A10021", 100))
	left, again := b.card(all.Opened[0].FreedNumber()), b.card("A10021")
	if left.Status != ledger.Returned || left.Details.ExtID != "" || again.Details.ExtID != "9021" || again.ID == left.ID {
		b.t.Errorf("taken back: %+v, and opened anew: %+v", left, again)
	}
	if r := b.records(m, command.Keys{Cards: []string{"10022"}}); len(r.Cards) > 0 {
		b.t.Errorf("number 10022 is free, and card %+v has it", r.Cards[0])
	}
}

// timeGoesOn closes a shift, lets three months pass and takes them back, and makes the entries that go with it:
// expiries, an accepted time, a change of settings, a time taken back, a reversed expiry.
func (b *books) timeGoesOn() command.Changes {
	b.t.Helper()
	m, by := ledger.MerchantID(1), clerk
	b.do(command.HandOver{Merchant: m, By: by, Of: ledger.HandOver{UpTo: 3, Counted: 7}, Note: "交班 <b>"})
	b.now = b.now.AddDate(0, 3, 0)
	b.do(command.ExpireCoupons{Merchant: m, By: by, Card: "10001"})
	expired := b.do(command.Expire{Merchant: m, By: ledger.Caller{Operator: "sweep"}, Card: "10003"})
	hook, _ := someWebhooks()
	b.do(command.ChangeWebhook{By: by, To: hook, Note: "新 <b>"})
	b.do(command.AcceptTime{Merchant: m, By: by, At: b.now, Note: "看过 <b>"})
	to := *b.records(m, command.Keys{Head: true}).Merchant
	to.Rules, to.CouponKinds[0].Shops = to.Rules[:2], nil
	b.do(command.ChangeSettings{Merchant: m, By: by, To: to, Note: "少一条 <b>"})
	same(b.t, "changed settings", *b.records(m, command.Keys{Head: true}).Merchant, to)
	b.now = b.now.AddDate(0, -3, 0)
	b.do(command.TakeBackTime{Merchant: m, By: by, At: b.now, Note: "电池 <b>"}, consume("10001", 10))
	return b.do(command.ReverseExpiry{Merchant: m, By: by, Card: "10003", Entry: newest(expired)})
}

// A card with more than FrontLots lots is loaded with its first FrontLots only and says that there are more, unless
// all of them are asked for.
func testFrontLots(t *testing.T, b *books) {
	b.do(open("10001"))
	const n = ledger.FrontLots + 8
	for range n {
		b.now = b.now.Add(24 * 3600e9)
		b.do(recharge("10001", 100))
	}
	whole := b.card("10001")
	if len(whole.Lots) != n || whole.MoreLots {
		t.Fatalf("%d lots (more: %v), want all %d", len(whole.Lots), whole.MoreLots, n)
	}
	front := b.records(1, command.Keys{Cards: []string{"10001"}}).Cards[0]
	if !front.MoreLots {
		t.Error("a card with more lots does not say so")
	}
	same(t, "front lots", front.Lots, whole.Lots[:ledger.FrontLots])
	same(t, "whole card", b.records(1, command.Keys{AllLots: []string{"10001"}}).Cards[0], *whole)

	b.do(consume("10001", 150)) // takes some of the first
	b.do(command.Return{Merchant: 1, By: clerk, Card: "10001"})
	if c := b.card("10001"); len(c.Lots) != 0 {
		t.Errorf("a returned card has %d lots", len(c.Lots))
	}
}

// A card has up to CardLots lots in its own row. When it has more, all of them are in rows of their own, until none
// is left.
func testLotsApart(t *testing.T, b *books) {
	b.do(open("10001"))
	recharges := func(n int) {
		t.Helper()
		for range n {
			b.do(recharge("10001", 100))
		}
		c := b.card("10001")
		if len(c.Lots) != n || c.LotsApart != (n > ledger.CardLots) {
			t.Errorf("after %d recharges the card has %d lots, apart: %v", n, len(c.Lots), c.LotsApart)
		}
	}
	pay := func(amount ledger.Fen) command.Consume {
		return command.Consume{Merchant: 1, By: clerk, Card: "10001", Amount: amount, NoDiscount: amount}
	}
	recharges(ledger.CardLots)
	before := b.card("10001").Lots
	b.do(recharge("10001", 100), pay(before[0].Principal))
	if c := b.card("10001"); len(c.Lots) != ledger.CardLots+1 || c.Lots[0] == before[0] || !c.LotsApart {
		t.Errorf("%d lots, apart: %v, the first %+v", len(c.Lots), c.LotsApart, c.Lots[0])
	}
	b.do(pay(b.card("10001").Amount()))
	if c := b.card("10001"); len(c.Lots) != 0 || c.LotsApart {
		t.Errorf("an empty card has %d lots, apart: %v", len(c.Lots), c.LotsApart)
	}
	recharges(ledger.CardLots + 1)
}

// Debt is the first lot, in the card's row and in rows of its own alike, and is therefore always among the lots that
// are loaded.
func testCredit(t *testing.T, b *books) {
	o := open("10001")
	o.Card.Details.Credit = 10000
	b.do(o)
	owe := command.Consume{Merchant: 1, By: clerk, Card: "10001", Amount: 700, NoDiscount: 700}
	b.do(owe)
	if c := b.card("10001"); c.Principal != -700 || c.Debt() != 700 || c.LotsApart {
		t.Errorf("the card has %v and owes %v, apart: %v", c.Principal, c.Debt(), c.LotsApart)
	}
	for range ledger.FrontLots + 2 {
		b.do(recharge("10001", 10))
	}
	b.do(command.Transfer{Merchant: 1, By: clerk, From: b.rich(), To: "10001", Amount: 5})
	c := b.card("10001")
	if !c.LotsApart || c.Principal >= 0 || c.Debt() != 700 {
		t.Errorf("the card has %v and owes %v, apart: %v", c.Principal, c.Debt(), c.LotsApart)
	}
	if front := b.records(1, command.Keys{Cards: []string{"10001"}}).Cards[0]; !front.MoreLots || front.Debt() != 700 {
		t.Errorf("of its front %v is owed, more lots: %v", front.Debt(), front.MoreLots)
	}
	owe.Amount, owe.NoDiscount = c.CanPay(), c.CanPay()
	bill := newest(b.do(owe))
	if c := b.card("10001"); c.Amount() != -10000 || c.Debt() != 10000 || len(c.Lots) != 1 {
		t.Errorf("the card has %v and owes %v", c.Amount(), c.Debt())
	}
	b.do(command.RefundConsume{Merchant: 1, By: clerk, Card: "10001", Entry: bill})
	same(t, "card after the refund", b.card("10001").Lots, c.Lots)
}

// rich opens a card with at least 100.00 on it and returns its number.
func (b *books) rich() string {
	b.do(open("10009"), recharge("10009", 10000))
	return "10009"
}

// holds makes holds of which one is captured in part and one released.
func (b *books) holds() {
	hold := command.Hold{Merchant: 1, By: clerk, Card: "10001", Amount: 300, Until: b.now.Add(time.Hour), Note: "八点 <b>"}
	held := b.do(hold, hold).Entries
	b.do(command.Capture{Merchant: 1, By: clerk, Card: "10001", Hold: held[0].ID, Amount: 100, Note: "上菜"})
	b.do(command.ReleaseHold{Merchant: 1, By: clerk, Card: "10001", Hold: held[1].ID, Note: "取消"})
}

func newest(ch command.Changes) ledger.EntryID { return ch.Last().ID }

func testUndo(t *testing.T, b *books) {
	b.do(open("10001"), recharge("10001", 10000))
	bill := newest(b.do(consume("10001", 4000)))
	refund := command.RefundConsume{Merchant: 1, By: clerk, Card: "10001", Entry: bill, Amount: 100}
	first, second := newest(b.do(refund)), newest(b.do(refund))
	b.do(consume("10001", 100))
	for _, c := range []struct {
		named []ledger.EntryID
		want  []ledger.EntryID
	}{
		{[]ledger.EntryID{bill}, []ledger.EntryID{bill, first, second}},
		{[]ledger.EntryID{bill, second}, []ledger.EntryID{bill, first, second}}, // each once
		{[]ledger.EntryID{first}, []ledger.EntryID{first}},
		{[]ledger.EntryID{999}, nil},
	} {
		var got []ledger.EntryID
		for _, e := range b.records(1, command.Keys{Entries: c.named}).Entries {
			got = append(got, e.ID)
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("entries of %v = %v, want %v", c.named, got, c.want)
		}
	}
}

// The entries by which points expired after an entry on its card are loaded with it, and no others.
func testLapses(t *testing.T, b *books) {
	b.do(open("10001"), open("10002"), recharge("10001", 10000), recharge("10002", 10000))
	first, other := newest(b.do(consume("10001", 4000))), newest(b.do(consume("10002", 4000)))
	var lapses []ledger.EntryID
	for range 2 {
		b.now = b.now.AddDate(1, 1, 0)
		expired := b.do(command.Expire{Merchant: 1, By: clerk, Card: "10001"})
		b.do(command.Expire{Merchant: 1, By: clerk, Card: "10002"}, consume("10002", 100))
		lapses = append(lapses, newest(expired))
		b.do(consume("10001", 2000))
	}
	back := b.do(command.RefundConsume{Merchant: 1, By: clerk, Card: "10001", Entry: first})
	lapses = append(lapses, back.Entries[0].ID)
	for _, c := range []struct {
		of   ledger.EntryID
		want []ledger.EntryID
	}{
		{first, lapses}, {lapses[0], lapses[1:]}, {lapses[2], nil}, {other, nil}, {999, nil},
	} {
		var got []ledger.EntryID
		for _, e := range b.records(1, command.Keys{Lapses: []ledger.EntryID{c.of}}).Entries {
			if e.Card == back.Entries[0].Card {
				got = append(got, e.ID)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("what lapsed after %d: got %v, want %v", c.of, got, c.want)
		}
	}
}

func once(id string, c command.Command, fingerprint byte) command.Once {
	return command.Once{
		Command: c, Key: ledger.RequestKey{Agent: 9, Scope: "sandy/recharge", ID: id},
		Fingerprint: [32]byte{fingerprint},
		Answer:      func(ch command.Changes) []byte { return fmt.Appendf(nil, "entry %d\x00", ch.Last().ID) },
	}
}

// A request that is repeated gets the first answer, and only under exactly its own key. Its id with another
// fingerprint is refused (invariants 14, 15, 17).
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
	if _, err := other.Decide(b.load(other.Keys()), b.now); !errors.Is(err, ledger.Refusal{Reason: ledger.RequestReused}) {
		t.Errorf("the id for something else: %v, want a refusal", err)
	}
	for _, c := range []struct {
		merchant ledger.MerchantID
		key      ledger.RequestKey
	}{
		{1, ledger.RequestKey{Agent: 9, Scope: "sandy/consume", ID: "甲"}},
		{1, ledger.RequestKey{Agent: 8, Scope: "sandy/recharge", ID: "甲"}},
		{2, ledger.RequestKey{Agent: 9, Scope: "sandy/recharge", ID: "甲"}},
		{1, ledger.RequestKey{Agent: 9, Scope: "sandy/recharge", ID: "乙"}},
	} {
		if found := b.records(c.merchant, command.Keys{Requests: []ledger.RequestKey{c.key}}).Requests; len(found) != 0 {
			t.Errorf("request %v: %v, want none", c, found)
		}
	}
	empty := once("", open("10002"), 3)
	empty.Answer = func(command.Changes) []byte { return nil }
	b.do(empty)
	found := b.records(1, command.Keys{Requests: []ledger.RequestKey{empty.Key}}).Requests
	if len(found) != 1 || len(found[0].Answer) != 0 {
		t.Errorf("an empty answer comes back as %v", found)
	}
}

// layouts returns one layout that writes an answer from its entry. Layouts of different names have the same version
// and write different bytes.
func layouts(name string) []command.Layout {
	return []command.Layout{{
		Version: 3, Rest: func(ch command.Changes) []byte { return []byte(ch.About().Number) },
		Write: func(rest []byte, last, newest *ledger.Entry) []byte {
			return fmt.Appendf(nil, "%s %s %d %v %v", name, rest, last.ID, last.Net, newest.AmountAfter())
		},
	}}
}

// If a layout can write an answer again from its entry, only the rest of it is stored. Whoever repeats the request
// gets the same bytes, whatever has happened to the card since. If no layout can write those bytes, the caller gets
// an error rather than another answer.
func testLayouts(t *testing.T, b *books) {
	b.do(open("10001"), recharge("10001", 10000))
	asked := once("甲", consume("10001", 100), 1)
	asked.Layouts = layouts("bill")
	first := b.do(asked).Requests[0]
	want := first
	want.Answer = nil
	same(t, "request as it is kept", b.records(1, command.Keys{Requests: []ledger.RequestKey{asked.Key}}).Requests,
		[]ledger.Request{want})
	refund := command.RefundConsume{Merchant: 1, By: clerk, Card: "10001", Entry: first.Entry, Amount: 10}
	b.do(refund, command.Replace{Merchant: 1, By: clerk, Card: "10001", Number: "20001"})
	keys := command.Keys{Requests: []ledger.RequestKey{asked.Key}, Entries: []ledger.EntryID{first.Entry}}
	for _, again := range []command.Command{asked, command.Recall{Merchant: 1, Key: asked.Key, Layouts: asked.Layouts}} {
		if _, err := again.Decide(b.load(again.Keys()), b.now); !errors.As(err, new(command.NeedRecords)) {
			t.Errorf("%T without the entry: %v", again, err)
		}
		ch, err := again.Decide(b.load(keys), b.now)
		if err != nil || ch.Replay == nil || !bytes.Equal(ch.Replay.Answer, first.Answer) || ch.Replay.Entry != first.Entry {
			t.Errorf("%T tells %+v, %v, want %s", again, ch.Replay, err, first.Answer)
		}
	}
	for _, others := range [][]command.Layout{nil, layouts("sale")} {
		asked.Layouts = others
		if _, err := asked.Decide(b.load(keys), b.now); err == nil {
			t.Errorf("with %d layouts: another answer than the first", len(others))
		}
	}
}

// A replaced card keeps its account under the new number. The old number can still be read, and stays taken.
func testReplace(t *testing.T, b *books) {
	b.do(open("10001"), recharge("10001", 1000))
	before := b.card("10001")
	b.do(command.Replace{Merchant: 1, By: clerk, Card: "10001", Number: "20001"}, consume("20001", 10),
		command.Replace{Merchant: 1, By: clerk, Card: "20001", Number: "30001"})
	now := b.card("30001")
	if now.ID != before.ID || now.Seq != before.Seq+3 {
		t.Errorf("card %d at entry %d under the new number, want %d at %d", now.ID, now.Seq, before.ID, before.Seq+3)
	}
	for _, old := range []string{"10001", "20001"} {
		if c := b.card(old); c == nil || c.Status != ledger.Replaced || c.Amount() != 0 || len(c.Lots) != 0 {
			t.Errorf("the old number %s shows %+v", old, c)
		}
	}
}

func testNothingThere(t *testing.T, b *books) {
	keys := command.Keys{
		Cards: []string{"NOBODY"}, AllLots: []string{"NOONE"}, Entries: []ledger.EntryID{4},
		Requests: []ledger.RequestKey{{}},
	}
	same(t, "records", b.records(1, keys), command.Records{})
	keys.Head = true
	same(t, "records of no merchant", b.records(44, keys), command.Records{})
	if c := b.card("nobody"); c != nil {
		t.Errorf("card %+v, want none", c)
	}
	page, err := b.s.History(b.ctx, ledger.HistoryQuery{Card: key("nobody"), Page: 1, Size: 5})
	b.must(err)
	same(t, "history", page, ledger.HistoryPage{})
	found, err := b.s.Search(b.ctx, ledger.SearchQuery{Merchant: 1, Key: "no", Limit: 5})
	if err != nil || len(found) != 0 {
		t.Errorf("found %v, %v, want nothing", found, err)
	}
}
