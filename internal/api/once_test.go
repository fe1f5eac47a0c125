package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"tongka/internal/wiretest"
)

const fifty = `{"card":"6002","amount":5000,"pay_type":1}`

// What is sent twice under one name is done once, and answered the same; with other content it is refused. A name is
// needed, and serves one request whatever it was for.
func TestOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.entries()
	first := w.post(keyAll, "/recharges", "order-1", fifty)
	receipt := read[Receipt](w, first, http.StatusOK)
	if receipt.Entry.Kind != "recharge" || receipt.Balance.Total != 50_00 || receipt.Card != "6002" {
		t.Fatalf("recharged: %s", first.Body)
	}
	done := w.entries()
	again := w.post(keyAll, "/recharges", " order-1 ", strings.ReplaceAll(fifty, ":", " : "))
	if again.Code != http.StatusOK || again.Body.String() != first.Body.String() ||
		again.Header().Get("Idempotent-Replayed") != "true" || first.Header().Get("Idempotent-Replayed") != "" {
		t.Errorf("sent again: %d %s", again.Code, again.Body)
	}
	reused := w.problem(w.post(keyAll, "/recharges", "order-1", strings.Replace(fifty, "5000", "6000", 1)), 422,
		"idempotency_key_reused")
	if !strings.Contains(reused.Detail, "GET /v1/requests/") {
		t.Errorf("who is refused is told %q", reused.Detail)
	}
	w.problem(w.post(keyAll, "/consumes", "order-1", `{"card":"6002","amount":5000}`), 422, "idempotency_key_reused")
	w.problem(w.call(keyAll, http.MethodPost, "/recharges", fifty), 400, "idempotency_key_missing")
	w.problem(w.post(keyAll, "/recharges", strings.Repeat("x", 65), fifty), 422, "invalid_request")
	if done-before != 1 || w.entries() != done {
		t.Errorf("%d entries, then %d", done-before, w.entries()-done)
	}
	if other := read[Receipt](w, w.post(keyBoth, "/recharges", "order-1", fifty), 400); other.Entry != nil {
		t.Error("without a merchant")
	}
}

// A password that is to be kept is a part of what was asked for, though nobody can read it; one that proves something
// is not, since whoever mistypes it tries again under the same name.
func TestAnotherPasswordIsAnotherRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	set := func(password string) *httptest.ResponseRecorder {
		return w.call(keyAll, http.MethodPut, "/cards/6002/password", `{"password":"`+password+`"}`, "Idempotency-Key", "set")
	}
	first := set("824691")
	read[Receipt](w, first, http.StatusOK)
	if again := set("824691"); again.Body.String() != first.Body.String() {
		t.Errorf("sent again: %d %s", again.Code, again.Body)
	}
	w.problem(set("735924"), 422, "idempotency_key_reused")
	open := func(password string) *httptest.ResponseRecorder {
		return w.post(keyAll, "/cards", "open", `{"number":"A-1","kind":"stored_value","level":1,"password":"`+password+`"}`)
	}
	if got := open("824691"); got.Code != http.StatusOK {
		t.Fatalf("opened: %d %s", got.Code, got.Body)
	}
	w.problem(open("735924"), 422, "idempotency_key_reused")
}

// A refusal leaves no request, so the same request can succeed later.
func TestRefusedIsNotKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pay := `{"card":"6002","amount":1000,"in_full":true}`
	w.problem(w.post(keyAll, "/consumes", "pay", pay), 409, "short_balance")
	w.problem(w.call(keyAll, http.MethodGet, "/requests/pay", ""), 404, "request_unknown")
	for _, name := range []string{".", ".."} { // nobody could ask what became of it
		w.problem(w.post(keyAll, "/consumes", name, `{"card":"6001","amount":100}`), 422, "invalid_request")
	}
	read[Receipt](w, w.post(keyAll, "/recharges", "in", fifty), http.StatusOK)
	got := read[Receipt](w, w.post(keyAll, "/consumes", "pay", pay), http.StatusOK)
	known := read[Request](w, w.call(keyAll, http.MethodGet, "/requests/pay", ""), http.StatusOK)
	if known.Entry != got.Entry.ID || !strings.Contains(string(known.Answer.RawMessage), `"kind":"consume"`) {
		t.Errorf("what became of it: %+v", known)
	}
	w.problem(w.call(keyShop, http.MethodGet, "/requests/pay", ""), 404, "request_unknown")
}

