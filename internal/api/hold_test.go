package api

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"tongka/internal/command"
)

// A hold says what became of it: it is open, or was captured, released or expired, also before that is booked.
func TestHoldStates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	place := func(name string) string {
		r := read[Receipt](w, w.post(keyAll, "/holds", name, `{"card":"6001","amount":5000}`), 200)
		return fmt.Sprintf("/holds/%d", r.Entry.ID)
	}
	act := func(path, name, body string) { read[Receipt](w, w.post(keyAll, path, name, body), 200) }
	state := func(path string) string {
		h := read[Hold](w, w.call(keyAll, http.MethodGet, path, ""), 200)
		return fmt.Sprintf("%s %d %d", h.State, h.Held, h.Captured)
	}
	released, whole, part, rest, over := place("a"), place("b"), place("c"), place("d"), place("e")
	both := place("k")
	act(released+"/release", "f", `{"card":"6001"}`)
	act(whole+"/capture", "g", `{}`)
	again := w.post(keyAll, whole+"/capture", "g", `{}`)
	if again.Header().Get("Idempotent-Replayed") != "true" {
		t.Errorf("a second time: %d %s", again.Code, again.Body)
	}
	w.problem(w.post(keyAll, "/holds/1/release", "n", `{}`), 404, "hold_not_found")
	w.problem(w.post(keyOther, whole+"/release", "n", `{}`), 404, "hold_not_found")
	w.problem(w.post(keyAll, whole+"/capture", "n", `{}`), 409, "hold_is_captured")
	w.problem(w.post(keyAll, whole+"/release", "n", `{"card":"6001"}`), 409, "hold_is_captured")
	w.problem(w.post(keyAll, released+"/capture", "n", `{"card":"6001"}`), 409, "hold_is_released")
	w.problem(w.post(keyAll, released+"/release", "n", `{}`), 409, "hold_is_released")
	act(part+"/capture", "h", `{"card":"6001","amount":3000}`)
	act(rest+"/capture", "i", `{"card":"6001","amount":2000,"keep_rest":true}`)
	act(both+"/capture", "j", `{"card":"6001","amount":2000,"keep_rest":true}`)
	act(both+"/release", "l", `{}`) // the hold tells the card
	for path, want := range map[string]string{
		released: "released 0 0", whole: "captured 0 5000", part: "captured 0 3000", rest: "open 3000 2000", over: "open 5000 0",
		both: "released 0 2000",
	} {
		if got := state(path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
	w.now = w.now.Add(25 * time.Hour)
	for range 2 { // before it is booked, and after
		if state(rest) != "expired 0 2000" || state(over) != "expired 0 0" || state(part) != "captured 0 3000" {
			t.Errorf("after a day: %s, %s, %s", state(rest), state(over), state(part))
		}
		w.problem(w.post(keyAll, over+"/capture", "n", `{}`), 409, "hold_is_expired")
		w.problem(w.post(keyAll, rest+"/release", "n", `{}`), 409, "hold_is_expired")
		_, _ = w.engine.Do(t.Context(), command.Expire{Merchant: 1, Card: "6001"}) // the second finds nothing
	}
}
