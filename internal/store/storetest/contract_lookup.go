package storetest

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// openLookups opens five cards, some of which share a phone or an open id.
func (b *books) openLookups() {
	b.t.Helper()
	var batch []command.Command
	for i, c := range []struct{ phone, openID, extID string }{
		{"13800138000", "oA", "1"},
		{"13800138000", "oA", ""},
		{"13800138000", "", "3"},
		{"1380013800", "oa", "4"},
		{"", "", ""},
	} {
		o := open(fmt.Sprint(60001 + i))
		o.Card.Holder.Phone, o.Card.Details.OpenID, o.Card.Details.ExtID = c.phone, c.openID, c.extID
		batch = append(batch, o)
	}
	b.do(batch...)
}

// lookup returns the numbers of the cards that Find finds, in order, each after a space. q.Merchant 0 stands for 1.
func (b *books) lookup(q ledger.FindQuery) string {
	b.t.Helper()
	if q.Merchant == 0 {
		q.Merchant = 1
	}
	found, err := b.s.Find(b.ctx, q)
	b.must(err)
	numbers := ""
	for i := range found {
		numbers += " " + found[i].Number
		same(b.t, "found card", found[i], *b.card(found[i].Number))
	}
	return numbers
}

// A card is found by its number in any letter case and with spaces around it, by Card, Load and History. What is
// returned has the number as it was first written.
func testNumberInAnySpelling(t *testing.T, b *books) {
	b.do(open("vip-Ab1"))
	b.do(recharge("VIP-AB1", 1000))
	b.do(command.Replace{Merchant: 1, By: clerk, Card: "Vip-AB1", Number: "vip-Cd2"})
	for _, number := range []string{"vip-Cd2", "VIP-CD2", " vip-cd2 "} {
		key := ledger.CardKey{Merchant: 1, Number: number}
		c, err := b.s.Card(b.ctx, key)
		b.must(err)
		if c == nil || c.Number != "vip-Cd2" || c.Principal != 1000 {
			t.Fatalf("%q: found %+v", number, c)
		}
		folded := []string{ledger.FoldNumber(number)}
		for _, keys := range []command.Keys{{Cards: folded}, {AllLots: folded}} {
			records := b.records(1, keys)
			if len(records.Cards) != 1 || records.Cards[0].Number != "vip-Cd2" {
				t.Errorf("%q: loaded %+v", number, records.Cards)
			}
		}
		page, err := b.s.History(b.ctx, ledger.HistoryQuery{Card: key, Page: 1, Size: 10})
		b.must(err)
		if page.Total != 3 {
			t.Errorf("%q: %d entries, want 3", number, page.Total)
		}
	}
	if old := b.card("VIP-AB1"); old == nil || old.Number != "vip-Ab1" || old.Status != ledger.Replaced {
		t.Errorf("the old number: %+v", old)
	}
}

