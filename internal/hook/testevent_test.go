package hook

import (
	"testing"

	"tongka/internal/ledger"
)

// A test is sent signed, whatever the state of the webhook, and says what came of it; nothing is noted of it.
func TestTestOfAWebhook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	to := hook(shop, 1, "erp")
	w.change(to)
	w.answer = func(string, ledger.EntryID) Answer { return Answer{Status: 410, Said: "gone"} }
	got := w.runner().Test(t.Context(), &to, "evt_1_test_1", []byte(`{"id":"evt_1_test_1"}`))
	if got.Status != 410 || got.Said != "gone" || got.At.IsZero() || got.Delivered() || w.asked["https://erp"] != 1 {
		t.Errorf("the test: %+v, asked %v", got, w.asked)
	}
	states, err := w.store.WebhookStates(t.Context(), shop)
	w.must(err)
	if len(states) != 0 {
		t.Errorf("the test left %+v", states)
	}
}
