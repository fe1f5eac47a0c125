package storetest

import (
	"context"
	"reflect"
	"slices"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// webhookStore is what is asked of a store about webhooks.
type webhookStore interface {
	Webhooks(ctx context.Context, merchant ledger.MerchantID) ([]ledger.Webhook, error)
	WebhookStates(ctx context.Context, merchant ledger.MerchantID) ([]ledger.WebhookState, error)
	SaveWebhookState(
		ctx context.Context, state ledger.WebhookState, tries []ledger.WebhookTry, again *ledger.WebhookAgain) error
	ResumeWebhook(ctx context.Context, of ledger.WebhookKey) error
	PauseWebhook(ctx context.Context, of ledger.WebhookKey, at time.Time) error
	AddWebhookAgain(ctx context.Context, a ledger.WebhookAgain) error
	DropWebhookAgain(ctx context.Context, a ledger.WebhookAgain) error
	WebhookAgains(ctx context.Context, of ledger.WebhookKey) ([]ledger.WebhookAgain, error)
	WebhookTries(ctx context.Context, q ledger.WebhookTryQuery) ([]ledger.WebhookTry, error)
	OldWebhookTries(ctx context.Context, before time.Time) ([]ledger.WebhookKey, error)
	DropWebhookTries(ctx context.Context, of ledger.WebhookKey, before time.Time, most int) (bool, error)
	DueWebhooks(ctx context.Context, now, latest time.Time) ([]ledger.DueWebhook, error)
	DueWebhook(ctx context.Context, of ledger.WebhookKey, now, latest time.Time) (ledger.DueWebhook, bool, error)
}

// someWebhooks returns two webhooks of the first merchant that between them set every field but After and Version.
func someWebhooks() (one, two ledger.Webhook) {
	one = ledger.Webhook{
		Merchant: 1, ID: 1, Name: "总部 <b>&\"'\\", URL: "https://erp.example.com/?a=1&b=2",
		Kinds: []ledger.Kind{ledger.Consumed, ledger.SettingsChanged}, Secret: []byte{1, 0, 255}, Spare: []byte{7},
	}
	two = ledger.Webhook{Merchant: 1, ID: 2, Name: "报表", URL: "https://bi.example.com/", Secret: []byte{2}, Stopped: true}
	return one, two
}

// addWebhooks adds them, started.
func (b *books) addWebhooks() (one, two ledger.Webhook) {
	b.t.Helper()
	one, two = someWebhooks()
	two.Stopped = false
	saved := b.do(command.ChangeWebhook{By: clerk, To: one}, command.ChangeWebhook{By: clerk, To: two})
	return saved.Webhooks[0], saved.Webhooks[1]
}

// Webhooks come back as they were saved, for the commands of their merchant and for those who list them, and change
// with its head or not at all.
func testWebhooks(t *testing.T, b *books) {
	b.must(b.s.SaveMerchant(b.ctx, merchant(2)))
	one, two := someWebhooks()
	saved := b.do(command.ChangeWebhook{By: clerk, To: two}, command.ChangeWebhook{By: clerk, To: one})
	two.Version, one.Version, one.After = 1, 2, 2
	same(t, "decided", saved.Webhooks, []ledger.Webhook{one, two})
	listed := func(id ledger.MerchantID) []ledger.Webhook {
		t.Helper()
		found, err := b.s.Webhooks(b.ctx, id)
		b.must(err)
		return found
	}
	same(t, "listed", listed(1), saved.Webhooks)
	same(t, "another merchant's", listed(2), nil)
	same(t, "nobody's", listed(77), nil)
	keys := command.Keys{Webhooks: []ledger.WebhookID{2, 3}}
	same(t, "loaded", b.records(1, keys).Webhooks, []ledger.Webhook{two})
	same(t, "of another merchant", b.records(2, keys).Webhooks, nil)
	renewed := one
	renewed.Renew([]byte{9})
	renewed.Kinds = nil
	older := b.decide(command.ChangeWebhook{To: renewed})
	b.do(command.ChangeWebhook{By: clerk, To: renewed})
	renewed.Version = 3
	same(t, "after a change", listed(1), []ledger.Webhook{renewed, two})
	b.unchanged(func() {
		wantStale(t, b.s.Save(b.ctx, older))
		foreign := b.decide(command.ChangeWebhook{To: renewed, Note: "x"}, open("10001"))
		foreign.Webhooks = []ledger.Webhook{{Merchant: 2, ID: 1, Secret: []byte{1}}}
		if err := b.s.Save(b.ctx, foreign); err == nil {
			t.Error("a webhook was changed with the head of another merchant")
		}
	})
	same(t, "another merchant's", listed(2), nil)
}

// states returns the states of the first merchant's webhooks.
func (b *books) states() []ledger.WebhookState {
	b.t.Helper()
	found, err := b.s.WebhookStates(b.ctx, 1)
	b.must(err)
	return found
}

// A state is saved with the turn behind the one that is stored, or it is stale and changes nothing. To resume a webhook
// moves the turn too.
func testWebhookStates(t *testing.T, b *books) {
	b.must(b.s.SaveMerchant(b.ctx, merchant(2)))
	b.addWebhooks()
	now := b.now.Truncate(time.Millisecond)
	first := ledger.WebhookState{
		Merchant: 1, Webhook: 2, Turn: 1, Entry: 5, Holder: 1<<63 - 1, Until: now, Tries: 3, Since: now.Add(-time.Hour),
		Next: now.Add(time.Minute), Paused: now.Add(time.Second), About: 2, LastAt: now.Add(-time.Minute), LastCode: 502,
	}
	save := func(s ledger.WebhookState) error { return b.s.SaveWebhookState(b.ctx, s, nil, nil) }
	for _, s := range []ledger.WebhookState{
		{Merchant: 1, Webhook: 2, Turn: 2}, {Merchant: 1, Webhook: 3, Turn: 1}, {Merchant: 2, Webhook: 2, Turn: 1},
		{Merchant: 77, Webhook: 2, Turn: 1},
	} {
		wantStale(t, save(s))
	}
	b.must(b.s.ResumeWebhook(b.ctx, ledger.WebhookKey{Merchant: 1, ID: 2}))
	same(t, "states at first", b.states(), nil)
	b.must(save(first))
	same(t, "states", b.states(), []ledger.WebhookState{first})
	wantStale(t, save(first))
	second := ledger.WebhookState{Merchant: 1, Webhook: 2, Turn: 2, Entry: 9, About: 2}
	b.must(save(second))
	tried := []ledger.WebhookTry{{Merchant: 1, Webhook: 2, At: now, Entry: 1}}
	wantStale(t, b.s.SaveWebhookState(b.ctx, second, tried, nil))
	if tries := b.tries(ledger.WebhookTryQuery{Webhook: 2, Limit: 9}); len(tries) > 0 {
		t.Errorf("tries of a stale save: %+v", tries)
	}
	b.must(save(ledger.WebhookState{Merchant: 1, Webhook: 1, Turn: 1}))
	same(t, "states", b.states(), []ledger.WebhookState{{Merchant: 1, Webhook: 1, Turn: 1}, second})
	first.Turn = 3
	b.must(save(first))
	b.must(b.s.ResumeWebhook(b.ctx, ledger.WebhookKey{Merchant: 1, ID: 2}))
	first.Turn, first.Tries, first.Since, first.Next, first.Paused = 4, 0, time.Time{}, time.Time{}, time.Time{}
	same(t, "resumed", b.states()[1], first)
	first.Turn = 4
	wantStale(t, save(first))
	found, err := b.s.WebhookStates(b.ctx, 2)
	b.must(err)
	same(t, "another merchant's", found, nil)
}

// A webhook that somebody pauses is not due until it is resumed, and goes on from where it stands, also one that has
// not begun; whoever works for it cannot save over that. Nothing is noted of one that is stopped.
func testWebhookPause(t *testing.T, b *books) {
	one, two := b.addWebhooks()
	b.do(open("10001"))
	now := b.now.Truncate(time.Millisecond)
	due := func(w *ledger.Webhook) bool {
		t.Helper()
		_, ok, err := b.s.DueWebhook(b.ctx, w.Key(), now.Add(time.Hour), now.Add(24*time.Hour))
		b.must(err)
		return ok
	}
	save := func(s ledger.WebhookState) error { return b.s.SaveWebhookState(b.ctx, s, nil, nil) }
	b.must(b.s.PauseWebhook(b.ctx, one.Key(), now))
	fresh := ledger.WebhookState{Merchant: 1, Webhook: 1, Turn: 1, Paused: now, About: one.Version}
	same(t, "paused before it began", b.states(), []ledger.WebhookState{fresh})
	if due(&one) || !due(&two) {
		t.Error("the paused one is due, or the other is not")
	}
	wantStale(t, save(ledger.WebhookState{Merchant: 1, Webhook: 1, Turn: 1, Entry: 3, About: one.Version}))
	b.must(b.s.ResumeWebhook(b.ctx, one.Key()))
	if !due(&one) {
		t.Error("it is not due when it is resumed")
	}
	works := ledger.WebhookState{
		Merchant: 1, Webhook: 2, Turn: 1, Entry: 2, Holder: 7, Until: now, Tries: 3, Since: now, Next: now, About: 9,
		LastAt: now, LastCode: 502,
	}
	b.must(save(works))
	b.must(b.s.PauseWebhook(b.ctx, two.Key(), now))
	paused := works
	paused.Turn, paused.Tries, paused.Since, paused.Next = 2, 0, time.Time{}, time.Time{}
	paused.Paused, paused.About = now, two.Version
	same(t, "paused at work", b.states()[1], paused)
	works.Turn = 2
	wantStale(t, save(works))
	two.Stopped = true
	b.do(command.ChangeWebhook{By: clerk, To: two})
	b.must(b.s.PauseWebhook(b.ctx, two.Key(), now.Add(time.Hour)))
	b.must(b.s.PauseWebhook(b.ctx, ledger.WebhookKey{Merchant: 1, ID: 3}, now))
	same(t, "of one that is stopped", b.states()[1], paused)
}

// A webhook is due if there are entries behind its place, or some are to be sent again; not while it is stopped, paused
// or waits, unless it was changed since or the time it waits for is too far away.
func testDueWebhooks(t *testing.T, b *books) {
	b.must(b.s.SaveMerchant(b.ctx, merchant(2)))
	one, two := b.addWebhooks()
	now := b.now.Truncate(time.Millisecond)
	soon, late := now.Add(time.Hour), now.Add(48*time.Hour)
	due := func(at time.Time, want ...ledger.DueWebhook) {
		t.Helper()
		found, err := b.s.DueWebhooks(b.ctx, at, at.Add(24*time.Hour))
		b.must(err)
		same(t, "due", found, want)
		for _, id := range []ledger.WebhookID{one.ID, two.ID, 3} {
			is, ok, err := b.s.DueWebhook(b.ctx, ledger.WebhookKey{Merchant: 1, ID: id}, at, at.Add(24*time.Hour))
			b.must(err)
			i := slices.IndexFunc(found, func(w ledger.DueWebhook) bool { return w.ID == id })
			if ok != (i >= 0) || ok && !reflect.DeepEqual(is, found[i]) {
				t.Errorf("webhook %d alone: %+v, %t", id, is, ok)
			}
		}
	}
	due(now, ledger.DueWebhook{Webhook: one, Last: 2}) // the second was added by the last entry
	b.do(open("10001"))
	due(now, ledger.DueWebhook{Webhook: one, Last: 3}, ledger.DueWebhook{Webhook: two, Last: 3})
	at := ledger.WebhookState{Merchant: 1, Webhook: 1, Turn: 1, Entry: 3, About: one.Version}
	b.must(b.s.SaveWebhookState(b.ctx, at, nil, nil))
	due(now, ledger.DueWebhook{Webhook: two, Last: 3})
	b.must(b.s.AddWebhookAgain(b.ctx, ledger.WebhookAgain{Merchant: 1, Webhook: 1, First: 1, Last: 2, At: now}))
	due(now, ledger.DueWebhook{Webhook: one, State: at, Last: 3, Again: true}, ledger.DueWebhook{Webhook: two, Last: 3})

	waits := ledger.WebhookState{Merchant: 1, Webhook: 2, Turn: 1, Tries: 1, Since: now, Next: soon, About: two.Version}
	b.must(b.s.SaveWebhookState(b.ctx, waits, nil, nil))
	at.Turn, at.Paused = 2, now
	b.must(b.s.SaveWebhookState(b.ctx, at, nil, nil))
	due(now)
	due(soon, ledger.DueWebhook{Webhook: two, State: waits, Last: 3})
	waits.Turn, waits.Next = 2, late
	b.must(b.s.SaveWebhookState(b.ctx, waits, nil, nil))
	due(now, ledger.DueWebhook{Webhook: two, State: waits, Last: 3})
	due(late.Add(-time.Hour))

	moved := one
	moved.URL = "https://new.example.com/"
	one = b.do(command.ChangeWebhook{By: clerk, To: moved}).Webhooks[0]
	stopped := two
	stopped.Stopped = true
	b.do(command.ChangeWebhook{By: clerk, To: stopped})
	due(late, ledger.DueWebhook{Webhook: one, State: at, Last: 5, Again: true})
}

// tries returns a page of tries of the first merchant.
func (b *books) tries(q ledger.WebhookTryQuery) []ledger.WebhookTry {
	b.t.Helper()
	q.Merchant = 1
	found, err := b.s.WebhookTries(b.ctx, q)
	b.must(err)
	return found
}

// Tries are read newest first and page by page, by their webhook only; the old ones go.
func testWebhookTries(t *testing.T, b *books) {
	b.addWebhooks()
	try := func(id ledger.WebhookID, second int, entry ledger.EntryID) ledger.WebhookTry {
		return ledger.WebhookTry{
			Merchant: 1, Webhook: id, At: start.Add(time.Duration(second) * time.Second), Entry: entry, Status: 500,
			Took: 12345 * time.Microsecond, Said: "<b>'\"\\ 坏",
		}
	}
	first, second, third, others := try(1, 1, 9), try(1, 2, 7), try(1, 2, 8), try(2, 2, 8)
	save := func(id ledger.WebhookID, turn int64, tries ...ledger.WebhookTry) {
		t.Helper()
		b.must(b.s.SaveWebhookState(b.ctx, ledger.WebhookState{Merchant: 1, Webhook: id, Turn: turn}, tries, nil))
	}
	save(1, 1, third, first)
	save(2, 1, others)
	save(1, 2, second, first)
	all := []ledger.WebhookTry{third, second, first}
	same(t, "all", b.tries(ledger.WebhookTryQuery{Webhook: 1, Limit: 9}), all)
	same(t, "the newest", b.tries(ledger.WebhookTryQuery{Webhook: 1, Limit: 1}), all[:1])
	same(t, "the next", b.tries(ledger.WebhookTryQuery{Webhook: 1, At: third.At, Entry: 8, Limit: 1}), all[1:2])
	same(t, "the last", b.tries(ledger.WebhookTryQuery{Webhook: 1, At: second.At, Entry: 7, Limit: 9}), all[2:])
	drop := func(before time.Time, want bool) {
		t.Helper()
		more, err := b.s.DropWebhookTries(b.ctx, ledger.WebhookKey{Merchant: 1, ID: 1}, before, 2)
		b.must(err)
		if more != want {
			t.Errorf("there are more: %t", more)
		}
	}
	save(1, 3, try(1, -3, 1), try(1, -2, 1), try(1, -1, 1))
	old := func(before time.Time, want ...ledger.WebhookKey) {
		t.Helper()
		found, err := b.s.OldWebhookTries(b.ctx, before)
		b.must(err)
		same(t, "with old tries", found, want)
	}
	old(start, ledger.WebhookKey{Merchant: 1, ID: 1})
	old(start.Add(time.Hour), ledger.WebhookKey{Merchant: 1, ID: 1}, ledger.WebhookKey{Merchant: 1, ID: 2})
	drop(start, true)
	drop(start, false)
	drop(start, false)
	old(start)
	same(t, "what is not old", b.tries(ledger.WebhookTryQuery{Webhook: 1, Limit: 9}), all)
	same(t, "another's", b.tries(ledger.WebhookTryQuery{Webhook: 2, Limit: 9}), []ledger.WebhookTry{others})
}

// What is sent once more is in the order in which it was asked for, is asked for once while it lasts, and is gone when
// it is done or was taken back.
func testWebhookAgain(t *testing.T, b *books) {
	b.addWebhooks()
	listed := func() []ledger.WebhookAgain {
		t.Helper()
		found, err := b.s.WebhookAgains(b.ctx, ledger.WebhookKey{Merchant: 1, ID: 1})
		b.must(err)
		return found
	}
	late := ledger.WebhookAgain{Merchant: 1, Webhook: 1, First: 1, Last: 1, At: start.Add(time.Second)}
	wide := ledger.WebhookAgain{Merchant: 1, Webhook: 1, First: 2, Last: 90, At: start}
	other := ledger.WebhookAgain{Merchant: 1, Webhook: 2, First: 2, Last: 90, At: start}
	for _, a := range []ledger.WebhookAgain{late, wide, other} {
		b.must(b.s.AddWebhookAgain(b.ctx, a))
	}
	same(t, "asked for", listed(), []ledger.WebhookAgain{wide, late})
	wide.Done = 40
	b.must(b.s.SaveWebhookState(b.ctx, ledger.WebhookState{Merchant: 1, Webhook: 1, Turn: 1}, nil, &wide))
	again := wide
	again.Done, again.At = 0, start.Add(time.Hour)
	b.must(b.s.AddWebhookAgain(b.ctx, again))
	same(t, "half done", listed(), []ledger.WebhookAgain{wide, late})
	done := wide
	done.Done = 90
	wantStale(t, b.s.SaveWebhookState(b.ctx, ledger.WebhookState{Merchant: 1, Webhook: 1, Turn: 1}, nil, &done))
	same(t, "after a stale save", listed(), []ledger.WebhookAgain{wide, late})
	b.must(b.s.SaveWebhookState(b.ctx, ledger.WebhookState{Merchant: 1, Webhook: 1, Turn: 2}, nil, &done))
	same(t, "done", listed(), []ledger.WebhookAgain{late})
	found, err := b.s.WebhookAgains(b.ctx, ledger.WebhookKey{Merchant: 1, ID: 2})
	b.must(err)
	same(t, "another's", found, []ledger.WebhookAgain{other})
	none := late
	none.Last++
	b.must(b.s.DropWebhookAgain(b.ctx, none))
	same(t, "after what does not wait was taken back", listed(), []ledger.WebhookAgain{late})
	b.must(b.s.DropWebhookAgain(b.ctx, late))
	same(t, "taken back", listed(), nil)
	b.must(b.s.SaveWebhookState(b.ctx, ledger.WebhookState{Merchant: 1, Webhook: 1, Turn: 3}, nil, &late))
	same(t, "taken back while it was sent", listed(), nil)
	found, err = b.s.WebhookAgains(b.ctx, ledger.WebhookKey{Merchant: 1, ID: 2})
	b.must(err)
	same(t, "another's beside what was taken back", found, []ledger.WebhookAgain{other})
}

// Of a webhook that is removed nothing stays, and what is about others does; another one of its id begins anew.
func testWebhookRemoved(t *testing.T, b *books) {
	one, two := b.addWebhooks()
	for _, w := range []ledger.Webhook{one, two} {
		try := ledger.WebhookTry{Merchant: 1, Webhook: w.ID, At: start, Entry: 1, Status: 200}
		state := ledger.WebhookState{Merchant: 1, Webhook: w.ID, Turn: 1, Entry: 1}
		b.must(b.s.SaveWebhookState(b.ctx, state, []ledger.WebhookTry{try}, nil))
		b.must(b.s.AddWebhookAgain(b.ctx, ledger.WebhookAgain{Merchant: 1, Webhook: w.ID, First: 1, Last: 1, At: start}))
	}
	two.Stopped = true
	two = b.do(command.ChangeWebhook{By: clerk, To: two}).Webhooks[0]
	two.Removed = true
	gone := b.decide(command.ChangeWebhook{By: clerk, To: two})
	foreign := gone
	foreign.Unhooked = []ledger.WebhookKey{{Merchant: 2, ID: 1}}
	b.unchanged(func() {
		if err := b.s.Save(b.ctx, foreign); err == nil {
			t.Error("a webhook of another merchant was removed")
		}
	})
	b.must(b.s.Save(b.ctx, gone))
	kept := func(what string, want ...ledger.WebhookID) {
		t.Helper()
		hooks, err := b.s.Webhooks(b.ctx, 1)
		b.must(err)
		states, err := b.s.WebhookStates(b.ctx, 1)
		b.must(err)
		ids := [4][]ledger.WebhookID{}
		for _, w := range hooks {
			ids[0] = append(ids[0], w.ID)
		}
		for _, s := range states {
			ids[1] = append(ids[1], s.Webhook)
		}
		for id := range ledger.WebhookID(3) {
			waiting, err := b.s.WebhookAgains(b.ctx, ledger.WebhookKey{Merchant: 1, ID: id})
			b.must(err)
			for range waiting {
				ids[2] = append(ids[2], id)
			}
			for range b.tries(ledger.WebhookTryQuery{Webhook: id, Limit: 9}) {
				ids[3] = append(ids[3], id)
			}
		}
		same(t, what, ids, [4][]ledger.WebhookID{want, {1}, {1}, {1}})
	}
	kept("removed", 1)
	wantStale(t, b.s.SaveWebhookState(b.ctx, ledger.WebhookState{Merchant: 1, Webhook: 2, Turn: 2}, nil, nil))
	b.must(b.s.PauseWebhook(b.ctx, ledger.WebhookKey{Merchant: 1, ID: 2}, start))
	kept("what is noted of one that is not there", 1)
	// A range may be asked for while it is removed. Nobody is sent it.
	b.must(b.s.AddWebhookAgain(b.ctx, ledger.WebhookAgain{Merchant: 1, Webhook: 2, First: 1, Last: 1, At: start}))
	two.Removed, two.Stopped, two.Version = false, false, 0
	b.do(command.ChangeWebhook{By: clerk, To: two})
	kept("another one", 1, 2)
}
