package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// members is a file of which one row is refused.
const members = "卡号,姓名,手机,级别,本金,积分\n7001,王五,+86 138-0013-8000,金卡,120.50,12\n7002,赵六,,普通卡,,\n6001,张三,,普通卡,1,\n"

// upload sends a file of cards to be tried.
func (w *world) upload(key, query, name, file string) *httptest.ResponseRecorder {
	w.t.Helper()
	return w.call(key, http.MethodPost, "/imports"+query, file, "Content-Type", "text/csv", "Idempotency-Key", name)
}

// step goes on with a job, and has it done.
func (w *world) step(key, id, step, name, body string) Import {
	w.t.Helper()
	at := read[Import](w, w.post(key, "/imports/"+id+"/"+step, name, body), http.StatusOK)
	w.work()
	return w.imported(key, at.ID)
}

func (w *world) imported(key, id string) Import {
	w.t.Helper()
	return read[Import](w, w.call(key, http.MethodGet, "/imports/"+id, ""), http.StatusOK)
}

// newest returns the merchant's newest entry of a kind.
func (w *world) newest(kind ledger.Kind) (last ledger.Entry) {
	w.t.Helper()
	w.must(w.store.EachEntry(w.t.Context(), 1, 0, func(e *ledger.Entry) error {
		if e.Kind == kind {
			last = *e
		}
		return nil
	}))
	return last
}

// A file is tried, imported and taken back, each once under its name; the entries name the key, and what is taken out
// is in the journal.
func TestImport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := read[Import](w, w.upload(keyShop, "?name=m.csv", "try", members), http.StatusOK)
	if first.State != "waits" || first.Kind != "trial" || first.By != (Caller{Agent: 3, Shop: 12}) || first.Name != "m.csv" {
		t.Errorf("%+v", first)
	}
	w.problem(w.post(keyShop, "/imports/"+first.ID+"/commit", "early", `{}`), 409, "job_not_ready")
	w.work()
	again := read[Import](w, w.upload(keyShop, "?name=m.csv", "try", members), http.StatusOK)
	if again.ID != first.ID || again.State != "done" || again.Done != 3 || again.Total != 3 {
		t.Errorf("sent again: %+v", again)
	}
	w.problem(w.upload(keyShop, "?name=m.csv", "try", members+"\n7003,a,,普通卡,,\n"), 422, "idempotency_key_reused")
	w.problem(w.post(keyShop, "/exports", "try", `{"format":"csv"}`), 422, "idempotency_key_reused")
	trial := w.imported(keyShop, first.ID)
	if r := trial.Result; r.Opened != 2 || r.Refused != 1 || r.Principal != 12050 || r.Errors[0].Line != 4 ||
		r.Columns[2] != (ImportColumn{"手机", "phone"}) || r.Changes[0].Examples[0].To != "13800138000" {
		t.Errorf("%+v", r)
	}
	if w.entries() != 8 {
		t.Error("the trial has done something")
	}
	if n := w.imports.Load(); n != 0 {
		t.Errorf("%d requests with rows of a file are in the log of requests", n)
	}
	file := w.call(keyShop, http.MethodGet, "/imports/"+first.ID+"/file", "").Body.String()
	if strings.Count(file, "\n") != 4 || !strings.Contains(file, "\ncard number is taken: 6001,6001,") {
		t.Errorf("the file: %s", file)
	}
	if e := w.newest(ledger.DataExported); e.Note != "reasons.csv × 3" || e.By != (ledger.Caller{Agent: 3, Shop: 12}) {
		t.Errorf("its entry: %+v", e)
	}

	done := w.step(keyShop, first.ID, "commit", "commit", `{"operator":"erp"}`)
	if done.Kind != "import" || done.Of != first.ID || done.Result.Opened != 2 || done.Result.Errors[0].Number != "6001" {
		t.Errorf("%+v %+v", done, done.Result)
	}
	if e := w.newest(ledger.BalanceOpened); e.Gross != 120_50 || e.By != (ledger.Caller{Agent: 3, Shop: 12, Operator: "erp"}) {
		t.Errorf("%+v", e)
	}
	if w.step(keyShop, first.ID, "commit", "commit", `{"operator":"erp"}`).ID != done.ID {
		t.Error("a commit that is sent again is another one")
	}
	if more := w.step(keyShop, first.ID, "commit", "other", `{}`); more.Result.Opened != 0 || more.Result.Before != 2 {
		t.Errorf("committed twice: %+v", more.Result)
	}

	takenBack(w, done.ID)
	w.problem(w.post(keyShop, "/imports/"+first.ID+"/commit", "late", `{}`), 409, "job_not_ready")
	if all := read[Imports](w, w.call(keyAll, http.MethodGet, "/imports?limit=3", ""), 200); len(all.Imports) != 3 ||
		all.Next == "" || all.Imports[0].Result != nil {
		t.Errorf("%+v", all)
	} else if rest := read[Imports](w, w.call(keyAll, http.MethodGet, "/imports?after="+all.Next, ""), 200); len(rest.Imports) != 2 {
		t.Errorf("%+v", rest)
	}
}

