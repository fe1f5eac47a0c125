package console

import (
	"net/http"
	"strings"
	"testing"
)

// mayUse lists who may use each route: the sign-in names of the people of newWorld, "-" for nobody signed in, and for
// routes of a merchant at the first of the two. What is not in it, nobody may use, and the test fails.
var mayUse = map[string]string{
	"GET /console/{$}":                            "owner admin manager cashier auditor stranger nothing",
	"GET /console/sign-in":                        "- owner admin manager cashier auditor stranger nothing",
	"POST /console/sign-in":                       "- owner admin manager cashier auditor stranger nothing",
	"GET /console/code":                           "- owner admin manager cashier auditor stranger nothing",
	"POST /console/code":                          "- owner admin manager cashier auditor stranger nothing",
	"POST /console/code/ask":                      "- owner admin manager cashier auditor stranger nothing",
	"POST /console/passkey":                       "- owner admin manager cashier auditor stranger nothing",
	"POST /console/passkey/ask":                   "- owner admin manager cashier auditor stranger nothing",
	"POST /console/sign-out":                      "- owner admin manager cashier auditor stranger nothing",
	"POST /console/language":                      "- owner admin manager cashier auditor stranger nothing",
	"GET /console/first":                          "", // nobody, once there is somebody
	"POST /console/first":                         "",
	"GET /console/me":                             "owner admin manager cashier auditor stranger nothing",
	"POST /console/me":                            "owner admin manager cashier auditor stranger nothing",
	"POST /console/me/password":                   "owner admin manager cashier auditor stranger nothing",
	"GET /console/me/device":                      "owner admin manager cashier auditor stranger nothing",
	"POST /console/me/device":                     "owner admin manager cashier auditor stranger nothing",
	"POST /console/me/device/drop":                "owner admin manager cashier auditor stranger nothing",
	"POST /console/me/passkey":                    "owner admin manager cashier auditor stranger nothing",
	"POST /console/me/passkey/ask":                "owner admin manager cashier auditor stranger nothing",
	"POST /console/me/passkey/drop":               "owner admin manager cashier auditor stranger nothing",
	"POST /console/me/sessions":                   "owner admin manager cashier auditor stranger nothing",
	"GET /console/host/people":                    "owner",
	"GET /console/host/people.csv":                "owner",
	"GET /console/host/people.xlsx":               "owner",
	"GET /console/host/people/new":                "owner",
	"POST /console/host/people/new":               "owner",
	"GET /console/host/people/{person}":           "owner",
	"POST /console/host/people/{person}":          "owner",
	"POST /console/host/people/{person}/password": "owner",
	"POST /console/host/people/{person}/stop":     "owner",

	"GET /console/m/{merchant}/{$}":                       "owner admin manager cashier auditor",
	"GET /console/m/{merchant}/people":                    "owner admin",
	"GET /console/m/{merchant}/people.csv":                "owner admin",
	"GET /console/m/{merchant}/people.xlsx":               "owner admin",
	"GET /console/m/{merchant}/people/new":                "owner admin",
	"POST /console/m/{merchant}/people/new":               "owner admin",
	"GET /console/m/{merchant}/people/{person}":           "owner admin",
	"POST /console/m/{merchant}/people/{person}":          "owner admin",
	"POST /console/m/{merchant}/people/{person}/password": "owner admin",
	"POST /console/m/{merchant}/people/{person}/stop":     "owner admin",

	"GET /console/m/{merchant}/cards":       "owner admin manager cashier auditor",
	"GET /console/m/{merchant}/cards.csv":   "owner admin",
	"GET /console/m/{merchant}/cards.xlsx":  "owner admin",
	"POST /console/m/{merchant}/cards.csv":  "owner admin",
	"POST /console/m/{merchant}/cards.xlsx": "owner admin",
	"GET /console/m/{merchant}/cards/new":   "owner admin manager cashier",
	"POST /console/m/{merchant}/cards/new":  "owner admin manager cashier",

	"GET /console/m/{merchant}/cards/{card}":              "owner admin manager cashier auditor",
	"GET /console/m/{merchant}/cards/{card}/slip/{entry}": "owner admin manager cashier auditor",
	"GET /console/m/{merchant}/cards/{card}/do/{act}":     "owner admin manager cashier", // recharge; the others: TestWhoMayDoWhat
	"POST /console/m/{merchant}/cards/{card}/do/{act}":    "owner admin manager cashier",
	"POST /console/m/{merchant}/cards/{card}/reveal":      "owner admin manager",

	"GET /console/m/{merchant}/proposals":             "owner admin manager",
	"GET /console/m/{merchant}/proposals/{proposal}":  "owner admin manager",
	"POST /console/m/{merchant}/proposals/{proposal}": "owner admin manager",

	"GET /console/m/{merchant}/import":                      "owner admin manager",
	"POST /console/m/{merchant}/import":                     "owner admin manager",
	"GET /console/m/{merchant}/import/template.xlsx":        "owner admin manager",
	"GET /console/m/{merchant}/import/{look}":               "owner admin manager",
	"POST /console/m/{merchant}/import/{look}":              "owner admin manager",
	"POST /console/m/{merchant}/import/{check}/confirm":     "owner admin manager",
	"POST /console/m/{merchant}/import/{import}/undo":       "owner admin manager",
	"POST /console/m/{merchant}/import/{undo}/undo/confirm": "owner admin manager",
	"GET /console/m/{merchant}/series":                      "owner admin manager cashier",
	"POST /console/m/{merchant}/series":                     "owner admin manager cashier",
	"POST /console/m/{merchant}/series/{series}/file":       "admin", // who asked for it

	"GET /console/m/{merchant}/jobs":                    "owner admin manager cashier auditor", // each sees the kinds that concern him
	"GET /console/m/{merchant}/jobs/{job}":              "owner admin",
	"POST /console/m/{merchant}/jobs/{job}/cancel":      "owner admin",
	"GET /console/m/{merchant}/jobs/{job}/files/{name}": "owner admin",
	"GET /console/host/jobs":                            "owner",
	"GET /console/host/jobs/{job}":                      "owner",
	"POST /console/host/jobs/{job}/cancel":              "owner",
	"GET /console/host/jobs/{job}/files/{name}":         "owner",

	"GET /console/m/{merchant}/audit":                      "owner admin auditor",
	"GET /console/m/{merchant}/audit/{entry}":              "owner admin auditor",
	"GET /console/m/{merchant}/audit.csv":                  "owner admin",
	"GET /console/m/{merchant}/audit.xlsx":                 "owner admin",
	"GET /console/host/audit":                              "owner",
	"GET /console/host/audit/{entry}":                      "owner",
	"GET /console/host/audit.csv":                          "owner",
	"GET /console/host/audit.xlsx":                         "owner",
	"GET /console/m/{merchant}/attention/{what}":           "owner admin manager auditor",
	"GET /console/m/{merchant}/attention/{what}/list.csv":  "owner admin",
	"GET /console/m/{merchant}/attention/{what}/list.xlsx": "owner admin",
	"GET /console/m/{merchant}/proposals.csv":              "owner admin",
	"GET /console/m/{merchant}/proposals.xlsx":             "owner admin",

	"GET /console/m/{merchant}/shifts":         "owner admin manager cashier auditor",
	"GET /console/m/{merchant}/shifts.csv":     "owner admin",
	"GET /console/m/{merchant}/shifts.xlsx":    "owner admin",
	"GET /console/m/{merchant}/shifts/close":   "owner admin manager cashier",
	"POST /console/m/{merchant}/shifts/close":  "owner admin manager cashier",
	"GET /console/m/{merchant}/shifts/{entry}": "", // entry 1 closed no shift; others: TestShiftsOfOthers

	"GET /console/m/{merchant}/books":    "owner admin auditor",
	"POST /console/m/{merchant}/books":   "owner admin auditor",
	"GET /console/host/books":            "owner",
	"POST /console/host/books":           "owner",
	"POST /console/host/backups":         "owner",
	"GET /console/host/backups/{backup}": "owner",
	"GET /console/host/server":           "owner",

	"GET /console/m/{merchant}/reports":                   "owner admin manager auditor",
	"GET /console/m/{merchant}/reports/{report}":          "owner admin manager auditor",
	"GET /console/m/{merchant}/reports/{report}/{file}":   "owner admin",
	"GET /console/m/{merchant}/entries":                   "owner admin manager auditor",
	"GET /console/m/{merchant}/entries.csv":               "owner admin",
	"GET /console/m/{merchant}/entries.xlsx":              "owner admin",
	"GET /console/m/{merchant}/rules":                     "owner admin manager cashier auditor",
	"GET /console/m/{merchant}/rules/history":             "owner admin manager cashier auditor",
	"GET /console/m/{merchant}/rules/history/{version}":   "owner admin manager cashier auditor",
	"POST /console/m/{merchant}/rules/history/{version}":  "owner admin",
	"GET /console/m/{merchant}/rules/{group}":             "owner admin manager cashier auditor",
	"GET /console/m/{merchant}/rules/{group}/{item}":      "owner admin manager cashier auditor",
	"POST /console/m/{merchant}/rules/{group}/{item}":     "owner admin",
	"POST /console/m/{merchant}/rules/{group}/{item}/try": "owner admin",

	"GET /console/host/merchants":                    "owner",
	"GET /console/host/merchants/new":                "owner",
	"POST /console/host/merchants/new":               "owner",
	"GET /console/host/merchants/{merchant}":         "owner",
	"POST /console/host/merchants/{merchant}":        "owner",
	"GET /console/host/merchants/{merchant}/levels":  "owner",
	"POST /console/host/merchants/{merchant}/levels": "owner",
	"GET /console/host/merchants/{merchant}/till":    "owner",
	"POST /console/host/merchants/{merchant}/till":   "owner",
	"GET /console/host/merchants/{merchant}/ready":   "owner",

	"GET /console/host/agents":                    "owner",
	"GET /console/host/agents/new":                "owner",
	"POST /console/host/agents/new":               "owner",
	"GET /console/host/agents/{agent}":            "owner", // and the agent's own people: TestAgentsOwnPeople
	"POST /console/host/agents/{agent}":           "owner",
	"POST /console/host/agents/{agent}/secret":    "owner",
	"POST /console/host/agents/{agent}/signature": "owner",
	"POST /console/host/agents/{agent}/stop":      "owner",

	"GET /console/m/{merchant}/keys":               "owner admin",
	"GET /console/m/{merchant}/keys/new":           "owner admin",
	"POST /console/m/{merchant}/keys/new":          "owner admin",
	"GET /console/m/{merchant}/keys/{key}":         "owner admin",
	"POST /console/m/{merchant}/keys/{key}":        "owner admin",
	"POST /console/m/{merchant}/keys/{key}/secret": "owner admin",
	"POST /console/m/{merchant}/keys/{key}/stop":   "owner admin",

	"GET /console/m/{merchant}/webhooks":                         "owner admin",
	"GET /console/m/{merchant}/webhooks/new":                     "owner admin",
	"POST /console/m/{merchant}/webhooks/new":                    "owner admin",
	"GET /console/m/{merchant}/webhooks/{webhook}":               "owner admin",
	"POST /console/m/{merchant}/webhooks/{webhook}":              "owner admin",
	"POST /console/m/{merchant}/webhooks/{webhook}/secret":       "owner admin",
	"POST /console/m/{merchant}/webhooks/{webhook}/stop":         "owner admin",
	"POST /console/m/{merchant}/webhooks/{webhook}/remove":       "owner admin",
	"POST /console/m/{merchant}/webhooks/{webhook}/pause":        "owner admin",
	"POST /console/m/{merchant}/webhooks/{webhook}/resume":       "owner admin",
	"POST /console/m/{merchant}/webhooks/{webhook}/test":         "owner admin",
	"POST /console/m/{merchant}/webhooks/{webhook}/again":        "owner admin",
	"POST /console/m/{merchant}/webhooks/{webhook}/again/cancel": "owner admin",
	"GET /console/m/{merchant}/webhooks/{webhook}/tries":         "owner admin",
	"GET /console/m/{merchant}/webhooks/{webhook}/tries.csv":     "owner admin",
	"GET /console/m/{merchant}/webhooks/{webhook}/tries.xlsx":    "owner admin",

	"GET /console/m/{merchant}/integration":                    "owner admin",
	"GET /console/m/{merchant}/integration/requests":           "owner admin",
	"GET /console/m/{merchant}/integration/requests.csv":       "owner admin",
	"GET /console/m/{merchant}/integration/requests.xlsx":      "owner admin",
	"GET /console/m/{merchant}/integration/requests/{request}": "owner admin",
	"GET /console/m/{merchant}/integration/check":              "owner admin",
	"GET /console/m/{merchant}/integration/try":                "owner admin",
	"POST /console/m/{merchant}/integration/try":               "owner admin",

	"GET /console/m/{merchant}/keys.csv":                  "owner admin",
	"GET /console/m/{merchant}/keys.xlsx":                 "owner admin",
	"GET /console/m/{merchant}/webhooks.csv":              "owner admin",
	"GET /console/m/{merchant}/webhooks.xlsx":             "owner admin",
	"GET /console/m/{merchant}/jobs.csv":                  "owner admin",
	"GET /console/m/{merchant}/jobs.xlsx":                 "owner admin",
	"GET /console/m/{merchant}/rules/history.csv":         "owner admin",
	"GET /console/m/{merchant}/rules/history.xlsx":        "owner admin",
	"GET /console/m/{merchant}/rules/{group}/list/{file}": "owner admin",
	"GET /console/host/jobs.csv":                          "owner",
	"GET /console/host/jobs.xlsx":                         "owner",
	"GET /console/host/merchants.csv":                     "owner",
	"GET /console/host/merchants.xlsx":                    "owner",
	"GET /console/host/agents.csv":                        "owner",
	"GET /console/host/agents.xlsx":                       "owner",

	"GET /console/assets/{hash}/{name}": "-", // files: the address has their hash, see the test of assets
	"/console/":                         "",
}

