package hook

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// grace is how long requests that are under way may take when the program is to end.
const grace = 3 * time.Second

// delivery is one page of entries on their way to a webhook.
type delivery struct {
	worker *worker
	cfg    *Config
	hook   *ledger.Webhook
	keys   [][]byte
	state  ledger.WebhookState
	again  *ledger.WebhookAgain // what is sent once more; nil = the journal

	items   []item         // what is wanted of the page, by id
	upTo    ledger.EntryID // the last entry of the page
	reached int            // all items before it are done
	tries   []ledger.WebhookTry
	worked  bool // something was delivered
	failed  bool // something was not
}

// item is an entry of a page. It is done when it was delivered. One that is sent once more is done when it was tried:
// what does not take it holds up nothing, and the try is there to be seen.
type item struct {
	entry *ledger.Entry
	done  bool
}

// Why no more is read.
var (
	errFull = errors.New("the page is full")
	errOver = errors.New("there is nothing more to send again")
)

// read reads the next page of entries and keeps those that are wanted. Of a webhook that fails it keeps the first: that
// is enough to see whether it is well again. What is sent once more was sent before: the rest comes anyway, in order.
func (d *delivery) read(ctx context.Context) error {
	after, last := d.state.Entry, ledger.EntryID(math.MaxInt64)
	if d.again != nil {
		after, last = max(d.again.First-1, d.again.Done), min(d.again.Last, d.state.Entry)
	}
	d.upTo = after
	d.worker.page = min(d.worker.page, d.cfg.Page)
	most := d.worker.page
	err := d.cfg.Store.EachEntry(ctx, d.hook.Merchant, after, func(e *ledger.Entry) error {
		if e.ID > last {
			return errOver
		}
		if err := e.FollowsOn(d.upTo); err != nil {
			return err
		}
		d.upTo = e.ID
		if d.hook.Wants(e.Kind) && (d.again != nil || !d.worker.ahead.ids[e.ID]) {
			d.items = append(d.items, item{entry: e})
		}
		if most--; most == 0 || d.state.Tries > 0 && len(d.items) > 0 {
			return errFull
		}
		return nil
	})
	switch {
	case errors.Is(err, errFull):
		return nil
	case errors.Is(err, errOver), err == nil && d.again != nil:
		d.upTo = d.again.Last
		return nil
	case err == nil && d.upTo == after:
		return fmt.Errorf("there is no entry behind entry %d, and the head says there is: see what tongka verify says", after)
	}
	return err
}

// run sends the page and saves how far it came. It reports whether there may be more to do at once: where something was
// not taken once more, what is new.
func (d *delivery) run(ctx context.Context) (more bool, err error) {
	if err := d.send(ctx); err != nil {
		return false, err
	}
	d.settle()
	err = d.save(context.WithoutCancel(ctx), ctx.Err() == nil)
	return err == nil && (!d.failed || d.again != nil), err
}

// send sends the items, those of one card one after the other. It stops at the first that is not delivered, when ctx
// ends, and when the lease cannot be renewed; what is under way then is waited for.
func (d *delivery) send(ctx context.Context) error {
	requests, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })()
	chains := d.chains()
	todo, results, stop := make(chan []int, len(chains)), make(chan result), make(chan struct{})
	for _, chain := range chains {
		todo <- chain
	}
	close(todo)
	var senders sync.WaitGroup
	for range min(d.cfg.Flight, len(chains)) {
		senders.Go(func() { d.sender(requests, todo, stop, results) })
	}
	go func() {
		senders.Wait()
		close(results)
	}()
	return d.gather(ctx, results, sync.OnceFunc(func() { close(stop) }))
}

// result is what came of one item.
type result struct {
	item int
	try  ledger.WebhookTry
}

// gather takes results until all senders have ended, and saves how far the page is from time to time. A page that takes
// long ends early.
func (d *delivery) gather(ctx context.Context, results <-chan result, stop func()) (err error) {
	begun, tick := time.Now(), time.NewTicker(d.cfg.Note)
	defer tick.Stop()
	ended := ctx.Done()
	for {
		select {
		case res, more := <-results:
			if !more {
				return err
			}
			if d.take(ctx, &res); d.failed {
				stop()
			}
		case <-ended:
			ended = nil
			stop()
		case <-tick.C:
			if err != nil || d.failed {
				continue // the senders are ending
			}
			if time.Since(begun) >= d.cfg.Turn {
				stop()
			}
			d.progress()
			if err = d.save(ctx, true); err != nil && !d.mayGoOn(err) {
				stop()
			} else {
				err = nil
			}
		}
	}
}

