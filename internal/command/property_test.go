package command

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
	"tongka/internal/ledger"
)

// dump prints all that a state knows, so that any change to it shows.
func dump(s *State) string {
	var b strings.Builder
	lines := func(what string, all []string) {
		slices.Sort(all)
		fmt.Fprintf(&b, "%s\n%s\n", what, strings.Join(all, "\n"))
	}
	lines("merchant", []string{fmt.Sprintf("%v %+v %s", s.loaded, s.head, dumpPointer(s.merchant))})
	lines("cards", dumpMap(allCards(s), dumpPointer[ledger.Card]))
	lines("entries", dumpMap(s.entries.records, dumpPointer[ledger.Entry]))
	lines("undone", dumpMap(s.undone.records, func(es []*ledger.Entry) string {
		var all []string
		for _, e := range es {
			all = append(all, dumpPointer(e))
		}
		return strings.Join(all, "; ")
	}))
	lines("requests", dumpMap(s.requests.records, dumpPointer[ledger.Request]))
	lines("coupons", dumpMap(s.coupons.records, dumpPointer[ledger.Coupon]))
	lines("sized", dumpMap(s.sized.records, func(struct{}) string { return "" }))
	lines("sizes", dumpMap(s.sizes.records, func(n int) string { return fmt.Sprint(n) }))
	lines("wallets", dumpMap(s.wallets.records, func(struct{}) string { return "" }))
	lines("stocks", dumpMap(s.stocks.records, func(stock ledger.CouponStock) string { return fmt.Sprint(stock) }))
	lines("coupon numbers", dumpMap(s.couponNumbers.records, func(taken bool) string { return fmt.Sprint(taken) }))
	lines("guards", dumpMap(s.guards.records, dumpPointer[ledger.Guard]))
	lines("inner codes", dumpMap(s.extIDs.records, func(taken bool) string { return fmt.Sprint(taken) }))
	pending := s.Pending()
	return b.String() + dumpChanges(&pending)
}

// allCards returns the cards a state knows, packed or not.
func allCards(s *State) map[string]*ledger.Card {
	all := maps.Clone(s.cards)
	for key, i := range s.shelf.at {
		if key.owner == s.owner {
			all[key.number] = s.shelf.slots[i].card.Unpacked()
		}
	}
	return all
}

func dumpMap[K comparable, V any](m map[K]V, show func(V) string) []string {
	var all []string
	for k, v := range m {
		all = append(all, fmt.Sprintf("%+v %s", k, show(v)))
	}
	return all
}

func dumpPointer[T any](v *T) string {
	if v == nil {
		return "none"
	}
	if e, ok := any(v).(*ledger.Entry); ok {
		return dumpEntry(*e)
	}
	return fmt.Sprintf("%+v", *v)
}

// dumpEntry prints what the pointers of an entry point to instead of their addresses.
func dumpEntry(e ledger.Entry) string {
	holder, details, offer := "nobody", "nothing", "nothing"
	if e.Holder != nil {
		holder = fmt.Sprintf("%+v", *e.Holder)
	}
	if e.Details != nil {
		details = fmt.Sprintf("%+v", *e.Details)
	}
	if e.Offer != nil {
		offer = fmt.Sprintf("%+v", *e.Offer)
	}
	e.Holder, e.Details, e.Offer = nil, nil, nil
	return fmt.Sprintf("%+v %s %s %s", e, holder, details, offer)
}

func dumpChanges(ch *Changes) string {
	var b strings.Builder
	fmt.Fprintf(
		&b,
		"head %+v\nopened %+v\ncards %+v\nholders %+v\nlots %+v\nrequests %+v\nrefused %+v\ncoupons %+v\nstocks %+v\nguards %+v\nwebhooks %+v\nmessages %+v\n",
		ch.Head,
		ch.Opened,
		ch.Cards,
		ch.Holders,
		ch.Lots,
		ch.Requests,
		ch.Refused,
		ch.Coupons,
		ch.Stocks,
		ch.Guards,
		ch.Webhooks,
		ch.Messages,
	)
	for _, e := range ch.Entries {
		fmt.Fprintln(&b, dumpEntry(e))
	}
	return b.String()
}

// printed prints a row so that any difference shows.
func printed[V any](v V) string { return fmt.Sprintf("%+v", v) }

