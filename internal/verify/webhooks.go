package verify

import (
	"context"

	"tongka/internal/ledger"
)

// hooks are a merchant's webhooks as its journal describes them up to the current entry.
type hooks struct {
	told map[ledger.WebhookID]toldText
	then map[ledger.WebhookID]ledger.Webhook // likewise, read, with After
	gone map[ledger.WebhookID]bool           // those that were removed
}

// tellWebhook notes what an entry states about a webhook.
func (l *audit) tellWebhook(e *ledger.Entry) {
	w, err := ledger.ParseWebhook(e.Settings)
	if err != nil || w.ID < 1 {
		l.checks[61].fail("entry %d changed a webhook to something that cannot be read: %v", e.ID, err)
		return
	}
	if l.hooks.told == nil {
		l.hooks = hooks{
			map[ledger.WebhookID]toldText{}, map[ledger.WebhookID]ledger.Webhook{}, map[ledger.WebhookID]bool{},
		}
	}
	if l.hooks.gone[w.ID] = w.Removed; w.Removed {
		if then, there := l.hooks.then[w.ID]; !there || !then.Stopped {
			l.checks[61].fail("entry %d removed webhook %d, which was not there or not stopped", e.ID, w.ID)
		}
		delete(l.hooks.told, w.ID)
		delete(l.hooks.then, w.ID)
		return
	}
	var was *ledger.Webhook
	if before, there := l.hooks.then[w.ID]; there {
		was, w.After = &before, before.After
	}
	if w.Begins(was) {
		w.After = e.ID
	}
	l.hooks.told[w.ID], l.hooks.then[w.ID] = toldText{e.ID, e.Settings}, w
}

// webhooks checks that a merchant's webhooks are what its journal states, and that none is said to have been sent what
// the journal does not have.
func (l *audit) webhooks(ctx context.Context, books Books, h ledger.Head) error {
	r := l.checks[61]
	all, err := books.Webhooks(ctx, h.Merchant)
	if err != nil {
		return err
	}
	for i := range all {
		w := &all[i]
		text, err := ledger.WebhookText(w)
		if then, known := l.hooks.then[w.ID]; known && then.After != w.After {
			r.fail("webhook %d begins behind entry %d, but entry %d has started it", w.ID, w.After, then.After)
		}
		stated(r, subject{"webhook", ""}, l.hooks.told, w.ID, w.Version, text, err)
	}
	missing(r, subject{"webhook", ""}, l.hooks.told)
	states, err := books.WebhookStates(ctx, h.Merchant)
	if err != nil {
		return err
	}
	for i := range states {
		l.checks[42].Rows++
		if l.hooks.gone[states[i].Webhook] {
			continue // a process that was at it may have noted that it sent something
		}
		if _, known := l.hooks.then[states[i].Webhook]; !known || states[i].Entry < 0 || states[i].Entry > l.next-1 {
			l.checks[42].fail("webhook %d does not exist, or was sent entry %d, which is not there", states[i].Webhook,
				states[i].Entry)
		}
	}
	return nil
}
