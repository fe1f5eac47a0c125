package client

import (
	"context"
	"encoding/json"
	"reflect"
	"testing"
)

// TestOurs sends every request that is Tongka's addition, and reads the answers in its contract.
func TestOurs(t *testing.T) {
	t.Parallel()
	half := Fen(3000)
	for _, c := range []struct {
		name       string
		call       func(*Sandy, context.Context) (any, error)
		sent, body string
		want       any
	}{
		{
			"refund",
			func(s *Sandy, ctx context.Context) (any, error) {
				return s.Refund(ctx, RefundRequest{RequestID: "r1", Card: "M000123", Entry: 8, Type: RefundConsume, Amount: &half})
			},
			`{"request_id":"r1","card_id":"M000123","id":8,"type":7,"money":30.00}`,
			`{"cur_score":2525,"money":30.0,"amount":"14523.80","card_id":"M000123","type":7,"id":9}`,
			Refunded{Receipt{RequestID: "r1"}, "M000123", 9, 7, 3000, 1452380, 2525},
		},
		{
			"refund",
			func(s *Sandy, ctx context.Context) (any, error) {
				return s.Refund(ctx, RefundRequest{RequestID: "r2", Card: "M000123", Of: "c-1", Type: RefundConsume})
			},
			`{"request_id":"r2","card_id":"M000123","ori_request_id":"c-1","type":7}`,
			`{"cur_score":2475,"money":80.0,"amount":"14573.80","card_id":"M000123","type":7,"id":9}`,
			Refunded{Receipt{RequestID: "r2"}, "M000123", 9, 7, 8000, 1457380, 2475},
		},
		{
			"report_lost",
			func(s *Sandy, ctx context.Context) (any, error) {
				return s.ReportLost(ctx, LossRequest{"l1", "M000123"})
			},
			`{"request_id":"l1","card_id":"M000123"}`, `{"card_id":"M000123","card_status":"挂失"}`,
			Stated{Receipt{RequestID: "l1"}, "M000123", "挂失"},
		},
		{
			"cancel_lost",
			func(s *Sandy, ctx context.Context) (any, error) {
				return s.CancelLost(ctx, LossRequest{"l2", "M000123"})
			},
			`{"request_id":"l2","card_id":"M000123"}`, `{"card_id":"M000123","card_status":"正常"}`,
			Stated{Receipt{RequestID: "l2"}, "M000123", "正常"},
		},
		{
			"request",
			func(s *Sandy, ctx context.Context) (any, error) { return s.Request(ctx, "consume", "c-2") },
			`{"endpoint":"consume","request_id":"c-2"}`,
			`{"request_id":"c-2","endpoint":"consume","done":0,"id":0,"answer":null}`,
			Done{Answer: json.RawMessage("null")},
		},
	} {
		s, sent := sandy(act{body: c.body})
		got, err := c.call(s, t.Context())
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v, %v\nwant %+v", c.name, got, err, c.want)
		}
		if try := sent.tries[0]; try.path != "/api2/member-cjb/"+c.name || try.body != c.sent {
			t.Errorf("%s: sent %s %s, want %s", c.name, try.path, try.body, c.sent)
		}
	}
}
