package api

import (
	"net/http"
	"testing"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// A program has a series of cards opened, takes their numbers and passwords, pays with one, and has them forgotten. No
// other key gets them.
func TestSeries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const body = `{"level":1,"count":3,"prefix":"S","first":7,"digits":3,"passwords":true,"shop":11}`
	w.do(command.Open{Merchant: 1, By: ledger.Caller{Shop: 11}, Card: command.NewCard{Number: "S008", Kind: ledger.StoredValue, Level: 1}})
	asked := read[Series](w, w.post(keyAll, "/series", "series", body), http.StatusOK)
	path := "/series/" + asked.ID
	w.problem(w.call(keyAll, http.MethodGet, path+"/cards", ""), 404, "not_found") // not yet
	w.problem(w.call(keyAll, http.MethodPost, path+"/forget", `{}`), 409, "job_not_ready")
	w.work()
	if again := read[Series](w, w.post(keyAll, "/series", "series", body), http.StatusOK); again.ID != asked.ID || again.Opened != 2 {
		t.Errorf("asked again: %+v", again)
	}
	w.problem(w.post(keyAll, "/series", "series", `{"level":1,"count":4,"prefix":"S","first":7,"digits":3}`), 422, "idempotency_key_reused")
	got := read[Series](w, w.call(keyAll, http.MethodGet, path, ""), http.StatusOK)
	if got.State != "done" || got.Opened != 2 || len(got.Taken) != 1 || got.Taken[0] != "S008" || got.By.Shop != 11 {
		t.Errorf("the series: %+v", got)
	}
	w.problem(w.call(keyShop, http.MethodGet, path+"/cards", ""), 404, "not_found") // another key's
	w.problem(w.call(keyShop, http.MethodPost, path+"/forget", `{}`), 404, "not_found")
	for range 2 { // an answer that is lost loses no password
		cards := read[SeriesCards](w, w.call(keyAll, http.MethodGet, path+"/cards", ""), http.StatusOK).Cards
		if len(cards) != 2 || cards[0].Number != "S007" || cards[1].Number != "S009" || len(cards[0].Password) != 6 {
			t.Fatalf("cards: %+v", cards)
		}
		kept, err := w.store.Card(t.Context(), ledger.CardKey{Merchant: 1, Number: "S009"})
		w.must(err)
		if want := "kept/1/" + cards[1].Password; kept.Details.Password != want {
			t.Errorf("the password of S009 is %s, want %s", kept.Details.Password, want)
		}
	}
	if e := w.newest(ledger.DataExported); e.By.Agent == 0 || e.Note != "cards.xlsx × 2" {
		t.Errorf("the journal says nothing of who took them: %+v", e)
	}
	for range 2 {
		read[Series](w, w.call(keyAll, http.MethodPost, path+"/forget", `{}`), http.StatusOK)
	}
	w.problem(w.call(keyAll, http.MethodGet, path+"/cards", ""), 404, "not_found")
}

// What is wrong with a series is told by field, in both languages.
func TestWrongSeries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for body, field := range map[string]string{
		`{"level":9,"count":1,"digits":3}`:                                 "body.level",
		`{"level":1,"count":0,"digits":3}`:                                 "body.count",
		`{"level":1,"count":1,"prefix":"ä","digits":3}`:                    "body.prefix",
		`{"level":1,"count":1,"prefix":"A","digits":3,"check_digit":true}`: "body.prefix",
		`{"level":1,"count":1}`:                                            "body.digits",
		`{"level":1,"count":11,"first":990,"digits":3}`:                    "body.first",
		`{"level":1,"count":1,"prefix":"28","first":1,"digits":16}`:        "body.prefix",
		`{"level":1,"count":1,"drawn":true,"prefix":"VIP"}`:                "body.prefix",
		`{"level":1,"count":1,"digits":3,"first":9223372036854775807}`:     "body.first",
		`{"level":1,"count":1,"digits":3,"numbers":"drawn"}`:               "body.numbers",
		`{"level":1,"count":1,"digits":3,"shop":99}`:                       "body.shop",
	} {
		got := w.problem(w.post(keyAll, "/series", body, body), 422, "invalid_request")
		if len(got.Errors) != 1 || got.Errors[0].Field != field {
			t.Errorf("%s: %+v, want %s", body, got.Errors, field)
		}
	}
}
