package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// unchanged runs fn and checks that the books of all merchants and of the host are what they were before (invariant
// 20), their guards included.
func (b *books) unchanged(fn func()) {
	b.t.Helper()
	before := b.everyRow()
	fn()
	same(b.t, "the books after a save that failed", b.everyRow(), before)
}

func (b *books) everyRow() []any {
	b.t.Helper()
	merchants, err := b.s.Merchants(b.ctx)
	b.must(err)
	agents, err := b.s.Agents(b.ctx)
	b.must(err)
	version, err := b.s.SettingsVersion(b.ctx)
	b.must(err)
	heads, err := b.s.Heads(b.ctx)
	b.must(err)
	messages, err := b.s.Outbox(b.ctx, b.now.AddDate(9, 0, 0), 1000)
	b.must(err)
	all := []any{merchants, agents, version, heads, messages}
	all = b.rowsOf(all, ledger.HostID)
	for i := range merchants {
		all = b.rowsOf(all, merchants[i].ID)
	}
	return all
}

// rowsOf appends all rows of one merchant to all.
func (b *books) rowsOf(all []any, id ledger.MerchantID) []any {
	b.t.Helper()
	b.must(b.s.EachEntry(b.ctx, id, 0, func(e *ledger.Entry) error {
		all = append(all, *e)
		return nil
	}))
	b.must(b.s.EachCard(b.ctx, id, func(c *ledger.Card) error {
		all = append(all, *c)
		return nil
	}))
	b.must(b.s.EachRequest(b.ctx, id, func(q *ledger.Request) error {
		all = append(all, *q)
		return nil
	}))
	b.must(b.s.EachCoupon(b.ctx, id, func(c *ledger.Coupon) error {
		all = append(all, *c)
		return nil
	}))
	b.must(b.s.EachGuard(b.ctx, id, func(g *ledger.Guard) error {
		all = append(all, *g)
		return nil
	}))
	b.must(b.s.EachDayTotal(b.ctx, id, 0, 0, func(d *ledger.DayTotal) error {
		all = append(all, *d)
		return nil
	}))
	stocks, err := b.s.Stocks(b.ctx, id)
	b.must(err)
	cursors, err := b.s.CursorsOf(b.ctx, id)
	b.must(err)
	return append(all, stocks, cursors)
}

var aGuard = ledger.Guard{
	Merchant: 1, GuardKey: ledger.GuardKey{Kind: ledger.PasswordOfCard, Subject: "1"}, Count: 1,
}

// Changes that were decided before another save of the same merchant cannot be saved after it.
func testStale(t *testing.T, b *books) {
	b.do(open("10001"), recharge("10001", 1000))
	loser := b.decide(consume("10001", 10))
	loser.Guards = []ledger.Guard{aGuard}
	b.do(consume("10001", 20))
	b.unchanged(func() {
		if err := b.s.Save(b.ctx, loser); !errors.Is(err, command.ErrStale) {
			t.Errorf("stale save = %v, want ErrStale", err)
		}
	})
	b.do(consume("10001", 30)) // the store still works
}

func testStaleSettings(t *testing.T, b *books) {
	b.do(open("10001"))
	decided := b.decide(recharge("10001", 1000))
	b.must(b.s.SaveMerchant(b.ctx, merchant(1)))
	b.unchanged(func() {
		if err := b.s.Save(b.ctx, decided); !errors.Is(err, command.ErrStale) {
			t.Errorf("save decided by old settings = %v, want ErrStale", err)
		}
	})
}

// A save whose new row is already there is stale, even if the head permits it.
func testTaken(t *testing.T, b *books) {
	b.do(full("10001"), once("r1", recharge("10001", 1000), 1))
	for name, spoil := range map[string]func(*command.Changes){
		"code":    func(ch *command.Changes) { ch.Opened[0].Details.ExtID = details.ExtID },
		"entry":   func(ch *command.Changes) { ch.Entries[0].ID = 1 },
		"request": func(ch *command.Changes) { rename(&ch.Requests[0], "r1") },
		"number":  func(ch *command.Changes) { ch.Opened[0].Number = "10001" },
		"card":    func(ch *command.Changes) { ch.Opened[0].ID = 1 },
	} {
		ch := b.decide(open("10002"), once("r2", recharge("10001", 1), 2))
		spoil(&ch)
		b.unchanged(func() {
			if err := b.s.Save(b.ctx, ch); !errors.Is(err, command.ErrStale) {
				t.Errorf("%s is taken: %v, want ErrStale", name, err)
			}
		})
	}
}

