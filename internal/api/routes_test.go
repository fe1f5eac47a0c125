package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// sample returns a request for an operation, as its example has it. Numbers of cards are those of both merchants.
func sample(o *operation) (path, body string) {
	path = strings.NewReplacer("{number}", "6001", "{entry}", "1", "{id}", "example-recharge",
		"{webhook}", "1", "{version}", "9", "{key}", "1", "{person}", "1", "{import}", "none", "{export}", "none",
		"{series}", "none").Replace(o.path)
	if o.path == "/cards/lookup" {
		path += "?inner_code=77001"
	}
	if o.path == "/cards/search" {
		path += "?q=6001"
	}
	if o.path == "/reports/days" || o.path == "/reports/settlement" {
		path += "?from=2026-03-04&to=2026-03-04"
	}
	return path, strings.ReplaceAll(string(examples()[o.id].Body), "6005", "6001")
}

// Nobody without a key, and nobody whose key lacks what an operation takes, gets anywhere or learns anything.
func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lacks := func(o *operation, p ledger.Permission) string {
		token := fmt.Sprintf("tk_without_%s_%v", o.id, p)
		w.must(w.store.SaveAgent(t.Context(), ledger.Agent{
			ID: ledger.AgentID(100 + len(token) + w.drawn), Name: token, TokenHash: auth.Hash(token), Owner: 1,
			Grants: []ledger.Grant{{Merchant: 1, Permissions: ledger.AllPermissions &^ p}},
		}))
		w.drawn += 100
		w.must(w.dir.Refresh(t.Context()))
		return token
	}
	before := w.entries()
	for _, o := range w.api.operations {
		path, body := sample(o)
		ask := func(key string) (int, string) {
			got := w.call(key, o.method, path, body, "Idempotency-Key", "x-"+o.id, "If-Match", `"1"`)
			return got.Code, got.Body.String()
		}
		for _, key := range []string{"", "tk_wrong", keyDone, strings.Repeat("x", 600)} {
			if code, answer := ask(key); code != http.StatusUnauthorized || strings.Contains(answer, "聚客") {
				t.Errorf("%s by %q: %d %s", o.id, key, code, answer)
			}
		}
		if o.whole {
			w.problem(w.call(keyShop, o.method, path, body, "Idempotency-Key", "x-"+o.id, "If-Match", `"1"`), 403,
				"shop_forbidden")
		}
		for _, name := range ledger.PermissionNames {
			p, _ := ledger.ParsePermission(name)
			if o.needs&p == 0 {
				continue
			}
			if code, answer := ask(lacks(o, p)); code != http.StatusForbidden || strings.Contains(answer, "张三") {
				t.Errorf("%s without %s: %d %s", o.id, p, code, answer)
			}
		}
	}
	if w.entries() != before {
		t.Error("something was done")
	}
}

// What a key of one merchant asks for is answered as if there were no other merchant, and changes nothing of one.
func TestOtherMerchants(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.entries()
	for _, o := range w.api.operations {
		path, body := sample(o)
		got := w.call(keyOther, o.method, path, body, "Idempotency-Key", "other-"+o.id, "Tongka-Merchant", "1", "If-Match",
			`"1"`)
		if got.Code != http.StatusForbidden {
			t.Errorf("%s at another merchant: %d %s", o.id, got.Code, got.Body)
		}
		if o.streams {
			continue // what is sent has no end: TestStream
		}
		nowhere := w.call(keyOther, o.method, path, body, "Idempotency-Key", "other-"+o.id, "Tongka-Merchant", "99", "If-Match",
			`"1"`)
		if nowhere.Code != got.Code || len(nowhere.Body.String()) != len(got.Body.String()) {
			t.Errorf("%s tells another merchant from none", o.id)
		}
		if answer := w.call(keyOther, o.method, path, body, "Idempotency-Key", "own-"+o.id, "If-Match", `"1"`).Body.String(); strings.Contains(
			answer, "聚客 1") || strings.Contains(answer, "MERCHANT-1") || strings.Contains(answer, "SHOP-1") {
			t.Errorf("%s tells of another merchant: %s", o.id, answer)
		}
	}
	if w.entries() != before {
		t.Error("something was done at another merchant")
	}
}