// pathOf returns a path of a route, for the cashier of a merchant.
func pathOf(r route, merchant string) (method, path string) {
	method, path, found := strings.Cut(r.pattern, " ")
	if !found {
		method, path = http.MethodGet, r.pattern
	}
	path = strings.Replace(path, "audit/{entry}", "audit/4", 1) // of a person of the first merchant
	path = strings.NewReplacer("{$}", "", "{merchant}", merchant, "{person}", "4", "{card}", "1", "{entry}", "1",
		"{act}", "recharge", "{report}", "day", "{file}", "shops.csv", "{group}", "levels", "{item}", "1",
		"{version}", "now", "{proposal}", "p1", "{job}", "j1", "{name}", "out.csv", "{what}", "doubles", "{agent}", "2", "{key}", "5", "{webhook}", "1",
		"{request}", "1772668800000-X", "{look}", "look", "{check}", "check", "{series}", "series",
		"{import}", "import", "{undo}", "undo",
		"{backup}", someBackup).Replace(path)
	return method, path
}

// Every route lets in those whom the table names and nobody else, and tells the others nothing.
func TestWhoMayUseWhat(t *testing.T) {
	t.Parallel()
	for _, r := range routes {
		allowed, listed := mayUse[r.pattern]
		if !listed {
			t.Errorf("%s is in no table of who may use it", r.pattern)
		}
		if strings.Contains(r.pattern, "assets") || r.pattern == "/console/" {
			continue
		}
		t.Run(r.pattern, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.cards()
			w.webhook(1)
			method, path := pathOf(r, "1")
			who := []string{"-"}
			for _, p := range people {
				who = append(who, p.SignIn)
			}
			for _, name := range who {
				b := w.tab()
				if name != "-" {
					b = w.signedIn(name)
				}
				var got int
				if method == http.MethodGet {
					got = b.get(path).Code
				} else {
					got = b.post(path, "name", "x", "at", "11").Code
				}
				denied := got == http.StatusForbidden || got == http.StatusNotFound || got == http.StatusGone
				if name == "-" && r.door != anybody {
					denied = got == http.StatusSeeOther
				}
				if want := strings.Contains(" "+allowed+" ", " "+name+" "); denied == want {
					t.Errorf("%s %s: status %d, and may use it: %t", name, path, got, want)
				}
			}
		})
	}
}

