package api

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"tongka/internal/ledger"
)

// operation is one thing that callers can ask for, as the description has it.
type operation struct {
	id      string // as code generators name it
	method  string
	path    string // below Base
	tag     string
	summary string
	about   string // more of it; may be empty
	needs   ledger.Permission
	acts    bool   // it moves value or changes a card: it takes an Idempotency-Key, and dry_run
	bodied  bool   // it has a body
	most    int64  // bytes of its body; 0 = maxBody
	whole   bool   // it is about the whole merchant: a key of some shops may not
	matched bool   // it changes what has a version: it takes an If-Match
	streams bool   // it answers a stream
	holder  string // what names of a holder's fields begin with in its problems
	once    bool   // it asks for a job: it takes an Idempotency-Key
	takes   bool   // its body is a file
	rows    bool   // rows of a file are in its body or its answer: no log keeps them
}

// describe returns what the OpenAPI document says of an operation.
func (a *API) describe(o *operation) huma.Operation {
	about := o.about
	if o.needs != 0 {
		about = strings.TrimSpace(about + "\n\nTakes the permission `" + o.needs.String() + "`.")
	}
	if o.needs == 0 {
		about = strings.TrimSpace(about + "\n\nAny key may.")
	}
	if o.whole {
		about += " A key of some shops may not."
	}
	op := huma.Operation{
		OperationID: o.id, Method: o.method, Path: Base + o.path, Tags: []string{o.tag}, Summary: o.summary,
		Description: about, MaxBodyBytes: cmp.Or(o.most, maxBody),
		Errors:      slices.Sorted(maps.Keys(o.mayAnswer())),
		Security:    []map[string][]string{{"key": {}}},
		Middlewares: huma.Middlewares{a.admit(o)},
	}
	if o.acts || o.bodied {
		op.RequestBody = &huma.RequestBody{}
	}
	op.Responses = map[string]*huma.Response{}
	a.operations = append(a.operations, o)
	return op
}

// illustrate adds to an operation that was added its example.
func (o *operation) illustrate(op *huma.Operation) {
	e, has := examples()[o.id]
	if !has {
		return
	}
	if op.RequestBody != nil {
		show(op.RequestBody.Content, e.Body)
	}
	show(op.Responses[strconv.Itoa(http.StatusOK)].Content, e.Answer)
}

// show adds an example to the JSON of a body, or to what else is text.
func show(content map[string]*huma.MediaType, example json.RawMessage) {
	if shown := cmp.Or(content["application/json"], content["text/csv"]); shown != nil {
		shown.Example = example
	}
}

// answer is a body that is sent.
type answer[T any] struct{ Body T }

// reads adds an operation that reads, and changes nothing.
func reads[I, T any](a *API, o operation, do func(*call, *I) (T, error)) {
	o.method = http.MethodGet
	asksBy(a, &o, do)
}

// asks adds an operation that changes nothing in the books and is asked for with a body.
func asks[I, T any](a *API, o operation, do func(*call, *I) (T, error)) {
	o.method, o.bodied = http.MethodPost, true
	asksBy(a, &o, do)
}

func asksBy[I, T any](a *API, o *operation, do func(*call, *I) (T, error)) {
	op := a.describe(o)
	huma.Register(a.huma, op, answering(do))
	o.illustrate(&op)
}

// answering returns what answers an operation by do.
func answering[I, T any](do func(*call, *I) (T, error)) func(context.Context, *I) (*answer[T], error) {
	return func(ctx context.Context, in *I) (*answer[T], error) {
		c := callOf(ctx)
		body, err := do(c, in)
		if err != nil {
			return nil, c.problem(notDone(err))
		}
		return &answer[T]{body}, nil
	}
}
