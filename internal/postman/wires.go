package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// recording is a recorded request that was carried out, with its answer.
type recording struct {
	method, path, query, body, answer string
}

var recorded = regexp.MustCompile(`(?s)>>>\n(.*?)<<<\n(.*?)(?:===\n|\z)`)

// recordings returns what was recorded with success in the files of those names, in that order.
func recordings(folder string, names ...string) (all []recording, err error) {
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(folder, name+".http"))
		if err != nil {
			return nil, err
		}
		for _, m := range recorded.FindAllStringSubmatch(string(text), -1) {
			asked, sent, _ := strings.Cut(m[1], "\n\n")
			head, answer, _ := strings.Cut(m[2], "\n\n")
			line, _, _ := strings.Cut(asked, "\n")
			method, target, _ := strings.Cut(line, " ")
			path, query, _ := strings.Cut(target, "?")
			r := recording{method, path, query, strings.TrimSpace(sent), strings.TrimSpace(answer)}
			if strings.HasPrefix(head, "200 ") && json.Valid([]byte(r.answer)) && !r.refused() {
				all = append(all, r)
			}
		}
	}
	return all, nil
}

// refused reports whether the answer says so, on either wire.
func (r *recording) refused() bool {
	return strings.Contains(r.answer, `{"errcode":"`) || strings.Contains(r.answer, `"status":"0"`)
}

// requestName matches the name of a request in its body.
var requestName = regexp.MustCompile(`("request_id": )"[^"]*"`)

// sandyItems returns the first recorded request of each endpoint.
func sandyItems(all []recording) (items []item) {
	for _, r := range all {
		name := strings.TrimPrefix(r.path, "/api2/member-cjb/")
		fits := name != r.path && r.query == "" && (r.body == "" || json.Valid([]byte(r.body)))
		if !fits || slices.ContainsFunc(items, func(i item) bool { return i.Name == name }) {
			continue
		}
		one := request{
			Method: r.method, URL: at(r.path, nil), Body: jsonBody(indented(r.body)),
			Header: []pair{{Key: "AUTHORIZATION", Value: "{{token}}"}, {Key: "CUSTOMERGUID", Value: "{{guid}}"}},
		}
		if r.body != "" {
			one.Header = append(one.Header, contentJSON)
		}
		if one.Body != nil && name != "request" { // which asks what became of one
			one.Body.Raw = requestName.ReplaceAllString(one.Body.Raw, `${1}"{{$$guid}}"`)
		}
		items = append(items, item{Name: name, Request: &one, Response: answered(r.answer)})
	}
	return items
}

// envelope is a request of dc78 in the form that has all of it in the body.
type envelope struct {
	Action struct {
		Action string `json:"action"`
	} `json:"action"`
	Get  json.RawMessage `json:"get"`
	Post json.RawMessage `json:"post,omitempty"`
}

// dc78Items returns the first recorded request of each action, in that form and without its signature.
func dc78Items(all []recording) (items []item) {
	for _, r := range all {
		e, ok := r.envelope()
		if !ok || slices.ContainsFunc(items, func(i item) bool { return i.Name == e.Action.Action }) {
			continue
		}
		text, err := json.Marshal(e)
		if err != nil {
			continue // what was recorded is no JSON: it is there to be refused
		}
		items = append(items, item{
			Name: e.Action.Action, Response: answered(r.answer),
			Request: &request{
				Method: "POST", Header: []pair{contentJSON}, Body: jsonBody(indented(string(text))),
				URL: at("/Api", []pair{
					{Key: "msid", Value: "{{msid}}"}, {Key: "timestamp", Value: "{{timestamp}}"},
					{Key: "nonce", Value: "{{nonce}}"}, {Key: "sign", Value: "{{sign}}"},
				}),
			},
		})
	}
	return items
}

// ofSystem are the parameters that the script of the folder makes.
var ofSystem = []string{"msid", "timestamp", "nonce", "sign", "post_sha256"}

// envelope returns what was asked, in whichever form it was; ok is false if it was none that a till sends.
func (r *recording) envelope() (e envelope, ok bool) {
	get := map[string]any{}
	if r.path == "/Api" || r.path == "/api" {
		if json.Unmarshal([]byte(r.body), &e) != nil || json.Unmarshal(e.Get, &get) != nil {
			return e, false
		}
	} else {
		query, err := url.ParseQuery(r.query)
		if err != nil {
			return e, false
		}
		for name, values := range query {
			get[name] = values[0]
		}
		_, e.Action.Action, _ = strings.Cut(strings.TrimPrefix(r.path, "/"), "/")
		if r.body != "" {
			if e.Post = json.RawMessage(r.body); !json.Valid(e.Post) {
				return e, false
			}
		}
	}
	for _, name := range ofSystem {
		delete(get, name)
	}
	text, err := json.Marshal(get)
	e.Get = text
	return e, err == nil && e.Action.Action != ""
}

//go:embed sign.js
var signScript string

//go:embed keep.js
var keepScript string

// keeping keeps what was answered.
var keeping = []event{{Listen: "test", Script: script{
	Type: "text/javascript", Exec: strings.Split(strings.TrimSpace(keepScript), "\n"),
}}}

// signing signs each request of the folder before it is sent.
var signing = []event{{Listen: "prerequest", Script: script{
	Type: "text/javascript", Exec: strings.Split(strings.TrimSpace(signScript), "\n"),
}}}

// indented returns JSON so that people can read it.
func indented(text string) string {
	var b bytes.Buffer
	if text == "" || json.Indent(&b, []byte(text), "", "  ") != nil {
		return text
	}
	return b.String()
}
