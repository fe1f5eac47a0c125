package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"tongka/internal/auth"
	"tongka/internal/ledger"
)

// A webhook's secret is answered once and is in no record but sealed; what it signs with is that secret.
func TestWebhookSecretOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := `{"name":"ERP","url":"https://erp.example.com/"}`
	made := read[Webhook](w, w.post(keyAll, "/webhooks", "a", body), 200)
	again := w.post(keyAll, "/webhooks", "a", body)
	asked := w.call(keyAll, http.MethodGet, "/requests/a", "")
	if !strings.HasPrefix(made.Secret, "whsec_") || read[Webhook](w, again, 200).Secret != "" ||
		strings.Contains(again.Body.String()+asked.Body.String(), "whsec_") || asked.Code != 200 {
		t.Errorf("made %+v, again %s, asked %s", made, again.Body, asked.Body)
	}
	if got := w.post(keyAll, "/webhooks", "a", `{"name":"BI","url":"https://erp.example.com/"}`); got.Code != 422 {
		t.Errorf("another webhook under the same name: %s", got.Body)
	}
	dry := read[Webhook](w, w.post(keyAll, "/webhooks?dry_run=true", "b", `{"name":"B","url":"https://e.example.com/"}`), 200)
	if dry.Secret != "" {
		t.Error("a secret of a webhook that was not made")
	}
	all, err := w.store.Webhooks(t.Context(), 1)
	w.must(err)
	keys, err := auth.WebhookKeys(vault{}, &all[0])
	w.must(err)
	if len(all) != 1 || len(keys) != 1 {
		t.Errorf("webhooks %+v, keys %d", all, len(keys))
	}
	if others, err := w.store.Webhooks(t.Context(), 2); err != nil || len(others) != 0 {
		t.Errorf("at another merchant: %+v, %v", others, err)
	}
}

// Of two who have seen the same webhook the second is told what the first has changed, and nothing is overwritten.
func TestWebhookMoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := read[Webhook](w, w.post(keyAll, "/webhooks", "a", `{"name":"ERP","url":"https://erp.example.com/"}`), 200)
	change := func(name, body string, version int64, more string) *Problem {
		got := w.call(keyAll, http.MethodPatch, "/webhooks/1"+more, body, "Idempotency-Key", name, "If-Match",
			etag(ledger.EntryID(version)))
		if got.Code == http.StatusOK {
			return nil
		}
		p := w.problem(got, http.StatusPreconditionFailed, "version_moved")
		return &p
	}
	if p := change("b", `{"url":"https://two.example.com/"}`, made.Version, ""); p != nil {
		t.Fatalf("%+v", p)
	}
	for _, dry := range []string{"", "?dry_run=true"} {
		p := change("c", `{"url":"https://three.example.com/"}`, made.Version, dry)
		want := Changed{"url", "https://erp.example.com/", "https://two.example.com/"}
		if p == nil || p.Version != made.Version+1 || len(p.Changes) != 1 || p.Changes[0] != want {
			t.Errorf("the second was told %+v", p)
		}
	}
	if p := change("b", `{"url":"https://two.example.com/"}`, made.Version, ""); p != nil {
		t.Errorf("the first, sent again: %+v", p)
	}
	now := w.call(keyAll, http.MethodGet, "/webhooks/1", "")
	if got := read[Webhook](w, now, 200); got.URL != "https://two.example.com/" ||
		now.Header().Get("ETag") != etag(ledger.EntryID(got.Version)) {
		t.Errorf("now %+v, %s", got, now.Header().Get("ETag"))
	}
	match := func(sent string) *httptest.ResponseRecorder {
		return w.call(keyAll, http.MethodPatch, "/webhooks/1", `{}`, "Idempotency-Key", "d", "If-Match", sent)
	}
	for _, sent := range []string{`9`, `"a"`, `*`, `W/9`, `w/"9"`, `W/W/"9"`, `"9", "10"`, `"09"`} {
		w.problem(match(sent), 422, "invalid_request")
	}
	// A proxy that packs an answer makes its ETag a weak one.
	read[Webhook](w, match("W/"+now.Header().Get("ETag")), http.StatusOK)
}

