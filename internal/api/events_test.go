package api

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tongka/internal/command"
)

// stream opens a stream of events, and returns what reads the next one: its id, type and data.
func (w *world) stream(ctx context.Context, key, base, query, last string) (next func() [3]string, status int) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/v1/events/stream"+query, nil)
	w.must(err)
	r.Header.Set("Authorization", "Bearer "+key)
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	answer, err := http.DefaultClient.Do(r)
	w.must(err)
	w.t.Cleanup(func() { _ = answer.Body.Close() })
	lines := bufio.NewScanner(answer.Body)
	return func() (e [3]string) {
		for lines.Scan() && (e[0] == "" || lines.Text() != "") {
			for i, name := range []string{"id: ", "event: ", "data: "} {
				if value, ok := strings.CutPrefix(lines.Text(), name); ok {
					e[i] = value
				}
			}
		}
		return e
	}, answer.StatusCode
}

// A stream has what happens from now on, or behind what was received last: each event once, in order, none left out. It
// ends with the program, and a key has only some at a time.
func TestStream(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stop := make(chan struct{})
	w.api.cfg.Stop = stop
	srv := httptest.NewServer(w.handler)
	defer srv.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	before := w.entries()
	next, status := w.stream(ctx, keyAll, srv.URL, "", "")
	if status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	const n = 50
	go func() {
		for range n {
			if _, err := w.engine.Do(ctx, command.Recharge{Merchant: 1, Card: "6002", Amount: 1_00, PayType: 1}); err != nil {
				t.Error(err)
			}
		}
	}()
	for i := range n {
		e := next()
		if want := fmt.Sprint(before + 1 + i); e[0] != want || e[1] != "recharge" ||
			!strings.Contains(e[2], `"id":"evt_1_`+want+`_`) {
			t.Fatalf("event %d: %q", i, e)
		}
	}
	again, _ := w.stream(ctx, keyAll, srv.URL, "?type=recharge", fmt.Sprint(before+n-1))
	if e := again(); e[0] != fmt.Sprint(before+n) {
		t.Errorf("behind the last but one: %q", e)
	}
	for range streamsMost - 2 {
		w.stream(ctx, keyAll, srv.URL, "", "")
	}
	if _, status := w.stream(ctx, keyAll, srv.URL, "", ""); status != http.StatusTooManyRequests {
		t.Errorf("one stream too many: %d", status)
	}
	close(stop)
	if e := next(); e[0] != "" {
		t.Errorf("after the end: %q", e)
	}
}