// A dry run says what would happen and does nothing.
func TestDryRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.entries()
	would := read[Receipt](w, w.call(keyAll, http.MethodPost, "/recharges?dry_run=true", fifty), http.StatusOK)
	if would.Balance.Total != 50_00 || w.entries() != before {
		t.Errorf("would be %+v", would.Balance)
	}
	w.problem(w.call(keyAll, http.MethodPost, "/consumes?dry_run=true", `{"card":"6002","amount":100,"in_full":true}`), 409,
		"short_balance")
	marked := w.post(keyAll, "/recharges?dry_run=true", "named", fifty).Body.String()
	done := w.post(keyAll, "/recharges", "named", fifty)
	if !strings.HasPrefix(marked, `{"dry_run":true,"card":`) || strings.Contains(done.Body.String(), "dry_run") {
		t.Errorf("a dry run answers %s, one that is not %s", marked, done.Body)
	}
	// What was done under a name would not be done again.
	again := w.post(keyAll, "/recharges?dry_run=true", "named", fifty)
	if again.Body.String() != done.Body.String() || again.Header().Get("Idempotent-Replayed") != "true" {
		t.Errorf("of what was done a dry run tells %s", again.Body)
	}
	w.problem(w.post(keyAll, "/recharges?dry_run=true", "named", strings.Replace(fifty, "5000", "1", 1)), 422,
		"idempotency_key_reused")
	if w.entries() != before+1 {
		t.Error("a dry run has done something")
	}
}

// Whatever is taken for true makes a dry run, and whatever is neither true nor false is refused: nothing is done by one
// who meant to ask only.
func TestDryRunHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.entries()
	settings := w.call(keyAll, http.MethodGet, "/settings", "").Header().Get("ETag")
	for _, yes := range []string{"true", "True", "TRUE", "1", "t", "T"} {
		read[Receipt](w, w.post(keyAll, "/recharges?dry_run="+yes, "a", fifty), http.StatusOK)
		read[SettingsChange](w, w.call(keyAll, http.MethodPatch, "/settings?dry_run="+yes, `{"name":"x"}`,
			"If-Match", settings, "Idempotency-Key", "b"), http.StatusOK)
	}
	for _, unclear := range []string{
		"dry_run=", "dry_run", "dry_run=yes", "dry_run=tRUE", "dry_run=false&dry_run=true", "dry_run=true;", "dry_run=%zz",
	} {
		w.problem(w.post(keyAll, "/recharges?"+unclear, "a", fifty), 422, "invalid_request")
	}
	for _, unclear := range []string{"unused=", "unused=yes", "unused=true&unused=false"} {
		w.problem(w.call(keyAll, http.MethodGet, "/cards/6001/coupons?"+unclear, ""), 422, "invalid_request")
	}
	// All but the first value would be passed over.
	for _, twice := range []string{
		"/entries?kind=consume&kind=recharge", "/events?type=consume&type=recharge", "/cards?limit=1&limit=2",
		"/events/stream?type=consume&type=consume",
	} {
		p := w.problem(w.call(keyAll, http.MethodGet, twice, "", "Accept-Language", "zh"), 422, "invalid_request")
		if len(p.Errors) != 1 || !strings.HasPrefix(p.Errors[0].Field, "query.") || !strings.Contains(p.Errors[0].Want, "逗号") {
			t.Errorf("%s: %+v", twice, p.Errors)
		}
	}
	read[Journal](w, w.call(keyAll, http.MethodGet, "/entries?kind=consume,recharge", ""), http.StatusOK)
	if w.entries() != before {
		t.Error("something was done")
	}
	read[Receipt](w, w.post(keyAll, "/recharges?dry_run=0", "a", fifty), http.StatusOK)
	if w.entries() != before+1 {
		t.Error("a run that is not dry has done nothing")
	}
}