// Tries are listed page by page, the newest first, and what is asked for once more is noted for the runner.
func TestDeliveries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.post(keyAll, "/webhooks", "a", `{"name":"ERP","url":"https://erp.example.com/"}`)
	state := ledger.WebhookState{Merchant: 1, Webhook: 1, Turn: 1, Entry: 9}
	tries := []ledger.WebhookTry{
		{Merchant: 1, Webhook: 1, At: w.now, Entry: 10, Status: 500, Said: "out of order"},
		{Merchant: 1, Webhook: 1, At: w.now, Entry: 11, Status: 204},
		{Merchant: 1, Webhook: 1, At: w.now.Add(1e9), Entry: 10, Status: 200},
	}
	w.must(w.store.SaveWebhookState(t.Context(), state, tries, nil))
	var seen []int64
	for after := ""; ; {
		page := read[Deliveries](w, w.call(keyAll, http.MethodGet, "/webhooks/1/deliveries?limit=1&after="+after, ""), 200)
		for _, d := range page.Deliveries {
			seen = append(seen, d.Entry)
			if d.OK != (d.Status < 300) {
				t.Errorf("%+v", d)
			}
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if len(seen) != 3 || seen[0] != 10 || seen[1] != 11 || seen[2] != 10 {
		t.Errorf("seen %v", seen)
	}
	w.problem(w.call(keyAll, http.MethodGet, "/webhooks/1/deliveries?after=x", ""), 422, "invalid_request")
	const redeliveries = "/webhooks/1/redeliveries"
	read[Redelivery](w, w.call(keyAll, http.MethodPost, redeliveries, `{"first":9}`), 200)
	for _, body := range []string{`{"first":10}`, `{"first":9,"last":10}`, `{"first":9,"last":8}`} {
		w.problem(w.call(keyAll, http.MethodPost, redeliveries, body), 422, "invalid_request")
	}
	again, err := w.store.WebhookAgains(t.Context(), ledger.WebhookKey{Merchant: 1, ID: 1})
	if err != nil || len(again) != 1 || again[0].First != 9 || again[0].Last != 9 {
		t.Errorf("again %+v, %v", again, err)
	}
	askedAgain(w)
	read[Delivery](w, w.call(keyAll, http.MethodPost, "/webhooks/1/test", `{}`), 200)
	if len(w.tests) != 1 || w.tests[0] != "https://erp.example.com/" {
		t.Errorf("tests %v", w.tests)
	}
	is := read[Webhook](w, w.call(keyAll, http.MethodGet, "/webhooks/1", ""), 200)
	stop := w.call(keyAll, http.MethodPost, "/webhooks/1/stop", `{}`, "Idempotency-Key", "b", "If-Match",
		etag(ledger.EntryID(is.Version)))
	read[Webhook](w, stop, 200)
	w.problem(w.call(keyAll, http.MethodPost, redeliveries, `{"first":9}`), 409, "webhook_stopped")
}

// An address that would never be called is refused when the webhook is made, and not a day later in a list of tries.
func TestWebhookNowhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, address := range []string{"https://10.0.0.1/", "https://[::1]/", "http://example.com/"} {
		p := w.problem(w.post(keyAll, "/webhooks", "a", `{"name":"ERP","url":"`+address+`"}`), 422, "invalid_request")
		if len(p.Errors) != 1 || p.Errors[0].Field != "body.url" {
			t.Errorf("%s: %+v", address, p.Errors)
		}
	}
}