// takenBack takes an import of two cards back, of which one was used meanwhile and stays.
func takenBack(w *world, done string) {
	t := w.t
	t.Helper()
	w.do(command.Recharge{Merchant: 1, Card: "7002", Amount: 1_00, PayType: 1})
	would := w.step(keyAll, done, "undo?dry_run=true", "undo", `{}`) // which takes no name
	if would.Kind != "undo_trial" || would.Undone.Closed != 1 || would.Undone.Staying[0].Number != "7002" ||
		w.newest(ledger.OpeningReversed).ID != 0 {
		t.Errorf("%+v %+v", would, would.Undone)
	}
	undone := w.step(keyAll, done, "undo", "undo", `{"operator":"erp"}`)
	if undone.Undone.Closed != 1 || undone.File != "left.xlsx" || undone.Of != done {
		t.Errorf("%+v %+v", undone, undone.Undone)
	}
	if e := w.newest(ledger.OpeningReversed); e.ID == 0 || e.By.Agent != 1 || e.By.Operator != "erp" {
		t.Errorf("%+v", e)
	}
}

// What a file brings above the limit of a second person no key imports.
func TestImportTakesTwo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	to := *w.dir.Merchant(1)
	to.Settings.SecondPerson = 120_00
	w.do(command.ChangeSettings{Merchant: 1, To: to})
	w.must(w.dir.Refresh(t.Context()))
	trial := read[Import](w, w.upload(keyAll, "", "try", members), http.StatusOK)
	w.work()
	if !w.imported(keyAll, trial.ID).Result.TakesTwo {
		t.Error("the trial does not say so")
	}
	p := w.problem(w.post(keyAll, "/imports/"+trial.ID+"/commit", "commit", `{}`), 403, "needs_second_person")
	if card, err := w.store.Card(t.Context(), ledger.CardNamed(1, "7001")); card != nil || err != nil || p.About != "120.00" {
		t.Errorf("%+v %v %+v", card, err, p)
	}
}

// Files that are none, and what is said wrongly of one, are told; one that cannot be read fails in words.
func TestImportFaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.problem(w.call(keyAll, http.MethodPost, "/imports", `{}`, "Idempotency-Key", "x"), 415, "unsupported_media_type")
	w.problem(w.call(keyAll, http.MethodPost, "/imports", members, "Content-Type", "text/csv"), 400, "idempotency_key_missing")
	w.problem(w.upload(keyAll, "", "x", strings.Repeat("x", ledger.MaxJobFile+1)), 413, "too_large")
	for _, query := range []string{
		"?columns=number,nothing", "?columns=number,number,name&level=1", "?columns=number,name", "?level=9", "?shop=99",
		"?encoding=latin1", "?colums=number",
	} {
		w.problem(w.upload(keyAll, query, "x", members), 422, "invalid_request")
	}
	w.problem(w.upload(keyShop, "?shop=11", "x", members), 403, "shop_forbidden")
	w.problem(w.upload(keyAll, "", "x", ""), 400, "malformed")
	trial := read[Import](w, w.upload(keyAll, "", "x", "a,b\n1,2\n"), http.StatusOK)
	w.work()
	got := w.imported(keyAll, trial.ID)
	if got.State != "failed" || got.Failed == "" || got.Result != nil {
		t.Errorf("%+v", got)
	}
	w.problem(w.post(keyAll, "/imports/"+trial.ID+"/commit", "c", `{}`), 409, "job_not_ready")
	w.problem(w.call(keyAll, http.MethodGet, "/imports/"+trial.ID+"/file", ""), 404, "not_found")
	nothing := read[Import](w, w.upload(keyAll, "?level=1", "y", "number,name\n6001,a\n"), http.StatusOK)
	w.work()
	w.problem(w.post(keyAll, "/imports/"+nothing.ID+"/commit", "n", `{}`), 409, "job_not_ready")
}

