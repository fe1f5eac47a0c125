package storetest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// openListed opens cards that differ in everything a list is filtered by, does this and that to them, and returns all
// of the merchant's cards by number.
func (b *books) openListed(rng *rand.Rand) []ledger.Card {
	b.t.Helper()
	var batch []command.Command
	for i := range 40 {
		o := open(fmt.Sprintf("%c%03d", "8aB-_9"[i%6], rng.IntN(1000)*40%1000+i))
		o.By.Shop = ledger.ShopID(7 + i%3)
		if o.By.Shop == 9 {
			o.By.Shop = 0
		}
		o.Card.Level = ledger.LevelID(1 + i%2)
		o.Card.Expires = []ledger.Date{0, 2026_12_31, 2026_04_01, 2026_03_10}[i%4]
		o.Card.Holder.Birthday = []ledger.Date{0, 1999_03_05, 2000_12_31, 1960_02_29}[i/4%4]
		o.Card.Principal, o.Card.Bonus = ledger.Fen(i%5*50_00), ledger.Fen(i%3*10)
		batch = append(batch, o)
	}
	b.do(batch...)
	for i, number := range numbersOf(b.all()) {
		switch i % 8 {
		case 1:
			b.do(command.ReportLost{Merchant: 1, By: clerk, Card: number})
		case 2:
			b.do(command.Stop{Merchant: 1, By: clerk, Card: number})
		case 3:
			b.do(command.Replace{Merchant: 1, By: clerk, Card: number, Number: "N" + number})
		case 4:
			b.now = b.now.Add(20 * time.Hour)
			b.do(recharge(number, ledger.Fen(100+i)))
		case 5:
			b.do(command.Return{Merchant: 1, By: clerk, Card: number})
		}
	}
	brought := b.do(command.Import{Merchant: 1, By: clerk, Cards: []command.NewCard{open("T001").Card}}).Entries
	b.do(command.ReverseOpenings{Merchant: 1, By: clerk, Cards: []command.BroughtCard{
		{Number: "T001", First: brought[0].ID, Last: brought[len(brought)-1].ID},
	}})
	return b.all()
}

// all returns all cards of merchant 1 by number.
func (b *books) all() (all []ledger.Card) {
	b.t.Helper()
	b.must(b.s.EachCard(b.ctx, 1, func(c *ledger.Card) error {
		all = append(all, *c)
		return nil
	}))
	slices.SortFunc(all, func(x, y ledger.Card) int { return cmp.Compare(x.Key().Number, y.Key().Number) })
	return all
}

func numbersOf(cards []ledger.Card) (numbers []string) {
	for i := range cards {
		numbers = append(numbers, cards[i].Key().Number)
	}
	return numbers
}

// filters are one for each field, with bounds that cards are on.
func filters() []ledger.CardFilter {
	fen := func(f ledger.Fen) *ledger.Fen { return &f }
	all := []ledger.CardFilter{
		{},
		{Level: 2},
		{Shop: 7},
		{AtLeast: fen(100_00)},
		{AtMost: fen(100_20)},
		{AtLeast: fen(1), AtMost: fen(100_10)},
		{AtMost: fen(0)},
		{UsedFrom: start.AddDate(0, 0, 2)},
		{UsedBefore: start.AddDate(0, 0, 3)},
		{UsedFrom: start.AddDate(0, 0, 1), UsedBefore: start.AddDate(0, 0, 4)},
		{BirthMonth: 12},
		{BirthMonth: 2},
		{ExpiresTo: 2026_04_01},
		{ExpiresFrom: 2026_04_01},
		{ExpiresFrom: 2026_03_11, ExpiresTo: 2026_12_31},
		{Level: 1, Status: ledger.Active, BirthMonth: 3},
		{Level: 7},
	}
	for _, s := range ledger.Statuses {
		all = append(all, ledger.CardFilter{Status: s})
	}
	return all
}