// A key of some shops acts there and nowhere else.
func TestShops(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	own := read[Receipt](w, w.post(keyShop, "/recharges", "a", fifty), http.StatusOK)
	if own.Entry.By.Shop != 12 || own.Entry.By.Agent != 3 {
		t.Errorf("done by %+v", own.Entry.By)
	}
	w.problem(w.post(keyShop, "/recharges", "b", `{"card":"6002","amount":5000,"pay_type":1,"shop":11}`), 403,
		"shop_forbidden")
	w.problem(w.post(keyAll, "/recharges", "b", `{"card":"6002","amount":5000,"pay_type":1,"shop":99}`), 422,
		"invalid_request")
}

// Phones are masked: by the page for everybody, and of a card that is asked for by itself unless the key may see it.
// Each look at one is an entry of the card first, as it is in the console.
func TestMasked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	code := "/cards/lookup?member_code=" + url.QueryEscape(w.code("6001"))
	const whole, masked = "18612346001", "186****6001"
	for _, c := range []struct {
		key, path, phone string
		shown            int
	}{
		{keyAll, "/cards?limit=1", masked, 0},
		{keyAll, "/cards/search?q=6001", masked, 0},
		{keyAll, "/cards/6001", whole, 1},
		{keyAll, "/cards/6001", whole, 1}, // each look
		{keyAll, "/cards/lookup?inner_code=77001", whole, 1},
		{keyAll, code, whole, 1},
		{keyAll, "/cards/lookup?phone=%2B86+186-1234-6001", whole, 0}, // which is known
		{keyShop, "/cards/6001", whole, 1},
		{keyRead, "/cards?limit=1", masked, 0},
		{keyRead, "/cards/6001", masked, 0},
		{keyRead, "/cards/lookup?inner_code=77001", masked, 0},
		{keyRead, "/cards/lookup?phone=18612346001", masked, 0},
	} {
		before := w.entries()
		got := w.call(c.key, http.MethodGet, c.path, "").Body.String()
		if shown := w.entries() - before; shown != c.shown || !strings.Contains(got, `"phone":"`+c.phone+`"`) {
			t.Errorf("%s by %s: %d entries, %s", c.path, c.key, shown, got)
		}
	}
	if e := w.newest(ledger.DataShown); e.By != (ledger.Caller{Agent: 3, Shop: 12}) || e.Note != ledger.ShownPhone {
		t.Errorf("the entry: %+v", e)
	}
	before := w.entries()
	for _, path := range []string{"/entries", "/coupons", "/holds", "/balance"} {
		read[map[string]any](w, w.call(keyAll, http.MethodGet, "/cards/6001"+path, ""), http.StatusOK)
	}
	if w.entries() != before {
		t.Error("what shows no phone is taken for a look at one")
	}
	w.api.cfg.Doer = broken{}
	if got := w.call(keyAll, http.MethodGet, "/cards/6001", ""); got.Code != http.StatusServiceUnavailable ||
		strings.Contains(got.Body.String(), whole) {
		t.Errorf("what cannot be recorded: %d %s", got.Code, got.Body)
	}
}

// broken carries out nothing.
type broken struct{}

func (broken) Do(context.Context, command.Command) (command.Changes, error) {
	return command.Changes{}, errors.New("the disk is full")
}

