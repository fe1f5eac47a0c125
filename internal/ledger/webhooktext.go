package ledger

import (
	"encoding/json"
	"fmt"
)

// WebhookText returns a webhook as its merchant's journal stores it: JSON, zero values left out. In place of secrets
// there are fingerprints of what the record holds, as in AgentText. After follows from the entries.
func WebhookText(w *Webhook) (string, error) {
	t := webhookText{
		ID: w.ID, Name: w.Name, URL: w.URL, Stopped: w.Stopped, Removed: w.Removed, Secret: fingerprint("webhook", w.Secret),
		Spare: fingerprint("webhook", w.Spare),
	}
	for _, k := range w.Kinds {
		t.Kinds = append(t.Kinds, k.String())
	}
	b, err := json.Marshal(t)
	return string(b), err
}

// ParseWebhook reads from a WebhookText which webhook it is, without its secrets. A kind that has no name any more is
// left out.
func ParseWebhook(text string) (Webhook, error) {
	var t webhookText
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return Webhook{}, fmt.Errorf("webhook: %w", err)
	}
	w := Webhook{ID: t.ID, Name: t.Name, URL: t.URL, Stopped: t.Stopped, Removed: t.Removed}
	for _, name := range t.Kinds {
		if k, ok := ParseKind(name); ok {
			w.Kinds = append(w.Kinds, k)
		}
	}
	return w, nil
}

type webhookText struct {
	ID      WebhookID `json:"id"`
	Name    string    `json:"name"`
	URL     string    `json:"url"`
	Kinds   []string  `json:"kinds,omitempty"`
	Secret  string    `json:"secret"`
	Spare   string    `json:"secret_of_before,omitempty"`
	Stopped bool      `json:"stopped,omitempty"`
	Removed bool      `json:"removed,omitempty"`
}
