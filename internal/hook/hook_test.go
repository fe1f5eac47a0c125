package hook

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tongka/internal/ledger"
)

// ids returns the ids from first to last.
func ids(first, last ledger.EntryID) (all []ledger.EntryID) {
	for id := first; id <= last; id++ {
		all = append(all, id)
	}
	return all
}

// busy returns a world with a webhook that was added first, and then a card with that many bills: entries 2 and 3 open
// it, the rest are bills.
func busy(t *testing.T, bills int) *world {
	t.Helper()
	w := newWorld(t)
	w.change(hook(shop, 1, "a"))
	w.do(opens(shop, "6001"))
	for range bills {
		w.do(sells(shop, "6001"))
	}
	return w
}

// A webhook is sent what happened since it was added, in order, once; each try is noted, and nothing is sent again.
func TestSendsTheJournal(t *testing.T) {
	t.Parallel()
	w := busy(t, 5)
	r := w.runner()
	w.round(r)
	if got := w.taken("a"); !slices.Equal(got, ids(2, 8)) {
		t.Errorf("sent %v", got)
	}
	s := w.state(1)
	if s.Entry != 8 || s.Tries != 0 || s.LastCode != 200 || !s.LastAt.Equal(w.now) {
		t.Errorf("%+v", s)
	}
	tries, err := w.store.WebhookTries(t.Context(), ledger.WebhookTryQuery{Merchant: shop, Webhook: 1, Limit: 99})
	w.must(err)
	if len(tries) != 7 || tries[0].Entry != 8 || !tries[0].Delivered() {
		t.Errorf("tries %+v", tries)
	}
	w.round(r)
	w.do(sells(shop, "6001"))
	w.round(r)
	if got := w.taken("a"); !slices.Equal(got, ids(2, 9)) {
		t.Errorf("sent %v", got)
	}
}

// Of several kinds only those that are wanted are sent, and the place moves past the others.
func TestSendsWhatIsWanted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	some := hook(shop, 1, "a")
	some.Kinds = []ledger.Kind{ledger.Consumed, ledger.WebhookChanged}
	w.change(some)
	w.change(hook(shop, 2, "b"))
	w.do(opens(shop, "6001"), sells(shop, "6001"), opens(shop, "6002"))
	w.round(w.runner(func(c *Config) { c.Page = 2 }))
	if got := w.taken("a"); !slices.Equal(got, []ledger.EntryID{2, 5}) {
		t.Errorf("chosen: %v", got)
	}
	if got := w.taken("b"); !slices.Equal(got, ids(3, 7)) && len(got) != 5 {
		t.Errorf("all: %v", got)
	}
	if a, b := w.state(1), w.state(2); a.Entry != 7 || b.Entry != 7 {
		t.Errorf("at %d and %d", a.Entry, b.Entry)
	}
}

// A dead endpoint is asked once a pause, with one entry, keeps its place, and the others are sent everything meanwhile.
// After three days it is paused, and goes on from where it stood when it is resumed.
func TestDeadEndpoint(t *testing.T) {
	t.Parallel()
	w := busy(t, 3)
	w.change(hook(shop, 2, "b"))
	dead := atomic.Bool{}
	dead.Store(true)
	w.answer = func(url string, _ ledger.EntryID) Answer {
		if dead.Load() && url == "https://a" {
			return Answer{503, "closed"}
		}
		return Answer{Status: 200}
	}
	r := w.runner()
	begun := w.clock()
	for rounds := 1; w.state(1).Paused.IsZero(); rounds++ {
		w.do(sells(shop, "6001"))
		w.round(r)
		w.round(r)
		if asked := w.asked["https://a"]; asked != rounds {
			t.Fatalf("asked %d times in %d rounds", asked, rounds)
		}
		if s := w.state(1); s.Entry != 1 || s.Tries != rounds || s.LastCode != 503 {
			t.Fatalf("%+v", s)
		}
		w.sleep(w.state(1).Next.Sub(w.clock()))
	}
	if lasted := w.clock().Sub(begun); lasted < patience {
		t.Errorf("paused after %v", lasted)
	}
	if got := w.taken("b"); len(got) < 60 {
		t.Errorf("the other was sent %d entries", len(got))
	}
	asked := w.asked["https://a"]
	w.sleep(240 * time.Hour)
	w.round(r)
	if w.asked["https://a"] != asked {
		t.Error("a paused webhook was asked")
	}
	dead.Store(false)
	w.must(w.store.ResumeWebhook(t.Context(), ledger.WebhookKey{Merchant: shop, ID: 1}))
	w.round(r)
	if got, want := w.taken("a"), w.state(1).Entry; !slices.Equal(got, append(ids(2, 6), ids(8, want)...)) &&
		len(got) != int(want)-2 { // entry 7 added the other webhook
		t.Errorf("sent %v up to %d", got, want)
	}
	if s := w.state(1); s.Tries != 0 || !s.Paused.IsZero() {
		t.Errorf("%+v", s)
	}
}

