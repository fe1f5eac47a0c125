package api

import (
	"net/http"
	"strings"
	"testing"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// An agent that looks after people and keys gives no more than it has, and a key that was made is good at once.
func TestGivesNoMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(w.store.SaveAgent(t.Context(), ledger.Agent{
		ID: 50, Name: "hr", TokenHash: auth.Hash("hr"),
		Grants: []ledger.Grant{{Merchant: 1, Permissions: ledger.MayPeople | ledger.MayRead | ledger.MayReports}},
	}))
	w.must(w.dir.Refresh(t.Context()))
	made := read[APIKey](w, w.post("hr", "/keys", "a", `{"name":"bi","permissions":["read","reports"]}`), 200)
	read[Cards](w, w.call(made.Key, http.MethodGet, "/cards", ""), 200)
	w.problem(w.post("hr", "/keys", "b", `{"name":"more","permissions":["read","refund"]}`), 403, "not_allowed")
	w.problem(w.post("hr", "/people", "b", `{"sign_in":"li","role":"cashier"}`), 403, "not_allowed")
	auditor := read[Person](w, w.post("hr", "/people", "c", `{"sign_in":"li","role":"auditor"}`), 200)
	if auditor.Role != "auditor" || auditor.Password == "" {
		t.Errorf("%+v", auditor)
	}
	w.problem(w.call("hr", http.MethodPatch, "/people/1", `{"role":"admin"}`, "Idempotency-Key", "d", "If-Match",
		etag(ledger.EntryID(auditor.Version))), 403, "not_allowed")
	w.problem(w.call(made.Key, http.MethodGet, "/keys", ""), 403, "forbidden")
}

// Of somebody who works at two merchants each sees what he may do there, and changes that alone.
func TestPersonOfTwoMerchants(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one := read[Person](w, w.call(keyBoth, http.MethodPost, "/people", `{"sign_in":"li","role":"auditor"}`,
		"Idempotency-Key", "a", "Tongka-Merchant", "1"), 200)
	w.problem(w.call(keyOther, http.MethodGet, "/people/1", ""), 404, "not_found")
	host := w.host()
	p := host.People[0]
	p.Grants = append(p.Grants, ledger.PersonGrant{Merchant: 2, Permissions: ledger.MayRead, Shops: []ledger.ShopID{21}})
	w.do(command.ChangePerson{To: p})
	one.Version = int64(w.host().People[0].Version)
	for _, key := range []string{keyOther, keyAll} {
		got := w.call(key, http.MethodGet, "/people/1", "").Body.String()
		if strings.Contains(got, "21") == (key == keyAll) || strings.Contains(got, "reports") == (key == keyOther) {
			t.Errorf("%s sees %s", key, got)
		}
	}
	if got := w.call(keyOther, http.MethodPatch, "/people/1", `{"role":"manager"}`, "Idempotency-Key", "b", "If-Match",
		etag(ledger.EntryID(one.Version))); got.Code != 403 { // it may not do all that he may do elsewhere
		t.Errorf("%d %s", got.Code, got.Body)
	}
	both := read[Person](w, w.call(keyBoth, http.MethodPatch, "/people/1", `{"role":"cashier"}`, "Idempotency-Key", "b",
		"If-Match", etag(ledger.EntryID(one.Version)), "Tongka-Merchant", "1"), 200)
	now := w.host().People[0]
	if other, ok := now.GrantAt(2); both.Role != "cashier" || len(now.Grants) != 2 || !ok || other.Shops[0] != 21 {
		t.Errorf("%+v, %+v", both, now)
	}
}

// host returns the people and agents as they are stored.
func (w *world) host() *ledger.Host {
	w.t.Helper()
	people, err := w.store.People(w.t.Context())
	w.must(err)
	return &ledger.Host{People: people}
}
