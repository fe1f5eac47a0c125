package sandy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

// doFunc is a Doer that fails in ways a real one can hardly be made to.
type doFunc func(context.Context, command.Command) (command.Changes, error)

func (f doFunc) Do(ctx context.Context, c command.Command) (command.Changes, error) { return f(ctx, c) }

// broken returns the demo over a Doer that fails.
func broken(t *testing.T, do doFunc, cfg Config) *world {
	w := demoWorld(t)
	w.serve(do, cfg, slog.New(slog.NewJSONHandler(w.log, nil)), func() time.Time { return w.now })
	return w
}

const consumeBody = `{"card_id":"wx001","money":1}`

// TestFailure: the caller gets a request id and nothing else; the log gets the rest.
func TestFailure(t *testing.T) {
	t.Parallel()
	w := broken(t, func(context.Context, command.Command) (command.Changes, error) {
		return command.Changes{}, errors.New("disk full")
	}, Config{})
	got := w.ask("test", guidPage, "consume", consumeBody)
	if got.Code != 500 || got.Body.String() != `{"errcode":"500","errmsg":"内部错误"}` {
		t.Errorf("got %d %s", got.Code, got.Body)
	}
	id := got.Header().Get("X-Request-Id")
	if log := w.log.String(); id == "" || !strings.Contains(log, id) || !strings.Contains(log, "disk full") ||
		!strings.Contains(log, `"level":"ERROR"`) {
		t.Errorf("request %q is not in the log as a failure: %s", id, log)
	}
}

// TestPanic: a bug is answered like any failure, and the server goes on.
func TestPanic(t *testing.T) {
	t.Parallel()
	w := broken(t, func(context.Context, command.Command) (command.Changes, error) { panic("a bug") }, Config{})
	wantFault(t, w.ask("test", guidPage, "consume", consumeBody), 500, "500", "内部错误")
	if !strings.Contains(w.log.String(), "panic: a bug") {
		t.Errorf("the log does not tell: %s", w.log)
	}
	wantFault(t, w.ask("test", guidPage, "getcardinfo", `{"card_id":"wx001"}`), 200, "", "")
}

// TestBusy: if the queue is full, the answer comes at once and says when to try again.
func TestBusy(t *testing.T) {
	t.Parallel()
	w := broken(t, func(context.Context, command.Command) (command.Changes, error) {
		return command.Changes{}, engine.ErrBusy
	}, Config{})
	got := w.ask("test", guidPage, "consume", consumeBody)
	wantFault(t, got, 429, "429", "系统繁忙,请稍后再试")
	if got.Header().Get("Retry-After") != "1" {
		t.Errorf("Retry-After is %q", got.Header().Get("Retry-After"))
	}
}

// TestGone: a caller who hung up is not counted as a failure.
func TestGone(t *testing.T) {
	t.Parallel()
	w := broken(t, func(ctx context.Context, _ command.Command) (command.Changes, error) {
		return command.Changes{}, fmt.Errorf("outcome open: %w", ctx.Err())
	}, Config{})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, Base+"consume", strings.NewReader(consumeBody))
	r.Header.Set("AUTHORIZATION", "test")
	r.Header.Set("CUSTOMERGUID", guidPage)
	w.send(r)
	if log := w.log.String(); !strings.Contains(log, `"outcome":"gone"`) || strings.Contains(log, `"level":"ERROR"`) {
		t.Errorf("got %s", log)
	}
}

// TestUnknownClient: a list of addresses does not have a client of whom a trusted proxy on this machine says nothing
// that can be read, even if it has the proxy.
func TestUnknownClient(t *testing.T) {
	t.Parallel()
	w := demoWorld(t)
	if err := w.store.SaveAgent(t.Context(), ledger.Agent{
		ID: 9, Name: "listed", TokenHash: auth.Hash("listed"), Grants: everything(10000), Allow: []string{"127.0.0.1", "203.0.113.9"},
	}); err != nil {
		t.Fatal(err)
	}
	w.serve(nil, Config{}, slog.New(slog.NewJSONHandler(w.log, nil)), func() time.Time { return w.now })
	w.behind()
	for _, test := range []struct {
		forwarded []string
		in        bool
	}{
		{[]string{"203.0.113.9:4711"}, true}, {[]string{"127.0.0.1"}, true}, {[]string{"203.0.113.8:4711"}, false},
		{nil, false}, {[]string{""}, false}, {[]string{"unknown"}, false}, {[]string{"203.0.113.9, unknown"}, false},
	} {
		r := httptest.NewRequest(http.MethodGet, Base+"cardlevellist", nil)
		r.Header = http.Header{
			"Authorization": {"listed"}, "Customerguid": {guidPage}, "X-Forwarded-For": test.forwarded,
		}
		got := w.send(r)
		if in := !strings.Contains(got.Body.String(), faultUnknown.text); in != test.in {
			t.Errorf("forwarded for %q: got %d %s", test.forwarded, got.Code, got.Body)
		}
	}
}

