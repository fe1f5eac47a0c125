package console

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/chromedp/chromedp"

	"tongka/internal/auth"
	"tongka/internal/browsertest"
	"tongka/internal/ledger"
)

// What is tested of jobs is what all kinds have in common.
func init() {
	jobKinds["test"] = &jobKind{
		title: text{"试验", "Trial"}, needs: ledger.MayExport, files: map[string]text{"out.csv": {"名单", "List"}},
		result: func(v jobView) templ.Component { return templ.Raw("<p>" + v.Result + "</p>") },
	}
}

// job adds a job of the person admin.
func (w *world) job(merchant ledger.MerchantID, id string, state ledger.JobState) {
	w.t.Helper()
	j := ledger.Job{
		Merchant: merchant, ID: id, Kind: "test", Ask: "{}", Person: 2, At: w.clock(), State: state, Done: 30, Total: 120,
		Result: `"canary-result"`,
	}
	if j.Ended() {
		j.EndedAt = w.clock()
	} else {
		j.Until = w.clock()
	}
	w.must(w.store.AddJob(w.t.Context(), j,
		ledger.JobFile{Name: "out.csv", Type: "text/csv", Content: []byte("canary-file")},
		ledger.JobFile{Name: "in.csv", Type: "text/csv", Content: []byte("canary-upload")}))
}

// A job's page says how far it is, ends it, and gives what it left and nothing else.
func TestJobPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.job(1, "waits", ledger.JobWaits)
	w.job(1, "runs", ledger.JobRuns)
	w.job(1, "done", ledger.JobDone)
	w.job(1, "failed", ledger.JobFailed)
	admin := w.signedIn("admin")
	for id, want := range map[string][2]string{
		"waits": {wJobWaits.Zh, wJobCancel.Zh}, "runs": {"30 / 120", `value="25"`}, "done": {"canary-result", "files/out.csv"},
		"failed": {wJobBroke.Zh, "30 / 120"},
	} {
		body := admin.get("/console/m/1/jobs/" + id).Body.String()
		if !strings.Contains(body, want[0]) || !strings.Contains(body, want[1]) || strings.Contains(body, "in.csv") {
			t.Errorf("%s: %s", id, body)
		}
	}
	list := admin.get("/console/m/1/jobs").Body.String()
	if strings.Count(list, "list-group-item") != 4 || !strings.Contains(list, "试验") {
		t.Errorf("the list: %s", list)
	}
	if list := w.signedIn("cashier").get("/console/m/1/jobs").Body.String(); !strings.Contains(list, wNoJobs.Zh) {
		t.Errorf("a cashier's list: %s", list)
	}
	got := admin.get("/console/m/1/jobs/done/files/out.csv")
	if got.Body.String() != "canary-file" || !strings.Contains(got.Header().Get("Content-Disposition"), "out.csv") {
		t.Errorf("the file: %q", got.Body)
	}
	for _, path := range []string{"done/files/in.csv", "done/files/none", "runs/files/out.csv", "none", "none/files/out.csv"} {
		if got := admin.get("/console/m/1/jobs/" + path); got.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.Code)
		}
	}
	for id, want := range map[string]ledger.JobState{
		"waits": ledger.JobCancelled, "runs": ledger.JobRuns, "done": ledger.JobDone,
	} {
		if got := admin.post("/console/m/1/jobs/" + id + "/cancel"); got.Code != http.StatusSeeOther {
			t.Errorf("%s: %d", id, got.Code)
		}
		j, _, _ := w.store.Job(t.Context(), 1, id)
		if j.State != want || j.Cancelled != (id != "done") {
			t.Errorf("%s was cancelled: %+v", id, j)
		}
	}
}

