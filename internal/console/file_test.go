package console

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tongka/internal/ledger"
)

// patient is a browser's end of a line, which notes until when it may take what is sent.
type patient struct {
	*httptest.ResponseRecorder
	until time.Time
}

func (p *patient) SetWriteDeadline(until time.Time) error {
	p.until = until
	return nil
}

// Every file that is sent at once may take longer than a page.
func TestFilesMayTakeLong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.job(1, "done", ledger.JobDone)
	b := w.signedIn("cashier")
	at, _ := b.issue([]string{"count", "1", "level", "1", "numbers", "drawn", "prefix", "6", "passwords", "yes", "at", "11"})
	for _, c := range []struct {
		who    string
		method string
		path   string
	}{
		{"admin", "GET", "/console/m/1/jobs/done/files/out.csv"},
		{"cashier", "POST", strings.Replace(at, "/jobs/", "/series/", 1) + "/file"},
		{"admin", "GET", "/console/m/1/reports/day/shops.csv"},
		{"admin", "GET", "/console/m/1/shifts.xlsx"},
		{"admin", "GET", "/console/m/1/audit.csv"},
		{"owner", "GET", "/console/host/audit.csv"},
	} {
		line := &patient{ResponseRecorder: httptest.NewRecorder()}
		w.handler.ServeHTTP(line, w.signedIn(c.who).request(c.method, c.path, nil))
		if line.Code != 200 || !strings.Contains(line.Header().Get("Content-Disposition"), "filename=") {
			t.Errorf("%s: %d", c.path, line.Code)
		}
		if left := time.Until(line.until); left < patienceAtLast-time.Minute {
			t.Errorf("%s: the line is cut after %v", c.path, left)
		}
	}
}

// Whoever may not look at cards takes none out.
func TestExportTakesReading(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.grant(11, ledger.MayExport)
	got := b.get("/console/m/1/cards.csv")
	if got.Code != http.StatusForbidden || strings.Contains(got.Body.String(), "6001") {
		t.Errorf("without reading: %d", got.Code)
	}
	if got := b.post("/console/m/1/cards.csv", "request", "r"); got.Code != http.StatusForbidden {
		t.Errorf("as a job: %d", got.Code)
	}
}
