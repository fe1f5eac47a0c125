package hook

import (
	"context"
	"time"

	"tongka/internal/ledger"
)

// Test sends a webhook an event that is of no entry, signed as entries are, so that somebody sees whether its receiver
// takes what is sent. It returns what came of it and notes nothing: a webhook that is paused stays so.
func (r *Runner) Test(ctx context.Context, w *ledger.Webhook, id string, body []byte) ledger.WebhookTry {
	t := ledger.WebhookTry{Merchant: w.Merchant, Webhook: w.ID, At: r.cfg.Clock().UTC().Truncate(time.Millisecond)}
	keys, err := r.cfg.Keys(w)
	if err != nil {
		t.Said = brief(err.Error())
		return t
	}
	r.cfg.post(ctx, &t, w.URL, keys, id, body)
	return t
}

// post sends a body and notes in the try what came of it.
func (c *Config) post(ctx context.Context, t *ledger.WebhookTry, to string, keys [][]byte, id string, body []byte) {
	begun := time.Now()
	a := c.Poster.Post(ctx, to, header(keys, id, t.At, body), body)
	t.Took, t.Status, t.Said = time.Since(begun).Truncate(time.Microsecond), a.Status, a.Said
}