// A webhook that somebody pauses is sent nothing, and then all of it, in order.
func TestPausedByHand(t *testing.T) {
	t.Parallel()
	w := busy(t, 3)
	r := w.runner()
	w.round(r)
	before := w.taken("a")
	key := ledger.WebhookKey{Merchant: shop, ID: 1}
	w.must(w.store.PauseWebhook(t.Context(), key, w.clock()))
	for range 5 {
		w.do(sells(shop, "6001"))
	}
	w.sleep(240 * time.Hour)
	w.round(r)
	if got := w.taken("a"); !slices.Equal(got, before) {
		t.Errorf("paused, it was sent %v", got)
	}
	w.must(w.store.ResumeWebhook(t.Context(), key))
	w.round(r)
	last := before[len(before)-1]
	if got, want := w.taken("a"), append(before, ids(last+1, last+5)...); !slices.Equal(got, want) {
		t.Errorf("resumed, it was sent %v, want %v", got, want)
	}
}

// A webhook whose address is changed while it waits is tried at once, and one that is stopped and started again is sent
// what happens from then on.
func TestChangedWebhook(t *testing.T) {
	t.Parallel()
	w := busy(t, 2)
	w.answer = func(url string, _ ledger.EntryID) Answer {
		if url == "https://a" {
			return Answer{404, "no"}
		}
		return Answer{Status: 200}
	}
	r := w.runner()
	w.round(r)
	w.change(hook(shop, 1, "b"))
	w.round(r)
	if got := w.taken("b"); !slices.Equal(got, ids(2, 5)) {
		t.Errorf("sent %v", got)
	}
	stopped := hook(shop, 1, "b")
	stopped.Stopped = true
	w.change(stopped)
	w.do(sells(shop, "6001"))
	w.round(r)
	w.change(hook(shop, 1, "b"))
	w.do(sells(shop, "6001"))
	w.round(r)
	if got := w.taken("b"); !slices.Equal(got, append(ids(2, 5), 10)) {
		t.Errorf("sent %v", got)
	}
}

// What is asked for again is sent once more, as far as it was sent before; the rest comes by itself.
func TestSendsAgain(t *testing.T) {
	t.Parallel()
	w := busy(t, 6)
	r := w.runner(func(c *Config) { c.Page = 3 })
	w.round(r)
	for _, a := range [][2]ledger.EntryID{{4, 4}, {3, 8}, {8, 99}, {50, 60}, {0, 1}} {
		w.must(w.store.AddWebhookAgain(t.Context(), ledger.WebhookAgain{
			Merchant: shop, Webhook: 1, First: a[0], Last: a[1], At: w.clock(),
		}))
		w.sleep(time.Second)
	}
	w.do(sells(shop, "6001"))
	w.round(r)
	got := w.taken("a")
	slices.Sort(got)
	want := []ledger.EntryID{2, 3, 3, 4, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 8, 9, 9, 10}
	if extra := slices.Compact(slices.Clone(got)); !slices.Equal(extra, ids(2, 10)) || len(got) < len(want) ||
		len(got) > len(want)+1 { // entry 10 may have been sent before the range up to 99 was looked at
		t.Errorf("sent %v, want %v", got, want)
	}
	left, err := w.store.WebhookAgains(t.Context(), ledger.WebhookKey{Merchant: shop, ID: 1})
	if w.must(err); len(left) > 0 {
		t.Errorf("left %+v", left)
	}
}

// Entries that were delivered behind one that was not are not sent again by the same process.
func TestSendsNoneTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.change(hook(shop, 1, "a"))
	for card := range 8 {
		w.do(opens(shop, fmt.Sprint("600", card)))
	}
	bad := atomic.Bool{}
	bad.Store(true)
	w.answer = func(_ string, e ledger.EntryID) Answer {
		if e == 4 && bad.Load() {
			time.Sleep(20 * time.Millisecond)
			return Answer{500, "no"}
		}
		return Answer{Status: 200}
	}
	r := w.runner()
	w.round(r)
	if n := len(w.taken("a")); n < 10 {
		t.Errorf("%d were sent beside the one that failed", n)
	}
	bad.Store(false)
	w.sleep(time.Hour)
	w.round(r)
	got := w.taken("a")
	slices.Sort(got)
	if !slices.Equal(got, ids(2, 17)) {
		t.Errorf("sent %v", got)
	}
}

