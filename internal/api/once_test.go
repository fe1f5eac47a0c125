package api

import (
	"net/http"
	"strings"
	"testing"
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
	w.problem(w.post(keyAll, "/recharges", "order-1", strings.Replace(fifty, "5000", "6000", 1)), 422,
		"idempotency_key_reused")
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

// A refusal leaves no request, so the same request can succeed later.
func TestRefusedIsNotKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pay := `{"card":"6002","amount":1000,"in_full":true}`
	w.problem(w.post(keyAll, "/consumes", "pay", pay), 409, "short_balance")
	w.problem(w.call(keyAll, http.MethodGet, "/requests/pay", ""), 404, "request_unknown")
	read[Receipt](w, w.post(keyAll, "/recharges", "in", fifty), http.StatusOK)
	got := read[Receipt](w, w.post(keyAll, "/consumes", "pay", pay), http.StatusOK)
	known := read[Request](w, w.call(keyAll, http.MethodGet, "/requests/pay", ""), http.StatusOK)
	if known.Entry != got.Entry.ID || !strings.Contains(string(known.Answer), `"kind":"consume"`) {
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
}

// A recharge is taken back by the request that made it; in full only while all of it is there.
func TestReversalByRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	read[Receipt](w, w.post(keyAll, "/recharges", "a", fifty), http.StatusOK)
	read[Receipt](w, w.post(keyAll, "/recharges", "b", fifty), http.StatusOK)
	read[Receipt](w, w.post(keyAll, "/consumes", "c", `{"card":"6002","amount":1000}`), http.StatusOK)
	const first, second = `{"card":"6002","request":"a","in_full":true}`, `{"card":"6002","request":"b","in_full":true}`
	w.problem(w.post(keyAll, "/recharge-reversals", "d", first), 409, "short_balance")
	got := read[Receipt](w, w.post(keyAll, "/recharge-reversals", "e", second), http.StatusOK)
	if got.Entry.Moved.Total != -50_00 || got.Balance.Total != 40_00 {
		t.Errorf("got %+v", got)
	}
	got = read[Receipt](w, w.post(keyAll, "/recharge-reversals", "f", `{"card":"6002","request":"a"}`), http.StatusOK)
	if got.Balance.Total != 0 {
		t.Errorf("what is left: %+v", got)
	}
	for _, body := range []string{`{"card":"6002"}`, `{"card":"6002","entry":4,"request":"a"}`} {
		w.problem(w.post(keyAll, "/recharge-reversals", "g", body), 422, "invalid_request")
	}
}
