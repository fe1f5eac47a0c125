package api

import (
	"bytes"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"tongka/internal/wiretest"
)

// documentPath is where the document is kept, for people and for the test of what a change breaks.
const documentPath = "../../docs/openapi.yaml"

// The document that is kept is the one of the code, and every operation says what it is for, with an example.
func TestDocument(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	text, err := w.api.huma.OpenAPI().YAML()
	w.must(err)
	if *update {
		w.must(os.WriteFile(documentPath, text, 0o644))
	}
	kept, err := os.ReadFile(documentPath)
	w.must(err)
	if !bytes.Equal(kept, text) {
		t.Errorf("%s is not of this code: go test ./internal/api -update", documentPath)
	}
	for _, o := range w.api.operations {
		if o.summary == "" || strings.HasSuffix(o.summary, ".") {
			t.Errorf("%s: the summary is %q", o.id, o.summary)
		}
		if o.streams {
			continue // what is sent has no end
		}
		e, has := examples()[o.id]
		if !has || (o.acts || o.bodied) != (e.Body != nil) {
			t.Errorf("%s has no example in testdata/operations.http", o.id)
		}
	}
	for id := range examples() {
		found := false
		for _, o := range w.api.operations {
			found = found || o.id == id
		}
		if !found {
			t.Errorf("an example of %s, which is no operation", id)
		}
	}
}

// Answers may get new fields, and requests have none that are not described.
func TestAnswersAreOpen(t *testing.T) {
	t.Parallel()
	doc := newWorld(t).api.huma.OpenAPI()
	all, sent, answered := doc.Components.Schemas.Map(), map[string]bool{}, map[string]bool{}
	for op := range described(doc) {
		if op.RequestBody != nil {
			reach(all, op.RequestBody.Content, sent)
		}
		for _, r := range op.Responses {
			reach(all, r.Content, answered)
		}
	}
	if len(sent) < 40 || len(answered) < 70 {
		t.Fatalf("%d are sent and %d are answered", len(sent), len(answered))
	}
	for name, s := range all {
		_, closed := s.AdditionalProperties.(bool)
		if s.Type == huma.TypeObject && closed != sent[name] || sent[name] && answered[name] {
			t.Errorf("%s: closed %v, sent %v, answered %v", name, closed, sent[name], answered[name])
		}
	}
}

// Every recorded request and answer is as the document says.
func TestContract(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, n := contractOf(w), 0
	c.strict = true
	wiretest.Each(t, func(name string, x *wiretest.Exchange) {
		n++
		r := wiretest.Request(t, x.Request)
		status, header, body := wiretest.Answer(t, x.Answer)
		valid, err := c.check(t.Context(), r, status, header, body)
		if err != nil {
			t.Errorf("%s: %s: %v", name, x.Request, err)
		}
		if status < http.StatusBadRequest && !valid {
			t.Errorf("%s: %s was done, and is not as the document says", name, x.Request)
		}
	})
	if n == 0 {
		t.Error("nothing was compared")
	}
}

// Everything that is sent or answered says what it is: its unit, its limits and what it means when it is left out.
func TestEverythingIsDescribed(t *testing.T) {
	t.Parallel()
	doc, missing, n := newWorld(t).api.huma.OpenAPI(), []string{}, 0
	see := func(name, description string) {
		n++
		if strings.TrimSpace(description) == "" {
			missing = append(missing, name)
		}
	}
	for name, s := range doc.Components.Schemas.Map() {
		each(s, func(part *huma.Schema) {
			for field, of := range part.Properties {
				see(name+"."+field, of.Description)
			}
		})
	}
	for op := range described(doc) {
		for _, p := range op.Parameters {
			if p.Ref == "" {
				see(op.OperationID+" "+p.In+"."+p.Name, p.Description)
			}
		}
		for status, r := range op.Responses {
			see(op.OperationID+" "+status, r.Description)
		}
	}
	for name, p := range doc.Components.Parameters {
		see(name, p.Description)
	}
	for name, h := range doc.Components.Headers {
		see(name, h.Description)
	}
	slices.Sort(missing)
	if len(missing) > 0 || n < 1000 {
		t.Errorf("%d of %d have no description:\n%s", len(missing), n, strings.Join(missing, "\n"))
	}
}
