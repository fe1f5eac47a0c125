package console

import (
	"net/http"
	"strings"
	"testing"

	"tongka/internal/ledger"
)

// noFiles are the pages that show a list or a table and no file of it, and why.
var noFiles = map[string]string{
	"GET /console/m/{merchant}/{$}":         "figures of today, each of which leads to a report with a file",
	"GET /console/me":                       "where the person is signed in",
	"GET /console/host/books":               "checks and backups are jobs, and in the file of these",
	"GET /console/host/server":              "what the server was started with",
	"GET /console/m/{merchant}/integration": "leads to the requests and the checklist of each till",

	"GET /console/m/{merchant}/cards/{card}":         "one card; its entries are in the file of entries",
	"GET /console/m/{merchant}/proposals/{proposal}": "one proposal",
	"GET /console/m/{merchant}/webhooks/{webhook}":   "its newest tries; all of them have a page with a file",
	"GET /console/m/{merchant}/keys/{key}":           "what was changed of one key: the audit has it",
	"GET /console/host/agents/{agent}":               "one agent",
	"GET /console/host/merchants/{merchant}/ready":   "leads to what comes next",
	"GET /console/m/{merchant}/integration/check":    "what a till has yet to try",
	"GET /console/m/{merchant}/audit/{entry}":        "one change",
	"GET /console/host/audit/{entry}":                "one change",
}

// Every page that lists something has the list as a file, or stands in noFiles with the reason.
func TestEveryListExports(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.webhook(1)
	owner, lists, used := w.signedIn("owner"), 0, map[string]bool{}
	for _, r := range routes {
		method, path := pathOf(r, "1")
		if method != http.MethodGet || strings.Contains(r.pattern, "assets") {
			continue
		}
		got := owner.get(path)
		body := got.Body.String()
		_, main, _ := strings.Cut(body, "<main")
		if got.Code != http.StatusOK || !strings.Contains(main, "list-group-item") && !strings.Contains(main, "<table") {
			continue
		}
		lists, used[r.pattern] = lists+1, true
		has := strings.Contains(main, ".csv")
		if _, without := noFiles[r.pattern]; has == without {
			t.Errorf("%s: a list with a file: %t, and stands among those without: %t", r.pattern, has, without)
		}
	}
	for pattern := range noFiles {
		if !used[pattern] {
			t.Errorf("%s shows no list", pattern)
		}
	}
	if lists < 15 {
		t.Errorf("there are %d pages with lists only", lists)
	}
}

// The files of lists have what the lists show, and no secret; each is recorded.
func TestListsAsFiles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.webhook(1)
	owner := w.signedIn("owner")
	key := w.key()
	for path, want := range map[string]string{
		"/console/m/1/keys.csv": key.Name, "/console/m/1/webhooks.csv": w.hook().Name,
		"/console/m/1/jobs.csv": "j1", "/console/m/1/rules/levels/list/levels.csv": w.settings().Levels[0].Name,
		"/console/m/1/rules/history.csv": "", "/console/host/jobs.csv": "j1", "/console/host/agents.csv": "member-cjb",
		"/console/host/merchants.csv": w.settings().Name,
	} {
		at := ledger.MerchantID(1)
		if strings.HasPrefix(path, "/console/host/") {
			at = ledger.HostID
		}
		before := w.newestAt(at)
		got := owner.get(path)
		body, now := got.Body.String(), w.newestAt(at)
		if got.Code != http.StatusOK || !strings.Contains(body, want) || now.ID == before.ID ||
			now.Kind != ledger.DataExported {
			t.Errorf("%s: status %d, newest entry %v\n%s", path, got.Code, now.Kind, body)
		}
		if strings.Contains(body, "?k=1") { // what a query of an address says may be secret
			t.Errorf("%s: %s", path, body)
		}
	}
	for _, path := range []string{"merchant/list/merchant.csv", "nothing/list/nothing.csv", "levels/list/levels.pdf"} {
		if got := owner.get("/console/m/1/rules/" + path); got.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.Code)
		}
	}
	// A list without the permission to export has no links.
	reader := w.grantAt1(ledger.MayRead | ledger.MayPeople | ledger.MaySettings)
	for _, page := range []string{"keys", "webhooks", "rules/levels", "rules/history", "jobs"} {
		if got := reader.get("/console/m/1/" + page); got.Code != http.StatusOK || strings.Contains(got.Body.String(), ".csv") {
			t.Errorf("%s: status %d", page, got.Code)
		}
	}
}