// What is hidden of a phone is not found out by searching for parts of it.
func TestMaskedSearch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for key, finds := range map[string][2]int{ // with all permissions, and without that of seeing phones
		"18612346001": {1, 1}, "186": {4, 4}, "6001": {1, 1}, "张三": {4, 4}, "zs": {4, 4}, "+86 186-1234-6001": {1, 1},
		"1861": {4, 0}, "6123": {4, 0}, "123": {4, 0}, "46001": {1, 0}, "8612346001": {1, 0},
	} {
		for i, who := range []string{keyAll, keyRead} {
			path := "/cards/search?q=" + url.QueryEscape(key)
			if got := read[Found](w, w.call(who, http.MethodGet, path, ""), 200); len(got.Cards) != finds[i] {
				t.Errorf("%q by %s: %d cards, want %d", key, who, len(got.Cards), finds[i])
			}
		}
	}
}

// What no description allows is refused by name, and no value is sent back.
func TestInvalid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for body, want := range map[string]string{
		`{"card":"6002","amount":5000,"pay_type":1,"amout":1}`:                                    "body.amout",
		`{"card":"6002","amount":"5000","pay_type":1}`:                                            "body.amount",
		`{"card":"6002","amount":50.5,"pay_type":1}`:                                              "body.amount",
		`{"card":"6002","Amount":5000,"pay_type":1}`:                                              "body.Amount",
		`{"card":"6002","pay_type":1}`:                                                            "body.amount",
		`{"card":"6002","amount":99999999999999999999,"pay_type":1}`:                              "body.amount",
		`{"card":"6002","amount":5000,"pay_type":1,"operator":"` + strings.Repeat("x", 65) + `"}`: "body.operator",
		`{"card":"6002","amount":100.0,"pay_type":1}`:                                             "body.amount",
		`{"card":"6002","amount":1e2,"pay_type":1}`:                                               "body.amount",
		`{"card":"6002","amount":5000,"pay_type":99999999999999999999}`:                           "body.pay_type",
		`{"card":"6002","amount":5000,"pay_type":1,"note":null}`:                                  "body.note",
		`{"card":"6002","amount":5000,"pay_type":1,"shop":null}`:                                  "body.shop",
	} {
		p := w.problem(w.post(keyAll, "/recharges", "x", body), 422, "invalid_request")
		found := false
		for _, e := range p.Errors {
			found = found || e.Field == want
		}
		if !found || strings.Contains(fmt.Sprint(p.Errors), "Go ") {
			t.Errorf("%s: %+v", body, p.Errors)
		}
	}
	for _, body := range []string{`{`, `{"card":"6002","card":"6001"}`, `{} {}`, `[`, strings.Repeat(`[`, 100)} {
		w.problem(w.post(keyAll, "/recharges", "x", body), 400, "malformed")
	}
	w.problem(w.post(keyAll, "/recharges", "x", ""), 400, "malformed")
	w.problem(w.post(keyAll, "/recharges", "x", `"`+strings.Repeat("x", maxBody)+`"`), 413, "too_large")
	large := `{"` + strings.Repeat("x", 2*maxBody) + `":1}`
	w.problem(w.call(keyAll, http.MethodPatch, "/settings", large, "Idempotency-Key", "x", "If-Match", `"1"`), 422,
		"invalid_request")
	large = `"` + strings.Repeat("x", maxSettings) + `"`
	w.problem(w.call(keyAll, http.MethodPatch, "/settings", large, "Idempotency-Key", "x", "If-Match", `"1"`), 413,
		"too_large")
	w.problem(w.call(keyAll, http.MethodPost, "/recharges", "x", "Content-Type", "text/plain", "Idempotency-Key", "x"), 415,
		"unsupported_media_type")
	w.problem(w.call(keyAll, http.MethodGet, "/cards?lev=1", ""), 422, "invalid_request")
	w.problem(w.call(keyAll, http.MethodGet, "/nothing", ""), 404, "not_found")
	w.problem(w.call(keyAll, http.MethodDelete, "/cards/6001", ""), 405, "method_not_allowed")
	if strings.Contains(w.post(keyAll, "/consumes", "x", `{"card":"6004","amount":1,"password":1234567}`).Body.String(), "1234567") {
		t.Error("a password was sent back")
	}
}