// What belongs to another merchant is answered as what is not there, to whoever has nothing to do with it.
func TestAnotherMerchantIsNotThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.webhook(2)
	for _, r := range routes {
		if r.door != inside && r.door != integrating {
			continue
		}
		for _, name := range []string{"admin", "manager", "cashier", "auditor", "nothing"} {
			b := w.signedIn(name)
			var bodies []string
			for _, merchant := range []string{"2", "77"} {
				method, path := pathOf(r, merchant)
				rec := b.get(path)
				if method == http.MethodPost {
					rec = b.post(path, "stopped", "yes")
				}
				if rec.Code != http.StatusNotFound {
					t.Errorf("%s %s: status %d", name, path, rec.Code)
				}
				bodies = append(bodies, strings.ReplaceAll(rec.Body.String(), "/m/"+merchant+"/", ""))
			}
			if bodies[0] != bodies[1] || strings.Contains(bodies[0], "canary") {
				t.Errorf("%s %s: a merchant that is not there is answered otherwise", name, r.pattern)
			}
		}
	}
}

// Nobody reaches people of another merchant by a page of his own, or changes what they may do.
func TestPeopleOfOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.signedIn("admin")
	for _, path := range []string{"/console/m/1/people/6", "/console/m/1/people/1", "/console/m/1/people/99", "/console/m/1/people/x"} {
		if got := admin.get(path); got.Code != http.StatusNotFound || strings.Contains(got.Body.String(), "canary") {
			t.Errorf("%s: %d", path, got.Code)
		}
		for _, more := range []string{"", "/password", "/stop"} {
			if got := admin.post(path+more, "stopped", "yes", "new", password+"!", "again", password+"!"); got.Code != http.StatusNotFound {
				t.Errorf("%s%s: %d", path, more, got.Code)
			}
		}
	}
	if body := admin.get("/console/m/1/people").Body.String(); strings.Contains(body, "canary") || !strings.Contains(body, "收银员") {
		t.Error("the list of people is another merchant's")
	}
	if p := w.person(6); p.Stopped || p.Version != 6 {
		t.Errorf("somebody of another merchant was changed: %+v", p)
	}
}

// A form of another site changes nothing, and every answer forbids what pages do not need.
func TestScreen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("owner")
	for _, r := range routes {
		method, path := pathOf(r, "1")
		if method != http.MethodPost {
			continue
		}
		req := b.request(method, path, strings.NewReader("stopped=yes"))
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		if got := b.serve(req); got.Code != http.StatusForbidden || !strings.Contains(got.Body.String(), wForeign.Zh) {
			t.Errorf("%s from another site: %d", path, got.Code)
		}
	}
	if p := w.person(4); p.Stopped {
		t.Error("somebody was stopped by another site")
	}
	before := w.taken()
	for _, site := range []string{"cross-site", "same-site", ""} {
		req := b.request(http.MethodGet, "/console/m/1/cards.csv", nil)
		req.Header.Set("Sec-Fetch-Site", site)
		if got := b.serve(req); got.Code != http.StatusForbidden || w.taken() != before {
			t.Errorf("a file that a page asks for %s: %d, %d entries more", site, got.Code, w.taken()-before)
		}
	}
	got := b.get("/console/me")
	if csp := got.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") ||
		strings.Contains(csp, "unsafe") || got.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("headers: %v", got.Header())
	}
}
