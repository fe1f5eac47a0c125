package client

import (
	"context"
	"encoding/json"
)

// What Refund takes back.
const (
	RefundRecharge = 6
	RefundConsume  = 7
)

// Requests and answers of the endpoints that only Tongka has.
type (
	// RefundRequest takes back the entry with an id that History told.
	RefundRequest struct {
		RequestID string `json:"request_id"`
		Card      string `json:"card_id"`
		Entry     int64  `json:"id"`
		Type      int    `json:"type"`             // RefundConsume or RefundRecharge
		Amount    *Fen   `json:"money,omitempty"`  // of a consume; nil = all that is left of it
		Reason    string `json:"reason,omitempty"` // at most 200 letters
	}

	// Refunded answers Refund: Amount went back to the card, or of a recharge to the holder.
	Refunded struct {
		Receipt
		Card    string `json:"card_id"`
		Entry   int64  `json:"id"`
		Type    int    `json:"type"`
		Amount  Fen    `json:"money"`
		Balance Fen    `json:"amount"` // after it
		Score   Count  `json:"cur_score"`
	}

	// LossRequest names a card.
	LossRequest struct {
		RequestID string `json:"request_id"`
		Card      string `json:"card_id"`
	}

	// Stated answers ReportLost and CancelLost.
	Stated struct {
		Receipt
		Card   string `json:"card_id"`
		Status string `json:"card_status"` // as of Card
	}

	// Done answers Request. Entry is 0 where nothing was done by now.
	Done struct {
		Done   Count           `json:"done"` // 1 = it was carried out
		Entry  int64           `json:"id"`
		Answer json.RawMessage `json:"answer"` // the first one, or null
	}
)

// Refund takes a consume back, in part or whole, or what is left of a recharge.
func (s *Sandy) Refund(ctx context.Context, r RefundRequest) (a Refunded, err error) {
	a.Receipt, err = s.change(ctx, "refund", &r.RequestID, &r, &a, append(account, "id", "money")...)
	return a, err
}

// ReportLost blocks a card.
func (s *Sandy) ReportLost(ctx context.Context, r LossRequest) (a Stated, err error) {
	a.Receipt, err = s.change(ctx, "report_lost", &r.RequestID, &r, &a, "card_id", "card_status")
	return a, err
}

// CancelLost lets a lost card be used again.
func (s *Sandy) CancelLost(ctx context.Context, r LossRequest) (a Stated, err error) {
	a.Receipt, err = s.change(ctx, "cancel_lost", &r.RequestID, &r, &a, "card_id", "card_status")
	return a, err
}

// Request tells what became of a request at an endpoint, and does nothing.
func (s *Sandy) Request(ctx context.Context, endpoint, id string) (Done, error) {
	return look[Done](ctx, s, "request", map[string]string{"endpoint": endpoint, "request_id": id}, "done")
}