// dumpStore prints all rows except the versions, which count saves.
func dumpStore(l *memStore) string {
	var b strings.Builder
	for _, rows := range [][]string{
		dumpMap(l.heads, dumpHead), dumpMap(l.cards, printed), dumpMap(l.lots, printed), dumpMap(l.entries, dumpEntry),
		dumpMap(l.requests, printed), dumpMap(l.coupons, printed), dumpMap(l.stocks, printed), dumpMap(l.guards, printed),
		dumpMap(l.webhooks, printed),
	} {
		slices.Sort(rows)
		b.WriteString(strings.Join(rows, "\n") + "\n")
	}
	return b.String()
}

func dumpHead(h ledger.Head) string {
	h.Version = 0
	return printed(h)
}

// differOf returns the first difference between the dumps of two stores, "" if there is none. It prints only what
// differs: stories compare their stores after each step, and to print them all took most of the time of these tests.
func differOf(got, want *memStore) string {
	if sameRows(got.heads, want.heads, dumpHead) && sameRows(got.cards, want.cards, printed) &&
		sameRows(got.lots, want.lots, printed) && sameRows(got.entries, want.entries, dumpEntry) &&
		sameRows(got.requests, want.requests, printed) && sameRows(got.coupons, want.coupons, printed) &&
		sameRows(got.stocks, want.stocks, printed) && sameRows(got.guards, want.guards, printed) &&
		sameRows(got.webhooks, want.webhooks, printed) {
		return ""
	}
	return differ(dumpStore(got), dumpStore(want))
}

// sameRows reports whether two tables print the same. Rows that are deeply equal do.
func sameRows[K comparable, V any](got, want map[K]V, show func(V) string) bool {
	if len(got) != len(want) {
		return false
	}
	for k, g := range got {
		w, there := want[k]
		if !there || !reflect.DeepEqual(g, w) && show(g) != show(w) {
			return false
		}
	}
	return true
}

// differ returns the first difference between two dumps.
func differ(a, b string) string { return firstDifference(a, b) }

// Whatever commands are given in whatever order, and whatever the clock does: the books agree after each command
// (invariants 01–06, 08–13, 20–23, 25, 26, 32), Decide changes nothing itself (20), and deciding again gives the same
// result.
func TestPropertyBooks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		merchants, orders := drawChangingStory(t)
		l := newMemStore(merchants...)
		for _, o := range orders {
			l.change(o)
			s := NewState(o.cmd.MerchantID())
			l.teach(s, o.cmd.Keys())
			for more := missingOf(o, s); !more.Empty(); more = missingOf(o, s) {
				l.teach(s, more)
			}
			before := dump(s)
			ch, err := o.cmd.Decide(s, o.now)
			if more, missing := errors.AsType[NeedRecords](err); missing {
				l.teach(s, more.Keys)
				before = dump(s)
				ch, err = o.cmd.Decide(s, o.now)
			}
			if after := dump(s); after != before {
				t.Fatalf("%+v changed what it was given: %s", o.cmd, differ(after, before))
			}
			again, errAgain := o.cmd.Decide(s, o.now)
			if !reflect.DeepEqual(err, errAgain) || dumpChanges(&again) != dumpChanges(&ch) {
				t.Fatalf("%+v decided %v, then %v", o.cmd, err, errAgain)
			}
			if err != nil {
				if _, refused := errors.AsType[ledger.Refusal](err); !refused {
					t.Fatalf("%+v: %v", o.cmd, err)
				}
				continue
			}
			if ch.Replay != nil {
				continue
			}
			if err := l.save(ch); err != nil {
				t.Fatalf("%+v: %v", o.cmd, err)
			}
			if err := l.check(); err != nil {
				t.Fatalf("%+v: %v", o.cmd, err)
			}
		}
	})
}

// missingOf returns the keys a command asks for after it has seen the records it named, none if it has all.
func missingOf(o order, s *State) Keys {
	_, err := o.cmd.Decide(s, o.now)
	more, missing := errors.AsType[NeedRecords](err)
	if !missing {
		return Keys{}
	}
	return s.Missing(more.Keys)
}

