package metrics_test

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tongka/internal/httpd"
	"tongka/internal/metrics"
)

// TestMetrics: everything that happens is counted, and nothing that a caller sent, nor who it was, is in the metrics
// (invariant 45).
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
	hooks := m.Webhooks()
	hooks.Tried(true)
	hooks.Tried(true)
	hooks.Tried(false)
	hooks.Paused()
	m.BackedUp(func() time.Time { return time.Unix(1_700_000_000, 0) })
	m.CertificateExpires(func() time.Time { return time.Unix(1_800_000_000, 0) })
	serve(m, "/thing/13800138000?phone=13800138000", "/13800138000")
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
		`tongka_webhook_tries_total{delivered="yes"} 2`,
		`tongka_webhook_tries_total{delivered="no"} 1`,
		`tongka_webhooks_paused_total 1`,
		`tongka_backup_timestamp_seconds 1.7e+09`,
		`tongka_tls_certificate_expiry_timestamp_seconds 1.8e+09`,
		`tongka_build_info{version="v1"} 1`,
		`tongka_requests_total{dialect="d",endpoint="thing",outcome="2",status="200"} 1`,
		`tongka_requests_total{dialect="",endpoint="",outcome="",status="404"} 1`,
		`go_goroutines`,
	} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("missing: %s", want)
		}
	}
	for _, secret := range []string{"13800138000", "somebody", "192.0.2.1", "M000123"} {
		if strings.Contains(w.Body.String(), secret) {
			t.Errorf("the metrics have %s", secret)
		}
	}
}

// serve answers requests for the paths, by a dialect that notes what it learned of them.
func serve(m *metrics.Metrics, paths ...string) {
	mux := http.NewServeMux()
	mux.HandleFunc("/thing/{phone}", func(_ http.ResponseWriter, r *http.Request) {
		n := httpd.NoteOf(r.Context())
		n.Dialect, n.Endpoint, n.Outcome = "d", "thing", "2"
		n.Agent, n.Merchant, n.Reason, n.Err = "somebody", 7, "M000123", errors.New("M000123")
	})
	s := httpd.New(mux, httpd.Config{Logger: slog.New(slog.DiscardHandler), Observe: m.Request}).Handler()
	for _, path := range paths {
		s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
	}
}
