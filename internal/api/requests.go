package api

import (
	"encoding/json"
	"errors"

	"tongka/internal/ledger"
)

// OfRequest names a request.
type OfRequest struct {
	ID string `path:"id" minLength:"1" maxLength:"64" doc:"Its Idempotency-Key." example:"order-4711"`
}

// Request is what became of a request.
type Request struct {
	ID     string          `json:"id"`
	Entry  int64           `json:"entry,omitempty" doc:"The last entry that it made; left out if it made none."`
	Answer json.RawMessage `json:"answer" doc:"The answer that it got."`
}

// getRequest tells what became of a request of the same key, and does nothing. One that was not carried out is not
// found, which does not mean that it never will be: it may be under way.
func getRequest(c *call, in *OfRequest) (Request, error) {
	id := ledger.FoldRequestID(in.ID)
	ch, err := c.recall(c.merchant.ID, id)
	if refusal, refused := errors.AsType[ledger.Refusal](err); refused && refusal.Reason == ledger.RequestUnknown {
		if done, failed := c.recall(ledger.HostID, id); failed == nil {
			ch, err = done, nil
		}
	}
	if err != nil {
		return Request{}, err
	}
	return Request{ID: id, Entry: int64(ch.Replay.Entry), Answer: json.RawMessage(ch.Replay.Answer)}, nil
}