// However commands are gathered into batches, whatever of the cards is loaded or dropped, and whichever saves are
// lost: the same is decided and stored as one by one.
func TestPropertyBatches(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		merchants, orders := drawStory(t)
		single, batched := newMemStore(merchants...), newMemStore(merchants...)
		batched.front = rapid.IntRange(0, 3).Draw(t, "lots loaded")
		shelf, kept := NewShelf(rapid.IntRange(0, 4).Draw(t, "shelf")), map[ledger.MerchantID]*State{}
		for _, m := range merchants {
			kept[m.ID] = shelf.State(m.ID)
		}
		for rest := orders; len(rest) > 0; {
			n := min(len(rest), rapid.IntRange(1, 8).Draw(t, "batch"))
			if rapid.IntRange(0, 3).Draw(t, "start afresh") == 0 {
				for _, s := range kept {
					s.Reset()
				}
			}
			if rapid.IntRange(0, 3).Draw(t, "save is lost") == 0 {
				loseBatch(batched.clone(), kept, rest[:n])
			}
			err := batched.batches(kept, rest[:n], func(o order, got Changes, err error) {
				want, wantErr := single.do(o.cmd, o.now)
				sameOutcome(t, o.cmd, got, err, want, wantErr)
			})
			if err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if different := differOf(batched, single); different != "" {
			t.Fatalf("batches: %s", different)
		}
		if err := batched.check(); err != nil {
			t.Fatal(err)
		}
	})
}

// loseBatch decides commands whose save fails.
func loseBatch(l *memStore, kept map[ledger.MerchantID]*State, orders []order) {
	l.fails = true
	_ = l.batches(kept, orders, func(order, Changes, error) {})
	for _, s := range kept {
		s.Abandon()
	}
}

func sameOutcome(t *rapid.T, cmd Command, got Changes, err error, want Changes, wantErr error) {
	if !reflect.DeepEqual(err, wantErr) {
		t.Fatalf("%+v: got %v, want %v", cmd, err, wantErr)
	}
	if (got.Replay == nil) != (want.Replay == nil) || got.Replay != nil && !reflect.DeepEqual(*got.Replay, *want.Replay) {
		t.Fatalf("%+v: replays %+v, want %+v", cmd, got.Replay, want.Replay)
	}
	g, w := Changes{Entries: got.Entries, Requests: got.Requests, Refused: got.Refused}, Changes{
		Entries: want.Entries, Requests: want.Requests, Refused: want.Refused,
	}
	if dumpChanges(&g) != dumpChanges(&w) {
		t.Fatalf("%+v: %s", cmd, differ(dumpChanges(&g), dumpChanges(&w)))
	}
}

// From the first lots of a card the same is decided as from all of them, or all of them are asked for.
func TestPropertyFrontLots(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		merchants, orders := drawChangingStory(t)
		l := newMemStore(merchants...)
		for _, o := range orders {
			l.change(o)
			front := l.clone()
			front.front = rapid.IntRange(1, 3).Draw(t, "lots loaded")
			s := NewState(o.cmd.MerchantID())
			front.teach(s, o.cmd.Keys())
			for more := missingOf(o, s); !more.Empty(); more = missingOf(o, s) {
				front.teach(s, more)
			}
			got, err := o.cmd.Decide(s, o.now)
			if more, missing := errors.AsType[NeedRecords](err); missing {
				front.teach(s, more.Keys)
				got, err = o.cmd.Decide(s, o.now)
			}
			want, wantErr := l.do(o.cmd, o.now)
			if _, shallow := errors.AsType[ledger.NeedLots](err); shallow {
				continue
			}
			sameOutcome(t, o.cmd, got, err, want, wantErr)
			if err == nil && got.Replay == nil {
				if err := front.save(got); err != nil {
					t.Fatal(err)
				}
			}
			if different := differOf(front, l); different != "" {
				t.Fatalf("%+v on the first %d lots: %s", o.cmd, front.front, different)
			}
		}
	})
}