// If the last row of a save cannot be stored, none of the others is.
func testAllOrNothing(t *testing.T, b *books) {
	b.do(open("10001"), once("r1", recharge("10001", 1000), 1))
	ch := b.decide(open("10002"), consume("10001", 10),
		command.Replace{Merchant: 1, By: clerk, Card: "10001", Number: "20001"},
		once("r2", recharge("10002", 1), 2), once("r3", recharge("10002", 1), 2))
	rename(&ch.Requests[1], "r1")
	ch.Guards = []ledger.Guard{aGuard}
	b.unchanged(func() {
		if err := b.s.Save(b.ctx, ch); err == nil {
			t.Error("a save with a taken request was kept")
		}
	})
}

func testNoHead(t *testing.T, b *books) {
	b.do(open("10001"))
	ch := b.decide(recharge("10001", 1000))
	for name, spoil := range map[string]func(*command.Changes){
		"none":      func(ch *command.Changes) { ch.Head = nil },
		"another":   func(ch *command.Changes) { ch.Head.Merchant = 2 },
		"not there": func(ch *command.Changes) { *ch = command.Changes{Head: &ledger.Head{Merchant: 77}} },
	} {
		bad, head := ch, *ch.Head
		bad.Head = &head
		spoil(&bad)
		b.unchanged(func() {
			if err := b.s.Save(b.ctx, bad); err == nil {
				t.Errorf("head is %s: the save was kept", name)
			}
		})
	}
	b.must(b.s.Save(b.ctx, ch))
}

// A save is carried out even if the caller's context has ended: a save that stopped halfway would leave the outcome
// unknown.
func testCallerGone(t *testing.T, b *books) {
	b.do(open("10001"))
	ch := b.decide(recharge("10001", 1000))
	gone, cancel := context.WithCancel(b.ctx)
	cancel()
	b.must(b.s.Save(gone, ch))
	if c := b.card("10001"); c.Principal != 1000 {
		t.Errorf("principal = %v, want 10.00", c.Principal)
	}
}

func testSaved(t *testing.T, b *books) {
	b.do(open("10001"))
	kept, rival := b.decide(recharge("10001", 1000)), b.decide(recharge("10001", 2000))
	all := b.decide(once("r1", open("20001"), 1))
	asked := command.Changes{Head: all.Head, Requests: all.Requests} // like an import of which every row was refused
	for _, c := range []struct {
		name string
		ch   command.Changes
		want bool
	}{{"kept", kept, false}, {"rival", rival, false}, {"request", asked, false}} {
		if got, err := b.s.Saved(b.ctx, c.ch); err != nil || got != c.want {
			t.Errorf("before: %s saved = %v, %v", c.name, got, err)
		}
	}
	b.must(b.s.Save(b.ctx, kept))
	for _, c := range []struct {
		name string
		ch   command.Changes
		want bool
	}{{"kept", kept, true}, {"rival", rival, false}, {"request", asked, false}} {
		if got, err := b.s.Saved(b.ctx, c.ch); err != nil || got != c.want {
			t.Errorf("after: %s saved = %v, %v, want %v", c.name, got, err, c.want)
		}
	}
	b.do(once("r1", open("20001"), 1))
	if got, err := b.s.Saved(b.ctx, asked); err != nil || !got {
		t.Errorf("request saved = %v, %v, want true", got, err)
	}
}

