package api

import (
	"iter"
	"net/http"
	"slices"
	"strconv"

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
	for op := range described(doc) {
		op.Parameters = append(op.Parameters, &huma.Param{Ref: "#/components/parameters/Merchant"})
		for _, h := range answerHeaders {
			for _, status := range h.with {
				if answered := op.Responses[strconv.Itoa(status)]; answered != nil {
					if answered.Headers == nil {
						answered.Headers = map[string]*huma.Header{}
					}
					answered.Headers[h.name] = &huma.Header{Ref: "#/components/headers/" + h.name}
				}
			}
		}
	}
	problem := doc.Components.Schemas.Map()["Problem"].Properties["code"]
	problem.Extensions = map[string]any{"x-extensible-enum": problemCodes()}
	a.tellProblems(doc)
	openAnswers(doc)
}

// answerHeaders are the headers of answers that no operation's own description has.
var answerHeaders = []struct {
	name, about, kind string
	with              []int // the statuses
}{
	{"X-Request-Id", "Which request it was. The server's log knows it.", huma.TypeString, []int{http.StatusOK}},
	{
		"RateLimit-Policy", `How many calls a second the key may make, like "key";q=2000;w=1. Left out if the server sets ` +
			"no limit.", huma.TypeString, []int{http.StatusOK, http.StatusTooManyRequests},
	},
	{
		"RateLimit", `How many are left now, like "key";r=1999;t=1. Left out if the server sets no limit.`, huma.TypeString,
		[]int{http.StatusOK, http.StatusTooManyRequests},
	},
	{
		"Retry-After", "How many seconds to wait, if that is known.", huma.TypeInteger,
		[]int{http.StatusTooManyRequests, http.StatusServiceUnavailable},
	},
}

// described returns all operations of a document.
func described(doc *huma.OpenAPI) iter.Seq[*huma.Operation] {
	return func(yield func(*huma.Operation) bool) {
		for _, at := range doc.Paths {
			for _, op := range []*huma.Operation{at.Get, at.Post, at.Put, at.Patch, at.Delete} {
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