// What cannot be written, and what panics, is a failed try of the webhook and of nothing else; the reason is noted.
func TestEntriesThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	for what, body := range map[string]func(string, *ledger.Entry) ([]byte, error){
		"the entry cannot be written: no": func(string, *ledger.Entry) ([]byte, error) { return nil, errors.New("no") },
		"panic: no":                       func(string, *ledger.Entry) ([]byte, error) { panic("no") },
	} {
		w := busy(t, 1)
		w.round(w.runner(func(c *Config) { c.Body = body }))
		tries, err := w.store.WebhookTries(t.Context(), ledger.WebhookTryQuery{Merchant: shop, Webhook: 1, Limit: 9})
		w.must(err)
		if s := w.state(1); s.Tries != 1 || len(tries) != 1 || tries[0].Said != what {
			t.Errorf("%+v, %+v, want %q", s, tries, what)
		}
	}
}

// While one process works for a webhook another does not, and takes over when the lease of one that died is over.
func TestLeaseOfAWebhook(t *testing.T) {
	t.Parallel()
	w := busy(t, 1)
	died := w.runner()
	saves := 0
	w.save = func(*ledger.WebhookState) error {
		if saves++; saves > 1 {
			return errLost
		}
		return nil
	}
	if err := died.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.save = nil
	other := w.runner()
	w.round(other)
	if got := w.taken("a"); !slices.Equal(got, ids(2, 4)) {
		t.Errorf("sent %v before the lease is over", got)
	}
	w.sleep(31 * time.Second)
	w.round(other)
	if got := w.taken("a"); !slices.Equal(got, append(ids(2, 4), ids(2, 4)...)) {
		t.Errorf("sent %v", got)
	}
}

// When the program ends, what is under way ends with it; nothing of that counts against the webhook, the lease is given
// back, and what was not delivered is sent by the next process.
func TestEndsInBetween(t *testing.T) {
	t.Parallel()
	w := busy(t, 50)
	ctx, cancel := context.WithCancel(t.Context())
	w.answer = func(_ string, e ledger.EntryID) Answer {
		if e == 20 {
			cancel()
			return Answer{Said: "broken off"}
		}
		return Answer{Status: 200}
	}
	if err := w.runner().Round(ctx); err != nil {
		t.Fatal(err)
	}
	if s := w.state(1); s.Entry != 19 || s.Tries != 0 || s.Holder != 0 {
		t.Errorf("%+v", s)
	}
	w.answer = func(string, ledger.EntryID) Answer { return Answer{Status: 200} }
	w.round(w.runner())
	if got := w.taken("a"); !slices.Equal(got, ids(2, 53)) {
		t.Errorf("sent %v", got)
	}
}

// A webhook that never answers holds up no other: these are sent everything while it is asked.
func TestHangingEndpoint(t *testing.T) {
	t.Parallel()
	w := busy(t, 3)
	for id := range ledger.WebhookID(4) {
		w.change(hook(2, id+1, fmt.Sprint("b", id)))
	}
	w.do(opens(2, "7001"))
	release, hanging := make(chan struct{}), make(chan struct{})
	var once sync.Once
	w.answer = func(url string, _ ledger.EntryID) Answer {
		if url == "https://a" {
			once.Do(func() { close(hanging) })
			<-release
		}
		return Answer{Status: 200}
	}
	ctx, cancel := context.WithCancel(t.Context())
	bell := make(chan struct{}, 1)
	r := w.runner(func(c *Config) { c.Bell, c.Gather, c.Poll = bell, time.Millisecond, time.Millisecond })
	var running sync.WaitGroup
	running.Go(func() { r.Run(ctx) })
	<-hanging
	for n := range 20 {
		w.do(sells(2, "7001"))
		bell <- struct{}{}
		for id := range 4 {
			for tries := 0; len(w.taken(fmt.Sprint("b", id))) < 2+n; tries++ {
				if tries > 5000 {
					t.Fatalf("webhook %d was sent %v", id, w.taken(fmt.Sprint("b", id)))
				}
				time.Sleep(time.Millisecond)
			}
		}
	}
	close(release)
	cancel()
	running.Wait()
	w.right()
}