// One webhook more than there may be is refused in words that say what to do.
func TestManyWebhooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	add := func(n int) *httptest.ResponseRecorder {
		return w.post(keyAll, "/webhooks", fmt.Sprint(n), fmt.Sprintf(`{"name":"N%d","url":"https://erp.example.com/"}`, n))
	}
	n := 0
	for ; add(n).Code == http.StatusOK; n++ {
		if n > ledger.MaxWebhooks {
			t.Fatal("there is no end of them")
		}
	}
	p := w.problem(add(n+1), http.StatusUnprocessableEntity, "invalid_request")
	if len(p.Errors) != 1 || p.Errors[0].Field != "body" || !strings.Contains(p.Errors[0].Want, "stopped") {
		t.Errorf("got %+v", p.Errors)
	}
	webhookRemoved(w)
	if got := read[Webhook](w, add(n+1), 200); got.ID != 3 {
		t.Errorf("in its place: %+v", got)
	}
}

// webhookRemoved removes the third webhook: first it is to be stopped. Asked for again it is answered as it was, and
// nothing else is done to it any more.
func webhookRemoved(w *world) {
	w.t.Helper()
	ask := func(act, key string, version int64) *httptest.ResponseRecorder {
		return w.call(keyAll, http.MethodPost, "/webhooks/3/"+act, `{}`, "Idempotency-Key", key, "If-Match",
			etag(ledger.EntryID(version)))
	}
	is := read[Webhook](w, w.call(keyAll, http.MethodGet, "/webhooks/3", ""), 200)
	p := w.problem(ask("remove", "r1", is.Version), 422, "invalid_request")
	if len(p.Errors) != 1 || p.Errors[0].Field != "body.stopped" {
		w.t.Errorf("not stopped: %+v", p.Errors)
	}
	stopped := read[Webhook](w, ask("stop", "r2", is.Version), 200)
	w.problem(ask("remove", "r3", is.Version), 412, "version_moved")
	gone := read[Webhook](w, ask("remove", "r4", stopped.Version), 200)
	if !gone.Removed || gone.Version != stopped.Version+1 || gone.Name != is.Name {
		w.t.Errorf("removed: %+v", gone)
	}
	again := ask("remove", "r4", stopped.Version)
	if read[Webhook](w, again, 200).Version != gone.Version || again.Header().Get("Idempotent-Replayed") != "true" {
		w.t.Errorf("a second time: %s", again.Body)
	}
	w.problem(ask("remove", "r5", gone.Version), 404, "not_found")
	w.problem(ask("start", "r6", gone.Version), 404, "not_found")
	w.problem(w.call(keyAll, http.MethodGet, "/webhooks/3", ""), 404, "not_found")
}

// askedAgain asks for ranges until no more may wait. One that waits already may be asked for all the same.
func askedAgain(w *world) {
	w.t.Helper()
	ask := func(n int) *httptest.ResponseRecorder {
		body := fmt.Sprintf(`{"first":%d,"last":%d}`, 1+n%4, 5+n/4)
		return w.call(keyAll, http.MethodPost, "/webhooks/1/redeliveries", body)
	}
	for n := range ledger.MaxAgain - 1 {
		read[Redelivery](w, ask(n), 200)
	}
	w.problem(ask(ledger.MaxAgain-1), 409, "too_many_redeliveries")
	read[Redelivery](w, ask(0), 200)
	rangeTakenBack(w)
	read[Redelivery](w, ask(ledger.MaxAgain-1), 200)
}

// rangeTakenBack takes the range back that waits for the first entry alone, twice. The others wait on, and it is room
// for another one.
func rangeTakenBack(w *world) {
	w.t.Helper()
	back := func(body string) *httptest.ResponseRecorder {
		return w.call(keyAll, http.MethodPost, "/webhooks/1/redeliveries/cancel", body)
	}
	for range 2 {
		left := read[Redeliveries](w, back(`{"first":9}`), 200).Redeliveries
		if len(left) != ledger.MaxAgain-1 || slices.Contains(left, Redelivery{9, 9}) {
			w.t.Errorf("left %v", left)
		}
	}
	w.problem(w.call(keyAll, http.MethodPost, "/webhooks/2/redeliveries/cancel", `{"first":9}`), 404, "not_found")
}