// No merchant sees or changes the records of another (invariant 35), and a save for two merchants is carried out for
// both or for neither.
func testTwoMerchants(t *testing.T, b *books) {
	b.must(b.s.SaveMerchant(b.ctx, merchant(2)))
	foreign := open("10001")
	foreign.Merchant = 2
	foreign.Card.Holder.Name = "外人"
	b.must(b.s.Save(b.ctx, b.decide(open("10001")), b.decide(foreign)))
	b.do(recharge("10001", 1000))
	c, err := b.s.Card(b.ctx, ledger.CardKey{Merchant: 2, Number: "10001"})
	b.must(err)
	if c.Holder.Name != "外人" || c.Amount() != 0 || b.card("10001").Principal != 1000 {
		t.Errorf("merchants share a card: %+v", c)
	}
	for m := range ledger.MerchantID(2) {
		found, err := b.s.Search(b.ctx, ledger.SearchQuery{Merchant: m + 1, Key: "10001", Limit: 9})
		if err != nil || len(found) != 1 || found[0].Merchant != m+1 {
			t.Errorf("merchant %d finds %+v, %v", m+1, found, err)
		}
	}
	b.must(b.s.EachEntry(b.ctx, 2, 0, func(e *ledger.Entry) error {
		if e.Merchant != 2 {
			t.Errorf("merchant 2 has entry %+v", e)
		}
		return nil
	}))
	other := foreign
	other.Card.Number = "10002"
	ours, stale := b.decide(recharge("10001", 1000)), b.decide(other)
	b.do(other)
	b.unchanged(func() {
		for _, both := range [][]command.Changes{{ours, stale}, {stale, ours}} {
			if err := b.s.Save(b.ctx, both...); !errors.Is(err, command.ErrStale) {
				t.Errorf("of two merchants one is stale: %v, want ErrStale", err)
			}
		}
	})
	if saved, err := b.s.Saved(b.ctx, ours, stale); err != nil || saved {
		t.Errorf("saved = %v, %v, want false", saved, err)
	}
	again := other
	again.Card.Number = "10003"
	theirs := b.decide(again)
	b.must(b.s.Save(b.ctx, ours, theirs))
	if saved, err := b.s.Saved(b.ctx, ours, theirs); err != nil || !saved {
		t.Errorf("saved = %v, %v, want true", saved, err)
	}
}

func testDueCards(t *testing.T, b *books) {
	b.do(open("10001"), open("10002"), open("10003"))
	b.do(recharge("10002", 1000)) // bonus good for 30 days
	b.now = b.now.AddDate(0, 0, 5)
	b.do(recharge("10001", 1000))
	first := b.card("10002").NextExpiry()
	for _, c := range []struct {
		before ledger.Date
		limit  int
		want   []ledger.CardKey
	}{
		{first, 9, nil}, // still good on that day
		{first.AddDays(1), 9, []ledger.CardKey{key("10002")}},
		{first.AddDays(9), 9, []ledger.CardKey{key("10002"), key("10001")}},
		{first.AddDays(9), 1, []ledger.CardKey{key("10002")}},
	} {
		got, err := b.s.DueCards(b.ctx, 1, c.before, c.limit)
		b.must(err)
		same(t, fmt.Sprintf("due before %v", c.before), got, c.want)
	}
	b.now = b.now.AddDate(0, 0, 40)
	b.do(command.Expire{Merchant: 1, Card: "10002"})
	got, err := b.s.DueCards(b.ctx, 1, first.AddDays(9), 9)
	b.must(err)
	same(t, "due after one expired", got, []ledger.CardKey{key("10001")})
}

// What is held on a card is kept with it and read back, also of a card that is opened in the same save, and cards are
// due when a hold of theirs has ended.
func testDueHolds(t *testing.T, b *books) {
	b.do(open("10001"), recharge("10001", 1000))
	start := b.now.Truncate(time.Millisecond)
	hold := func(card string, hours int) command.Hold {
		until := start.Add(time.Duration(hours) * time.Hour)
		return command.Hold{Merchant: 1, Card: card, Amount: 100, Until: until, Note: "八点"}
	}
	b.do(open("10002"), recharge("10002", 1000), hold("10002", 2), hold("10002", 5), hold("10001", 3))
	due := func(hours int, want ...ledger.CardKey) {
		t.Helper()
		got, err := b.s.DueHolds(b.ctx, 1, start.Add(time.Duration(hours)*time.Hour), 9)
		b.must(err)
		same(t, fmt.Sprintf("due after %d hours", hours), got, want)
	}
	due(1)
	due(2, key("10002"))
	due(3, key("10002"), key("10001"))
	held := b.card("10002")
	want := []ledger.Hold{
		{ID: held.Holds[0].ID, Amount: 100, Until: start.Add(2 * time.Hour)},
		{ID: held.Holds[1].ID, Amount: 100, Until: start.Add(5 * time.Hour)},
	}
	same(t, "holds", held.Holds, want)
	b.do(command.Capture{Merchant: 1, Card: "10002", Hold: want[1].ID, Amount: 40, KeepRest: true})
	want[1].Amount = 60
	same(t, "holds after a capture", b.card("10002").Holds, want)
	b.do(command.ReleaseHold{Merchant: 1, Card: "10001", Hold: b.card("10001").Holds[0].ID})
	due(3, key("10002"))
	b.now = start.Add(4 * time.Hour)
	b.do(command.Expire{Merchant: 1, Card: "10002"})
	same(t, "holds after the first ended", b.card("10002").Holds, want[1:])
	due(4)
	due(5, key("10002"))
}

