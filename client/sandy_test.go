package client

import (
	"context"
	"errors"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const (
	consumed = `{"cur_score":2555,"ori_money":100.0,"amount":"14493.80","discount_money":20.0,"card_money":80.0,` +
		`"discount":0.8,"depot_money":0,"card_id":"M000123","act_money":80.0}`
	short  = `{"errcode":"4","errmsg":"余额不足"}`
	undone = `{"errcode":"503","errmsg":"系统暂不可用,本次未处理,请稍后再试"}`
	busy   = `{"errcode":"429","errmsg":"系统繁忙,请稍后再试"}`
	fault  = `{"errcode":"500","errmsg":"内部错误"}`
	html   = "<html><h1>502 Bad Gateway</h1>"
)

// change is what happens to each try of a bill, its outcome, and the number of tries.
type change struct {
	name  string
	acts  []act
	tries int
	want  string
}

func changes() []change {
	ok, lost, dial := act{body: consumed}, act{err: errLost}, act{err: errDial}
	return []change{
		{"answered", []act{ok}, 1, "ok"},
		{"refused", []act{{body: short}}, 1, "4 余额不足"},
		{"errcode as a number", []act{{body: `{"errcode":4,"errmsg":"余额不足"}`}}, 1, "4 余额不足"},
		{"answer lost", []act{lost, ok}, 2, "ok"},
		{"answer cut", []act{{body: consumed[:40], cut: true}, ok}, 2, "ok"},
		{"failure", []act{{status: 500, body: fault}, ok}, 2, "ok"},
		{"gateway", []act{{status: 502, body: html}, {status: 503, cut: true}, ok}, 3, "ok"},
		{"busy", []act{{status: 429, body: busy, after: "1"}, ok}, 2, "ok"},
		{"too many", []act{{status: 429, body: busy}}, 1, "429 系统繁忙,请稍后再试 (HTTP 429)"},
		{"not done", []act{{status: 503, body: undone}, ok}, 2, "ok"},
		{"never done", []act{{status: 503, body: undone}}, 4, "503 系统暂不可用,本次未处理,请稍后再试 (HTTP 503)"},
		{"lost, then not done", []act{lost, {status: 503, body: undone}}, 4, "unsure 503 系统暂不可用,本次未处理,请稍后再试 (HTTP 503)"},
		{
			"open", []act{{status: 504, body: `{"errcode":"504","errmsg":"处理结果未知,请用相同请求编号再次请求"}`}}, 4,
			"unsure 504 处理结果未知,请用相同请求编号再次请求 (HTTP 504)",
		},
		{"never connected", []act{dial}, 4, "not connected"},
		{"always busy", []act{{status: 429, body: busy, after: "1"}}, 4, "429 系统繁忙,请稍后再试 (HTTP 429)"},
		{"always lost", []act{lost}, 4, "unsure lost"},
		{"always a failure", []act{{status: 500, body: fault}}, 4, "unsure 500 内部错误 (HTTP 500)"},
		{"lost, then not connected", []act{lost, dial}, 4, "unsure not connected"},
		{"lost, then busy", []act{lost, {status: 429, body: busy, after: "1"}}, 4, "unsure 429 系统繁忙,请稍后再试 (HTTP 429)"},
		{"lost, then refused", []act{lost, {body: short}}, 2, "4 余额不足"},
		{"lost, then the licence is over", []act{lost, {body: `{"errcode":"300","errmsg":"系统过期"}`}}, 2, "unsure 300 系统过期"},
		{
			"lost, then denied", []act{lost, {status: 403, body: `{"errcode":"403","errmsg":"没有权限"}`}}, 2,
			"unsure 403 没有权限 (HTTP 403)",
		},
		{"denied", []act{{status: 403, body: `{"errcode":"403","errmsg":"没有权限"}`}}, 1, "403 没有权限 (HTTP 403)"},
		{"failure with HTTP 200", []act{{body: fault}}, 1, "unsure 500 内部错误"},
		{"gateway says no", []act{{status: 413, body: html}}, 1, "Request Entity Too Large (HTTP 413)"},
		{"redirect", []act{{status: 302, header: "Location: http://elsewhere.test/"}}, 1, "Found (HTTP 302)"},
		{"not JSON, then answered", []act{{body: html}, ok}, 2, "ok"},
		{"not JSON", []act{{body: html}}, 4, "unsure unreadable"},
		{"empty", []act{{}}, 4, "unsure unreadable"},
		{"no content", []act{{status: 204}}, 4, "unsure unreadable"},
		{"null", []act{{body: " null\n"}}, 4, "unsure unreadable"},
		{"a list", []act{{body: "[]"}}, 1, "unsure unreadable"},
		{"nothing in it", []act{{body: "{}"}}, 1, "unsure unreadable"},
		{"no balance", []act{{body: strings.Replace(consumed, "amount", "amounts", 1)}}, 1, "unsure unreadable"},
		{"balance is null", []act{{body: strings.Replace(consumed, `"14493.80"`, "null", 1)}}, 1, "unsure unreadable"},
		{"balance is no number", []act{{body: strings.Replace(consumed, "14493.80", "14493,80", 1)}}, 1, "unsure unreadable"},
		{"balance is a list", []act{{body: strings.Replace(consumed, `"14493.80"`, `[1]`, 1)}}, 1, "unsure unreadable"},
		{"two answers", []act{{body: consumed + consumed}}, 4, "unsure unreadable"},
		{"too long", []act{{body: consumed + strings.Repeat(" ", maxAnswer)}}, 1, "unsure too long"},
	}
}

// TestChange tests the package's promise: which requests are repeated, always under the same id, and what the
// caller gets if all answers are lost.
func TestChange(t *testing.T) {
	t.Parallel()
	for _, tt := range changes() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, sent := sandy(tt.acts...)
				got, err := s.Consume(t.Context(), ConsumeRequest{Card: "M000123", Amount: 10000})
				if outcome(err) != tt.want || len(sent.tries) != tt.tries {
					t.Errorf("got %s after %d tries (%v), want %s after %d", outcome(err), len(sent.tries), err, tt.want, tt.tries)
				}
				if err == nil && (got.Balance != 1449380 || got.Net != 8000 || got.Discount != 8000 || got.Score != 2555) {
					t.Errorf("got %+v", got)
				}
				sameAgain(t, sent.tries)
				want := `{"request_id":"` + got.RequestID + `","card_id":"M000123","money":100.00}`
				if len(got.RequestID) != 26 || sent.tries[0].body != want {
					t.Errorf("sent %s, want %s", sent.tries[0].body, want)
				}
				if u, ok := errors.AsType[Unsure](err); ok && u.RequestID != got.RequestID {
					t.Errorf("unsure of %q, asked as %q", u.RequestID, got.RequestID)
				}
			})
		})
	}
}