// Cards are found by id, inner code, phone or open id, each compared exactly. Active cards come first, and among
// those the one used last.
func testFind(t *testing.T, b *books) {
	b.openLookups()
	b.do(recharge("60003", 1000))
	b.do(recharge("60002", 1000))
	b.do(recharge("60001", 1000))
	b.do(command.Stop{Merchant: 1, By: clerk, Card: "60001"})
	for _, c := range []struct {
		q    ledger.FindQuery
		want string
	}{
		{ledger.FindQuery{ID: b.card("60002").ID}, " 60002"},
		{ledger.FindQuery{ID: 999}, ""},
		{ledger.FindQuery{ExtID: "1"}, " 60001"},
		{ledger.FindQuery{ExtID: "01"}, ""},
		{ledger.FindQuery{ExtID: "3"}, " 60003"},
		{ledger.FindQuery{Phone: "13800138000"}, " 60002 60003 60001"},
		{ledger.FindQuery{Phone: "1380013800"}, " 60004"},
		{ledger.FindQuery{Phone: "%"}, ""},
		{ledger.FindQuery{OpenID: "oA"}, " 60002 60001"},
		{ledger.FindQuery{OpenID: "oa"}, " 60004"},
		{ledger.FindQuery{ExtID: "4", Phone: "13800138000", OpenID: "oA"}, " 60004"}, // the first field that is set
		{ledger.FindQuery{Phone: "1380013800", OpenID: "oA"}, " 60004"},
		{ledger.FindQuery{}, ""}, // and not the cards without phone and open id
		{ledger.FindQuery{Merchant: 2, Phone: "13800138000"}, ""},
		{ledger.FindQuery{Phone: "1\x00"}, ""},
		{ledger.FindQuery{OpenID: "\xff"}, ""},
	} {
		if got := b.lookup(c.q); got != c.want {
			t.Errorf("%+v finds%s, want%s", c.q, got, c.want)
		}
	}
	phone, openID := "159", ""
	b.do(command.ModifyHolder{Merchant: 1, By: clerk, Card: "60002", Phone: &phone},
		command.ModifyDetails{Merchant: 1, By: clerk, Card: "60002", OpenID: &openID})
	for q, want := range map[ledger.FindQuery]string{
		{Phone: "13800138000"}: " 60003 60001", {Phone: "159"}: " 60002", {OpenID: "oA"}: " 60001",
	} {
		if got := b.lookup(q); got != want {
			t.Errorf("after changes: %+v finds%s, want%s", q, got, want)
		}
	}
}

// If a phone is on more than FindMost cards, only the FindMost that were opened first are found, even if a later one
// was used last.
func testFindMany(t *testing.T, b *books) {
	cards := command.Import{Merchant: 1, By: clerk}
	for i := range ledger.FindMost + 1 {
		c := open(fmt.Sprint(10000 + i)).Card
		c.Holder.Phone = "1"
		cards.Cards = append(cards.Cards, c)
	}
	b.do(cards)
	b.do(recharge("10007", 100))
	b.do(recharge(fmt.Sprint(10000+ledger.FindMost), 100))
	found, err := b.s.Find(b.ctx, ledger.FindQuery{Merchant: 1, Phone: "1"})
	b.must(err)
	if len(found) != ledger.FindMost || found[0].Number != "10007" {
		t.Errorf("%d cards from %s on, want %d from 10007", len(found), found[0].Number, ledger.FindMost)
	}
}

// An inner code is taken by the card that has it, even after that card was replaced, and is free again once the card
// has given it up.
func testExtIDs(t *testing.T, b *books) {
	b.openLookups()
	b.do(command.Replace{Merchant: 1, By: clerk, Card: "60001", Number: "70001"})
	if got := b.lookup(ledger.FindQuery{ExtID: "1"}); got != " 60001" {
		t.Errorf("the old plastic finds%s, want the old card", got)
	}
	code := "5"
	b.do(command.ModifyDetails{Merchant: 1, By: clerk, Card: "60003", ExtID: &code})
	code = "1"
	for _, taken := range []command.Command{
		command.ModifyDetails{Merchant: 1, By: clerk, Card: "60002", ExtID: &code},
		command.Issue{
			Merchant: 1, By: clerk,
			Cards: []command.NewCard{
				{Number: "80001", Level: 1, Kind: ledger.StoredValue, Details: ledger.Details{ExtID: code}},
			},
		},
	} {
		if _, err := taken.Decide(b.load(taken.Keys()), b.now); err == nil {
			t.Errorf("%T takes a code that is taken", taken)
		}
	}
	keys := command.Keys{ExtIDs: []string{"1", "3", "4", "5", "9"}}
	records, err := b.s.Load(b.ctx, command.Want{Merchant: 2, Keys: keys}, command.Want{Merchant: 1, Keys: keys})
	b.must(err)
	slices.Sort(records[1].ExtIDs)
	same(t, "taken codes", records[1].ExtIDs, []string{"1", "4", "5"})
	same(t, "taken codes of merchant 2", records[0].ExtIDs, nil)
}

