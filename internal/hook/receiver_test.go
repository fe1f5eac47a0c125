package hook

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"tongka/internal/auth"
	"tongka/internal/ledger"
)

// openVault seals nothing.
type openVault struct{}

func (openVault) Seal(context string, plain []byte) []byte { return append([]byte(context), plain...) }

func (openVault) Unseal(context string, sealed []byte) ([]byte, error) {
	return sealed[len(context):], nil
}

// receiver takes what the public verifier of Standard Webhooks takes with its secret, and drops what it has seen.
type receiver struct {
	check *standard.Webhook
	mu    sync.Mutex
	seen  map[string]bool
	told  []told
}

func newReceiver(t *testing.T, secret string) *receiver {
	t.Helper()
	check, err := standard.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	return &receiver{check: check, seen: map[string]bool{}}
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err == nil {
		err = r.check.Verify(body, req.Header)
	}
	var event told
	if err == nil {
		err = json.Unmarshal(body, &event)
	}
	if err != nil || req.Method != http.MethodPost || req.Header.Get("Content-Type") != "application/json" ||
		event.ID != req.Header.Get("webhook-id") {
		http.Error(w, fmt.Sprint("no: ", err), http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.seen[event.ID] {
		r.seen[event.ID], r.told = true, append(r.told, event)
	}
}

// A receiver that is written with the public verifier takes what is sent, with the secret that was shown; while there
// are two, with either of them; and with another one nothing.
func TestReceiverOfStandardWebhooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.now = time.Now()
	endpoint := http.NotFoundHandler()
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		endpoint.ServeHTTP(rw, req)
	}))
	t.Cleanup(srv.Close)
	to := hook(shop, 1, "")
	to.URL = srv.URL + "/tongka?shop=1"
	first := auth.RenewWebhook(openVault{}, &to)
	to.Spare = nil
	w.change(to)
	w.do(opens(shop, "6001"), sells(shop, "6001"))
	r := w.runner(func(c *Config) {
		c.Poster = NewClient(loopback)
		c.Store = w.store
		c.Keys = func(of *ledger.Webhook) ([][]byte, error) { return auth.WebhookKeys(openVault{}, of) }
	})
	one := newReceiver(t, first)
	endpoint = one
	w.must(r.Round(t.Context()))
	if s := w.state(1); s.Entry != 4 || len(one.told) != 3 || !strings.HasPrefix(one.told[2].ID, "evt_1_4_") || one.told[2].Entry != 4 {
		t.Fatalf("%+v, told %+v", s, one.told)
	}
	second := auth.RenewWebhook(openVault{}, &to)
	w.change(to)
	for i, secret := range []string{first, second} {
		w.do(sells(shop, "6001"))
		both := newReceiver(t, secret)
		endpoint = both
		w.must(r.Round(t.Context()))
		if want := ledger.EntryID(6 + i); len(both.told) == 0 || both.told[len(both.told)-1].Entry != want {
			t.Errorf("with secret %d told %+v, want entry %d", i, both.told, want)
		}
	}
	to.EndSpare()
	w.change(to)
	w.do(sells(shop, "6001"))
	endpoint = one
	w.must(r.Round(t.Context()))
	if s := w.state(1); s.Tries != 1 || s.LastCode != http.StatusBadRequest || len(one.told) != 3 {
		t.Errorf("with a secret that is over: %+v, told %+v", s, one.told)
	}
	current := newReceiver(t, second)
	endpoint = current
	w.must(w.store.ResumeWebhook(t.Context(), ledger.WebhookKey{Merchant: shop, ID: 1}))
	w.must(w.store.AddWebhookAgain(t.Context(), ledger.WebhookAgain{Merchant: shop, Webhook: 1, First: 1, Last: 4}))
	w.must(r.Round(t.Context()))
	var got []ledger.EntryID
	for _, e := range current.told {
		got = append(got, e.Entry)
	}
	slices.Sort(got)
	if !slices.Equal(got, []ledger.EntryID{2, 3, 4, 9}) {
		t.Errorf("sent again, and what failed: %v", got)
	}
	testIsSigned(t, r, &to, current)
}

// testIsSigned sends a test event, which is signed as others are.
func testIsSigned(t *testing.T, r *Runner, to *ledger.Webhook, current *receiver) {
	t.Helper()
	told := len(current.told)
	tried := r.Test(t.Context(), to, "evt_1_test_1", []byte(`{"id":"evt_1_test_1","type":"test"}`))
	if !tried.Delivered() || len(current.told) != told+1 {
		t.Errorf("a test event: %+v", tried)
	}
}