// An amount that may be left out is left out, or above 0: a caller whose variable was not set refunds nothing, and
// captures nothing.
func TestAnAmountIsLeftOutOrSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	read[Receipt](w, w.post(keyAll, "/recharges", "in", fifty), http.StatusOK)
	held := read[Receipt](w, w.post(keyAll, "/holds", "held", `{"card":"6002","amount":1000}`), http.StatusOK)
	read[Receipt](w, w.post(keyAll, "/consumes", "paid", `{"card":"6002","amount":1000}`), http.StatusOK)
	before := w.entries()
	capture := fmt.Sprintf("/holds/%d/capture", held.Entry.ID)
	for _, none := range []string{"0", "null", "-1", `""`} {
		for path, body := range map[string]string{
			capture:        `{"card":"6002","amount":NONE}`,
			capture + "?":  `{"card":"6002","keep_rest":true,"amount":NONE}`,
			"/refunds":     `{"card":"6002","request":"paid","amount":NONE}`,
			"/refunds?":    `{"cards":["6002"],"request":"paid","amount":NONE}`,
			"/consumes":    `{"cards":[{"card":"6002","amount":NONE},{"card":"6001"}],"amount":1000}`,
			"/consumes?":   `{"card":"6002","amount":NONE}`,
			"/withdrawals": `{"card":"6002","amount":NONE}`,
			"/quotes":      `{"cards":[{"card":"6002","amount":NONE},{"card":"6001"}],"amount":1000}`,
		} {
			body = strings.Replace(body, "NONE", none, 1)
			if got := w.post(keyAll, path, "none", body); got.Code == http.StatusOK {
				t.Errorf("%s %s: %s", path, body, got.Body)
			}
		}
	}
	if w.entries() != before {
		t.Error("something was done")
	}
	whole := read[Receipt](w, w.post(keyAll, "/refunds", "back", `{"card":"6002","request":"paid"}`), http.StatusOK)
	if whole.Balance.Total != 50_00 {
		t.Errorf("refunded %+v", whole.Balance)
	}
}

// A bill that a card cannot pay is refused, unless the caller says that he takes the rest himself: one who looks at the
// status alone does not take an unpaid bill for a paid one.
func TestInFullUnlessSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{"/quotes", "/consumes"} {
		for _, body := range []string{
			`{"card":"6002","amount":500}`, `{"card":"6002","amount":500,"in_full":true}`,
			`{"cards":[{"card":"6002"},{"card":"6001"}],"amount":50001000}`,
		} {
			w.problem(w.post(keyAll, path, "a", body), 409, "short_balance")
		}
	}
	some := read[Receipt](w, w.post(keyAll, "/consumes", "a", `{"card":"6002","amount":500,"in_full":false}`), 200)
	if some.Entry.Bill.Card != 0 || some.Entry.Bill.Due != 500 {
		t.Errorf("paid %+v", some.Entry.Bill)
	}
	q := read[Quote](w, w.post(keyAll, "/quotes", "", `{"card":"6002","amount":500,"in_full":false}`), 200)
	got := read[Receipt](w, w.post(keyAll, "/consumes", "b", `{"quote":"`+q.Token+`"}`), 200)
	if q.Due != 500 || got.Entry.Bill.Due != 500 {
		t.Errorf("quoted %d, due %d", q.Due, got.Entry.Bill.Due)
	}
}