// Inner codes may pass from card to card within one save, in whatever order the cards stand in it.
func testExtIDPasses(t *testing.T, b *books) {
	b.openLookups()
	give := func(card, code string) command.Command {
		return command.ModifyDetails{Merchant: 1, By: clerk, Card: card, ExtID: &code}
	}
	b.do(give("60003", "7"), give("60001", "3"), give("60004", "1"), give("60003", "4"))
	last := open("60009")
	last.Card.Details.ExtID = "7"
	b.do(give("60002", "8"), give("60004", ""), give("60001", "1"), last)
	for code, want := range map[string]string{"1": " 60001", "3": "", "4": " 60003", "7": " 60009", "8": " 60002"} {
		if got := b.lookup(ledger.FindQuery{ExtID: code}); got != want {
			t.Errorf("code %s finds%s, want%s", code, got, want)
		}
	}
}

// A merchant's own entries come newest first, a page at a time, from any place among them, and no card's or other
// merchant's are among them.
func testOwnEntries(t *testing.T, b *books) {
	var made []ledger.EntryID
	for _, note := range []string{"1", "2", "3", "4"} {
		from := b.head().Settings
		made = append(made, newest(b.do(command.ChangeSettings{
			Merchant: 1, By: clerk, To: *b.records(1, command.Keys{Head: true}).Merchant, From: from, Note: note,
		})))
		b.do(open("6000" + note))
	}
	b.must(b.s.SaveMerchant(b.ctx, merchant(3)))
	b.do(command.ChangeSettings{Merchant: 3, By: clerk, To: merchant(3)})
	for _, c := range []struct {
		from  int64
		limit int
		want  []ledger.EntryID
	}{
		{math.MaxInt64, 3, []ledger.EntryID{made[3], made[2], made[1]}},
		{2, 3, []ledger.EntryID{made[1], made[0]}},
		{4, 1, []ledger.EntryID{made[3]}},
		{0, 3, nil},
	} {
		page, err := b.s.OwnEntries(b.ctx, 1, c.from, c.limit)
		b.must(err)
		var got []ledger.EntryID
		for _, e := range page {
			got = append(got, e.ID)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%d from place %d: got %v, want %v", c.limit, c.from, got, c.want)
		}
	}
	if page, err := b.s.OwnEntries(b.ctx, 77, math.MaxInt64, 3); err != nil || len(page) != 0 {
		t.Errorf("of nobody: %v, %v", page, err)
	}
	page, err := b.s.OwnEntries(b.ctx, 1, math.MaxInt64, 1)
	b.must(err)
	if page[0].Seq != 4 || page[0].Note != "4" || page[0].Settings == "" {
		t.Errorf("the newest is %+v", page[0])
	}
}

// A level is in use as long as a card of its own merchant has it that is neither returned nor replaced.
func testLevelInUse(t *testing.T, b *books) {
	used := func(m ledger.MerchantID, l ledger.LevelID, want bool) {
		t.Helper()
		if got, err := b.s.LevelInUse(b.ctx, m, l); err != nil || got != want {
			t.Errorf("level %d of merchant %d: got %t, %v, want %t", l, m, got, err, want)
		}
	}
	used(1, 2, false)
	b.do(open("60001"), open("60002"))
	b.do(command.ChangeLevel{Merchant: 1, By: clerk, Card: "60002", Level: 1})
	used(1, 1, true)
	used(1, 2, true)
	used(2, 2, false)
	b.do(command.Return{Merchant: 1, By: clerk, Card: "60002"})
	used(1, 1, false)
	b.do(command.Replace{Merchant: 1, By: clerk, Card: "60001", Number: "60003"})
	used(1, 2, true)
}