// Pending changes leave a store in the same state as the changes of all commands one by one.
func TestPropertyPendingIsAllChanges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		merchants, orders := drawStory(t)
		whole, parts := newMemStore(merchants...), newMemStore(merchants...)
		kept := map[ledger.MerchantID]*State{}
		for rest := orders; len(rest) > 0; {
			n := min(len(rest), rapid.IntRange(1, 10).Draw(t, "batch"))
			err := whole.batches(kept, rest[:n], func(o order, ch Changes, err error) {
				if err != nil || ch.Replay != nil {
					return
				}
				if err := parts.write(ch); err != nil {
					t.Fatalf("%+v: %v", o.cmd, err)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			if different := differOf(whole, parts); different != "" {
				t.Fatalf("pending: %s", different)
			}
			for _, s := range kept {
				if pending := s.Pending(); dumpChanges(&pending) != dumpChanges(&Changes{}) {
					t.Fatalf("after the save there is still pending: %s", dumpChanges(&pending))
				}
			}
			rest = rest[n:]
		}
	})
}

// A request is carried out once, and repeated it always gets the same answer; with other content it is refused. The
// same id of another agent, merchant or scope is another request (invariants 14, 15, 17).
func TestPropertyInvariant14Once(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := newMemStore(drawMerchant(t, 1), drawMerchant(t, 2))
		for id := range ledger.MerchantID(2) {
			card := NewCard{Number: "6001", Level: 1, Holder: ledger.Holder{Name: "张三"}}
			if _, err := l.do(Open{Merchant: id + 1, Card: card}, monday); err != nil {
				t.Fatal(err)
			}
		}
		done := map[row[ledger.RequestKey]]ledger.Request{}
		for range rapid.IntRange(1, 30).Draw(t, "requests") {
			merchant := ledger.MerchantID(rapid.IntRange(1, 2).Draw(t, "merchant"))
			o := Once{
				Fingerprint: [32]byte{byte(rapid.IntRange(1, 2).Draw(t, "content"))}, Answer: answerOf,
				Key: ledger.RequestKey{
					Agent: ledger.AgentID(rapid.IntRange(1, 2).Draw(t, "agent")),
					Scope: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "scope"),
					ID:    rapid.SampledFrom([]string{"r", "rr"}).Draw(t, "id"),
				},
			}
			o.Layouts = layoutsOf(o.Key.ID)
			o.Command = Recharge{
				Merchant: merchant, Card: "6001", Amount: ledger.Fen(rapid.IntRange(0, 100).Draw(t, "amount")), PayType: 1,
			}
			before := dumpStore(l)
			assumesNew(t, l, o)
			nothing := Import{Merchant: merchant, Cards: []NewCard{{Number: "?"}}} // this one is refused
			assumesNew(t, l, Once{Command: nothing, Key: o.Key, Answer: answerOf})
			ch, err := l.do(o, monday)
			first, known := done[row[ledger.RequestKey]{merchant, o.Key}]
			switch {
			case known && first.Fingerprint == ledger.Fingerprint(o.Fingerprint[:8]):
				if err != nil || ch.Replay == nil || !reflect.DeepEqual(*ch.Replay, first) {
					t.Fatalf("%+v again: got %+v, %v, want %+v", o.Key, ch.Replay, err, first)
				}
			case known:
				if reasonOf(err) != ledger.RequestReused {
					t.Fatalf("%+v for something else: got %v", o.Key, err)
				}
			case err == nil:
				if len(ch.Requests) != 1 || ch.Requests[0].Entry != ch.Last().ID {
					t.Fatalf("%+v is kept as %+v", o.Key, ch.Requests)
				}
				if r := &ch.Requests[0]; r.Proof != r.Evidence() || ch.Last().Asked != r.Mark() {
					t.Fatalf("%+v has the proof %d, and its entry the mark %d", r, r.Proof, ch.Last().Asked)
				}
				done[row[ledger.RequestKey]{merchant, o.Key}] = ch.Requests[0]
				continue
			}
			if dumpStore(l) != before {
				t.Fatalf("%+v left a trace", o.Key)
			}
		}
	})
}

// assumesNew checks what is decided on a request that is only assumed to be new: it must be saved, so that the save can
// refuse it, and have an entry to be told by; otherwise the request must be asked for.
func assumesNew(t *rapid.T, l *memStore, o Once) {
	s := NewState(o.MerchantID())
	l.teach(s, o.Command.Keys())
	s.AssumeNew(o.Key)
	if asked := s.Missing(o.Keys()); !reflect.DeepEqual(asked, Keys{Requests: []ledger.RequestKey{o.Key}}) {
		t.Fatalf("assumed, it is not asked for: %+v", asked)
	}
	ch, err := o.Decide(s, monday)
	if err == nil && len(ch.Requests) == 1 && ch.Requests[0].Key == o.Key && len(ch.Entries) > 0 {
		return
	}
	if more, missing := errors.AsType[NeedRecords](err); !missing ||
		!slices.Equal(more.Keys.Requests, []ledger.RequestKey{o.Key}) {
		t.Fatalf("assumed to be new, %+v is answered %+v, %v", o.Key, ch, err)
	}
}

