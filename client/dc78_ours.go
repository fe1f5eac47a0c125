package client

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
)

// Values of MbStateRequest.Action.
const (
	StateLost  = "0"
	StateFound = "1"
)

// Requests and answers of the actions that are Tongka's additions.
type (
	// MbRefundRequest takes back what a transaction did. It is named by the ID that its answer told or, if no answer
	// came, by its Ref: OfRef.
	MbRefundRequest struct {
		Action  string `json:"action"` // TransConsume or TransRecharge: what the transaction was
		Mbno    string `json:"mbno"`
		ID      Text   `json:"id,omitempty"`
		OfRef   string `json:"ofRef,omitempty"`
		Amount  *Fen   `json:"amt,omitempty"` // for a consume only; nil = all that is left of it
		Ref     string `json:"ref"`
		Subject string `json:"subject,omitempty"`
		Op      string `json:"op,omitempty"`
		Memo    string `json:"memo,omitempty"`
	}

	// MbStateRequest reports a card lost, or found again.
	MbStateRequest struct {
		Action string `json:"action"` // StateLost or StateFound
		Mbno   string `json:"mbno"`
		Ref    string `json:"ref"`
		Op     string `json:"op,omitempty"`
	}

	// StateChanged is the answer of MbState.
	StateChanged struct {
		ID    Text `json:"id"`
		Mbno  Text `json:"mbno"`
		State Text `json:"state"` // as in Member
	}

	// MbRequestRequest names an earlier request of the shop.
	MbRequestRequest struct {
		Of       string `json:"of"`                 // its action, like mb_trans
		OfAction string `json:"ofAction,omitempty"` // its Action, if it had one
		Ref      string `json:"ref"`
	}

	// RequestDone is the answer of MbRequest. ID and Answer are empty if nothing has been carried out.
	RequestDone struct {
		Done   Count           `json:"done"`   // 1 = it was carried out
		ID     Text            `json:"id"`     // of the entry
		Answer json.RawMessage `json:"answer"` // the first answer, without what the server adds to each
	}
)

// MbRefund refunds a consume, in part or whole, or reverses what is left of a recharge. Amount of the result was given
// back to the card for a consume, to the holder for a recharge.
func (d *DC78) MbRefund(ctx context.Context, r MbRefundRequest) (Transaction, error) {
	r.Ref = cmp.Or(r.Ref, rand.Text())
	return ask[Transaction](ctx, d, "mb_refund", r, nil, "mbno", "balance", "bns_balance")
}

// MbState blocks a card, or lets one that was reported lost be used again.
func (d *DC78) MbState(ctx context.Context, r MbStateRequest) (StateChanged, error) {
	r.Ref = cmp.Or(r.Ref, rand.Text())
	return ask[StateChanged](ctx, d, "mb_state", r, nil, "mbno", "state")
}

// MbRequest returns what became of an earlier request. It changes nothing.
func (d *DC78) MbRequest(ctx context.Context, r MbRequestRequest) (RequestDone, error) {
	get := struct {
		Action string `json:"action"`
		MbRequestRequest
	}{stateRequest, r}
	return ask[RequestDone](ctx, d, "mb_state", get, nil, "done")
}
