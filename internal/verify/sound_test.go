package verify

import (
	"errors"
	"slices"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/report"
)

var noon = time.Date(2026, 5, 4, 4, 0, 0, 0, time.UTC)

// sent is where the ids of sound's coupons begin.
const sent = ledger.CouponID(21 * 128)

// ours is the entry that opens the card whose level's rights are used.
const ours = ledger.EntryID(38)

// owing is the bill that earned the points which are owed.
const owing = ledger.EntryID(63)

func consumeWith(coupons ...ledger.CouponID) command.Consume {
	return command.Consume{Merchant: 1, By: ledger.Caller{Shop: 1}, Card: "A0001", Amount: 50_00, Coupons: coupons}
}

// merchant uses everything that is checked.
func merchant() ledger.Merchant {
	return ledger.Merchant{
		ID: 1, GUID: "{V}", Name: "某店", Zone: time.UTC,
		Settings: ledger.Settings{BonusDays: 30, PointsDays: 30, PointsRatio: 100},
		Shops:    []ledger.Shop{{ID: 1, GUID: "{S}", Name: "总店"}},
		Levels: []ledger.Level{
			{ID: 1, Name: "会员", PayRate: 8000, Earn: ledger.Percent100, Rights: ledger.Rights{
				Renewals: []ledger.Renewal{{Price: 2_00, Months: 12}}, Account: ledger.HouseAccount{ID: 100021, Name: "某公司"},
			}},
			{
				ID: 2, Name: "返现", PayRate: ledger.Percent100,
				Rights: ledger.Rights{CashBack: ledger.CashBack{Each: 10_00, Back: 1_00}},
			},
		},
		Rules:    []ledger.Rule{{ID: 1, Name: "充值送10%", Kind: ledger.Percent, AddRate: 1000, AddPoints: 5}},
		PayTypes: []ledger.PayType{{ID: 1, Name: "现金"}, {ID: 2, Name: "微信", Invoiceable: true}},
		CouponKinds: []ledger.CouponKind{{CouponTerms: ledger.CouponTerms{
			Kind: 1, Name: "代金券", Type: ledger.CashCoupon, Face: 10_00, Least: 20_00, MaxUse: 2, Shops: []ledger.ShopID{1},
		}, Days: 5}},
	}
}

// sound returns books in which a bit of everything was done.
func sound(t *testing.T) *books {
	t.Helper()
	return soundOf(t, everything())
}

// delayed is a command that is given so much later than the one before it.
type delayed struct {
	command.Command
	by time.Duration
}

