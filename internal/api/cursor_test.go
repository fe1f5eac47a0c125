package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// A cursor that was cut, mistyped or taken from another list or merchant is refused: it would begin where nothing
// follows, and look like the end of the list.
func TestDamagedCursors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	page := read[Cards](w, w.call(keyAll, http.MethodGet, "/cards?limit=2", ""), http.StatusOK)
	rest := read[Cards](w, w.call(keyAll, http.MethodGet, "/cards?limit=2&after="+page.Next, ""), http.StatusOK)
	if len(page.Cards) != 2 || len(rest.Cards) != 2 || rest.Cards[0].Number != "6003" {
		t.Fatalf("pages %+v, %+v", page, rest)
	}
	n := page.Next
	for _, damaged := range []string{"xx", "NjAwMg", n[1:], n[:len(n)-1], n[:len(n)-2], n + "A", n + "AA", "%20" + n} {
		w.problem(w.call(keyAll, http.MethodGet, "/cards?after="+damaged, ""), 422, "invalid_request")
	}
	w.problem(w.call(keyOther, http.MethodGet, "/cards?after="+n, ""), 422, "invalid_request")
	// An entry that is not there yet was seen in another journal: before a backup was restored, for instance.
	ahead := w.entries() + 1
	for _, path := range []string{"/events", "/entries", "/events/stream", "/entries?kind=consume"} {
		w.problem(w.call(keyAll, http.MethodGet, fmt.Sprintf("%s%cafter=%d", path, joint(path), ahead), ""), 422,
			"cursor_ahead")
	}
	w.problem(w.call(keyAll, http.MethodGet, fmt.Sprintf("/cards/6001/coupons?after=%d", ahead*128), ""), 422, "cursor_ahead")
	w.problem(w.call(keyAll, http.MethodGet, "/events/stream", "", "Last-Event-ID", fmt.Sprint(ahead)), 422, "cursor_ahead")
	end := read[Events](w, w.call(keyAll, http.MethodGet, fmt.Sprintf("/events?after=%d", ahead-1), ""), http.StatusOK)
	if len(end.Events) != 0 || end.Next != int64(ahead-1) || end.More {
		t.Errorf("at the end: %+v", end)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("/v1/events/stream?after=%d", ahead-1), nil)
	r.Header.Set("Authorization", "Bearer "+keyAll)
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	if rec.Code != http.StatusOK {
		t.Errorf("a stream from the end: %d %s", rec.Code, rec.Body)
	}
}

func joint(path string) rune {
	if len(path) > 8 && path[8] == '?' {
		return '&'
	}
	return '?'
}

// What a key was shown masked is not taken for the holder's, and what is wrong with a holder is told by field.
func TestHolderIsPossible(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.entries()
	seen := read[Card](w, w.call(keyRead, http.MethodGet, "/cards/6001", ""), http.StatusOK).Holder.Phone
	patch := func(body string) *httptest.ResponseRecorder {
		return w.call(keyAll, http.MethodPatch, "/cards/6001/holder", body, "Idempotency-Key", "a")
	}
	for _, c := range []struct {
		got         *httptest.ResponseRecorder
		code, field string
	}{
		{patch(`{"phone":"` + seen + `"}`), "bad_holder", "body.phone"},
		{patch(`{"phone":"138****2222","name":"李四"}`), "bad_holder", "body.phone"},
		{patch(`{"birthday":"2099-01-01"}`), "bad_holder", "body.birthday"},
		{patch(`{"gender":"female"}`), "invalid_request", "body.gender"},
		{w.post(keyAll, "/cards", "b", `{"number":"7001","level":1,"holder":{"name":"李四","phone":"`+seen+`"}}`),
			"bad_holder", "body.holder.phone"},
		{w.post(keyAll, "/cards", "b", `{"number":"6001","level":1}`), "bad_holder", "body.holder.name"},
		{w.post(keyAll, "/cards", "b", `{"number":"7001","level":1,"holder":{"name":"李四","gender":"female"}}`),
			"invalid_request", "body.holder.gender"},
	} {
		if p := w.problem(c.got, 422, c.code); len(p.Errors) != 1 || p.Errors[0].Field != c.field {
			t.Errorf("want %s, got %+v", c.field, p.Errors)
		}
	}
	odd := w.post(keyAll, "/cards", "b", `{"number":"7001","level":1,"holder":{"name":"李四"},"remarks":"\n"}`)
	if p := w.problem(odd, 422, "bad_details"); p.About != "remarks" {
		t.Errorf("got %+v", p)
	}
	if w.entries() != before {
		t.Error("something was done")
	}
}

// A number that was replaced does not say when its card was opened, as the card goes on under another number.
func TestReplacedHasNoOpening(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	read[Receipt](w, w.post(keyAll, "/cards/6001/replace", "a", `{"number":"6009"}`), http.StatusOK)
	for number, want := range map[string]bool{"6001": false, "6009": true} {
		got := w.call(keyAll, http.MethodGet, "/cards/"+number, "")
		var card map[string]json.RawMessage
		w.must(json.Unmarshal(got.Body.Bytes(), &card))
		if _, has := card["opened_at"]; has != want {
			t.Errorf("%s: %s", number, got.Body)
		}
	}
}

// The pages of a card's journal have each entry once, whatever is done with the card meanwhile, and a next goes with
// its card alone.
func TestPagesOfACard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 5 {
		w.do(command.Recharge{Merchant: 1, Card: "6002", Amount: 1_00, PayType: 1})
	}
	var seen []int64
	for after, left := "", int64(6); ; left -= 2 {
		page := read[History](w, w.call(keyAll, http.MethodGet, "/cards/6002/entries?limit=2&after="+after, ""), 200)
		for _, e := range page.Entries {
			seen = append(seen, e.Seq)
		}
		if page.Total != left {
			t.Errorf("%d are left, want %d", page.Total, left)
		}
		if after = page.Next; after == "" {
			break
		}
		w.do(command.Recharge{Merchant: 1, Card: "6002", Amount: 1_00, PayType: 1})
		w.problem(w.call(keyAll, http.MethodGet, "/cards/6001/entries?after="+after, ""), 422, "invalid_request")
		w.problem(w.call(keyAll, http.MethodGet, "/cards?after="+after, ""), 422, "invalid_request")
	}
	if want := []int64{6, 5, 4, 3, 2, 1}; !slices.Equal(seen, want) {
		t.Errorf("seen %v, want %v", seen, want)
	}
}

// A search that finds more than it answers says so.
func TestSearchSaysWhetherThereIsMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range mostFound + 1 {
		w.do(command.Open{Merchant: 1, Card: command.NewCard{
			Number: fmt.Sprintf("S%03d", i), Kind: ledger.Common, Level: 1, Holder: ledger.Holder{Name: "李四"},
		}})
	}
	for q, want := range map[string]Matches{
		"S": {Cards: make([]Card, mostFound), More: true}, "S00": {Cards: make([]Card, 10)}, "nobody": {},
	} {
		got := read[Matches](w, w.call(keyAll, http.MethodGet, "/cards/search?q="+q, ""), http.StatusOK)
		if len(got.Cards) != len(want.Cards) || got.More != want.More {
			t.Errorf("%s: %d cards, more %v", q, len(got.Cards), got.More)
		}
	}
}
