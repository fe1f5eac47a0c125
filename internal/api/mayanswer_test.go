package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"tongka/internal/ledger"
)

// seenPath is where it is kept what operations were seen to answer.
const seenPath = "problems.json"

// sights are the problems that operations answered in this run of the tests, beside those that follow from what they
// are.
type sights struct {
	mu  sync.Mutex
	all map[string]map[int][]string
}

var sighted = sights{all: map[string]map[int][]string{}}

// note notes a problem, unless it is known.
func (s *sights) note(o *operation, status int, code string) {
	follows := func(f fault) bool { return f.status == status && f.code == code }
	if code == "" || slices.ContainsFunc(o.follow(), follows) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all[o.id] == nil {
		s.all[o.id] = map[int][]string{}
	}
	if !slices.Contains(s.all[o.id][status], code) {
		s.all[o.id][status] = append(s.all[o.id][status], code)
	}
}

// keep adds what was noted to the file.
func (s *sights) keep() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := map[string]map[int][]string{}
	text, err := os.ReadFile(seenPath)
	if err == nil {
		err = json.Unmarshal(text, &kept)
	}
	if err != nil {
		return err
	}
	for id, statuses := range s.all {
		if kept[id] == nil {
			kept[id] = map[int][]string{}
		}
		for status, codes := range statuses {
			all := slices.Concat(kept[id][status], codes)
			slices.Sort(all)
			kept[id][status] = slices.Compact(all)
		}
	}
	if text, err = json.MarshalIndent(kept, "", "  "); err != nil {
		return err
	}
	return os.WriteFile(seenPath, append(text, '\n'), 0o644)
}

// TestMain keeps what operations were seen to answer, if the files are to be written anew.
func TestMain(m *testing.M) {
	code := m.Run()
	if *update {
		if err := sighted.keep(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// watched is a server whose problems are noted.
func (w *world) watched(next http.Handler) http.Handler {
	of := map[string]*operation{}
	for _, o := range w.api.operations {
		of[o.method+" "+Base+o.path] = o
	}
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		_, pattern := w.api.mux.Handler(r)
		o := of[pattern]
		if o == nil {
			next.ServeHTTP(rw, r)
			return
		}
		copied := &copying{ResponseWriter: rw}
		next.ServeHTTP(copied, r)
		sighted.note(o, copied.status, codeOf(copied.body.Bytes()))
	})
}

// copying keeps the body of a problem that is sent.
type copying struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (c *copying) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func (c *copying) WriteHeader(status int) {
	c.status = status
	c.ResponseWriter.WriteHeader(status)
}

func (c *copying) Write(b []byte) (int, error) {
	if c.status >= http.StatusBadRequest {
		c.body.Write(b)
	}
	return c.ResponseWriter.Write(b)
}

// codeOf returns the code of a problem; "" if it is none.
func codeOf(body []byte) string {
	var p Problem
	_ = json.Unmarshal(body, &p)
	return p.Code
}

// tells returns what is wrong if an operation's description does not have a problem at its status.
func tells(op *openapi3.Operation, status int, body []byte) error {
	if status < http.StatusBadRequest {
		return nil
	}
	code, said := codeOf(body), op.Responses.Status(status)
	if said != nil && strings.Contains(*said.Value.Description, "`"+code+"`") {
		return nil
	}
	return fmt.Errorf("the description of %s does not have the code %q at %d: go test ./internal/api -update, twice",
		op.OperationID, code, status)
}

// Each code that is kept is a problem of its status, of an operation that there is, and is not one that follows from
// what the operation is anyway.
func TestSeenProblems(t *testing.T) {
	t.Parallel()
	known, of := faults(), map[string]*operation{}
	for _, o := range newWorld(t).api.operations {
		of[o.id] = o
	}
	for id, statuses := range seen() {
		if of[id] == nil {
			t.Errorf("problems of %s, which is no operation", id)
			continue
		}
		for status, codes := range statuses {
			for _, code := range codes {
				is := func(f fault) bool { return f.status == status && f.code == code }
				if !slices.ContainsFunc(known, is) || slices.ContainsFunc(of[id].follow(), is) {
					t.Errorf("%s: %d %s is no problem, or follows anyway", id, status, code)
				}
			}
		}
	}
}

// What operations answer when the licence or a shop has ended is described at each of them.
func TestEndedIsDescribed(t *testing.T) {
	t.Parallel()
	for code, end := range map[string]func(*ledger.Merchant){
		"licence_over": func(m *ledger.Merchant) { m.LicenceEnd = 2026_03_03 },
		"shop_ended":   func(m *ledger.Merchant) { m.Shops[0].Ended = true },
	} {
		w := newWorld(t)
		m := merchantOf(1, merchantZone(t))
		end(&m)
		w.must(w.store.SaveMerchant(t.Context(), m))
		w.must(w.dir.Refresh(t.Context()))
		c, n := contractOf(w), 0
		c.strict = true
		for _, o := range w.api.operations {
			if o.streams {
				continue // what is sent has no end
			}
			path, body := sample(o)
			ask := func() *http.Request {
				r := httptest.NewRequestWithContext(t.Context(), o.method, Base+path, strings.NewReader(body))
				for name, value := range map[string]string{
					"Authorization": "Bearer " + keyAll, "Content-Type": "application/json", "Idempotency-Key": "ended-" + o.id,
					"If-Match": `"1"`,
				} {
					r.Header.Set(name, value)
				}
				return r
			}
			got := httptest.NewRecorder()
			w.handler.ServeHTTP(got, ask())
			if codeOf(got.Body.Bytes()) == code {
				n++
			}
			if _, err := c.check(t.Context(), ask(), got.Code, got.Header(), got.Body.Bytes()); err != nil {
				t.Error(err)
			}
		}
		if n < 10 {
			t.Errorf("%s was answered by %d operations", code, n)
		}
	}
}
