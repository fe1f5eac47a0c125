package command

import (
	"reflect"
	"strings"
	"testing"

	"tongka/internal/ledger"
)

func aWebhook(id ledger.WebhookID) ledger.Webhook {
	return ledger.Webhook{
		Merchant: 1, ID: id, Name: "ERP", URL: "https://erp.example.com/", Kinds: []ledger.Kind{ledger.Consumed},
		Secret: []byte("sealed"),
	}
}

// webhookChange is a change of a webhook, and why it is refused or what becomes of it.
type webhookChange struct {
	what    string
	cmd     ChangeWebhook
	refused string
	version ledger.EntryID // 0 = nothing changes
	after   ledger.EntryID
}

func (row *webhookChange) check(t *testing.T, l *memStore) {
	t.Helper()
	ch, err := l.do(row.cmd, monday)
	if row.refused != "" {
		if err == nil || !strings.Contains(err.Error(), row.refused) {
			t.Errorf("%s: %v, want %q", row.what, err, row.refused)
		}
		return
	}
	if err != nil {
		t.Fatalf("%s: %v", row.what, err)
	}
	if row.version == 0 {
		if len(ch.Entries)+len(ch.Webhooks) > 0 {
			t.Errorf("%s: %+v", row.what, ch)
		}
		return
	}
	want := row.cmd.To
	want.Version, want.After = row.version, row.after
	if kept := l.webhooks[row1(1)]; !reflect.DeepEqual(kept, want) || ch.Last().Note != row.cmd.Note {
		t.Errorf("%s: %+v, want %+v", row.what, kept, want)
	}
	text, err := ledger.WebhookText(&want)
	if e := ch.Last(); err != nil || e.Settings != text || e.Kind != ledger.WebhookChanged || e.Card != 0 {
		t.Errorf("%s: the entry is %+v, %v", row.what, e, err)
	}
}

// Each row is a change of a webhook after the one above it, and why it is refused or what becomes of it.
func TestChangeWebhook(t *testing.T) {
	t.Parallel()
	l := newMemStore(someMerchant(1, "A"))
	with := func(change func(*ledger.Webhook)) ledger.Webhook {
		w := aWebhook(1)
		change(&w)
		return w
	}
	for _, row := range []webhookChange{
		{"one that is not there", ChangeWebhook{To: with(func(w *ledger.Webhook) { w.Version = 1 })}, "somebody else", 0, 0},
		{"with a fault", ChangeWebhook{To: with(func(w *ledger.Webhook) { w.URL = "x" })}, "url: want an address", 0, 0},
		{"without TLS", ChangeWebhook{To: with(func(w *ledger.Webhook) { w.URL = "http://a/" })}, "url: want https", 0, 0},
		{"too many", ChangeWebhook{To: aWebhook(17)}, "no more webhooks", 0, 0},
		{"a new one", ChangeWebhook{To: with(func(w *ledger.Webhook) { w.After = 99 })}, "", 1, 1},
		{"added twice", ChangeWebhook{To: aWebhook(1)}, "somebody else", 0, 0},
		{"the same again", ChangeWebhook{To: with(func(w *ledger.Webhook) { w.Version = 1 })}, "", 0, 0},
		{"other kinds", ChangeWebhook{To: with(func(w *ledger.Webhook) { w.Version, w.Kinds = 1, nil })}, "", 2, 1},
		{"what was changed since", ChangeWebhook{To: with(func(w *ledger.Webhook) { w.Version = 1 })}, "somebody else", 0, 0},
		{"a listed address", ChangeWebhook{
			To: with(func(w *ledger.Webhook) { w.Version, w.URL = 2, "http://10.0.0.7/" }), Reach: ledger.HookReach{Plain: true},
		}, "", 3, 1},
		{"another secret when it is listed no more", ChangeWebhook{
			To: with(func(w *ledger.Webhook) { w.Version, w.URL, w.Secret = 3, "http://10.0.0.7/", []byte("new") }),
		}, "", 4, 1},
		{"another address then", ChangeWebhook{
			To: with(func(w *ledger.Webhook) { w.Version, w.URL = 4, "http://10.0.0.8/" }),
		}, "url: want https", 0, 0},
		{"stopped with a fault", ChangeWebhook{
			To: with(func(w *ledger.Webhook) {
				w.Version, w.URL, w.Secret, w.Stopped = 4, "http://10.0.0.7/", []byte("new"), true
			}),
		}, "", 5, 1},
		{"changed while it is stopped", ChangeWebhook{
			To: with(func(w *ledger.Webhook) { w.Version, w.Stopped = 5, true }), Note: "搬家",
		}, "", 6, 1},
		{"started again", ChangeWebhook{To: with(func(w *ledger.Webhook) { w.Version = 6 })}, "", 7, 7},
	} {
		row.check(t, l)
	}
	if err := l.check(); err != nil {
		t.Error(err)
	}
}

