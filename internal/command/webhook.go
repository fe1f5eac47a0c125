package command

import (
	"fmt"
	"time"

	"tongka/internal/ledger"
)

// ChangeWebhook sets all of a merchant's webhook to To, except After, which follows; one with a new id is created.
// To.Version names the entry that made what the caller has seen of it. If somebody has changed it since, the command is
// refused. One that is stopped may be Removed.
type ChangeWebhook struct {
	By    ledger.Caller
	To    ledger.Webhook
	Reach ledger.HookReach // of its address; not asked of one that stays
	Note  string
}

// Keys names the webhook.
func (c ChangeWebhook) Keys() Keys { return Keys{Webhooks: []ledger.WebhookID{c.To.ID}} }

func (ChangeWebhook) mayMakeNoEntry() bool { return true }

// Decide makes the entry, also if the licence has ended, or none if nothing changes; a request that asked for it is
// stored all the same. All that is kept of how a webhook did goes with it, and what may have been left of another one
// of that id, by a process that was at it, goes when one is added.
func (c ChangeWebhook) Decide(s *State, now time.Time) (Changes, error) {
	_, head := s.at(c.To.Merchant)
	to, was := c.To, s.webhook(c.To.ID)
	if was == nil && (to.Version != 0 || to.Removed) || was != nil && was.Version != to.Version {
		return Changes{}, ledger.Refuse(ledger.SettingsMoved, to.Name)
	}
	text, err := ledger.WebhookText(&to)
	if err != nil {
		return Changes{}, ledger.Refuse(ledger.BadSettings, err.Error())
	}
	if was != nil && toldAs(*was, text) {
		return Changes{Head: &head}, nil
	}
	if err := c.sound(was, text); err != nil {
		return Changes{}, err
	}
	ch, err := ownEntry(s, later(now, head.LastAt), to.Merchant, c.By, ledger.Entry{
		Kind: ledger.WebhookChanged, Settings: text, Note: c.Note,
	})
	if err != nil {
		return Changes{}, err
	}
	if was == nil || to.Removed {
		ch.Unhooked = []ledger.WebhookKey{to.Key()}
	}
	if to.Removed {
		return ch, nil
	}
	to.Version = ch.Newest().ID
	to.After = beginsAfter(&to, was)
	ch.Webhooks = []ledger.Webhook{to}
	return ch, nil
}

// sound refuses a webhook with faults, except if it is only stopped: what sends to a wrong address can always be
// stopped, and removed then.
func (c ChangeWebhook) sound(was *ledger.Webhook, text string) error {
	reach := c.Reach
	if was != nil && was.URL == c.To.URL {
		reach = ledger.HookReach{Plain: true}
	}
	if faults := c.To.Faults(reach); len(faults) > 0 && !onlyEnds(was, text) {
		return ledger.Refuse(ledger.BadSettings, fmt.Sprintf("%s: %s", faults[0].Field, faults[0].Text))
	}
	return nil
}

// beginsAfter returns the entry behind which a webhook, which was as given before (nil = there was none), is sent
// entries; 0 for one that is stopped from the first.
func beginsAfter(to, was *ledger.Webhook) ledger.EntryID {
	switch {
	case to.Begins(was):
		return to.Version
	case was != nil:
		return was.After
	}
	return 0
}

// toldAs reports whether a WebhookText describes the webhook.
func toldAs(w ledger.Webhook, text string) bool {
	is, err := ledger.WebhookText(&w)
	return err == nil && is == text
}

// onlyEnds reports whether a WebhookText describes a webhook as it was, except that it is stopped, or removed after
// that.
func onlyEnds(was *ledger.Webhook, text string) bool {
	if was == nil {
		return false
	}
	ended := *was
	ended.Removed, ended.Stopped = was.Stopped, true
	stopped := ended
	stopped.Removed = false
	return toldAs(stopped, text) || ended.Removed && toldAs(ended, text)
}

// webhook returns a known webhook, nil if there is none or it was removed just now.
func (s *State) webhook(id ledger.WebhookID) *ledger.Webhook {
	if w := s.webhooks.get(id); w != nil && !w.Removed {
		return w
	}
	return nil
}
