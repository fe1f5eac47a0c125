//go:build unix

package crashtest

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestHangingSave has the standby that commits wait for hang. It would fail if a till waited for longer than tills do,
// if one that may go on were not told from one that must ask again, if the server said for long that it is ready, or if
// it did not go on by itself.
func TestHangingSave(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	openBooks(t, site.dsn)
	s := startServer(t, site.dsn)
	ask := func(id string) (status int, took time.Duration, retry string) {
		t.Helper()
		begun := time.Now()
		body := fmt.Sprintf(`{"card_id":%q,"money":"1.00"}`, number(0))
		url := s.url + "/api2/member-cjb/consume"
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("AUTHORIZATION", token)
		req.Header.Set("CUSTOMERGUID", guid)
		req.Header.Set("Idempotency-Key", id)
		res, err := s.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(io.Discard, res.Body)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return res.StatusCode, time.Since(begun), res.Header.Get("Retry-After")
	}
	if status, _, _ := ask("before"); status != http.StatusOK {
		t.Fatalf("before: %d", status)
	}
	if err := site.standby.Freeze(); err != nil {
		t.Fatal(err)
	}
	frozen := time.Now()
	const within = 4 * time.Second // tills are told to wait 5; --patience is 2
	status, took, _ := ask("open")
	if status != http.StatusGatewayTimeout || took > within {
		t.Errorf("the one that is being saved: %d after %v, want 504 within %v", status, took, within)
	}
	status, took, retry := ask("behind")
	if status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable || retry == "" || took > within {
		t.Errorf("one behind it: %d after %v, Retry-After %q, want 429 or 503 within %v", status, took, retry, within)
	}
	unready := s.readyBecomes(t, http.StatusServiceUnavailable, 30*time.Second)
	t.Logf("not ready %v after the standby hung", unready.Sub(frozen).Round(time.Millisecond))
	if err := site.standby.Thaw(); err != nil {
		t.Fatal(err)
	}
	thawed := time.Now()
	for deadline := thawed.Add(10 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		if status, _, _ := ask("open"); status == http.StatusOK {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the standby is back, and the bill is still open: %d", status)
		}
	}
	ready := s.readyBecomes(t, http.StatusOK, 20*time.Second)
	t.Logf("ready %v after it went on", ready.Sub(thawed).Round(time.Millisecond))
}

// readyBecomes waits until /readyz answers so, and returns when it did.
func (s *server) readyBecomes(t *testing.T, want int, within time.Duration) time.Time {
	t.Helper()
	for deadline := time.Now().Add(within); ; time.Sleep(50 * time.Millisecond) {
		res, err := s.client.Get(s.url + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode == want {
			return time.Now()
		}
		if time.Now().After(deadline) {
			t.Fatalf("/readyz is %d after %v, want %d: %s", res.StatusCode, within, want, s.log)
		}
	}
}