// soundOf returns the books that commands make.
func soundOf(t *testing.T, commands []command.Command) *books {
	t.Helper()
	s := command.NewState(1)
	b := around(&books{})
	teachMerchant(s)
	learn := func(k command.Keys) {
		found := command.Records{Coupons: b.coupons, Stocks: b.stocks, Webhooks: b.webhooks}
		for _, e := range b.entries {
			if slices.Contains(k.Entries, e.ID) || slices.Contains(k.Entries, e.RefersTo) {
				found.Entries = append(found.Entries, e)
			}
		}
		s.Learn(s.Missing(k), found)
	}
	now := noon
	for _, c := range commands {
		if d, is := c.(delayed); is {
			now = now.Add(d.by)
		}
		learn(c.Keys())
		ch, err := c.Decide(s, now)
		for m, ok := errors.AsType[command.NeedRecords](err); ok; m, ok = errors.AsType[command.NeedRecords](err) {
			learn(m.Keys)
			ch, err = c.Decide(s, now)
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

// fold adds up the business days of all entries but the newest, and what they did to lots and coupons.
func (b *books) fold() {
	utc := ledger.Calendar{Zone: time.UTC}
	days, parts, upTo := report.NewDays(utc), report.NewParts(utc, report.NewOrigins()), b.entries[len(b.entries)-1].ID-1
	for i := range b.entries {
		if b.entries[i].ID <= upTo {
			days.Add(&b.entries[i])
			_ = parts.Add(&b.entries[i]) // what a forged entry names may be made by none, which is for the checks to find
		}
	}
	b.days, b.lots, b.used = days.Totals(), parts.Lots(), parts.Coupons()
	b.cursors = []ledger.Cursor{
		{Merchant: 1, Follower: ledger.DayTotals, Version: 3, Entry: upTo, Calendar: "UTC"},
		{Merchant: 1, Follower: ledger.PartTotals, Version: 3, Entry: upTo, Calendar: "UTC"},
	}
}

// teachMerchant makes the merchant of these tests, without any entries yet, known to a state.
func teachMerchant(s *command.State) {
	m := merchant()
	s.Learn(command.Keys{Head: true}, command.Records{Merchant: &m, Head: ledger.Head{Merchant: 1}})
}

// around sets what belongs to no card.
func around(b *books) *books {
	b.settings = []ledger.Merchant{merchant()}
	b.guids = map[string]ledger.MerchantID{ledger.FoldGUID("{V}"): 1, ledger.FoldGUID("{S}"): 1}
	b.owners = map[string][]ledger.MerchantID{"merchant": {1}, "head": {0, 1}, "card": {1}, "entry": {1}, "guard": {1}}
	b.counters = []string{"clock", "demo", "earlier names", "key", "probe", "version"}
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
func everything() []command.Command { return slices.Concat(ofMoney(), ofAccounts()) }

// ofMoney are cards that are paid with, refunded, replaced and returned, with coupons, points and house accounts.
func ofMoney() []command.Command {
	open := func(number string) command.Open {
		return command.Open{Merchant: 1, Card: command.NewCard{Number: number, Level: 1, Holder: ledger.Holder{Name: "某人"}, Principal: 500_00}}
	}
	key := ledger.RequestKey{Agent: 1, Scope: "test", ID: "r1"}
	answer := func(command.Changes) []byte { return []byte("done") }
	code, credit := "101", ledger.Fen(50_00)
	return []command.Command{
		open("A0001"), open("A0002"), open("A0003"),
		command.Once{Command: command.Recharge{
			Merchant: 1, By: ledger.Caller{Agent: 1}, Card: "A0001", Amount: 100_00, PayType: 1,
		}, Key: key, Answer: answer},
		command.Consume{Merchant: 1, Card: "A0001", Amount: 600_00},
		command.RefundConsume{Merchant: 1, Card: "A0001", Entry: 8, Amount: 50_00},
		command.Recharge{Merchant: 1, Card: "A0002", Amount: 100_00, PayType: 1},
		command.ReverseRecharge{Merchant: 1, Card: "A0002", Entry: 10},
		command.Transfer{Merchant: 1, From: "A0002", To: "A0001", Amount: 10_00},
		command.Withdraw{Merchant: 1, Card: "A0002", Amount: 10_00, PayType: 1},
		command.Replace{Merchant: 1, Card: "A0002", Number: "A0009"},
		command.ReportLost{Merchant: 1, Card: "A0003"}, command.CancelLoss{Merchant: 1, Card: "A0003"},
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
	}
}

// ofAccounts are renewals, invoices and charges to an account, cash back that is spent, and points that are owed.
func ofAccounts() []command.Command {
	return []command.Command{
		command.Open{Merchant: 1, Card: command.NewCard{Number: "B0001", Level: 1, Holder: ledger.Holder{Name: "某人"}, Expires: 2027_01_31}},
		command.Recharge{Merchant: 1, Card: "B0001", Amount: 100_00, PayType: 1},
		command.Renew{Merchant: 1, Card: "B0001", Months: 12},
		command.Recharge{Merchant: 1, Card: "B0001", Amount: 50_00, PayType: 2},
		command.ReverseRecharge{Merchant: 1, Card: "B0001", Entry: ours + 3},
		command.Recharge{Merchant: 1, Card: "B0001", Amount: 20_00, PayType: 2},
		command.Invoice{Merchant: 1, Card: "B0001", Amount: 15_00},
		command.ReverseInvoice{Merchant: 1, Card: "B0001", Entry: ours + 6},
		command.ChargeToAccount{Merchant: 1, Card: "B0001", Amount: 15_00},
		command.RefundCharge{Merchant: 1, Card: "B0001", Entry: ours + 8},
		// Cash back is spent, its bill refunded, and then the bill it was spent on.
		command.Open{Merchant: 1, Card: command.NewCard{Number: "C0001", Level: 2, Holder: ledger.Holder{Name: "某人"}, Principal: 100_00}},
		command.Consume{Merchant: 1, Card: "C0001", Amount: 100_00},
		command.Consume{Merchant: 1, Card: "C0001", Amount: 9_00},
		command.RefundConsume{Merchant: 1, Card: "C0001", Entry: ours + 12},
		command.RefundConsume{Merchant: 1, Card: "C0001", Entry: ours + 14, Amount: 5_00},
		command.AdjustPoints{Merchant: 1, Card: "A0001", Points: 1},
		command.ChangeSettings{Merchant: 1, By: ledger.Caller{Operator: "apply"}, To: merchant()},
		command.Recharge{Merchant: 1, Card: "C0001", Amount: 10_00, PayType: 1},
		// Points are owed: money of their worth, 0.80, stays on the card.
		command.Open{Merchant: 1, Card: command.NewCard{Number: "D0001", Level: 1, Holder: ledger.Holder{Name: "某人"}, Principal: 200_00}},
		command.Consume{Merchant: 1, Card: "D0001", Amount: 100_00},
		command.UsePoints{Merchant: 1, Card: "D0001", Points: 80},
		command.RefundConsume{Merchant: 1, Card: "D0001", Entry: owing},
		command.Withdraw{Merchant: 1, Card: "D0001", Amount: 199_20},
		command.Renew{Merchant: 1, Card: "B0001", Months: 12},
		command.ReverseRenewal{Merchant: 1, Card: "B0001", Entry: owing + 4},
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
	for _, of := range ch.Unhooked {
		b.webhooks = slices.DeleteFunc(b.webhooks, func(d ledger.Webhook) bool { return d.ID == of.ID })
	}
	for _, w := range ch.Webhooks {
		b.webhooks = slices.DeleteFunc(b.webhooks, func(d ledger.Webhook) bool { return d.ID == w.ID })
		b.webhooks = append(b.webhooks, w)
	}
	for _, c := range slices.Concat(ch.Opened, ch.Cards) {
		b.cards = slices.DeleteFunc(b.cards, func(d ledger.Card) bool { return d.ID == c.ID })
		b.cards = append(b.cards, c)
	}
	slices.SortFunc(b.cards, func(a, c ledger.Card) int { return int(a.ID - c.ID) })
}
