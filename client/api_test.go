package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
)

// native returns a client of the native API on a script.
func native(acts ...act) (*API, *script) {
	s := &script{acts: acts}
	return &API{BaseURL: "http://tongka.test/cards/", Key: "tk_1", HTTP: &http.Client{Transport: s}}, s
}

// shared are what happens to each try of a change, its outcome, and the number of tries: the same for the clients in
// all languages.
func shared(t *testing.T) (cases []sharedCase) {
	t.Helper()
	text, err := os.ReadFile("../sdk/cases.json")
	if err == nil {
		err = json.Unmarshal(text, &cases)
	}
	if err != nil || len(cases) < 30 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	return cases
}

type sharedCase struct {
	Name    string
	Outcome string
	Sent    int
	Answers []struct {
		Lost, Cut  bool
		Status     int
		Type, Body string
		RetryAfter string `json:"retry_after"`
	}
}

func (c *sharedCase) acts() (acts []act) {
	for _, a := range c.Answers {
		one := act{status: a.Status, body: a.Body, after: a.RetryAfter, cut: a.Cut}
		if a.Type != "" {
			one.header = "Content-Type: " + a.Type
		}
		if a.Lost {
			one.err = errLost
		}
		acts = append(acts, one)
	}
	return acts
}

// said returns how a change ended, in the words of the cases.
func said(err error) string {
	if _, ok := errors.AsType[Unsure](err); ok {
		return "unsure"
	}
	if p, ok := errors.AsType[Problem](err); ok {
		return strings.TrimSpace(fmt.Sprintf("problem %d %s", p.Status, p.Code))
	}
	if err != nil {
		return err.Error()
	}
	return "done"
}

// TestAPI: a change is sent again under its name as long as that is open, and nothing else is taken for its answer.
func TestAPI(t *testing.T) {
	t.Parallel()
	for _, c := range shared(t) {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api, sent := native(c.acts()...)
				api.Tries = 3
				done, err := api.Do(t.Context(), http.MethodPost, "/v1/consumes", "", map[string]int{"amount": 1}, nil)
				if said(err) != c.Outcome || len(sent.tries) != c.Sent {
					t.Errorf("%s (%v) after %d tries, want %s after %d", said(err), err, len(sent.tries), c.Outcome, c.Sent)
				}
				if u, ok := errors.AsType[Unsure](err); ok && u.RequestID != done.RequestID {
					t.Errorf("unsure of %q, asked as %q", u.RequestID, done.RequestID)
				}
				sameAgain(t, sent.tries)
				for _, try := range sent.tries {
					if try.header.Get("Idempotency-Key") != done.RequestID || try.path != "/cards/v1/consumes" {
						t.Errorf("sent %s as %q", try.path, try.header.Get("Idempotency-Key"))
					}
				}
			})
		})
	}
}

// An answer that is of another type than what it is read into is not asked for again, but what was done is open.
func TestAPIIntoAnother(t *testing.T) {
	t.Parallel()
	api, sent := native(act{body: `{"balance":"a text"}`})
	var into struct{ Balance int64 }
	_, err := api.Do(t.Context(), http.MethodPost, "/v1/consumes", "", nil, &into)
	if said(err) != "unsure" || len(sent.tries) != 1 {
		t.Errorf("got %v after %d tries", err, len(sent.tries))
	}
}

// A list is one text with commas: of a name that stands twice the API takes one value.
func TestGetList(t *testing.T) {
	t.Parallel()
	api, sent := native(act{body: `{}`})
	query := url.Values{"kind": {"consume", "refund_consume"}, "limit": {"10"}}
	if err := api.Get(t.Context(), "/v1/entries", query, &struct{}{}); err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{"kind": {"consume,refund_consume"}, "limit": {"10"}}
	if got := sent.tries[0].query; !reflect.DeepEqual(got, want) {
		t.Errorf("asked %v, want %v", got, want)
	}
}

// TestEvents: pages are asked for to the end, each behind the one before.
func TestEvents(t *testing.T) {
	t.Parallel()
	api, sent := native(
		act{body: `{"events":[{"id":"evt_1_8","type":"consume","data":{"id":8}}],"next":8,"more":true}`},
		act{body: `{"events":[],"next":11,"more":false}`},
	)
	var pages []EventPage
	for page, err := range api.Events(t.Context(), 7, "consume", "recharge") {
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, page)
	}
	if len(pages) != 2 || pages[0].Events[0].ID != "evt_1_8" || string(pages[0].Events[0].Data) != `{"id":8}` ||
		pages[1].Next != 11 || len(sent.tries) != 2 {
		t.Fatalf("got %+v of %d", pages, len(sent.tries))
	}
	for i, after := range []string{"7", "8"} {
		want := map[string][]string{"after": {after}, "limit": {"200"}, "type": {"consume,recharge"}}
		if got := sent.tries[i].query; !reflect.DeepEqual(got, want) {
			t.Errorf("asked %v, want %v", got, want)
		}
	}
	refused, sent := native(act{status: 403, header: "Content-Type: " + problemType, body: `{"code":"forbidden"}`})
	for _, err := range refused.Events(t.Context(), 0) {
		if said(err) != "problem 403 forbidden" {
			t.Errorf("got %v", err)
		}
	}
	if len(sent.tries) != 1 {
		t.Errorf("asked %d times", len(sent.tries))
	}
}

// TestFiles: a file is sent as it is, as often as it takes, and one that comes is not read.
func TestFiles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api, sent := native(act{err: errLost}, act{body: `{"id":"j1"}`})
		var job struct{ ID string }
		csv := File{"text/csv", []byte("number\n6001\n")}
		_, err := api.Upload(t.Context(), "/v1/imports?name=a.csv", "import-1", csv, &job)
		if err != nil || job.ID != "j1" || len(sent.tries) != 2 {
			t.Fatalf("got %+v, %v after %d tries", job, err, len(sent.tries))
		}
		for _, try := range sent.tries {
			if try.body != "number\n6001\n" || try.header.Get("Content-Type") != "text/csv" ||
				try.query["name"][0] != "a.csv" || try.header.Get("Idempotency-Key") != "import-1" {
				t.Errorf("sent %+v", try)
			}
		}
		api, sent = native(act{body: "num", cut: true}, act{body: "number\n6001\n", header: "Content-Type: text/csv"})
		got, err := api.Download(t.Context(), "/v1/exports/j1/file")
		if err != nil || !reflect.DeepEqual(got, csv) || len(sent.tries) != 2 {
			t.Errorf("got %+v, %v after %d tries", got, err, len(sent.tries))
		}
		api, _ = native(act{status: 404, header: "Content-Type: " + problemType, body: `{"code":"not_found"}`})
		if got, err := api.Download(t.Context(), "/v1/exports/j1/file"); said(err) != "problem 404 not_found" {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}

// A file may be longer than any other answer.
func TestLongFile(t *testing.T) {
	t.Parallel()
	api, _ := native(act{body: strings.Repeat("x", maxAnswer+1)})
	if f, err := api.Download(t.Context(), "/v1/exports/j1/file"); err != nil || len(f.Content) != maxAnswer+1 {
		t.Errorf("got %d bytes, %v", len(f.Content), err)
	}
}