// TestLook: a read is repeated too, and never ends in an Unsure.
func TestLook(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		acts []act
		want string
	}{
		{[]act{{err: errLost}, {status: 500, body: fault}, {body: `[{"card_lel_name":"普通会员","id":1}]`}}, "ok"},
		{[]act{{err: errLost}}, "lost"},
		{[]act{{status: 500, body: fault}}, "500 内部错误 (HTTP 500)"},
		{[]act{{body: `{"errcode":"","errmsg":"x"}`}}, "x"},
		{[]act{{body: `null`}}, "unreadable"},
		{[]act{{body: `{}`}}, "unreadable"},
		{[]act{{body: html}}, "unreadable"},
	} {
		synctest.Test(t, func(t *testing.T) {
			s, _ := sandy(tt.acts...)
			if _, err := s.Levels(t.Context()); outcome(err) != tt.want {
				t.Errorf("%+v: got %s (%v), want %s", tt.acts, outcome(err), err, tt.want)
			}
		})
	}
}

// TestIDs: a caller's id is used, each change without one gets its own, and a repeated first answer is
// distinguished from a new one.
func TestIDs(t *testing.T) {
	t.Parallel()
	s, sent := sandy(act{body: consumed}, act{body: consumed, header: "Idempotent-Replayed: true"})
	seen := map[string]bool{}
	for i, id := range []string{"till-7-000481", "till-7-000481", "", ""} {
		got, err := s.Consume(t.Context(), ConsumeRequest{RequestID: id, Card: "M000123", Amount: 1})
		if err != nil {
			t.Fatal(err)
		}
		if got.RequestID == "" || (id != "" && got.RequestID != id) || (id == "" && seen[got.RequestID]) {
			t.Errorf("%d: asked as %q, got %q", i, id, got.RequestID)
		}
		if got.Replayed != (i > 0) {
			t.Errorf("%d: replayed is %v", i, got.Replayed)
		}
		seen[got.RequestID] = true
	}
	for _, try := range sent.tries {
		// With this header net/http would repeat a request on its own.
		if _, ok := try.header["Idempotency-Key"]; ok {
			t.Error("Idempotency-Key was sent")
		}
	}
}