func row1(id ledger.WebhookID) row[ledger.WebhookID] { return row[ledger.WebhookID]{1, id} }

// A merchant whose licence has ended can still change where its entries go, and the host has no webhooks.
func TestWebhooksOfWhom(t *testing.T) {
	t.Parallel()
	m := someMerchant(1, "A")
	m.LicenceEnd = 2026_01_01
	l := newMemStore(m)
	if _, err := l.do(ChangeWebhook{To: aWebhook(1)}, monday); err != nil {
		t.Error(err)
	}
	host := NewState(ledger.HostID)
	host.Learn(Keys{Head: true}, Records{Host: &ledger.Host{}})
	if host.Serves(ChangeWebhook{}) {
		t.Error("the host has a webhook")
	}
}

// Changes of two webhooks in one batch are saved together, and a second change of one rests on the first.
func TestWebhooksInABatch(t *testing.T) {
	t.Parallel()
	l := newMemStore(someMerchant(1, "A"))
	again := aWebhook(1)
	again.Name, again.Version = "other", 1
	s := NewState(1)
	err := l.batch(s, []order{
		{cmd: ChangeWebhook{To: aWebhook(1)}, now: monday}, {cmd: ChangeWebhook{To: aWebhook(2)}, now: monday},
		{cmd: ChangeWebhook{To: again}, now: monday},
	}, func(o order, _ Changes, err error) {
		if err != nil {
			t.Errorf("%+v: %v", o.cmd, err)
		}
	})
	one, two := l.webhooks[row1(1)], l.webhooks[row1(2)]
	if err != nil || one.Version != 3 || one.After != 1 || two.Version != 2 {
		t.Errorf("%+v, %v", l.webhooks, err)
	}
}

// One that is removed and another of its id in one batch are saved as the new one alone, of which nothing was there
// before; one that is added and removed in a batch leaves nothing but its entries.
func TestWebhookRemovedInABatch(t *testing.T) {
	t.Parallel()
	l := newMemStore(someMerchant(1, "A"))
	of := func(id ledger.WebhookID, version ledger.EntryID, ends ...string) ChangeWebhook {
		w := aWebhook(id)
		w.Version, w.Stopped, w.Removed = version, len(ends) > 0, len(ends) > 1
		return ChangeWebhook{To: w}
	}
	cmds := []ChangeWebhook{
		of(1, 0), of(1, 1, "stopped"), of(1, 2, "stopped", "removed"), of(1, 0),
		of(2, 0, "stopped"), of(2, 5, "stopped", "removed"),
	}
	s, orders := NewState(1), []order{}
	for _, cmd := range cmds {
		orders = append(orders, order{cmd: cmd, now: monday})
	}
	err := l.batch(s, orders, func(o order, _ Changes, err error) {
		if err != nil {
			t.Errorf("%+v: %v", o.cmd, err)
		}
	})
	one := l.webhooks[row1(1)]
	if err != nil || len(l.webhooks) != 1 || one.Version != 4 || one.After != 4 || one.Removed {
		t.Errorf("%+v, %v", l.webhooks, err)
	}
	if _, err := l.do(of(2, 6, "stopped"), monday); err == nil {
		t.Error("what was removed was changed")
	}
}
