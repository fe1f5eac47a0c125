package client

import (
	"context"
	"encoding/json"
)

// Values of RefundRequest.Type.
const (
	RefundRecharge = 6
	RefundConsume  = 7
)

// Requests and answers of the endpoints that are Tongka's additions.
type (
	// RefundRequest takes back an entry. It is named by its id from History or Request or, if no answer came, by the
	// RequestID under which it was asked for: Of.
	RefundRequest struct {
		RequestID string `json:"request_id"`
		Card      string `json:"card_id"`
		Entry     int64  `json:"id,omitempty"`
		Of        string `json:"ori_request_id,omitempty"`
		Type      int    `json:"type"`             // RefundConsume or RefundRecharge
		Amount    *Fen   `json:"money,omitempty"`  // for a consume only; nil = all that is left of it
		Reason    string `json:"reason,omitempty"` // at most 200 characters
	}

	// Refunded is the answer of Refund. Amount was given back to the card for a consume, to the holder for a
	// recharge.
	Refunded struct {
		Receipt
		Card    string `json:"card_id"`
		Entry   int64  `json:"id"`
		Type    int    `json:"type"`
		Amount  Fen    `json:"money"`
		Balance Fen    `json:"amount"` // after the refund
		Score   Count  `json:"cur_score"`
	}

	// LossRequest names a card.
	LossRequest struct {
		RequestID string `json:"request_id"`
		Card      string `json:"card_id"`
	}

	// Stated is the answer of ReportLost and CancelLost.
	Stated struct {
		Receipt
		Card   string `json:"card_id"`
		Status string `json:"card_status"` // as in Card
	}

	// Done is the answer of Request. Entry is 0 if nothing has been carried out.
	Done struct {
		Done   Count           `json:"done"` // 1 = it was carried out
		Entry  int64           `json:"id"`
		Answer json.RawMessage `json:"answer"` // the first answer, or null
	}
)

// Refund refunds a consume, in part or whole, or reverses what is left of a recharge.
func (s *Sandy) Refund(ctx context.Context, r RefundRequest) (a Refunded, err error) {
	a.Receipt, err = s.change(ctx, "refund", &r.RequestID, &r, &a, append(account, "id", "money")...)
	return a, err
}

// ReportLost blocks a card.
func (s *Sandy) ReportLost(ctx context.Context, r LossRequest) (a Stated, err error) {
	a.Receipt, err = s.change(ctx, "report_lost", &r.RequestID, &r, &a, "card_id", "card_status")
	return a, err
}

// CancelLost lets a card that was reported lost be used again.
func (s *Sandy) CancelLost(ctx context.Context, r LossRequest) (a Stated, err error) {
	a.Receipt, err = s.change(ctx, "cancel_lost", &r.RequestID, &r, &a, "card_id", "card_status")
	return a, err
}

// Request returns what became of an earlier request at an endpoint. It changes nothing.
func (s *Sandy) Request(ctx context.Context, endpoint, id string) (Done, error) {
	return look[Done](ctx, s, "request", map[string]string{"endpoint": endpoint, "request_id": id}, "done")
}