// A job that waits ends when it is cancelled. Whoever may not act where a job works neither ends it nor takes its file.
func TestCancelJobs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	trial := read[Import](w, w.upload(keyAll, "", "try", members), http.StatusOK)
	export := read[Export](w, w.post(keyAll, "/exports", "export", `{"format":"csv"}`), http.StatusOK)
	w.problem(w.call(keyShop, http.MethodPost, "/imports/"+trial.ID+"/cancel", `{}`), 403, "shop_forbidden")
	w.problem(w.call(keyShop, http.MethodPost, "/exports/"+export.ID+"/cancel", `{}`), 403, "shop_forbidden")
	for range 2 {
		got := read[Import](w, w.call(keyAll, http.MethodPost, "/imports/"+trial.ID+"/cancel", `{}`), 200)
		if got.State != "cancelled" || got.EndedAt == nil {
			t.Errorf("%+v", got)
		}
	}
	got := read[Export](w, w.call(keyAll, http.MethodPost, "/exports/"+export.ID+"/cancel", `{}`), 200)
	if got.State != "cancelled" {
		t.Errorf("%+v", got)
	}
	w.problem(w.call(keyAll, http.MethodGet, "/exports/"+export.ID+"/file", ""), 404, "not_found")
	trial = read[Import](w, w.upload(keyAll, "", "again", members), http.StatusOK)
	w.work()
	w.problem(w.call(keyShop, http.MethodGet, "/imports/"+trial.ID+"/file", ""), 403, "shop_forbidden")
	w.problem(w.post(keyShop, "/imports/"+trial.ID+"/commit", "commit", `{"shop":12}`), 403, "shop_forbidden")
	if got := w.imported(keyShop, trial.ID); got.State != "done" || got.Result != nil || got.File != "" {
		t.Errorf("rows of others are shown: %+v", got)
	}
}

// A job that is asked for again is the same one also in another language, and for a key that may see less by then.
func TestJobAskedForAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	again := func(path, name, body string, headers ...string) (id string) {
		t.Helper()
		for _, lang := range []string{"zh", "en"} {
			got := read[Progress](w, w.call(keyShop, http.MethodPost, path, body,
				append(headers, "Idempotency-Key", name, "Accept-Language", lang)...), http.StatusOK)
			if id != "" && id != got.ID {
				t.Errorf("%s: another job", path)
			}
			id = got.ID
		}
		w.work()
		return id
	}
	trial := again("/imports?shop=12", "try", members, "Content-Type", "text/csv")
	done := again("/imports/"+trial+"/commit", "commit", `{"shop":12}`)
	again("/imports/"+done+"/undo?dry_run=true", "undo", `{"shop":12}`)
	again("/imports/"+done+"/undo", "undo", `{"shop":12}`)
	export := again("/exports", "export", `{"format":"csv"}`)
	w.must(w.store.SaveAgent(t.Context(), ledger.Agent{
		ID: 3, Name: "shop", TokenHash: auth.Hash(keyShop), Owner: 1, Shops: []ledger.ShopID{12},
		Grants: []ledger.Grant{{Merchant: 1, Permissions: ledger.MayExport}},
	}))
	w.must(w.dir.Refresh(t.Context()))
	if got := again("/exports", "export", `{"format":"csv"}`); got != export {
		t.Error("with fewer permissions it is another job")
	}
	w.problem(w.post(keyShop, "/exports", "export", `{"format":"xlsx"}`), 422, "idempotency_key_reused")
}

