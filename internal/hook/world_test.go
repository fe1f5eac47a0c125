package hook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/store/storetest"
)

// shop is the merchant of most tests.
const shop = ledger.MerchantID(1)

// world is a store in memory with journals and webhooks, receivers of what is sent, and a clock.
type world struct {
	t     testing.TB
	store *storetest.MemStore

	mu     sync.Mutex
	now    time.Time
	got    map[string][]ledger.EntryID // entries that were taken, by address, in order
	under  map[string]bool             // address and card of requests that are under way
	asked  map[string]int              // requests by address
	answer func(url string, entry ledger.EntryID) Answer
	save   func(*ledger.WebhookState) error // called before each save; nil = nothing
	wrong  []string
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{
		t: t, store: storetest.NewMemStore(), now: time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC),
		got: map[string][]ledger.EntryID{}, under: map[string]bool{}, asked: map[string]int{},
		answer: func(string, ledger.EntryID) Answer { return Answer{Status: 200} },
	}
	for id := range ledger.MerchantID(2) {
		m := ledger.Merchant{
			ID: id + 1, GUID: fmt.Sprint("{", id, "}"), Name: "店", Zone: time.UTC,
			Shops:  []ledger.Shop{{ID: 1, GUID: fmt.Sprint("{S", id, "}"), Name: "总店"}},
			Levels: []ledger.Level{{ID: 1, Name: "会员", PayRate: ledger.Percent100}},
		}
		w.must(w.store.SaveMerchant(t.Context(), m))
	}
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) sleep(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// do carries out commands.
func (w *world) do(all ...command.Command) {
	w.t.Helper()
	e := engine.New(w.store, engine.Config{Clock: w.clock})
	for _, c := range all {
		_, err := e.Do(w.t.Context(), c)
		w.must(err)
	}
	w.must(e.Close(w.t.Context()))
}

func opens(merchant ledger.MerchantID, number string) command.Command {
	return command.Open{Merchant: merchant, Card: command.NewCard{
		Number: number, Kind: ledger.Common, Level: 1, Holder: ledger.Holder{Name: "某人"}, Principal: 500_00,
	}}
}

func sells(merchant ledger.MerchantID, number string) command.Command {
	return command.Consume{Merchant: merchant, Card: number, Amount: 1}
}

// hook returns a webhook to an address.
func hook(merchant ledger.MerchantID, id ledger.WebhookID, url string) ledger.Webhook {
	return ledger.Webhook{Merchant: merchant, ID: id, Name: "ERP", URL: "https://" + url, Secret: []byte("key")}
}

// change adds a webhook, or changes it as it is now.
func (w *world) change(to ledger.Webhook) {
	w.t.Helper()
	all, err := w.store.Webhooks(w.t.Context(), to.Merchant)
	w.must(err)
	to.Version = 0
	for i := range all {
		if all[i].ID == to.ID {
			to.Version = all[i].Version
		}
	}
	w.do(command.ChangeWebhook{To: to, Reach: ledger.HookReach{Plain: true}})
}

// told is the body of an event in these tests.
type told struct {
	ID    string
	Entry ledger.EntryID
	Card  ledger.CardID
}

func bodyOf(id string, e *ledger.Entry) ([]byte, error) { return json.Marshal(told{id, e.ID, e.Card}) }

func keysOf(w *ledger.Webhook) ([][]byte, error) { return [][]byte{w.Secret}, nil }

// runner returns a process of its own.
func (w *world) runner(change ...func(*Config)) *Runner {
	cfg := Config{
		Store: checked{w.store, w}, Poster: w, Body: bodyOf, Keys: keysOf, Clock: w.clock,
		Logger: slog.New(slog.DiscardHandler), Note: time.Millisecond, Flight: 4,
	}
	for _, c := range change {
		c(&cfg)
	}
	return New(cfg)
}

// round has everything sent that is due.
func (w *world) round(r *Runner) {
	w.t.Helper()
	w.must(r.Round(w.t.Context()))
	w.right()
}

// right fails the test if anything was found to be wrong.
func (w *world) right() {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, text := range w.wrong {
		w.t.Error(text)
	}
	w.wrong = nil
}

// Post receives an event, as the address answers. It notes two of one card at a time, and one that comes before an
// earlier one of its card.
func (w *world) Post(ctx context.Context, to string, _ http.Header, body []byte) Answer {
	var e told
	if err := json.Unmarshal(body, &e); err != nil {
		return Answer{Said: err.Error()}
	}
	place := fmt.Sprint(to, " ", e.Card)
	w.mu.Lock()
	if w.asked[to]++; w.under[place] {
		w.wrong = append(w.wrong, fmt.Sprintf("entry %d is sent to %s beside another of card %d", e.Entry, to, e.Card))
	}
	w.under[place] = true
	answer := w.answer
	w.mu.Unlock()
	a := answer(to, e.Entry)
	if ctx.Err() != nil {
		a = Answer{Said: "the program ends"}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.under, place)
	if a.Status == 200 {
		w.got[to] = append(w.got[to], e.Entry)
	}
	return a
}

// taken returns what an address has taken, in order.
func (w *world) taken(url string) []ledger.EntryID {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.got["https://"+url])
}

// state returns how far a webhook of the shop is.
func (w *world) state(id ledger.WebhookID) ledger.WebhookState {
	w.t.Helper()
	all, err := w.store.WebhookStates(w.t.Context(), shop)
	w.must(err)
	for _, s := range all {
		if s.Webhook == id {
			return s
		}
	}
	return ledger.WebhookState{}
}

// checked is a store that notes a cursor that goes back, or beyond what was taken.
type checked struct {
	*storetest.MemStore
	w *world
}

var errLost = errors.New("the save is lost")

func (c checked) SaveWebhookState(
	ctx context.Context, s ledger.WebhookState, tries []ledger.WebhookTry, again *ledger.WebhookAgain,
) error {
	if c.w.save != nil {
		if err := c.w.save(&s); err != nil {
			return err
		}
	}
	if err := c.MemStore.SaveWebhookState(ctx, s, tries, again); err != nil {
		return err
	}
	all, err := c.Webhooks(ctx, s.Merchant)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(w ledger.Webhook) bool { return w.ID == s.Webhook })
	return c.EachEntry(ctx, s.Merchant, all[i].After, func(e *ledger.Entry) error {
		c.w.mu.Lock()
		defer c.w.mu.Unlock()
		if e.ID <= s.Entry && all[i].Wants(e.Kind) && !slices.Contains(c.w.got[all[i].URL], e.ID) {
			c.w.wrong = append(c.w.wrong, fmt.Sprintf("webhook %d is at entry %d, and was not sent entry %d", s.Webhook, s.Entry,
				e.ID))
		}
		return nil
	})
}