// The pages of a list have, one after the other, every card that the filter chooses and no other, by number, whatever
// the size of a page and however many cards are looked at for one. A page looks at no more cards than it may, and at as
// many as it takes to be full.
func testCards(t *testing.T, b *books) {
	rng := rand.New(rand.NewPCG(3, 4))
	all := b.openListed(rng)
	numbers := numbersOf(all)
	for _, f := range filters() {
		var want []ledger.Card
		for j := range all {
			if f.Chooses(&all[j]) {
				want = append(want, all[j])
			}
		}
		if f.Level != 7 && len(want) == 0 {
			t.Errorf("filter %+v chooses no card, and shows nothing", f)
		}
		for _, q := range []ledger.CardsQuery{
			{Limit: 3}, {Limit: 100}, {Limit: len(want) + 1}, {Limit: 2, Looks: 5}, {Limit: 9, Looks: 4},
		} {
			q.Merchant, q.Filter = 1, f
			same(t, fmt.Sprintf("cards of %+v", q), b.pages(q, numbers), want)
		}
	}
	for _, q := range []ledger.CardsQuery{
		{Merchant: 2, Limit: 5}, {Merchant: 1, Limit: 0}, {Merchant: 1, Limit: 5, After: "\xff"}, {Merchant: 77, Limit: 5},
	} {
		if page, err := b.s.Cards(b.ctx, q); err != nil || len(page.Cards) > 0 || page.Next != "" {
			t.Errorf("%+v: %d cards, next %q, %v", q, len(page.Cards), page.Next, err)
		}
	}
}

// What is done to a card while its holder stays away is no use of it: neither a list nor a Find goes by the newest
// entry.
func testCardsByUse(t *testing.T, b *books) {
	b.do(open("1001"), open("1002"))
	phone := "13800138000"
	for _, number := range []string{"1001", "1002"} {
		b.do(command.ModifyHolder{Merchant: 1, By: clerk, Card: number, Phone: &phone})
	}
	b.now = b.now.Add(time.Hour)
	first := dated(b.do(recharge("1001", 50_00)))
	b.now = b.now.Add(time.Hour)
	second := dated(b.do(recharge("1002", 50_00), consume("1002", 10_00)))
	b.now = b.now.Add(24 * time.Hour)
	last := dated(b.do(
		send("1001", 5, "28000001"),
		command.ChangeLevel{Merchant: 1, By: clerk, Card: "1001", Level: 1},
		command.ShowData{Merchant: 1, By: clerk, Card: "1001", What: ledger.ShownPhone},
		command.ReportLost{Merchant: 1, By: clerk, Card: "1001"},
		command.CancelLoss{Merchant: 1, By: clerk, Card: "1001"},
	))
	if c := b.card("1001"); !c.Used.Equal(first) || !c.Last.Equal(last) {
		t.Errorf("the first was used at %v, want %v; its newest entry is of %v, want %v", c.Used, first, c.Last, last)
	}
	if c := b.card("1002"); !c.Used.Equal(second) {
		t.Errorf("the second was used at %v, want %v", c.Used, second)
	}
	for want, f := range map[string]ledger.CardFilter{"1001": {UsedBefore: second}, "1002": {UsedFrom: second}} {
		page, err := b.s.Cards(b.ctx, ledger.CardsQuery{Merchant: 1, Limit: 5, Filter: f})
		if err != nil || !slices.Equal(numbersOf(page.Cards), []string{want}) {
			t.Errorf("%+v chooses %v, %v", f, numbersOf(page.Cards), err)
		}
	}
	if got := b.lookup(ledger.FindQuery{Phone: phone}); got != " 1002 1001" {
		t.Errorf("by phone:%s", got)
	}
}

// dated returns the time of the newest entry that was made.
func dated(ch command.Changes) time.Time { return ch.Last().At }

// pages reads page after page, and returns all of their cards. numbers are those of all cards.
func (b *books) pages(q ledger.CardsQuery, numbers []string) (all []ledger.Card) {
	b.t.Helper()
	looks := cmp.Or(q.Looks, ledger.CardsLooked)
	for range 100 {
		page, err := b.s.Cards(b.ctx, q)
		b.must(err)
		all = append(all, page.Cards...)
		first, _ := slices.BinarySearch(numbers, q.After+"\x00")
		within := numbers[first:min(first+looks, len(numbers))]
		switch {
		case len(page.Cards) > q.Limit:
			b.t.Fatalf("%+v: %d cards", q, len(page.Cards))
		case page.Next == "":
			return all
		case !slices.Contains(within, page.Next):
			b.t.Fatalf("%+v: goes on behind %q, and may look at %q", q, page.Next, within)
		case len(page.Cards) < q.Limit && page.Next != within[len(within)-1]:
			b.t.Fatalf("%+v: %d cards, and goes on behind %q of %q", q, len(page.Cards), page.Next, within)
		}
		q.After = page.Next
	}
	b.t.Fatalf("%+v: there is no last page", q)
	return nil
}
