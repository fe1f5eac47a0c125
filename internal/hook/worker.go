package hook

import (
	"context"
	"errors"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// worker works for one webhook. Only one goroutine does at a time.
type worker struct {
	runner *Runner
	ledger.WebhookKey
	busy  bool      // guarded by the runner's mutex
	rests time.Time // until then nothing is begun, because something of ours failed; likewise

	ahead ahead
	page  int       // entries of the next page: few, until the webhook has taken some
	other bool      // the next turn is for what is sent once more, if the journal has something too
	rest  time.Time // until then nothing is sent once more, because some of that was not taken
}

// ahead are entries that were delivered although one before them was not, so that they need not be sent again while the
// process lasts.
type ahead struct {
	about ledger.EntryID // the version of the webhook they were delivered to
	ids   map[ledger.EntryID]bool
}

// firstPage is how many entries are read for a webhook of which nothing is known, or which fails: of many that are dead
// little is held.
const firstPage = 64

// work takes turns as long as there is something to do.
func (w *worker) work(ctx context.Context, fails bool) {
	for more := true; more && ctx.Err() == nil; {
		places := w.runner.well
		if fails {
			places = w.runner.ill
		}
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
			return
		}
		more, fails = w.turn(ctx)
		<-places
	}
}

// turn sends one page of entries, or the first entry of a webhook that fails. It reports whether there may be more to
// do at once, and whether the webhook fails. What goes wrong with ourselves is logged, and the webhook rests.
func (w *worker) turn(ctx context.Context) (more, fails bool) {
	d, err := w.prepare(ctx)
	if err == nil && d != nil {
		more, err = d.run(ctx)
		fails = d.state.Tries > 0
		w.page *= 2
	}
	if fails || err != nil {
		w.page = firstPage
	}
	if err == nil || ctx.Err() != nil || errors.Is(err, command.ErrStale) { // another process, or somebody resumed it
		return more && err == nil, fails
	}
	w.runner.cfg.Logger.Error("webhook", "merchant", int64(w.Merchant), "webhook", int64(w.ID), "error", err)
	w.runner.mu.Lock()
	defer w.runner.mu.Unlock()
	w.rests = w.runner.cfg.Clock().Add(w.runner.cfg.Poll)
	return false, fails
}

// prepare takes the lease and reads what is to be sent; nil if there is nothing to do.
func (w *worker) prepare(ctx context.Context) (*delivery, error) {
	cfg := &w.runner.cfg
	now := cfg.Clock()
	due, ok, err := cfg.Store.DueWebhook(ctx, w.WebhookKey, now, now.Add(furthest))
	if err != nil || !ok || !ledger.MayHold(w.runner.me, due.State.Holder, due.State.Until, now, cfg.Lease) {
		return nil, err
	}
	d := &delivery{worker: w, cfg: cfg, hook: &due.Webhook, state: due.State.At(&due.Webhook)}
	if d.keys, err = cfg.Keys(d.hook); err != nil {
		return nil, err
	}
	if d.state.Holder != w.runner.me || d.state.Until.Sub(now) < cfg.Lease/2 {
		if err := d.save(ctx, true); err != nil {
			return nil, err
		}
	}
	if w.ahead.about != due.Version {
		w.ahead = ahead{due.Version, map[ledger.EntryID]bool{}}
	}
	if due.Again {
		if err := w.again(ctx, d, &due); err != nil {
			return nil, err
		}
	}
	if d.again == nil && due.Last <= d.state.Entry {
		return nil, nil // all that is to be sent once more waits, or was taken back
	}
	return d, d.read(ctx)
}

// again chooses what is sent once more, in turns with what is new. To a webhook that fails what is new goes first.
func (w *worker) again(ctx context.Context, d *delivery, due *ledger.DueWebhook) error {
	if w.runner.cfg.Clock().Before(w.rest) {
		return nil
	}
	w.other = !w.other
	if (!w.other || d.state.Tries > 0) && due.Last > d.state.Entry {
		return nil
	}
	all, err := w.runner.cfg.Store.WebhookAgains(ctx, w.WebhookKey)
	if err == nil && len(all) > 0 {
		d.again = &all[0]
	}
	return err
}