// Who is refused is told what he lacks, and what was wrong with the header that he sent.
func TestWhoIsRefusedIsToldWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if p := w.problem(w.post(keyRead, "/recharges", "a", fifty), 403, "forbidden"); p.About != "recharge" ||
		!strings.Contains(p.Detail, "recharge") {
		t.Errorf("without the permission: %+v", p)
	}
	none := w.problem(w.call("", http.MethodGet, "/cards", ""), 401, "unauthorized")
	wrong := w.problem(w.call("tk_wrong", http.MethodGet, "/cards", ""), 401, "unauthorized")
	if none.Detail == wrong.Detail || !strings.Contains(none.Detail, "Authorization: Bearer") {
		t.Errorf("without a key %q, with a wrong one %q", none.Detail, wrong.Detail)
	}
	for _, key := range []string{keyAll, keyBoth} {
		p := w.problem(w.call(key, http.MethodGet, "/cards", "", "Tongka-Merchant", "abc"), 422, "invalid_request")
		if len(p.Errors) != 1 || p.Errors[0].Field != "header.Tongka-Merchant" {
			t.Errorf("a merchant abc: %+v", p.Errors)
		}
	}
	// Several cards, a bill that the card paid nothing of, the end of a hold, a day to come.
	last := w.problem(w.post(keyAll, "/consumes", "a", `{"cards":[{"card":"6001"},{"card":"6002","amount":5}],"amount":9}`), 422,
		"bad_amount")
	if !strings.Contains(last.Detail, "The last has none") {
		t.Errorf("an amount of the last card: %q", last.Detail)
	}
	read[Receipt](w, w.post(keyAll, "/consumes", "unpaid", `{"card":"6002","amount":500,"in_full":false}`), 200)
	unpaid := w.problem(w.post(keyAll, "/refunds", "a", `{"card":"6002","request":"unpaid"}`), 409, "not_reversible")
	if !strings.Contains(unpaid.Detail, "paid nothing") {
		t.Errorf("a refund of nothing: %q", unpaid.Detail)
	}
	held := w.problem(w.post(keyAll, "/holds", "a", `{"card":"6001","amount":5,"until":"2099-01-01T00:00:00Z"}`), 422,
		"bad_hold_end")
	if !strings.HasSuffix(held.Detail, "+08:00") {
		t.Errorf("the end of a hold: %q", held.Detail)
	}
	w.problem(w.call(keyAll, http.MethodGet, "/reports/liability?day=2099-01-01", ""), 422, "invalid_request")
}

// A recharge is taken back by the request that made it: all of it or nothing, unless the caller says that he takes what
// is left. One who looks at the status alone does not pay money out that was spent.
func TestReversalByRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	read[Receipt](w, w.post(keyAll, "/recharges", "a", fifty), http.StatusOK)
	read[Receipt](w, w.post(keyAll, "/recharges", "b", fifty), http.StatusOK)
	read[Receipt](w, w.post(keyAll, "/consumes", "c", `{"card":"6002","amount":1000}`), http.StatusOK)
	for _, all := range []string{"", `,"in_full":true`} {
		body := `{"card":"6002","request":"a"` + all + `}`
		w.problem(w.post(keyAll, "/recharge-reversals", "d", body), 409, "short_balance")
	}
	got := read[Receipt](w, w.post(keyAll, "/recharge-reversals", "e", `{"card":"6002","request":"b"}`), http.StatusOK)
	if got.Entry.Moved.Total != -50_00 || got.Balance.Total != 40_00 {
		t.Errorf("got %+v", got)
	}
	got = read[Receipt](w, w.post(keyAll, "/recharge-reversals", "f", `{"card":"6002","request":"a","in_full":false}`), 200)
	if got.Balance.Total != 0 {
		t.Errorf("what is left: %+v", got)
	}
	for _, body := range []string{`{"card":"6002"}`, `{"card":"6002","entry":4,"request":"a"}`} {
		w.problem(w.post(keyAll, "/recharge-reversals", "g", body), 422, "invalid_request")
	}
}

// What is kept nowhere is not taken, and points are used, not given.
func TestNothingIsTakenAndDropped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for path, body := range map[string]string{
		"/withdrawals": `{"card":"6001","amount":100,"note":"cash"}`,
		"/point-uses":  `{"card":"6001","points":1,"note":"a cup"}`,
	} {
		if p := w.problem(w.post(keyAll, path, "a", body), 422, "invalid_request"); p.Errors[0].Field != "body.note" {
			t.Errorf("%s: %+v", path, p.Errors)
		}
	}
	for _, points := range []string{"0", "-5"} {
		p := w.problem(w.post(keyAll, "/point-uses", "a", `{"card":"6001","points":`+points+`}`), 422, "invalid_request")
		if p.Errors[0].Field != "body.points" {
			t.Errorf("%s points: %+v", points, p.Errors)
		}
	}
}

