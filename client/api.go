package client

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// API is a client of the native API, /v1. Its operations are described by the server's OpenAPI document; Get and Do
// send any of them. If the server refuses, the error is a Problem; if it is not known whether something was done, it is
// an Unsure.
type API struct {
	BaseURL  string       // scheme and host: "https://cards.example.com"
	Key      string       // a key, tk_…, or the token of an agent
	Merchant int64        // the merchant's id, for an agent of several; 0 = the only one
	HTTP     *http.Client // nil = one with a timeout of 30 s for each try
	Tries    int          // how often a request may be sent; 0 = 4, 1 = it is never repeated
}

// Problem is why the API refused, as RFC 9457 has it.
type Problem struct {
	Status    int            `json:"status"`
	Code      string         `json:"code"`   // for programs; codes never change
	Detail    string         `json:"detail"` // for people
	About     string         `json:"about"`
	Errors    []ProblemField `json:"errors"` // what is wrong with which field
	RequestID string         `json:"request_id"`
	Body      []byte         `json:"-"` // the whole answer
}

// ProblemField says what is wrong with one field.
type ProblemField struct {
	Field string `json:"field"` // like body.amount
	Want  string `json:"want"`
}

const (
	problemType = "application/problem+json" // the media type of problems
	codeRate    = "rate_limited"             // the code of too many requests a second
)

// Error returns status, code and text.
func (p Problem) Error() string { return fmt.Sprintf("%d %s: %s", p.Status, p.Code, p.Detail) }

// Get reads from a path, like /v1/cards, into a value of the operation's answer. Several values of one name are sent as
// a list.
func (a *API) Get(ctx context.Context, path string, query url.Values, into any) error {
	if len(query) > 0 {
		path += "?" + listed(query).Encode()
	}
	r, err := a.send(ctx, asked{method: http.MethodGet, path: path})
	if err == nil {
		err = r.api(into)
	}
	return err
}

// listed returns a query in which each name stands once, its values joined by commas as the API takes them.
func listed(query url.Values) url.Values {
	once := url.Values{}
	for name, values := range query {
		once.Set(name, strings.Join(values, ","))
	}
	return once
}

// Quote asks what paying a bill would do; nothing is done.
func (a *API) Quote(ctx context.Context, bill, into any) error {
	r, err := a.send(ctx, asked{method: http.MethodPost, path: "/v1/quotes", body: bill})
	if err == nil {
		err = r.api(into)
	}
	return err
}

// Do carries out an operation once under a name, which stays the same over all retries. If once is empty, a name is
// drawn. The Receipt has it. into may be nil.
func (a *API) Do(ctx context.Context, method, path, once string, body, into any) (Receipt, error) {
	return a.do(ctx, asked{method: method, path: path, once: once, body: body}, into)
}

// Change is Do for what has a version, such as the settings: the one that was read. If somebody has changed it since,
// the Problem has the code version_moved.
func (a *API) Change(
	ctx context.Context, method, path string, version int64, once string, body, into any,
) (Receipt, error) {
	match := strconv.Quote(strconv.FormatInt(version, 10))
	return a.do(ctx, asked{method: method, path: path, once: once, match: match, body: body}, into)
}

func (a *API) do(ctx context.Context, q asked, into any) (Receipt, error) {
	q.once = cmp.Or(q.once, rand.Text())
	r, err := a.send(ctx, q)
	if err == nil {
		err = r.api(into)
	}
	return Receipt{q.once, r.header.Get("Idempotent-Replayed") == "true"}, r.settle(q.once, err)
}

// asked is a request.
type asked struct {
	method, path string
	once         string // the name under which it is done; "" = it does nothing
	match        string // the ETag of what it changes; "" = it has none
	body         any    // what is sent as JSON, or a File
	file         bool   // the answer is a file
}

// content returns what is sent.
func (q *asked) content() (File, error) {
	switch b := q.body.(type) {
	case nil:
		return File{}, nil
	case File:
		return b, nil
	}
	text, err := json.Marshal(q.body)
	return File{"application/json", text}, err
}

func (a *API) send(ctx context.Context, q asked) (reply, error) {
	u, err := endpoint(a.BaseURL, q.path)
	if err != nil {
		return reply{}, err
	}
	content, err := q.content()
	if err != nil {
		return reply{}, err
	}
	e := exchange{http: a.HTTP, tries: a.Tries, repeatable: true, named: q.once != "", file: q.file}
	e.build = func() (*http.Request, error) {
		req, err := http.NewRequest(q.method, u.String(), bytes.NewReader(content.Content))
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", "Bearer "+a.Key)
		if a.Merchant != 0 {
			req.Header.Set("Tongka-Merchant", strconv.FormatInt(a.Merchant, 10))
		}
		if content.Type != "" {
			req.Header.Set("Content-Type", content.Type)
		}
		if q.once != "" {
			req.Header.Set("Idempotency-Key", q.once)
		}
		if q.match != "" {
			req.Header.Set("If-Match", q.match)
		}
		return req, nil
	}

	return e.run(ctx)
}

// api reads an answer. If a success cannot be read, it is not known what was done.
func (r *reply) api(into any) error {
	if err := r.refusal(); err != nil {
		return err
	}
	if into == nil {
		into = new(json.RawMessage)
	}
	err := decode(r.body, into)
	r.open = r.open || err != nil
	return err
}

// refusal returns an answer that is not a success as a Problem.
func (r *reply) refusal() error {
	if success(r.status) {
		return nil
	}
	p := r.problem()
	p.Status, p.Body = r.status, r.body
	p.Detail = cmp.Or(p.Detail, http.StatusText(r.status))
	return p
}

// problem returns what the API says; what cannot be read, or comes from somebody between, has no code.
func (r *reply) problem() (p Problem) {
	if r.isProblem() {
		_ = json.Unmarshal(r.body, &p)
	}
	return p
}

func (r *reply) isProblem() bool {
	kind, _, _ := mime.ParseMediaType(r.header.Get("Content-Type"))
	return kind == problemType
}

// provesNothing are the statuses of what is found before the server looks at the name of a request: the key, its rate,
// and that the request came too slowly. They say nothing about earlier tries.
var provesNothing = []int{
	http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestTimeout, http.StatusTooManyRequests,
}

// settle returns the error of what was to be done, as an Unsure if the exchange leaves open whether it was. A refusal
// by the rules under the same name proves that no earlier try has done it.
func (r reply) settle(once string, err error) error {
	if err == nil || !r.open {
		return err
	}
	p, refused := errors.AsType[Problem](err)
	if refused && p.Code != "" && p.Status/100 == 4 && !slices.Contains(provesNothing, p.Status) {
		return err
	}
	return Unsure{once, err}
}