// Old tries are removed, also those of webhooks for which there is nothing to do.
func TestOldTriesGo(t *testing.T) {
	t.Parallel()
	w := busy(t, 2)
	r := w.runner()
	w.round(r)
	w.sleep(6 * 24 * time.Hour)
	w.do(sells(shop, "6001"))
	w.round(r)
	w.sleep(25 * time.Hour)
	w.round(r)
	tries, err := w.store.WebhookTries(t.Context(), ledger.WebhookTryQuery{Merchant: shop, Webhook: 1, Limit: 99})
	if w.must(err); len(tries) != 1 || tries[0].Entry != 6 {
		t.Errorf("left %+v", tries)
	}
}

// again has the entries of an interval sent once more.
func (w *world) again(id ledger.WebhookID, first, last ledger.EntryID) {
	w.t.Helper()
	w.must(w.store.AddWebhookAgain(w.t.Context(), ledger.WebhookAgain{
		Merchant: shop, Webhook: id, First: first, Last: last, At: w.clock(),
	}))
}

// Whatever fails, and whenever processes end: each webhook is sent each wanted entry at least once, the first time in
// the order of its card, never two of a card at a time, and its place never passes one that was not delivered
// (invariant 42).
func TestPropertyInvariant42Webhooks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		draw := func(what string, most int) int { return rapid.IntRange(0, most).Draw(rt, what) }
		some := hook(shop, 2, "b")
		some.Kinds = []ledger.Kind{ledger.Consumed}
		w.change(hook(shop, 1, "a"))
		w.change(some)
		cards := []string{"6001", "6002", "6003", "6004"}
		for _, number := range cards {
			w.do(opens(shop, number))
		}
		var n, fault, lost atomic.Int64
		w.answer = func(string, ledger.EntryID) Answer {
			if f := fault.Load(); f > 0 && n.Add(1)%f == 0 {
				return Answer{500, "no"}
			}
			return Answer{Status: 200}
		}
		w.save = func(*ledger.WebhookState) error {
			if l := lost.Load(); l > 0 && n.Add(1)%l == 0 {
				return errLost
			}
			return nil
		}
		runners := []*Runner{w.runner(), w.runner()}
		for range draw("rounds", 8) {
			for range draw("bills", 12) {
				w.do(sells(shop, cards[draw("card", 3)]))
			}
			if draw("again", 3) == 0 {
				first := ledger.EntryID(draw("first", 30))
				w.again(ledger.WebhookID(1+draw("of", 1)), first, first+ledger.EntryID(draw("more", 20)))
			}
			fault.Store(int64(draw("faults", 6)))
			lost.Store(int64(draw("lost", 6)))
			if draw("dies", 2) == 0 {
				runners[0] = w.runner(func(c *Config) { c.Page = 1 + draw("page", 9) })
			}
			ctx, cancel := context.WithCancel(t.Context())
			if draw("ends", 3) == 0 {
				time.AfterFunc(time.Duration(draw("after", 500))*time.Microsecond, cancel)
			}
			var both sync.WaitGroup
			for _, r := range runners {
				both.Go(func() { _ = r.Round(ctx) })
			}
			both.Wait()
			cancel()
			w.sleep(time.Duration(draw("minutes", 200)) * time.Minute)
			w.right()
		}
		fault.Store(0)
		lost.Store(0)
		w.sleep(24 * time.Hour)
		for last, n := w.runner(), 0; n < 3; n++ {
			w.round(last)
		}
		w.inOrder(rt)
	})
}