// A file of cards is for the key that asked for it, as long as that may see what is in it; the journal says that it was
// taken.
func TestExport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	asked := read[Export](w, w.post(keyShop, "/exports", "a", `{"format":"csv","level":2,"balance_at_least":1}`), 200)
	if asked.State != "waits" || !asked.Whole || asked.By != (Caller{Agent: 3, Shop: 12}) {
		t.Errorf("%+v", asked)
	}
	j, _, err := w.store.Job(t.Context(), 1, asked.ID)
	w.must(err)
	if !strings.Contains(j.Ask, `"Level":2`) || !strings.Contains(j.Ask, `"AtLeast":1`) {
		t.Errorf("asked for %s", j.Ask)
	}
	path := "/exports/" + asked.ID
	w.problem(w.call(keyShop, http.MethodGet, path+"/file", ""), 404, "not_found")
	w.work()
	if got := read[Export](w, w.call(keyAll, http.MethodGet, path, ""), 200); got.State != "done" || got.Cards != 4 {
		t.Errorf("%+v", got)
	}
	before := w.entries()
	w.problem(w.call(keyAll, http.MethodGet, path+"/file", ""), 404, "not_found")
	if w.entries() != before {
		t.Error("what was not sent is in the journal")
	}
	file := w.call(keyShop, http.MethodGet, path+"/file", "")
	if file.Code != 200 || file.Body.String() != "number\n6001\n" || w.newest(ledger.DataExported).Note != "cards.csv × 4" {
		t.Errorf("%d %s, %+v", file.Code, file.Body, w.newest(ledger.DataExported))
	}
	w.must(w.store.SaveAgent(t.Context(), ledger.Agent{
		ID: 3, Name: "shop", TokenHash: auth.Hash(keyShop), Owner: 1, Shops: []ledger.ShopID{12},
		Grants: []ledger.Grant{{Merchant: 1, Permissions: ledger.MayExport}},
	}))
	w.must(w.dir.Refresh(t.Context()))
	w.problem(w.call(keyShop, http.MethodGet, path+"/file", ""), 403, "forbidden")
	if read[Export](w, w.post(keyShop, "/exports", "b", `{"format":"xlsx"}`), 200).Whole {
		t.Error("phones are whole for who may not see them")
	}
}

// A program that asks for job after job is told to wait, and what it has asked for before is answered still.
func TestTooManyJobs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for n := range jobsAhead {
		read[Export](w, w.post(keyAll, "/exports", fmt.Sprint(n), `{"format":"csv"}`), http.StatusOK)
	}
	w.problem(w.upload(keyAll, "", "try", members), http.StatusTooManyRequests, "too_many_jobs")
	full := w.post(keyAll, "/exports", "more", `{"format":"csv"}`)
	w.problem(full, http.StatusTooManyRequests, "too_many_jobs")
	if got := full.Header().Get("Retry-After"); got != "10" {
		t.Errorf("Retry-After is %q", got)
	}
	read[Export](w, w.post(keyAll, "/exports", "3", `{"format":"csv"}`), http.StatusOK)
	w.work()
	read[Export](w, w.post(keyAll, "/exports", "more", `{"format":"csv"}`), http.StatusOK)
}

// A job of another merchant is not there, whatever is asked of it.
func TestJobsOfOtherMerchants(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	trial := read[Import](w, w.upload(keyAll, "", "try", members), http.StatusOK)
	export := read[Export](w, w.post(keyAll, "/exports", "export", `{"format":"csv"}`), http.StatusOK)
	w.work()
	done := w.step(keyAll, trial.ID, "commit", "commit", `{}`)
	before := w.entries()
	for _, o := range w.api.operations {
		if !strings.Contains(o.path, "{import}") && !strings.Contains(o.path, "{export}") {
			continue
		}
		body := ""
		if o.bodied {
			body = `{}`
		}
		for i, id := range []string{trial.ID, done.ID, export.ID} {
			path := strings.NewReplacer("{import}", id, "{export}", id).Replace(o.path)
			w.problem(w.call(keyOther, o.method, path, body, "Idempotency-Key", fmt.Sprint(o.id, i)), 404, "not_found")
		}
	}
	if all := read[Imports](w, w.call(keyOther, http.MethodGet, "/imports", ""), 200); len(all.Imports) != 0 {
		t.Errorf("%+v", all)
	}
	if w.entries() != before {
		t.Error("something was done")
	}
}

// What a request that asked for a job became of is told by its name, without rows of files, and to its key alone.
func TestRequestsForJobs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	trial := read[Import](w, w.upload(keyAll, "?name=m.csv", "try", members), http.StatusOK)
	export := read[Export](w, w.post(keyAll, "/exports", "out", `{"format":"csv"}`), http.StatusOK)
	w.work()
	for name, id := range map[string]string{"try": trial.ID, "out": export.ID} {
		got := read[Request](w, w.call(keyAll, http.MethodGet, "/requests/"+name, ""), http.StatusOK)
		var at Progress
		w.must(json.Unmarshal(got.Answer.RawMessage, &at))
		if got.ID != name || at.ID != id || at.State != "done" || strings.Contains(string(got.Answer.RawMessage), "6001") {
			t.Errorf("%s: %+v, %s", name, got, got.Answer.RawMessage)
		}
		w.problem(w.call(keyShop, http.MethodGet, "/requests/"+name, ""), 404, "request_unknown")
	}
}
