package hook

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"tongka/internal/ledger"
)

// many is a store with one webhook and as many bills on a thousand cards as are wanted, made as they are read.
type many struct {
	checked
	hook  ledger.Webhook
	state ledger.WebhookState
	bills int
}

func (m *many) DueWebhook(
	context.Context, ledger.MerchantID, ledger.WebhookID, time.Time, time.Time,
) (ledger.DueWebhook, bool, error) {
	last := ledger.EntryID(m.bills)
	return ledger.DueWebhook{Webhook: m.hook, State: m.state, Last: last}, m.state.Entry < last, nil
}

func (m *many) DueWebhooks(ctx context.Context, _, _ time.Time) ([]ledger.DueWebhook, error) {
	due, _, err := m.DueWebhook(ctx, shop, 1, time.Time{}, time.Time{})
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

// BenchmarkWebhook measures how many events a second one endpoint is sent, beside a plain loop of as many senders that
// post the same bodies to it and do nothing else.
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

func post(client *http.Client, to string, body []byte) error {
	resp, err := client.Post(to, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return err
}
