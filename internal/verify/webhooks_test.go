package verify

import (
	"slices"
	"strings"
	"testing"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// hooked returns sound books with a webhook that was stopped and started again, and another one. Their entries are the
// last four.
func hooked(t *testing.T) *books {
	t.Helper()
	one := ledger.Webhook{
		Merchant: 1, ID: 1, Name: "ERP", URL: "https://erp.example.com/", Secret: []byte("sealed"), Spare: []byte("too"),
		Kinds: []ledger.Kind{ledger.Consumed},
	}
	two := ledger.Webhook{Merchant: 1, ID: 2, Name: "BI", URL: "https://bi.example.com/", Secret: []byte("other")}
	first := soundOf(t, everything()).heads[0].LastEntry + 1
	stopped, started := one, one
	stopped.Stopped, stopped.Version, started.Version = true, first, first+1
	b := soundOf(t, slices.Concat(everything(), []command.Command{
		command.ChangeWebhook{To: one}, command.ChangeWebhook{To: stopped}, command.ChangeWebhook{To: started},
		command.ChangeWebhook{To: two},
	}))
	b.states = []ledger.WebhookState{{Merchant: 1, Webhook: 1, Turn: 1, Entry: first}}
	return b
}

// unhooked returns sound books with a webhook that was stopped and removed.
func unhooked(t *testing.T) *books {
	t.Helper()
	one := ledger.Webhook{Merchant: 1, ID: 1, Name: "ERP", URL: "https://erp.example.com/", Secret: []byte("sealed")}
	first := soundOf(t, everything()).heads[0].LastEntry + 1
	stopped := one
	stopped.Stopped, stopped.Version = true, first
	removed := stopped
	removed.Removed, removed.Version = true, first+1
	return soundOf(t, slices.Concat(everything(), []command.Command{
		command.ChangeWebhook{To: one}, command.ChangeWebhook{To: stopped}, command.ChangeWebhook{To: removed},
	}))
}

// Webhooks are what the journal states, and none was sent what is not there (invariants 42, 61).
func TestTamperedWebhooksAreFound(t *testing.T) {
	t.Parallel()
	if r := run(t, hooked(t)); r[61].Violations+r[42].Violations > 0 || r[61].Rows < 2 || r[42].Rows < 1 {
		t.Fatalf("sound books: %+v, %+v", r[61], r[42])
	}
	for _, left := range []ledger.WebhookState{{}, {Merchant: 1, Webhook: 1, Turn: 2, Entry: 1}} {
		b := unhooked(t)
		if left.Turn > 0 { // by a process that was at it when it was removed
			b.states = append(b.states, left)
		}
		if r := run(t, b); r[61].Violations+r[42].Violations > 0 || len(b.webhooks) != 0 {
			t.Errorf("removed, and %+v: %+v, %+v", left, r[61], r[42])
		}
	}
	for name, c := range map[string]struct {
		number int
		want   string
		spoil  func(*books)
	}{
		"an address":       {61, "webhook 1 is not what entry", func(b *books) { b.webhooks[0].URL = "https://evil.example.com/" }},
		"a name":           {61, "webhook 1 is not what", func(b *books) { b.webhooks[0].Name = "x" }},
		"other kinds":      {61, "webhook 1 is not what", func(b *books) { b.webhooks[0].Kinds = nil }},
		"a secret":         {61, "webhook 2 is not what", func(b *books) { b.webhooks[1].Secret = []byte("mine") }},
		"one of before":    {61, "webhook 1 is not what", func(b *books) { b.webhooks[0].Spare = nil }},
		"stopped":          {61, "webhook 1 is not what", func(b *books) { b.webhooks[0].Stopped = true }},
		"a version":        {61, "is the newest about it", func(b *books) { b.webhooks[0].Version-- }},
		"where it begins":  {61, "has started it", func(b *books) { b.webhooks[0].After -= 2 }},
		"one that is gone": {61, "states, does not exist", func(b *books) { b.webhooks = b.webhooks[:1] }},
		"one too many": {61, "webhook 3 is in no entry", func(b *books) {
			b.webhooks = append(b.webhooks, ledger.Webhook{Merchant: 1, ID: 3, Secret: []byte("x")})
		}},
		"nobody can read it": {61, "cannot be read", func(b *books) { b.entries[len(b.entries)-1].Settings = "{" }},
		"sent too much":      {42, "webhook 1 does not exist, or was sent", func(b *books) { b.states[0].Entry = 9999 }},
		"sent to nobody":     {42, "webhook 9 does not exist", func(b *books) { b.states[0].Webhook = 9 }},
		"removed as it was": {61, "was not there or not stopped", func(b *books) {
			e := &b.entries[len(b.entries)-1]
			e.Settings = strings.Replace(e.Settings, `"secret"`, `"removed":true,"secret"`, 1)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := hooked(t)
			c.spoil(b)
			r := checked(t, newAudit(), b)[c.number]
			if !strings.Contains(strings.Join(r.Examples, "\n"), c.want) {
				t.Errorf("found %v, want %q", r.Examples, c.want)
			}
		})
	}
}