// A shop is in use once the journal of its own merchant has an entry of it, whether the day totals include that
// entry yet or not.
func testShopInUse(t *testing.T, b *books) {
	used := func(m ledger.MerchantID, shop ledger.ShopID, want bool) {
		t.Helper()
		if got, err := b.s.ShopInUse(b.ctx, m, shop); err != nil || got != want {
			t.Errorf("shop %d of merchant %d: got %t, %v, want %t", shop, m, got, err, want)
		}
	}
	used(1, clerk.Shop, false)
	b.do(open("60001"))
	used(1, clerk.Shop, true)
	used(1, clerk.Shop+1, false)
	used(2, clerk.Shop, false)
	// An entry that day totals include is found through them, a later one in the journal.
	folded := b.sold(clerk.Shop + 1)
	total := ledger.DayTotal{
		DayKey:  ledger.DayKey{Day: 2026_01_05, Shop: clerk.Shop + 1, Kind: ledger.Consumed},
		DaySums: ledger.DaySums{Count: 1},
	}
	b.must(b.s.SaveDayTotals(b.ctx, ledger.Cursor{
		Merchant: 1, Follower: ledger.DayTotals, Version: 1, Entry: folded, Calendar: "UTC",
	}, []ledger.DayTotal{total}))
	b.sold(clerk.Shop + 2)
	used(1, clerk.Shop+1, true)
	used(1, clerk.Shop+2, true)
	used(1, clerk.Shop+3, false)
}

// A pay type is in use once the journal of its own merchant has an entry of it, found through the day totals or behind
// them.
func testPayTypeInUse(t *testing.T, b *books) {
	used := func(m ledger.MerchantID, id ledger.PayTypeID, want bool) {
		t.Helper()
		if got, err := b.s.PayTypeInUse(b.ctx, m, id); err != nil || got != want {
			t.Errorf("pay type %d of merchant %d: got %t, %v, want %t", id, m, got, err, want)
		}
	}
	b.do(open("60001"))
	used(1, 1, false)
	folded := b.sold(clerk.Shop)
	used(1, 1, true)
	used(1, 2, false)
	used(2, 1, false)
	total := ledger.DayTotal{
		DayKey:  ledger.DayKey{Day: 2026_01_05, Shop: clerk.Shop, Kind: ledger.Recharged, PayType: 1},
		DaySums: ledger.DaySums{Count: 1},
	}
	b.must(b.s.SaveDayTotals(b.ctx, ledger.Cursor{
		Merchant: 1, Follower: ledger.DayTotals, Version: 1, Entry: folded, Calendar: "UTC",
	}, []ledger.DayTotal{total}))
	used(1, 1, true)
	used(1, 2, false)
}

// sold recharges card 60001 at a shop and returns the id of the entry.
func (b *books) sold(shop ledger.ShopID) ledger.EntryID {
	b.t.Helper()
	changes := b.do(command.Recharge{
		Merchant: 1, By: ledger.Caller{Shop: shop}, Card: "60001", Amount: 1_00, PayType: 1,
	})
	return changes.Last().ID
}

// What no row can hold is looked for in vain, and costs what is looked for with it nothing.
func testTextsThatNoneHas(t *testing.T, b *books) {
	b.openLookups()
	for _, text := range []string{"60001\x00", "\x00", "\xff60001", "\x01"} {
		key := ledger.CardKey{Merchant: 1, Number: text}
		c, err := b.s.Card(b.ctx, key)
		b.must(err)
		if c != nil {
			t.Errorf("%q: found %+v", text, c)
		}
		found, err := b.s.Load(b.ctx, command.Want{Merchant: 1, Keys: command.Keys{
			Cards: []string{text, "60001"}, AllLots: []string{text}, ExtIDs: []string{text, "1"}, Wallets: []string{text},
			WalletSizes: []string{text}, CouponNumbers: []string{text}, GUIDs: []string{text},
		}})
		b.must(err)
		if one := found[0]; len(one.Cards) != 1 || one.Cards[0].Number != "60001" || len(one.ExtIDs) != 1 {
			t.Errorf("%q with a card that there is: found %+v", text, one)
		}
		for _, q := range []ledger.FindQuery{{ExtID: text}, {Phone: text}, {OpenID: text}} {
			if numbers := b.lookup(q); numbers != "" {
				t.Errorf("%+v: found%s", q, numbers)
			}
		}
		searched, err := b.s.Search(b.ctx, ledger.SearchQuery{Merchant: 1, Key: text, Limit: 5})
		b.must(err)
		if len(searched) > 0 {
			t.Errorf("search for %q: %v", text, searched)
		}
	}
}