// A card a state knows agrees with the stored one even after very many lots were put on it: the state keeps the front
// lots only, and sets MoreLots.
func TestSavedKeepsTheFrontOnly(t *testing.T) {
	t.Parallel()
	l := newMemStore(ledger.Merchant{
		ID: 1, Zone: shanghai, Levels: []ledger.Level{{ID: 1, PayRate: ledger.Percent100}},
		PayTypes: []ledger.PayType{{ID: 1}},
	})
	l.front = ledger.FrontLots
	s := NewState(1)
	do := func(cmds ...Command) {
		t.Helper()
		var orders []order
		for _, cmd := range cmds {
			orders = append(orders, order{cmd: cmd, now: monday})
		}
		err := l.batch(s, orders, func(_ order, _ Changes, err error) {
			if err != nil {
				t.Fatal(err)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	do(Open{Merchant: 1, Card: NewCard{Number: "6001", Level: 1, Holder: ledger.Holder{Name: "张三"}}})
	var recharges []Command
	for range 2*ledger.FrontLots + 1 {
		recharges = append(recharges, Recharge{Merchant: 1, Card: "6001", Amount: 1, PayType: 1})
	}
	do(recharges...)
	c := s.card("6001")
	if !c.MoreLots || len(c.Lots) != ledger.FrontLots || c.Principal != 2*ledger.FrontLots+1 {
		t.Errorf("%d lots are kept, more %v, principal %v", len(c.Lots), c.MoreLots, c.Principal)
	}
	if got := s.Missing(Keys{AllLots: []string{"6001"}, Cards: []string{"6001"}}); len(got.AllLots) != 1 ||
		len(got.Cards) != 0 {
		t.Errorf("missing %+v, want the card whole", got)
	}
	do(recharges[0])
	do(Consume{Merchant: 1, Card: "6001", Amount: ledger.FrontLots})
	do(Consume{Merchant: 1, Card: "6001", Amount: ledger.FrontLots + 2})
	if got := s.card("6001").Amount(); got != 0 {
		t.Errorf("left %v, want 0.00", got)
	}
	if err := l.check(); err != nil {
		t.Error(err)
	}
	if got := s.Missing(Keys{
		Entries: []ledger.EntryID{1}, Requests: []ledger.RequestKey{{ID: "r"}},
	}); len(got.Entries) != 1 || len(got.Requests) != 1 {
		t.Errorf("missing %+v, want the entry and the request", got)
	}
	if got := len(s.shelf.at) + len(s.cards); got != 1 {
		t.Errorf("%d cards are known, want 1", got)
	}
}

// A card that is unknown is asked for once. One that was asked for and not found is known not to exist.
func TestMissingAsksOnce(t *testing.T) {
	t.Parallel()
	s := NewState(1)
	key, entry, request := "6001", ledger.EntryID(7), ledger.RequestKey{ID: "r"}
	k := Keys{
		Cards: []string{key, key}, Entries: []ledger.EntryID{entry, entry},
		Requests: []ledger.RequestKey{request, request},
	}
	want := Keys{
		Head: true, Cards: []string{key}, Entries: []ledger.EntryID{entry}, Requests: []ledger.RequestKey{request},
	}
	if got := s.Missing(k); !reflect.DeepEqual(got, want) {
		t.Errorf("missing %+v, want %+v", got, want)
	}
	s.Learn(want, Records{Head: ledger.Head{Merchant: 1}, Merchant: &ledger.Merchant{ID: 1}})
	if got := s.Missing(k); !got.Empty() {
		t.Errorf("still missing %+v", got)
	}
	r, assumed := s.request(request)
	if c, e := s.card(key), s.entries.get(entry); c != nil || e != nil || r != nil || assumed {
		t.Errorf("got %v, %v, %v, want none", c, e, r)
	}
}