// A job that an agent has asked for is listed under its name, and is done as long as it may have it done.
func TestJobsOfAgents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := ledger.Agent{
		ID: 40, Name: "ERP <b>", TokenHash: auth.Hash("erp"), Owner: 1, Shops: []ledger.ShopID{11},
		Grants: []ledger.Grant{{Merchant: 1, Permissions: ledger.MayExport}},
	}
	j := ledger.Job{
		Merchant: 1, ID: "agents", Kind: "test", Ask: "{}", Agent: key.ID, Shop: 11, At: w.clock(), State: ledger.JobWaits,
	}
	w.must(w.store.AddJob(t.Context(), j))
	may := func(change func(*ledger.Agent), j ledger.Job) bool {
		changed := key
		change(&changed)
		w.must(errors.Join(w.store.SaveAgent(t.Context(), changed), w.dir.Refresh(t.Context())))
		return MayHaveDone(&j, w.dir, ledger.DateOf(w.clock().UTC()))
	}
	elsewhere, others := j, j
	elsewhere.Shop, others.Merchant = 12, 2
	if may(func(a *ledger.Agent) { a.Stopped = true }, j) || may(func(a *ledger.Agent) { a.Until = 2020_01_01 }, j) ||
		may(func(a *ledger.Agent) {
			a.Grants = []ledger.Grant{{Merchant: 1, Permissions: ledger.MayRead}}
		}, j) || may(func(*ledger.Agent) {}, elsewhere) || may(func(*ledger.Agent) {}, others) {
		t.Error("a job is done that its agent may not have done")
	}
	if !may(func(*ledger.Agent) {}, j) {
		t.Error("an agent's job is not done")
	}
	admin := w.signedIn("admin")
	for _, path := range []string{"jobs", "jobs/agents"} {
		if page := admin.get("/console/m/1/" + path).Body.String(); !strings.Contains(page, "ERP &lt;b&gt;") {
			t.Errorf("%s does not name the agent: %s", path, page)
		}
	}
}

// A form that is sent twice is one job, of whoever sent it.
func TestJobIsBegunOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := route{"POST /console/m/{merchant}/trial", "trial", inside, ledger.MayExport, func(c *call) error {
		return c.begin("test", c.r.FormValue("request"), map[string]int{"a": 1}, ledger.JobFile{Name: "in.csv"})
	}}
	mux := http.NewServeMux()
	mux.Handle("/", w.handler)
	mux.HandleFunc(r.pattern, func(rw http.ResponseWriter, req *http.Request) { w.console.answer(r, rw, req) })
	w.handler = mux
	admin := w.signedIn("admin")
	first := admin.post("/console/m/1/trial", "request", "abc").Header().Get("Location")
	if again := admin.post("/console/m/1/trial", "request", "abc").Header().Get("Location"); again != first {
		t.Errorf("sent twice: %s and %s", first, again)
	}
	if other := w.signedIn("owner").post("/console/m/1/trial", "request", "abc").Header().Get("Location"); other == first {
		t.Error("another person's form is the same job")
	}
	found, err := w.store.Jobs(t.Context(), ledger.JobQuery{Merchant: 1, Limit: 9})
	w.must(err)
	if len(found) != 2 || !json.Valid([]byte(found[0].Ask)) || found[0].State != ledger.JobWaits {
		t.Errorf("jobs: %+v", found)
	}
}

// A job's page follows the job by itself, on a phone and at a desk.
func TestJobInTheBrowser(t *testing.T) {
	t.Parallel()
	w, srv := inBrowser(t, true)
	w.job(1, "runs", ledger.JobWaits)
	w.job(1, "failed", ledger.JobFailed)
	for name, size := range map[string]browsertest.Size{"phone": browsertest.Phone, "desktop": browsertest.Desktop} {
		tab := browsertest.New(t, size)
		enter(tab, srv.URL, "admin", "zh", "header")
		tab.Do(chromedp.Navigate(srv.URL+"/console/m/1/jobs/runs"), chromedp.WaitVisible("#job", chromedp.ByQuery))
		look := func(page string) {
			t.Helper()
			tab.Fits()
			tab.Accessible()
			tab.Save("job-" + name + "-" + page)
		}
		if name == "phone" {
			tab.Dark(true)
		}
		if j, _, _ := w.store.Job(t.Context(), 1, "runs"); !j.Ended() {
			look("runs")
			// What was asked before it is cancelled stays while the page follows the job.
			tab.Do(chromedp.Click("#cancel summary", chromedp.ByQuery),
				chromedp.Evaluate(`document.querySelector("#job").dataset.old = "yes"`, nil),
				chromedp.WaitVisible("#job:not([data-old])", chromedp.ByQuery))
			var asks bool
			if tab.Do(chromedp.Evaluate(`document.querySelector("#cancel details").open`, &asks)); !asks {
				t.Error("the question is gone")
			}
			look("cancel")
			w.must(w.store.ClaimJob(t.Context(), j, w.clock()))
			j.Turn, j.State, j.Done = j.Turn+1, ledger.JobDone, j.Total
			w.must(w.store.EndJob(t.Context(), j))
		}
		tab.Do(chromedp.WaitVisible("#job a[download]", chromedp.ByQuery))
		look("done")
		tab.Do(chromedp.Navigate(srv.URL+"/console/m/1/jobs/failed"), chromedp.WaitVisible(".alert-danger", chromedp.ByQuery))
		look("failed")
		tab.Do(chromedp.Navigate(srv.URL+"/console/m/1/jobs"), chromedp.WaitVisible(".list-group", chromedp.ByQuery))
		look("list")
	}
}