// TestPauses: the server's Retry-After is respected, pauses grow, and there is no pause if the answer would come
// too late.
func TestPauses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		acts       []act
		tries      int
		ctx        func(context.Context) (context.Context, context.CancelFunc)
		from, to   time.Duration // all pauses together
		want       string
		wantTrying int
	}{
		{name: "its own", acts: []act{{err: errLost}}, from: 1750 * time.Millisecond, to: 2625 * time.Millisecond, want: "unsure lost", wantTrying: 4},
		{name: "never again", acts: []act{{err: errLost}}, tries: 1, want: "unsure lost", wantTrying: 1},
		{name: "the server's", acts: []act{{status: 429, body: busy, after: "7"}, {body: consumed}}, from: 7 * time.Second, to: 7 * time.Second, want: "ok", wantTrying: 2},
		{name: "a failing server's", acts: []act{{status: 503, after: "9"}, {body: consumed}}, from: 9 * time.Second, to: 9 * time.Second, want: "ok", wantTrying: 2},
		{name: "too long", acts: []act{{status: 429, body: busy, after: "3600"}}, want: "429 系统繁忙,请稍后再试 (HTTP 429)", wantTrying: 1},
		{name: "no number", acts: []act{{status: 429, body: busy, after: "-1"}, {body: consumed}}, from: 250 * time.Millisecond, to: 375 * time.Millisecond, want: "ok", wantTrying: 2},
		{name: "past the deadline", acts: []act{{status: 429, body: busy, after: "7"}}, ctx: within(2 * time.Second), want: "429 系统繁忙,请稍后再试 (HTTP 429)", wantTrying: 1},
		{name: "given up meanwhile", acts: []act{{err: errLost}}, ctx: cancelAfter(600 * time.Millisecond), from: 600 * time.Millisecond, to: 600 * time.Millisecond, want: "unsure context canceled", wantTrying: 2},
		{name: "given up before", acts: []act{{body: consumed}}, ctx: cancelAfter(0), want: "context canceled", wantTrying: 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, sent := sandy(tt.acts...)
				s.Tries = tt.tries
				ctx := t.Context()
				if tt.ctx != nil {
					var cancel context.CancelFunc
					ctx, cancel = tt.ctx(ctx)
					defer cancel()
					synctest.Wait()
				}
				start := time.Now()
				_, err := s.Consume(ctx, ConsumeRequest{Card: "M000123", Amount: 10000})
				if d := time.Since(start); d < tt.from || d > tt.to {
					t.Errorf("took %v, want %v to %v", d, tt.from, tt.to)
				}
				if outcome(err) != tt.want || len(sent.tries) != tt.wantTrying {
					t.Errorf("got %s after %d tries, want %s after %d", outcome(err), len(sent.tries), tt.want, tt.wantTrying)
				}
			})
		})
	}
}

func within(d time.Duration) func(context.Context) (context.Context, context.CancelFunc) {
	return func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithTimeout(ctx, d) }
}

func cancelAfter(d time.Duration) func(context.Context) (context.Context, context.CancelFunc) {
	return func(ctx context.Context) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(ctx)
		time.AfterFunc(d, cancel)
		return ctx, cancel
	}
}

