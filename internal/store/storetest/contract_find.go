package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// naive computes a page of history by looking at every entry.
func naive(journal []ledger.Entry, card ledger.CardID, q ledger.HistoryQuery) ledger.HistoryPage {
	var page ledger.HistoryPage
	var backs []ledger.TimeBack
	for i := range journal {
		if e := &journal[i]; e.Kind == ledger.ClockTakenBack {
			backs = append(backs, ledger.TimeBack{Entry: e.ID, At: e.At})
		}
	}
	for i := range slices.Backward(journal) {
		e := &journal[i]
		at := ledger.DoneAt(e.ID, e.At, backs)
		if e.Card != card || !q.Filter.Chooses(e) || at.Before(q.From) || !q.To.IsZero() && at.After(q.To) ||
			q.Below > 0 && e.Seq >= q.Below {
			continue
		}
		if page.Total/int64(q.Size) == q.Page-1 {
			page.Entries = append(page.Entries, *e)
		}
		page.Total++
	}
	return page
}

// A page of history is what counting entries one by one gives, for any filter, time and page, also after a clock
// that was ahead is taken back (invariant 24).
func testHistory(t *testing.T, b *books) {
	rng := rand.New(rand.NewPCG(1, 2))
	b.do(open("10001"), open("10002"), recharge("10001", 1_000_000), recharge("10002", 1_000_000))
	for range 30 {
		var batch []command.Command
		for range 1 + rng.IntN(9) {
			number := []string{"10001", "10001", "10002"}[rng.IntN(3)]
			batch = append(batch, []command.Command{
				consume(number, 100), consume(number, 200), consume(number, 10), recharge(number, 50),
				command.AdjustPoints{Merchant: 1, By: clerk, Card: number, Points: 1, Note: "x"},
			}[rng.IntN(5)])
		}
		if rng.IntN(4) == 0 {
			b.do(command.Stop{Merchant: 1, Card: "10001"}, command.Resume{Merchant: 1, Card: "10001"})
		}
		b.do(batch...)
		if rng.IntN(8) == 0 { // a clock that was ahead is taken back
			right := b.now
			b.now = b.now.AddDate(0, 0, 5)
			b.do(batch...)
			b.now = right.Add(time.Second)
			b.do(command.TakeBackTime{Merchant: 1, At: b.now})
		}
	}
	journal := b.journal()
	ids := map[string]ledger.CardID{"10001": b.card("10001").ID, "10002": b.card("10002").ID}
	filters := []ledger.Filter{
		{},
		{Kinds: []ledger.Kind{ledger.Consumed}},
		{Kinds: []ledger.Kind{ledger.Recharged, ledger.PointsAdjusted}},
		{Kinds: []ledger.Kind{ledger.CardStopped}},
		{Kinds: []ledger.Kind{ledger.Opened}},
		{Kinds: []ledger.Kind{ledger.Withdrawn}},
		{MovedPoints: true},
		{Kinds: []ledger.Kind{ledger.Consumed}, MovedPoints: true},
		{Kinds: []ledger.Kind{}},
	}
	for range 500 {
		q := ledger.HistoryQuery{
			Filter: filters[rng.IntN(len(filters))], Page: 1 + rng.Int64N(8), Size: 1 + rng.IntN(25),
			From: someTime(rng, journal), To: someTime(rng, journal),
		}
		if rng.IntN(2) == 0 {
			q.Below = rng.Int64N(200)
		}
		number := []string{"10001", "10002"}[rng.IntN(2)]
		q.Card = key(number)
		got, err := b.s.History(b.ctx, q)
		b.must(err)
		same(t, fmt.Sprintf("page %+v", q), got, naive(journal, ids[number], q))
		if t.Failed() {
			return
		}
	}
}

// someTime returns the time of some entry, or 300 µs before or after it, or the zero time.
func someTime(rng *rand.Rand, journal []ledger.Entry) time.Time {
	at := journal[rng.IntN(len(journal))].At
	switch rng.IntN(5) {
	case 0:
		return at
	case 1:
		return at.Add(-300 * time.Microsecond)
	case 2:
		return at.Add(300 * time.Microsecond)
	default:
		return time.Time{}
	}
}

func testHistoryOfFew(t *testing.T, b *books) {
	b.do(open("10001"))
	for _, c := range []struct {
		q    ledger.HistoryQuery
		want int64
		rows int
	}{
		{ledger.HistoryQuery{Page: 1, Size: 5}, 1, 1},
		{ledger.HistoryQuery{Page: 2, Size: 5}, 1, 0},
		{ledger.HistoryQuery{Page: 1 << 62, Size: 1 << 30}, 1, 0},
		{ledger.HistoryQuery{Page: 1, Size: 0}, 1, 0},
		{ledger.HistoryQuery{Page: 1, Size: 5, From: start.AddDate(0, 0, -1)}, 1, 1},
		{ledger.HistoryQuery{Page: 1, Size: 5, From: start.AddDate(0, 0, 1)}, 0, 0},
		{ledger.HistoryQuery{Page: 1, Size: 5, To: start.AddDate(0, 0, -1)}, 0, 0},
		{ledger.HistoryQuery{Page: 1, Size: 5, Below: 1}, 0, 0},
		{ledger.HistoryQuery{Page: 1, Size: 5, Below: 2}, 1, 1},
		{ledger.HistoryQuery{Page: 1, Size: 5, Below: 9}, 1, 1},
		{ledger.HistoryQuery{Page: 1, Size: 5, Below: 1, From: start.AddDate(0, 0, -1), To: start.AddDate(0, 0, 1)}, 0, 0},
		{ledger.HistoryQuery{Page: 1, Size: 5, From: start.AddDate(0, 0, 1), To: start.AddDate(0, 0, -1)}, 0, 0},
	} {
		c.q.Card = key("10001")
		got, err := b.s.History(b.ctx, c.q)
		if err != nil || got.Total != c.want || len(got.Entries) != c.rows {
			t.Errorf("%+v: %d in all, %d here, %v, want %d, %d", c.q, got.Total, len(got.Entries), err, c.want, c.rows)
		}
	}
}

