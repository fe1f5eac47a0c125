package api

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tongka/internal/ledger"
)

// Event is what a merchant's webhooks are sent of an entry, as Standard Webhooks recommends it.
type Event struct {
	ID       string    `json:"id" doc:"The same at every try: whoever has seen it may drop it. It is webhook-id too. Of evt_1_11_9f3c01ab the second number is the entry's id, which after and Last-Event-ID take; what follows tells it from another entry that had this id before the books were restored."` //nolint:lll // a tag
	Type     EventKind `json:"type" doc:"The entry's kind; test if somebody tried a webhook."`
	At       time.Time `json:"timestamp" doc:"When it happened."`
	Merchant int64     `json:"merchant" doc:"The id of the merchant in whose journal the entry is."`
	Data     Entry     `json:"data" doc:"The entry; of a test one that is in no journal, whose id is 0."`
}

// EventKind is the kind of an event.
type EventKind string

// trial is the kind of an event by which somebody tries a webhook.
const trial = "test"

// Schema lists the kinds.
func (EventKind) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "string", Enum: append(slices.Clone(kinds.list), trial)}
}

// EventOf returns the event of an entry in JSON.
func EventOf(id string, e *ledger.Entry) ([]byte, error) {
	entry := entryOf(e)
	return json.Marshal(Event{id, EventKind(entry.Kind), entry.At, int64(e.Merchant), entry})
}

// TrialEventOf returns the event that a webhook is sent when somebody tries it: of no entry, and of a type that no
// entry has. It looks as others do, so that a receiver takes it apart as it does them; what it has for an entry moves
// nothing.
func TrialEventOf(id string, merchant ledger.MerchantID, at time.Time) ([]byte, error) {
	entry := entryOf(&ledger.Entry{Kind: ledger.DetailsChanged, At: at})
	return json.Marshal(Event{id, trial, at, int64(merchant), entry})
}