// A name that something was done under asks for no job; the trial of taking an import back takes no name. What is done
// under the name of a job is done, as the keys' description says, and is what is told of the name then.
func TestOneNameForAJobAndABill(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	export := func(key string) *httptest.ResponseRecorder {
		return w.post(keyAll, "/exports", key, `{"format":"csv"}`)
	}
	read[Receipt](w, w.post(keyAll, "/recharges", "bill", fifty), http.StatusOK)
	w.problem(export("bill"), 422, "idempotency_key_reused")
	person := `{"name":"王","sign_in":"wang","role":"cashier","shops":[11]}`
	if got := w.post(keyAll, "/people", "host", person); got.Code != http.StatusOK { // which is in the host's journal
		t.Fatalf("%d %s", got.Code, got.Body)
	}
	w.problem(export("host"), 422, "idempotency_key_reused")
	first := read[Export](w, export("job"), http.StatusOK)
	if again := read[Export](w, export("job"), http.StatusOK); again.ID != first.ID {
		t.Errorf("the same job again: %+v", again)
	}
	if got := read[Request](w, w.call(keyAll, http.MethodGet, "/requests/job", ""), 200); got.Operation != "exportCards" {
		t.Errorf("the job: %+v", got)
	}
	read[Receipt](w, w.post(keyAll, "/recharges", "job", fifty), http.StatusOK)
	if got := read[Request](w, w.call(keyAll, http.MethodGet, "/requests/job", ""), 200); got.Operation != "recharge" {
		t.Errorf("the bill of that name: %+v", got)
	}
	if again := read[Export](w, export("job"), http.StatusOK); again.ID != first.ID {
		t.Errorf("the job of that name: %+v", again)
	}
}

// severalMake are the operations whose requests leave open which of them it was: they make entries of one kind, or
// sometimes none.
var severalMake = []string{
	"changeDetails", "setPassword", "setCredit", "addPerson", "changePerson", "resetPassword", "startPerson",
	"stopPerson", "addKey", "changeKey", "renewKey", "retireKey", "startKey", "stopKey", "changeSettings",
	"replaceSettings", "addWebhook", "changeWebhook", "renewWebhookSecret", "retireWebhookSecret", "startWebhook",
	"stopWebhook", "removeWebhook",
}

// What became of a request says which operation it was for, where what it made tells that; never another one.
func TestRequestsSayTheirOperation(t *testing.T) {
	var one sync.Mutex
	told := map[string]string{}
	t.Run("all", func(t *testing.T) {
		wiretest.Run(t, false, func(t *testing.T, _ *wiretest.Recording) wiretest.Send {
			r := &recorder{world: newWorld(t), entries: map[string]int64{}, jobs: map[string]string{}}
			return func(x *wiretest.Exchange) *httptest.ResponseRecorder {
				got := r.send(t, x)
				sent := wiretest.Request(t, x.Request)
				key, operation := sent.Header.Get("Idempotency-Key"), x.Field("operation")
				if operation == "" || key == "" || got.Code != http.StatusOK || sent.URL.Query().Has("dry_run") {
					return got
				}
				ask := httptest.NewRequestWithContext(t.Context(), http.MethodGet, Base+"/requests/"+key, nil)
				for _, name := range []string{"Authorization", "Tongka-Merchant"} {
					ask.Header[name] = sent.Header[name]
				}
				answer := httptest.NewRecorder()
				r.handler.ServeHTTP(answer, ask)
				one.Lock()
				defer one.Unlock()
				told[operation] = read[Request](r.world, answer, http.StatusOK).Operation
				return got
			}
		})
	})
	for operation, said := range told {
		want := operation
		if slices.Contains(severalMake, operation) {
			want = ""
		}
		if said != want {
			t.Errorf("a request of %s is said to be of %q", operation, said)
		}
	}
	if len(told) < 50 {
		t.Errorf("%d operations were asked about", len(told))
	}
}