// calls has a call of each endpoint, the request it sends, and how the published answer is read.
var calls = map[string]struct {
	call func(*Sandy, context.Context) (any, error)
	sent string
	want any
}{
	"cardlevellist": {
		func(s *Sandy, ctx context.Context) (any, error) { return s.Levels(ctx) },
		``, []Level{{1, "普通会员"}, {2, "高级会员"}},
	},
	"getrechargerules": {
		func(s *Sandy, ctx context.Context) (any, error) { return s.RechargeRules(ctx, "000001") },
		`{"card_id":"000001"}`,
		RechargeRules{
			[]Rule{{100, 1000, 0, "充值送10%"}, {50000, 1000000, 0, "冲500送100"}},
			[]PayType{{1, "现金"}, {2, "银行卡"}, {4, "支付宝"}, {3, "微信"}},
		},
	},
	"getcards": {
		func(s *Sandy, ctx context.Context) (any, error) { return s.Cards(ctx, "<123>") },
		`{"key":"\u003c123\u003e"}`,
		[]Card{
			{
				Number: "M000123", Balance: 1449380, Score: 2555, Name: "Chan Kan Seng", Phone: "66538536", Level: "普通卡",
				ID: 200889, Status: "正常",
			},
		},
	},
	"getcardinfo": {
		func(s *Sandy, ctx context.Context) (any, error) { return s.CardInfo(ctx, "M000123") },
		`{"card_id":"M000123"}`,
		Card{
			Number: "M000123", Balance: 1449380, Score: 2555, Name: "Chan Kan Seng", Phone: "66538536", Level: "普通卡",
			SumConsumed: 100000, SumRecharged: 52900,
		},
	},
	"getcardhis": {
		func(s *Sandy, ctx context.Context) (any, error) {
			return s.History(ctx, HistoryRequest{
				Card: "M000123", OnlyScoreChange: 1, FromUnix: 1570761560, Page: 1, PageSize: 2,
			})
		},
		`{"card_id":"M000123","only_score_change":1,"start_timestamp":1570761560,"page":1,"page_size":2}`,
		HistoryPage{[]HistoryEntry{
			{
				1003, 1570592439, 6, "聚客西餐", 10000, 11500, 1460880, 2560, "现金",
				"充值送10%:充值100.0赠送金额10.0<br/>单次送5元:充值100.0赠送金额5.0赠送积分5.0",
			},
			{1000, 1570592439, 7, "聚客西餐", 10000, 8000, 1449380, 2555, "", "8折(0.8)<br/>消费80.0,获得积分80\n"},
		}, 30, 1, 2},
	},
	"cardopen": {
		func(s *Sandy, ctx context.Context) (any, error) {
			return s.Open(ctx, OpenRequest{"r1", "12345", 1, "Mr.Wang", "186xxxxxxxx", 1})
		},
		`{"request_id":"r1","cardID":"12345","cardLevelID":1,"uname":"Mr.Wang","phone":"186xxxxxxxx","gender":1}`,
		Changed{Receipt{RequestID: "r1"}, Card{Number: "12345", Balance: 10000, Phone: "186xxxxxxxx", Shop: "ASDFG"}},
	},
	"modcardinfo": {
		func(s *Sandy, ctx context.Context) (any, error) {
			return s.Modify(ctx, ModifyRequest{RequestID: "r2", Card: "M000123", Phone: new(""), Gender: new(0)})
		},
		`{"request_id":"r2","card_id":"M000123","phone":"","gender":0}`,
		Changed{
			Receipt{RequestID: "r2"},
			Card{Number: "M000123", Balance: 1449380, Score: 2555, Name: "Chan Kan Seng", Phone: "66538536", Level: "普通卡"},
		},
	},
	"recharge": {
		func(s *Sandy, ctx context.Context) (any, error) {
			return s.Recharge(ctx, RechargeRequest{"r3", "wx001", 10000, 1})
		},
		`{"request_id":"r3","card_id":"wx001","money":100.00,"pay_type":1}`,
		Recharged{Changed{Receipt{RequestID: "r3"}, Card{Number: "12345", Balance: 142000}}, 1000, 0},
	},
	"consume": {
		func(s *Sandy, ctx context.Context) (any, error) {
			return s.Consume(ctx, ConsumeRequest{"r4", "wx001", 10000, new(Fen(0))})
		},
		`{"request_id":"r4","card_id":"wx001","money":100.00,"money_discount":0.00}`,
		Consumed{
			Changed{Receipt{RequestID: "r4"}, Card{Number: "M000123", Balance: 1449380, Score: 2555}}, 10000, 8000, 2000, 8000,
			8000, 0,
		},
	},
	"consume_score": {
		func(s *Sandy, ctx context.Context) (any, error) {
			return s.ConsumeScore(ctx, ConsumeScoreRequest{"r5", "wx001", 100})
		},
		`{"request_id":"r5","card_id":"wx001","score":100}`,
		Changed{Receipt{RequestID: "r5"}, Card{Number: "M000123", Balance: 8000, Score: 2555}},
	},
}

// TestEndpoints sends every request and reads every published answer.
func TestEndpoints(t *testing.T) {
	t.Parallel()
	files, err := os.ReadDir(publishedSandy)
	if err != nil || len(files) != len(calls) {
		t.Fatalf("%d published answers, %d calls, %v", len(files), len(calls), err)
	}
	for name, c := range calls {
		body, err := os.ReadFile(publishedSandy + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		s, sent := sandy(act{body: string(body)})
		got, err := c.call(s, t.Context())
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v, %v\nwant %+v", name, got, err, c.want)
		}
		try := sent.tries[0]
		method := http.MethodPost
		if name == "cardlevellist" {
			method = http.MethodGet
		}
		if try.method != method || try.path != "/api2/member-cjb/"+name || try.body != c.sent {
			t.Errorf("%s: sent %s %s %s, want %s", name, try.method, try.path, try.body, c.sent)
		}
		if !slices.Equal(try.header["Authorization"], []string{"test"}) ||
			!slices.Equal(try.header["Customerguid"], []string{"{G}"}) {
			t.Errorf("%s: sent header %v", name, try.header)
		}
	}
}

// TestBadBase: an invalid address is reported as a wrong setting, not as a network failure.
func TestBadBase(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "127.0.0.1:8080", "tongka.test", "ftp://tongka.test", "http://", "http://\x7f"} {
		s, sent := sandy(act{body: consumed})
		s.BaseURL = base
		_, err := s.Consume(t.Context(), ConsumeRequest{})
		if _, unsure := errors.AsType[Unsure](err); err == nil || unsure || len(sent.tries) > 0 {
			t.Errorf("%q: got %v after %d tries", base, err, len(sent.tries))
		}
	}
}
