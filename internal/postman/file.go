package main

import "strings"

// file is a collection of version 2.1.
type file struct {
	Info     info    `json:"info"`
	Item     []item  `json:"item"`
	Event    []event `json:"event,omitempty"`
	Variable []pair  `json:"variable"`
}

type info struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Schema      string `json:"schema"`
}

// item is a folder or a request.
type item struct {
	Name        string     `json:"name"`
	Description string     `json:"description,omitempty"`
	Event       []event    `json:"event,omitempty"`
	Item        []item     `json:"item,omitempty"`
	Request     *request   `json:"request,omitempty"`
	Response    []response `json:"response,omitempty"`

	operation string // of the API; "" = it is none
}

type event struct {
	Listen string `json:"listen"`
	Script script `json:"script"`
}

type script struct {
	Type string   `json:"type"`
	Exec []string `json:"exec"`
}

type request struct {
	Method      string  `json:"method"`
	Description string  `json:"description,omitempty"`
	Header      []pair  `json:"header"`
	Body        *body   `json:"body,omitempty"`
	URL         address `json:"url"`
}

type pair struct {
	Key         string `json:"key"`
	Value       string `json:"value"`
	Description string `json:"description,omitempty"`
	Disabled    bool   `json:"disabled,omitempty"`
}

type body struct {
	Mode    string      `json:"mode"`
	Raw     string      `json:"raw"`
	Options bodyOptions `json:"options"`
}

type bodyOptions struct {
	Raw struct {
		Language string `json:"language"`
	} `json:"raw"`
}

type address struct {
	Raw      string   `json:"raw"`
	Host     []string `json:"host"`
	Path     []string `json:"path"`
	Query    []pair   `json:"query,omitempty"`
	Variable []pair   `json:"variable,omitempty"`
}

// response is an answer that is shown beside a request.
type response struct {
	Name     string `json:"name"`
	Status   string `json:"status"`
	Code     int    `json:"code"`
	Header   []pair `json:"header"`
	Body     string `json:"body"`
	Language string `json:"_postman_previewlanguage"`
}

// jsonBody is a body of JSON; nil for an empty text.
func jsonBody(text string) *body {
	if text == "" {
		return nil
	}
	return rawBody(text, "json")
}

// rawBody is a body as it is sent.
func rawBody(text, language string) *body {
	b := &body{Mode: "raw", Raw: text}
	b.Options.Raw.Language = language
	return b
}

// contentJSON says what a body is.
var contentJSON = pair{Key: "Content-Type", Value: "application/json"}

// answered is an answer with status 200.
func answered(text string) []response {
	if text == "" {
		return nil
	}
	return []response{{
		Name: "200", Status: "OK", Code: 200, Header: []pair{contentJSON}, Body: text, Language: "json",
	}}
}

// at returns the address of a path of the server. Parts like {number} are variables of the address.
func at(path string, query []pair) address {
	const host = "{{base_url}}"
	a := address{Host: []string{host}, Query: query}
	for part := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			part = ":" + strings.TrimSuffix(name, "}")
		}
		a.Path = append(a.Path, part)
	}
	a.Raw = host + "/" + strings.Join(a.Path, "/")
	var asked []string
	for _, q := range query {
		if !q.Disabled {
			asked = append(asked, q.Key+"="+q.Value)
		}
	}
	if len(asked) > 0 {
		a.Raw += "?" + strings.Join(asked, "&")
	}
	return a
}
