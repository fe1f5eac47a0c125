package api

import (
	"encoding/json"
	"time"

	"tongka/internal/ledger"
)

// Event is what a merchant's webhooks are sent of an entry, as Standard Webhooks recommends it.
type Event struct {
	ID       string    `json:"id" doc:"The same at every try: whoever has seen it may drop it. It is webhook-id too. Its last number is the entry's id, which after and Last-Event-ID take."`
	Type     Kind      `json:"type" doc:"The entry's kind."`
	At       time.Time `json:"timestamp" doc:"When it happened."`
	Merchant int64     `json:"merchant"`
	Data     Entry     `json:"data"`
}

// EventOf returns the event of an entry in JSON.
func EventOf(id string, e *ledger.Entry) ([]byte, error) {
	entry := entryOf(e)
	return json.Marshal(Event{id, entry.Kind, entry.At, int64(e.Merchant), entry})
}

// TrialEvent is what a webhook is sent when somebody tries it: an event of no entry, whose type no entry has.
type TrialEvent struct {
	ID       string    `json:"id"`
	Type     string    `json:"type"`
	At       time.Time `json:"timestamp"`
	Merchant int64     `json:"merchant"`
	Data     struct{}  `json:"data"`
}

// TrialEventOf returns such an event in JSON.
func TrialEventOf(id string, merchant ledger.MerchantID, at time.Time) ([]byte, error) {
	return json.Marshal(TrialEvent{ID: id, Type: "test", At: at, Merchant: int64(merchant)})
}