// A walk calls fn with every row once, in order, and returns the first error of fn.
func testWalks(t *testing.T, b *books) {
	const n = 2300 // more than a store reads in one page
	cards := command.Import{Merchant: 1, By: clerk}
	for i := range n {
		cards.Cards = append(cards.Cards, open(fmt.Sprint(10000+i)).Card)
	}
	b.do(cards)
	var entries []ledger.EntryID
	b.must(b.s.EachEntry(b.ctx, 1, 5, func(e *ledger.Entry) error {
		entries = append(entries, e.ID)
		return nil
	}))
	if len(entries) != n-5 || entries[0] != 6 || !slices.IsSorted(entries) {
		t.Errorf("%d entries from %d on, want %d from 6", len(entries), entries[0], n-5)
	}
	var ids []ledger.CardID
	b.must(b.s.EachCard(b.ctx, 1, func(c *ledger.Card) error {
		ids = append(ids, c.ID)
		return nil
	}))
	if len(ids) != n || !slices.IsSorted(ids) {
		t.Errorf("%d cards, want %d in order", len(ids), n)
	}
	enough := errors.New("enough")
	if err := b.s.EachEntry(b.ctx, 1, 0, func(*ledger.Entry) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("a walk ends with %v, want the error that ended it", err)
	}
}

// Two that load, decide and save on one card at the same time neither lose money nor create any (invariants 04, 39).
func testRace(t *testing.T, b *books) {
	b.do(open("10001"), recharge("10001", 100000))
	Race(t, b.s, b.s, "10001", 12)
	c := b.card("10001")
	if want := int64(2 + 2*12); c.Seq != want {
		t.Errorf("%d entries, want %d", c.Seq, want)
	}
}

// Race takes one card through the same number of bills from each of two handles on one database at once, and checks
// that every bill made one entry and that no money was lost or made. The card must be at merchant 1 and have at
// least 1.00 for each of the bills.
func Race(t *testing.T, first, second Store, number string, bills int) {
	t.Helper()
	before, err := first.Card(context.Background(), key(number))
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for _, s := range []Store{first, second} {
		all.Go(func() {
			b := &books{t: t, s: s, ctx: context.Background(), now: start.AddDate(0, 0, 1)}
			for done := 0; done < bills; {
				switch err := s.Save(b.ctx, b.decide(consume(number, 100))); {
				case err == nil:
					done++
				case !errors.Is(err, command.ErrStale):
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	after, err := first.Card(context.Background(), key(number))
	if err != nil {
		t.Fatal(err)
	}
	if after.Seq != before.Seq+int64(2*bills) || after.Amount()+after.SumConsume != before.Amount()+before.SumConsume {
		t.Errorf("after %d bills each: %d entries and %v, from %d and %v", bills, after.Seq, after.Amount(), before.Seq,
			before.Amount())
	}
}

// What is loaded together is as of one moment, although others save meanwhile (invariant 39).
func testOneMoment(t *testing.T, b *books) {
	b.do(open("10001"), open("10002"), recharge("10001", 100000))
	total := b.card("10001").Principal
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 40 {
			from, to := "10001", "10002"
			if i%2 == 1 {
				from, to = to, from
			}
			b.do(command.Transfer{Merchant: 1, By: clerk, From: from, To: to, Amount: 700})
		}
	}()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		records := b.records(1, command.Keys{Head: true, Cards: []string{"10001", "10002"}})
		var sum, lots ledger.Fen
		var newest int64
		for _, c := range records.Cards {
			sum += c.Principal
			newest += c.Seq
			for _, l := range c.Lots {
				lots += l.Principal
			}
		}
		if sum != total || lots != total || newest != int64(records.Head.LastEntry) {
			t.Fatalf("read %v on the cards, %v in lots, want %v; %d entries, head at %d", sum, lots, total, newest,
				records.Head.LastEntry)
		}
	}
}

// rename gives a request another id, and the name that goes with it.
func rename(r *ledger.Request, id string) {
	r.Key.ID = id
	r.Name = r.Key.Name()
}
