package api

import (
	"iter"
	"slices"

	"github.com/danielgtaylor/huma/v2"
)

// complete adds to the document what holds for all operations: the headers, the codes of problems, here and at each of
// them, and that answers may get new fields.
func (a *API) complete() {
	doc := a.huma.OpenAPI()
	const merchants = "The id of the merchant, for a key that is good at several."
	doc.Components.Parameters = map[string]*huma.Param{"Merchant": {
		Name: merchantHeader, In: "header", Description: merchants, Example: 1,
		Schema: &huma.Schema{Type: huma.TypeInteger, Format: "int64", Description: merchants},
	}}
	doc.Components.Headers = map[string]*huma.Header{}
	for _, h := range answerHeaders {
		doc.Components.Headers[h.name] = &huma.Header{Description: h.about, Schema: &huma.Schema{Type: h.kind}}
	}
	for _, o := range a.operations {
		require(doc.Paths[Base+o.path], o)
	}
	for op := range described(doc) {
		op.Parameters = append(op.Parameters, &huma.Param{Ref: "#/components/parameters/Merchant"})
		for status, answered := range op.Responses {
			for _, h := range answerHeaders {
				if h.with != nil && !slices.Contains(h.with, status) {
					continue
				}
				if answered.Headers == nil {
					answered.Headers = map[string]*huma.Header{}
				}
				answered.Headers[h.name] = &huma.Header{Ref: "#/components/headers/" + h.name}
			}
		}
	}
	problem := doc.Components.Schemas.Map()["Problem"].Properties["code"]
	problem.Extensions = map[string]any{"x-extensible-enum": problemCodes()}
	a.tellProblems(doc)
	openAnswers(doc)
	onlyJSON(doc)
}

// onlyJSON takes from bodies of JSON that they may be anything else: one of which the bytes are read, too, is described
// as both.
func onlyJSON(doc *huma.OpenAPI) {
	for op := range described(doc) {
		if op.RequestBody != nil && op.RequestBody.Content["application/json"] != nil {
			delete(op.RequestBody.Content, "application/octet-stream")
		}
	}
}

// require marks the headers without which a request is refused. They are no part of what is checked first: their
// problems have codes of their own. Where dry_run is taken a name may be left out with it.
func require(at *huma.PathItem, o *operation) {
	for _, op := range operationsOf(at) {
		if op == nil || op.OperationID != o.id {
			continue
		}
		for _, p := range op.Parameters {
			p.Required = p.Required || p.Name == "If-Match" || p.Name == "Idempotency-Key" && !o.acts
		}
	}
}

// answerHeaders are the headers of answers that no operation's own description has.
var answerHeaders = []struct {
	name, about, kind string
	with              []string // the statuses; nil = all
}{
	{"X-Request-Id", "Which request it was. The server's log knows it.", huma.TypeString, nil},
	{
		"RateLimit-Policy", `How many calls a second the key may make, like "key";q=2000;w=1. Left out if the server sets ` +
			"no limit.", huma.TypeString, []string{"200", "429"},
	},
	{
		"RateLimit", `How many are left now, like "key";r=1999;t=1. Left out if the server sets no limit.`, huma.TypeString,
		[]string{"200", "429"},
	},
	{"Retry-After", "How many seconds to wait, if that is known.", huma.TypeInteger, []string{"429", "503"}},
}

// operationsOf returns the operations of a path; nil for a method that it has not.
func operationsOf(at *huma.PathItem) []*huma.Operation {
	return []*huma.Operation{at.Get, at.Post, at.Put, at.Patch, at.Delete}
}

// described returns all operations of a document.
func described(doc *huma.OpenAPI) iter.Seq[*huma.Operation] {
	return func(yield func(*huma.Operation) bool) {
		for _, at := range doc.Paths {
			for _, op := range operationsOf(at) {
				if op != nil && !yield(op) {
					return
				}
			}
		}
	}
}

// problemCodes returns the codes of all problems, each once.
func problemCodes() (all []string) {
	for _, f := range faults() {
		all = append(all, f.code)
	}
	return slices.Compact(all)
}
