package metrics_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tongka/internal/httpd"
	"tongka/internal/metrics"
)

func TestMetrics(t *testing.T) {
	t.Parallel()
	m := metrics.New("v1")
	done := httpd.Done{Dialect: "member-cjb", Endpoint: "consume", Outcome: "4", Status: 200, Took: 3 * time.Millisecond}
	m.Request(done)
	m.Request(done)
	e := m.Engine()
	e.Batch(5, 7)
	e.Commit(2 * time.Millisecond)
	e.Stale()
	e.Turn()
	e.Unknown()
	days := m.Follower("day totals")
	days.Behind(12)
	days.Failed()
	m.Follower("messages")
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, want := range []string{
		`tongka_requests_total{dialect="member-cjb",endpoint="consume",outcome="4",status="200"} 2`,
		`tongka_request_seconds_bucket{dialect="member-cjb",endpoint="consume",le="0.005"} 2`,
		`tongka_request_seconds_bucket{dialect="member-cjb",endpoint="consume",le="0.0025"} 0`,
		`tongka_batch_commands_sum 5`,
		`tongka_queue_commands 7`,
		`tongka_commit_seconds_count 1`,
		`tongka_stale_total 1`,
		`tongka_turns_total 1`,
		`tongka_unknown_commits_total 1`,
		`tongka_follower_behind_entries{follower="day totals"} 12`,
		`tongka_follower_failures_total{follower="day totals"} 1`,
		`tongka_follower_failures_total{follower="messages"} 0`,
		`tongka_build_info{version="v1"} 1`,
		`go_goroutines`,
	} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("missing: %s", want)
		}
	}
}