// inOrder checks that all that is wanted was sent, the first time in the order of its card.
func (w *world) inOrder(t *rapid.T) {
	all, err := w.store.Webhooks(context.Background(), shop)
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		hook, of := &all[i], map[ledger.CardID][]ledger.EntryID{}
		card := map[ledger.EntryID]ledger.CardID{}
		err := w.store.EachEntry(context.Background(), shop, hook.After, func(e *ledger.Entry) error {
			if card[e.ID] = e.Card; hook.Wants(e.Kind) {
				of[e.Card] = append(of[e.Card], e.ID)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		first, seen := map[ledger.CardID][]ledger.EntryID{}, map[ledger.EntryID]bool{}
		for _, id := range w.got[hook.URL] {
			if !seen[id] {
				seen[id], first[card[id]] = true, append(first[card[id]], id)
			}
		}
		for id, want := range of {
			if !slices.Equal(first[id], want) {
				t.Fatalf("of card %d webhook %d was sent %v, want %v", id, hook.ID, first[id], want)
			}
		}
	}
}

// A webhook that is slow gives its place to another after a while, and goes on where it was in its next turn.
func TestSlowEndpointsTakeTurns(t *testing.T) {
	t.Parallel()
	w := busy(t, 8)
	w.change(hook(2, 1, "b"))
	w.do(opens(2, "7001"))
	w.answer = func(url string, _ ledger.EntryID) Answer {
		if url == "https://a" {
			time.Sleep(5 * time.Millisecond)
		}
		return Answer{Status: 200}
	}
	r := w.runner(func(c *Config) { c.Webhooks, c.Turn = 1, time.Millisecond })
	var turns atomic.Int64
	w.save = func(*ledger.WebhookState) error { turns.Add(1); return nil }
	w.round(r)
	if got := w.taken("a"); !slices.Equal(got, ids(2, 11)) || len(w.taken("b")) != 2 || turns.Load() < 8 {
		t.Errorf("sent %v and %v in %d saves", got, w.taken("b"), turns.Load())
	}
}

// A webhook is read little for until it has taken some, and little again when it fails: many that are dead hold little.
func TestPagesGrow(t *testing.T) {
	t.Parallel()
	w := busy(t, 200)
	r := w.runner()
	w.round(r)
	if page := r.working[ledger.WebhookKey{Merchant: shop, ID: 1}].page; page < 4*firstPage {
		t.Errorf("a page of %d behind 200 entries", page)
	}
	w.answer = func(string, ledger.EntryID) Answer { return Answer{500, "no"} }
	w.do(sells(shop, "6001"))
	w.round(r)
	if page := r.working[ledger.WebhookKey{Merchant: shop, ID: 1}].page; page != firstPage {
		t.Errorf("a page of %d for one that fails", page)
	}
}

// What an endpoint does not take once more is tried once and holds up nothing that is new, and the rest of its range
// comes all the same.
func TestAgainHoldsUpNothing(t *testing.T) {
	t.Parallel()
	w := busy(t, 3)
	r := w.runner()
	w.round(r)
	w.answer = func(_ string, e ledger.EntryID) Answer {
		if e == 3 {
			return Answer{400, "seen"}
		}
		return Answer{Status: 200}
	}
	w.sleep(time.Second)
	w.again(1, 3, 5)
	for range 4 {
		w.round(r)
		w.do(sells(shop, "6001"))
	}
	w.round(r)
	if got := w.taken("a"); !slices.Equal(got, ids(2, 10)) {
		t.Errorf("beside what is not taken once more it was sent %v", got)
	}
	if s := w.state(1); s.Tries != 0 || !s.Next.IsZero() || s.Entry != 10 || s.LastCode != 200 {
		t.Errorf("%+v", s)
	}
	w.sleep(time.Minute)
	w.round(r)
	if got := w.taken("a"); !slices.Equal(got, append(ids(2, 10), 4, 5)) {
		t.Errorf("sent %v", got)
	}
	key := ledger.WebhookKey{Merchant: shop, ID: 1}
	left, err := w.store.WebhookAgains(t.Context(), key)
	if w.must(err); len(left) > 0 {
		t.Errorf("left %+v", left)
	}
	tries, err := w.store.WebhookTries(t.Context(), ledger.WebhookTryQuery{Merchant: shop, Webhook: 1, Limit: 99})
	w.must(err)
	refused := slices.DeleteFunc(tries, func(t ledger.WebhookTry) bool { return t.Delivered() })
	if len(refused) != 1 || refused[0].Entry != 3 || refused[0].Said != "seen" {
		t.Errorf("not taken: %+v", refused)
	}
}

// What is taken back is sent once more no further, also while some of it waits because of one that was not taken.
func TestAgainIsTakenBack(t *testing.T) {
	t.Parallel()
	w := busy(t, 3)
	r := w.runner()
	w.round(r)
	w.answer = func(string, ledger.EntryID) Answer { return Answer{500, "no"} }
	w.again(1, 2, 5)
	w.again(1, 3, 3)
	w.round(r)
	w.answer = func(string, ledger.EntryID) Answer { return Answer{Status: 200} }
	w.must(w.store.DropWebhookAgain(t.Context(), ledger.WebhookAgain{Merchant: shop, Webhook: 1, First: 2, Last: 5}))
	w.sleep(time.Minute)
	w.round(r)
	if got := w.taken("a"); !slices.Equal(got, append(ids(2, 6), 3)) {
		t.Errorf("sent %v", got)
	}
}
