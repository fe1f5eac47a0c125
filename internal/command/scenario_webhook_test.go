package command

import (
	"fmt"
	"strings"

	"tongka/internal/ledger"
)

// webhook makes a command that changes what it names of a webhook.
func (a *args) webhook(p *play) Command {
	id := ledger.WebhookID(a.int("id"))
	to := p.memStore.webhooks[row[ledger.WebhookID]{1, id}]
	to.Merchant, to.ID = 1, id
	if a.has("name") {
		to.Name = a.text("name")
	}
	if a.has("url") {
		to.URL = a.text("url")
	}
	if a.has("secret") {
		to.Renew([]byte(a.text("secret")))
	}
	if a.has("kinds") {
		to.Kinds = nil
		for name := range strings.SplitSeq(a.text("kinds"), ",") {
			k, ok := ledger.ParseKind(name)
			if !ok {
				a.fail(fmt.Errorf("no such kind"))
			}
			to.Kinds = append(to.Kinds, k)
		}
	}
	if a.has("stopped") {
		to.Stopped = a.yes("stopped")
	}
	if a.has("removed") {
		to.Removed = a.yes("removed")
	}
	if a.has("version") {
		to.Version = ledger.EntryID(a.int("version"))
	}
	return ChangeWebhook{By: a.by, To: to, Reach: ledger.HookReach{Plain: a.yes("plain")}, Note: a.text("note")}
}
