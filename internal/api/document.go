package api

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// methodsAt returns the methods of the operations at a path.
func (a *API) methodsAt(path string) (all []string) {
	for _, o := range a.operations {
		if matches(Base+o.path, path) && !slices.Contains(all, o.method) {
			all = append(all, o.method)
		}
	}
	slices.Sort(all)
	return all
}

// matches reports whether a path is one of a pattern, in which names in braces stand for one segment each.
func matches(pattern, path string) bool {
	wanted, sent := strings.Split(pattern, "/"), strings.Split(path, "/")
	return slices.EqualFunc(wanted, sent, func(w, s string) bool {
		return w == s || strings.HasPrefix(w, "{") && s != ""
	})
}

// document is the part of the OpenAPI document that belongs to no operation.
func document(version string) *huma.OpenAPI {
	return &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title: "Tongka", Version: version,
			Description: "Membership cards, stored value and loyalty. Amounts are integers in fen (0.01 CNY). Times are " +
				"RFC 3339 in UTC, days are civil days at the merchant.\n\nWhat moves value takes an `Idempotency-Key`: sent " +
				"again with the same content it answers the first answer and does nothing, for as long as the books are kept. " +
				"Refusals are problems (RFC 9457) with a stable `code`; `x-extensible-enum` of it has all that there are now.\n\n" +
				"Answers may get new fields without a new version. Each has a header `X-Request-Id`.\n\nExamples are of a " +
				"recorded merchant with the cards 6001 and 6002 and the shops 11 and 12. The first merchant of `tongka demo` has " +
				"the cards `M000123` and `wx001` and the shops 10020 and 10021.",
			License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
		},
		Servers: []*huma.Server{{URL: "/", Description: "This server"}},
		Components: &huma.Components{
			Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
			SecuritySchemes: map[string]*huma.SecurityScheme{
				"key": {Type: "http", Scheme: "bearer", Description: "A key (`tk_…`), or the token of an agent."},
			},
		},
		Tags: tags,
	}
}

var tags = []*huma.Tag{
	{Name: "cards", Description: "Cards, their holders, what is on them and what was done with them."},
	{Name: "money", Description: "Recharges, bills and what undoes them."},
	{Name: "points", Description: "Points."},
	{Name: "coupons", Description: "Coupons and their kinds."},
	{Name: "journal", Description: "The merchant's books, line by line."},
	{Name: "merchant", Description: "The merchant and its settings."},
	{Name: "webhooks", Description: "Where what happens is sent."},
	{Name: "keys", Description: "The merchant's API keys."},
	{Name: "people", Description: "Who signs in to the console for the merchant."},
	{Name: "jobs", Description: "Files of cards, brought in and taken out behind the requests."},
	{Name: "requests", Description: "What became of requests."},
}

// sendDocument sends the OpenAPI document. It is the same for everybody, so anybody may have it.
func (a *API) sendDocument(w http.ResponseWriter, r *http.Request) {
	a.drawn.Do(func() {
		text, err := a.huma.OpenAPI().MarshalJSON()
		if err != nil {
			panic(err) // a test draws it
		}
		a.text = text
	})
	w.Header().Set("Content-Type", "application/json")
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(string(a.text)))
}