// TestRates: a second request at the same moment is refused, first for the agent, then for the address.
func TestRates(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]func(func() time.Time) Config{
		"agent": func(clock func() time.Time) Config {
			return Config{ByAgent: auth.NewLimiter[ledger.AgentID](auth.Limit{PerSecond: 1}, clock)}
		},
		"address": func(clock func() time.Time) Config {
			return Config{ByAddress: auth.NewLimiter[netip.Addr](auth.Limit{PerSecond: 1}, clock)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := time.Unix(1795320000, 0)
			w := broken(t, nil, cfg(func() time.Time { return now }))
			wantFault(t, w.ask("test", guidPage, "cardlevellist", ""), 200, "", "")
			got := w.ask("test", guidPage, "cardlevellist", "")
			wantFault(t, got, 429, "429", "请求过于频繁,请稍后再试")
			if got.Header().Get("Retry-After") != "1" {
				t.Errorf("Retry-After is %q", got.Header().Get("Retry-After"))
			}
			wantOther := 200
			if name == "address" {
				wantOther = 429
			}
			if got := w.ask("reader-token", guidPage, "cardlevellist", ""); got.Code != wantOther {
				t.Errorf("another agent got %d, want %d", got.Code, wantOther)
			}
			now = now.Add(time.Second)
			wantFault(t, w.ask("test", guidPage, "cardlevellist", ""), 200, "", "")
		})
	}
}

// TestBodyTooLarge: a body over the limit is refused, and no part of it is carried out.
func TestBodyTooLarge(t *testing.T) {
	t.Parallel()
	w := demoWorld(t)
	body := `{"card_id":"wx001","money":1,"padding":"` + strings.Repeat("x", 64<<10) + `"}`
	wantFault(t, w.ask("test", guidPage, "consume", body), 200, "400", "参数错误:请求内容过大")
	if got := w.ask("test", guidPage, "getcardinfo", `{"card_id":"wx001"}`); !strings.Contains(got.Body.String(),
		`"amount":1310.0`) {
		t.Errorf("got %s", got.Body)
	}
}

// TestByteOrderMark: tills on Windows often send one.
func TestByteOrderMark(t *testing.T) {
	t.Parallel()
	w := demoWorld(t)
	wantFault(t, w.ask("test", guidPage, "getcardinfo", "\xef\xbb\xbf"+`{"card_id":"wx001"}`), 200, "", "")
}

// TestWholeSeconds: an entry within the last second asked for is listed, one in the next second is not.
func TestWholeSeconds(t *testing.T) {
	t.Parallel()
	w := demoWorld(t)
	start := w.now
	for _, after := range []time.Duration{750 * time.Millisecond, 999 * time.Millisecond, time.Second} {
		w.now = start.Add(after)
		wantFault(t, w.ask("test", guidPage, "consume", consumeBody), 200, "", "")
	}
	body := fmt.Sprintf(`{"card_id":"wx001","event_type":7,"start_timestamp":%d,"end_timestamp":"%[1]d"}`, start.Unix())
	if got := w.ask("test", guidPage, "getcardhis", body); !strings.Contains(got.Body.String(), `"pages":2.0`) {
		t.Errorf("want the two of that second, got %s", got.Body)
	}
}

// TestOnceInARace: of many simultaneous requests with one id, one is carried out and all get the same answer
// (invariants 14 and 16). It goes over real connections.
func TestOnceInARace(t *testing.T) {
	t.Parallel()
	w := demoWorld(t)
	server := httptest.NewServer(w.handler)
	t.Cleanup(server.Close)
	const racers = 64
	answers := make([]string, racers)
	var running sync.WaitGroup
	for i := range racers {
		running.Go(func() {
			r, err := http.NewRequest(http.MethodPost, server.URL+Base+"recharge",
				strings.NewReader(`{"card_id":"wx001","money":"100","pay_type":1}`))
			if err != nil {
				answers[i] = err.Error()
				return
			}
			r.Header["AUTHORIZATION"] = []string{"test"}
			r.Header["CUSTOMERGUID"] = []string{guidPage}
			r.Header["idempotency-key"] = []string{"one"}
			got, err := server.Client().Do(r)
			if err != nil {
				answers[i] = err.Error()
				return
			}
			body, err := io.ReadAll(got.Body)
			answers[i] = fmt.Sprint(string(body), errors.Join(err, got.Body.Close()))
		})
	}
	running.Wait()
	const want = `{"cur_score":0,"add_money":10.0,"amount":"1420.00","add_score":0.0,"card_id":"wx001"}<nil>`
	for i, got := range answers {
		if got != want {
			t.Errorf("racer %d got %s, want %s", i, got, want)
		}
	}
	got := w.ask("test", guidPage, "getcardhis", `{"card_id":"wx001","event_type":6}`)
	if !strings.Contains(got.Body.String(), `"pages":1.0`) {
		t.Errorf("want one recharge, got %s", got.Body)
	}
}
