package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// failing are books of which some cannot be read just now.
type failing struct {
	Books
	load, find, sessions bool
	ended                []ledger.PersonID
}

var errGone = errors.New("the connection is gone")

func (f *failing) Load(ctx context.Context, wants ...command.Want) ([]command.Records, error) {
	if f.load {
		return nil, errGone
	}
	return f.Books.Load(ctx, wants...)
}

func (f *failing) Find(ctx context.Context, q ledger.FindQuery) ([]ledger.Card, error) {
	if f.find {
		return nil, errGone
	}
	return f.Books.Find(ctx, q)
}

func (f *failing) EndSessions(_ context.Context, person ledger.PersonID, _ [32]byte) error {
	if f.sessions {
		return errGone
	}
	f.ended = append(f.ended, person)
	return nil
}

// What only looks before something is done says that nothing was done when it fails: it was answered as if a bill could
// have been paid, and was not.
func TestLooksThatFailLeaveNothingOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	placed := read[Receipt](w, w.post(keyAll, "/holds", "hold", `{"card":"6001","amount":100}`), 200)
	q := read[Quote](w, w.call(keyAll, http.MethodPost, "/quotes", `{"card":"6001","amount":10000}`), http.StatusOK)
	read[Receipt](w, w.post(keyAll, "/consumes", "between", `{"card":"6001","amount":1000}`), http.StatusOK)
	books := &failing{Books: w.store}
	w.api.cfg.Books = books
	capture := func() {
		w.problem(w.post(keyAll, fmt.Sprintf("/holds/%d/capture", placed.Entry.ID), "a", `{}`), 503, "not_done")
	}
	books.find = true
	capture()
	books.find, books.load = false, true
	capture()
	w.problem(w.post(keyAll, "/consumes", "b", `{"quote":"`+q.Token+`"}`), 503, "not_done")
}

// A password that was set is answered, whatever fails after it: nobody could be told it later. The request that is sent
// again signs the person out.
func TestPasswordIsToldWhateverFailsAfterIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := read[Person](w, w.post(keyAll, "/people", "a", `{"sign_in":"li","role":"cashier"}`), 200)
	books := &failing{Books: w.store, sessions: true}
	w.api.cfg.Books = books
	reset := func() Person {
		return read[Person](w, w.call(keyAll, http.MethodPost, "/people/1/password", `{}`, "Idempotency-Key", "b",
			"If-Match", etag(ledger.EntryID(made.Version))), http.StatusOK)
	}
	if first := reset(); first.Password == "" || first.Password == made.Password || len(books.ended) > 0 {
		t.Errorf("%+v", first)
	}
	books.sessions = false
	if again := reset(); again.Password != "" || len(books.ended) != 1 || books.ended[0] != 1 {
		t.Errorf("%+v, signed out %v", again, books.ended)
	}
}
