package hook

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/store"
)

// many is a store with one webhook and as many bills on a thousand cards as are wanted, made as they are read.
type many struct {
	checked
	hook  ledger.Webhook
	state ledger.WebhookState
	bills int
}

func (m *many) DueWebhook(
	context.Context, ledger.WebhookKey, time.Time, time.Time,
) (ledger.DueWebhook, bool, error) {
	last := ledger.EntryID(m.bills)
	return ledger.DueWebhook{Webhook: m.hook, State: m.state, Last: last}, m.state.Entry < last, nil
}

func (m *many) DueWebhooks(ctx context.Context, _, _ time.Time) ([]ledger.DueWebhook, error) {
	due, _, err := m.DueWebhook(ctx, m.hook.Key(), time.Time{}, time.Time{})
	return []ledger.DueWebhook{due}, err
}

func (m *many) SaveWebhookState(
	_ context.Context, s ledger.WebhookState, _ []ledger.WebhookTry, _ *ledger.WebhookAgain,
) error {
	m.state = s
	return nil
}

func (m *many) EachEntry(
	_ context.Context, _ ledger.MerchantID, after ledger.EntryID, fn func(*ledger.Entry) error,
) error {
	for id := after + 1; id <= ledger.EntryID(m.bills); id++ {
		e := aBill(id)
		if err := fn(&e); err != nil {
			return err
		}
	}
	return nil
}

func aBill(id ledger.EntryID) ledger.Entry {
	return ledger.Entry{Merchant: shop, ID: id, Card: ledger.CardID(1 + id%1000), Kind: ledger.Consumed}
}

// about500 is as long as an entry in JSON.
func about500(id string, _ *ledger.Entry) ([]byte, error) {
	b := append(make([]byte, 0, 512), `{"id":"`+id+`","text":"`...)
	for len(b) < 500 {
		b = append(b, 'x')
	}
	return append(b, `"}`...), nil
}

// BenchmarkWebhook measures how many events a second one endpoint is sent, with a store that costs nothing and out of a
// database, beside a plain loop of as many senders that post the same bodies to it and do nothing else.
func BenchmarkWebhook(b *testing.B) {
	var got atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		got.Add(1)
	}))
	b.Cleanup(srv.Close)
	perSecond := func(b *testing.B) { b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s") }
	b.Run("webhook", func(b *testing.B) {
		to := ledger.Webhook{Merchant: shop, ID: 1, URL: srv.URL, Secret: make([]byte, 32)}
		r := New(Config{
			Store: &many{checked: checked{newWorld(b).store, nil}, hook: to, bills: b.N}, Poster: NewClient(loopback),
			Body: about500, Keys: keysOf,
		})
		before := got.Load()
		b.ResetTimer()
		if err := r.Round(b.Context()); err != nil || got.Load()-before != int64(b.N) {
			b.Fatalf("%d of %d arrived, %v", got.Load()-before, b.N, err)
		}
		perSecond(b)
	})
	b.Run("webhook on SQLite", func(b *testing.B) {
		s := imported(b, srv.URL, b.N)
		r := New(Config{Store: s, Poster: NewClient(loopback), Body: about500, Keys: keysOf})
		before := got.Load()
		b.ResetTimer()
		if err := r.Round(b.Context()); err != nil || got.Load()-before < int64(b.N) {
			b.Fatalf("%d of %d arrived, %v", got.Load()-before, b.N, err)
		}
		perSecond(b)
	})
	b.Run("plain loop", func(b *testing.B) {
		client := NewClient(loopback).plain
		var next atomic.Int64
		done := make(chan error)
		b.ResetTimer()
		for range 32 {
			go func() {
				for id := next.Add(1); id <= int64(b.N); id = next.Add(1) {
					body, _ := about500(strconv.FormatInt(id, 10), nil)
					if err := post(client, srv.URL, body); err != nil {
						done <- err
						return
					}
				}
				done <- nil
			}()
		}
		for range 32 {
			if err := <-done; err != nil {
				b.Fatal(err)
			}
		}
		perSecond(b)
	})
}

// imported returns a database with a webhook, and behind it at least n entries of cards that were brought in.
func imported(b *testing.B, url string, n int) *store.Store {
	b.Helper()
	s, err := store.Open(b.Context(), "sqlite:"+filepath.Join(b.TempDir(), "books.db"), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	m := ledger.Merchant{
		ID: shop, GUID: "{A}", Name: "店", Zone: time.UTC, Shops: []ledger.Shop{{ID: 1, GUID: "{B}", Name: "总店"}},
		Levels: []ledger.Level{{ID: 1, Name: "会员", PayRate: ledger.Percent100}},
	}
	if err := s.SaveMerchant(b.Context(), m); err != nil {
		b.Fatal(err)
	}
	e := engine.New(s, engine.Config{})
	to := hook(shop, 1, "")
	to.URL = url
	commands := []command.Command{command.ChangeWebhook{To: to, Reach: ledger.HookReach{Plain: true}}}
	for i := 0; i < n; i += 2000 {
		var cards []command.NewCard
		for j := range 1000 {
			cards = append(cards, command.NewCard{
				Number: strconv.Itoa(1_000_000 + i + j), Kind: ledger.Common, Level: 1, Holder: ledger.Holder{Name: "某人"},
				Principal: 1_00,
			})
		}
		commands = append(commands, command.Import{Merchant: shop, Cards: cards})
	}
	for _, c := range commands {
		if _, err := e.Do(b.Context(), c); err != nil {
			b.Fatal(err)
		}
	}
	if err := e.Close(b.Context()); err != nil {
		b.Fatal(err)
	}
	return s
}

func post(client *http.Client, to string, body []byte) error {
	resp, err := client.Post(to, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return err
}