// holders lists the cards to search for: number, name, phone.
var holders = [][3]string{
	{"60010001", "张三", "13800138000"},
	{"60010002", "张三丰", "13800138001"},
	{"VIP-0001", "Ángela MÜLLER", "+49 170 100%"},
	{"vip-0002x", "O'Brien \"Bob\"", "8613800138000"},
	{"60020001", "欧阳修", ""},
	{"3800", "100_a", "1"},
	{"60010003", "李四 100xa", "13900000000"},
	{"a_b-c", "AND NOT*", "(555)x"},
}

func (b *books) openHolders() {
	b.t.Helper()
	var batch []command.Command
	for _, h := range holders {
		o := open(h[0])
		o.Card.Holder.Name, o.Card.Holder.Phone = h[1], h[2]
		batch = append(batch, o)
	}
	b.do(batch...)
}

func testSearch(t *testing.T, b *books) {
	b.openHolders()
	for _, c := range []struct{ key, want string }{
		{"60010001", "60010001"},
		{"6001", "60010001 60010002 60010003"},
		{"0001", "60010001 60020001 VIP-0001"},
		{"3800", "3800 60010001 60010002 vip-0002x"}, // the card with exactly that number comes first
		{"张三丰", "60010002"},
		{"张三", "60010001 60010002"},
		{"修", "60020001"},
		{"zs", "60010001 60010002"}, // the initials of a name
		{"ZSF", "60010002"}, {"oyx", "60020001"},
		{"sf\nz", ""},
		{"vip-0001", "VIP-0001"},
		{"VIP-000", "VIP-0001 vip-0002x"}, {"VIP-0002X", "vip-0002x"},
		{"müller", "VIP-0001"},
		{"ÁNGELA", "VIP-0001"},
		{"%", "VIP-0001"},
		{"100%", "VIP-0001"},
		{"100_", "3800"},
		{"a_b", "a_b-c"},
		{"_", "3800 a_b-c"},
		{`"bob"`, "vip-0002x"},
		{"'", "vip-0002x"},
		{`\`, ""},
		{`\%\%`, ""},
		{"and not*", "a_b-c"},
		{"(555)", "a_b-c"}, // punctuation counts, as in any other text
		{"555", "a_b-c"},
		{"张三\n138", ""}, // a key never matches across two fields
		{"000张三", ""},
		{"zzzz", ""},
	} {
		if got := b.found(c.key, 20); got != c.want {
			t.Errorf("%q finds %q, want %q", c.key, got, c.want)
		}
	}
	for limit, want := range []string{"", "3800", "3800 60010001", "3800 60010001 60010002"} {
		if got := b.found("3800", limit); got != want {
			t.Errorf("at most %d: %q, want %q", limit, got, want)
		}
	}
	if got := b.found("", 3); got != "3800 60010001 60010002" {
		t.Errorf("no key finds %q, want the first cards", got)
	}
}

// found returns the numbers of the cards that a search finds, in order, separated by spaces.
func (b *books) found(key string, limit int) string {
	b.t.Helper()
	cards, err := b.s.Search(b.ctx, ledger.SearchQuery{Merchant: 1, Key: key, Limit: limit})
	b.must(err)
	var list []string
	for _, c := range cards {
		list = append(list, c.Number)
	}
	return strings.Join(list, " ")
}

func testSearchAfterChanges(t *testing.T, b *books) {
	b.openHolders()
	name, phone := "王五五", "15912345678"
	b.do(command.ModifyHolder{Merchant: 1, By: clerk, Card: "60020001", Name: &name, Phone: &phone},
		recharge("60020001", 1000))
	b.do(command.Replace{Merchant: 1, By: clerk, Card: "60010002", Number: "70010002"})
	for _, c := range []struct{ key, want string }{
		{"欧阳修", ""},
		{"oyx", ""}, {"ww", "60020001"}, {"www", "60020001"},
		{"王五五", "60020001"},
		{"912345", "60020001"},
		{"张三丰", "60010002 70010002"}, // the old card can still be read
		{"70010002", "70010002"},
		{"60010002", "60010002"},
	} {
		if got := b.found(c.key, 20); got != c.want {
			t.Errorf("%q finds %q, want %q", c.key, got, c.want)
		}
	}
	cards, err := b.s.Search(b.ctx, ledger.SearchQuery{Merchant: 1, Key: "王五五", Limit: 1})
	b.must(err)
	same(t, "found card", cards[0], *b.card("60020001"))
}