// Problems are told in the language that is asked for, and every reason for a refusal has a code of its own.
func TestProblems(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for language, want := range map[string]string{"": "There is no such card", "zh-CN": "没有这张卡", "fr": "There is no such card"} {
		got := w.problem(w.call(keyAll, http.MethodGet, "/cards/7777", "", "Accept-Language", language), 404, "card_not_found")
		if !strings.HasPrefix(got.Detail, want) || got.About != "7777" {
			t.Errorf("%q: %+v", language, got)
		}
	}
	chinese := w.problem(w.call(keyAll, http.MethodPost, "/quotes", `{"card":5,"amount":100.0,"colour":"red","shop":99}`,
		"Accept-Language", "zh"), 422, "invalid_request")
	for _, e := range chinese.Errors {
		if !strings.ContainsAny(e.Want, "须没") || chinese.Title != "内容有误" {
			t.Errorf("in Chinese: %s %+v", chinese.Title, e)
		}
	}
	if len(chinese.Errors) != 3 {
		t.Errorf("%+v", chinese.Errors)
	}
	seen := map[string]bool{}
	for _, r := range ledger.Reasons() {
		c, ok := told[r]
		if !ok || c.status < 400 || seen[c.code] {
			t.Errorf("%v: %+v", r, c)
		}
		seen[c.code] = true
	}
	if len(told) != len(ledger.Reasons()) {
		t.Error("codes of no reason")
	}
}

// A header that says what is done stands once: which of two was meant cannot be known.
func TestHeadersOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.entries()
	for _, name := range []string{"Authorization", "Tongka-Merchant", "Idempotency-Key", "If-Match", "Last-Event-ID"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, Base+"/recharges", strings.NewReader(fifty))
		r.Header.Set("Authorization", "Bearer "+keyAll)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", "a")
		r.Header.Add(name, "1")
		r.Header.Add(name, "1")
		got := httptest.NewRecorder()
		w.handler.ServeHTTP(got, r)
		w.problem(got, http.StatusBadRequest, "header_twice")
	}
	if w.entries() != before {
		t.Error("something was done")
	}
}

// What a stream begins with is answered to who asks for the head alone, and holds no place of a stream.
func TestHeadOfStream(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodHead, Base+"/events/stream", nil)
	r.Header.Set("Authorization", "Bearer "+keyAll)
	got := httptest.NewRecorder()
	w.handler.ServeHTTP(got, r)
	if ctx.Err() != nil || got.Code != http.StatusOK || got.Header().Get("Content-Type") != "text/event-stream" ||
		got.Body.Len() > 0 || len(w.api.streams.open) > 0 {
		t.Errorf("%v, %d %v, %q", ctx.Err(), got.Code, got.Header(), got.Body)
	}
}

// A card whose number is a word that the path has for something else is reached by the number in capitals, as by any
// way of writing it, and by its id.
func TestCardsNumberedAsPaths(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, number := range []string{"lookup", "search"} {
		opened := read[Receipt](w, w.post(keyAll, "/cards", number,
			`{"number":"`+number+`","kind":"stored_value","level":1}`), 200)
		got := read[Card](w, w.call(keyAll, http.MethodGet, "/cards/"+strings.ToUpper(number), ""), 200)
		found := read[Found](w, w.call(keyAll, http.MethodGet, fmt.Sprintf("/cards/lookup?id=%d", got.ID), ""), 200)
		if got.Number != number || got.ID != opened.Entry.Card || len(found.Cards) != 1 || found.Cards[0].Number != number {
			t.Errorf("%s: %+v, and by its id %+v", number, got, found)
		}
		read[Balance](w, w.call(keyAll, http.MethodGet, "/cards/"+number+"/balance", ""), 200)
	}
}