// chains returns the items of each card, in order; the cards in the order of their first.
func (d *delivery) chains() (chains [][]int) {
	of := map[ledger.CardID]int{}
	for i := range d.items {
		card := d.items[i].entry.Card
		n, there := of[card]
		if !there {
			n = len(chains)
			of[card], chains = n, append(chains, nil)
		}
		chains[n] = append(chains[n], i)
	}
	return chains
}

// sender sends chains until there is none left, or something was not delivered.
func (d *delivery) sender(ctx context.Context, todo <-chan []int, stop <-chan struct{}, results chan<- result) {
	for chain := range todo {
		for _, i := range chain {
			select {
			case <-stop:
				return
			default:
			}
			t := d.try(ctx, d.items[i].entry)
			results <- result{i, t}
			if !t.Delivered() {
				return
			}
		}
	}
}

// try sends an entry once.
func (d *delivery) try(ctx context.Context, e *ledger.Entry) (t ledger.WebhookTry) {
	t = ledger.WebhookTry{
		Merchant: d.hook.Merchant, Webhook: d.hook.ID, Entry: e.ID, At: d.cfg.Clock().UTC().Truncate(time.Millisecond),
	}
	defer func() {
		if x := recover(); x != nil {
			t.Said = brief(fmt.Sprintf("panic: %v", x))
		}
	}()
	id := ledger.EventID(e)
	body, err := d.cfg.Body(id, e)
	if err != nil {
		t.Said = brief("the entry cannot be written: " + err.Error())
		return t
	}
	d.cfg.post(ctx, &t, d.hook.URL, d.keys, id, body)
	return t
}

// take notes what came of an item. What fails while the program ends says nothing about the webhook.
func (d *delivery) take(ctx context.Context, res *result) {
	delivered := res.try.Delivered()
	if !delivered && ctx.Err() != nil {
		return
	}
	d.items[res.item].done = delivered || d.again != nil
	d.tries = append(d.tries, res.try)
	d.cfg.Observe.Tried(delivered)
	if d.worked = d.worked || delivered; !delivered || !d.failed {
		d.state.LastAt, d.state.LastCode = res.try.At, res.try.Status
	}
	d.failed = d.failed || !delivered
}

// progress notes in what is saved how far the page is.
func (d *delivery) progress() {
	for d.reached < len(d.items) && d.items[d.reached].done {
		d.reached++
	}
	at := d.upTo
	if d.reached < len(d.items) {
		at = d.items[d.reached].entry.ID - 1
	}
	if d.again != nil {
		d.again.Done = max(d.again.Done, at)
		return
	}
	d.state.Entry = at
}

// settle notes what came of the page. What is not taken once more says nothing about what is new: it only lets the rest
// of what is sent once more wait for a while.
func (d *delivery) settle() {
	d.progress()
	d.lookAhead()
	switch {
	case d.failed && d.again != nil:
		d.worker.rest = d.cfg.Clock().Add(d.cfg.Poll)
	case d.failed:
		d.fails()
	case d.worked:
		d.state.Well()
	}
}

// fails notes that the webhook fails, and when it is tried next.
func (d *delivery) fails() {
	fails(&d.state, d.cfg.Clock(), d.cfg.Random)
	log := d.cfg.Logger.With("merchant", int64(d.hook.Merchant), "webhook", int64(d.hook.ID))
	switch {
	case !d.state.Paused.IsZero():
		d.cfg.Observe.Paused()
		log.Warn("webhook is paused", "since", d.state.Since, "tries", d.state.Tries)
	case d.state.Tries == 1:
		log.Warn("webhook fails", "status", d.state.LastCode, "again_at", d.state.Next)
	}
}

// lookAhead keeps which entries were delivered behind one that was not, if the page is of the journal.
func (d *delivery) lookAhead() {
	if d.again != nil {
		return
	}
	ids := d.worker.ahead.ids
	for id := range ids {
		if id <= d.state.Entry {
			delete(ids, id)
		}
	}
	for _, one := range d.items[d.reached:] {
		if one.done {
			ids[one.entry.ID] = true
		}
	}
}

// save saves the state with what was tried since the save before it, and keeps or gives back the lease.
func (d *delivery) save(ctx context.Context, keep bool) error {
	next := d.state
	next.Turn++
	if next.Holder, next.Until = 0, (time.Time{}); keep {
		next.Holder, next.Until = d.worker.runner.me, d.cfg.Clock().Add(d.cfg.Lease)
	}
	if err := d.cfg.Store.SaveWebhookState(ctx, next, d.tries, d.again); err != nil {
		return fmt.Errorf("how far it is: %w", err)
	}
	d.state, d.tries = next, nil
	return nil
}

// mayGoOn reports whether more may be sent after a save that failed: nobody else has saved, and the lease lasts longer
// than a request.
func (d *delivery) mayGoOn(err error) bool {
	return !errors.Is(err, command.ErrStale) && d.cfg.Clock().Before(d.state.Until.Add(-longest))
}
