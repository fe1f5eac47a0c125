package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

var ofOperation = regexp.MustCompile(`(?m)^operation: (\w+)$`)

// operations returns a folder for each tag of the description, with its operations in the order of a recorded day: what
// one answers another takes.
func operations(described []byte, day string) (folders []item, err error) {
	recorded, err := os.ReadFile(day)
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for i, found := range ofOperation.FindAllStringSubmatch(string(recorded), -1) {
		at[found[1]] = i
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(described, &doc); err != nil {
		return nil, err
	}
	folder := map[string]int{}
	for path, methods := range members(child(doc.Content[0], "paths")) {
		for method, op := range members(methods) {
			one, err := operation(path, method, op)
			if err != nil {
				return nil, fmt.Errorf("%s %s: %w", method, path, err)
			}
			tag := child(op, "tags").Content[0].Value
			if _, ok := folder[tag]; !ok {
				folder[tag] = len(folders)
				folders = append(folders, item{Name: tag})
			}
			in := &folders[folder[tag]]
			in.Item = append(in.Item, one)
		}
	}
	for _, f := range folders {
		slices.SortStableFunc(f.Item, func(a, b item) int { return cmp.Compare(at[a.operation], at[b.operation]) })
	}
	slices.SortStableFunc(folders, func(a, b item) int {
		return cmp.Compare(at[a.Item[0].operation], at[b.Item[0].operation])
	})
	return folders, nil
}

// asked are the parameters without which an operation finds nothing, though none of them is required.
var asked = map[string]string{"lookupCards": "phone"}

// operation returns an operation as a request.
func operation(path, method string, op *yaml.Node) (item, error) {
	r := request{
		Method: strings.ToUpper(method), Description: value(child(op, "description")),
		Header: []pair{{Key: "Authorization", Value: "Bearer {{api_key}}"}},
	}
	var query, inPath []pair
	id := value(child(op, "operationId"))
	for _, p := range list(child(op, "parameters")) {
		if child(p, "$ref") != nil { // the only one that many have
			r.Header = append(r.Header, pair{Key: "Tongka-Merchant", Value: "{{merchant}}"})
			continue
		}
		one := pair{
			Key: value(child(p, "name")), Value: example(p), Description: value(child(p, "description")),
		}
		switch value(child(p, "in")) {
		case "path":
			one.Value = pathVariable(id, one.Key)
			inPath = append(inPath, one)
		case "query":
			one.Disabled = value(child(p, "required")) != "true" && one.Key != asked[id]
			switch one.Key {
			case "phone":
				one.Value = "{{phone}}"
			case "q":
				one.Value = "{{card}}"
			}
			query = append(query, one)
		case "header":
			switch one.Key {
			case "Idempotency-Key":
				one.Value = "{{$guid}}"
			case "If-Match":
				one.Value = "{{etag}}"
			default:
				one.Disabled = true
			}
			r.Header = append(r.Header, one)
		}
	}
	if err := r.asks(id, child(op, "requestBody")); err != nil {
		return item{}, err
	}
	r.URL = at(path, query)
	r.URL.Variable = inPath
	got, err := exampleOf(child(child(op, "responses"), "200"))
	return item{operation: id, Name: value(child(op, "summary")), Request: &r, Response: answered(got)}, err
}

// asks gives a request its body, if it has one.
func (r *request) asks(id string, described *yaml.Node) error {
	if described == nil {
		return nil
	}
	if file := child(child(described, "content"), "text/csv"); file != nil {
		r.Header = append(r.Header, pair{Key: "Content-Type", Value: "text/csv"})
		r.Body = rawBody(value(child(file, "example")), "text")
		return nil
	}
	asked, err := exampleOf(described)
	r.Header = append(r.Header, contentJSON)
	r.Body = jsonBody(filled(id, cmp.Or(asked, "{}")))
	return err
}

// example returns the first example of a parameter.
func example(p *yaml.Node) string {
	for _, from := range []*yaml.Node{p, child(p, "schema")} {
		if e := child(from, "example"); e != nil {
			return e.Value
		}
		if all := list(child(from, "examples")); len(all) > 0 {
			return all[0].Value
		}
	}
	return value(child(child(p, "schema"), "default"))
}

// exampleOf returns the example of a body in JSON; "" if it has none.
func exampleOf(of *yaml.Node) (string, error) {
	e := child(child(child(of, "content"), "application/json"), "example")
	if e == nil {
		return "", nil
	}
	var text bytes.Buffer
	if err := writeJSON(&text, e); err != nil {
		return "", err
	}
	var indented bytes.Buffer
	err := json.Indent(&indented, text.Bytes(), "", "  ")
	return indented.String(), err
}

// writeJSON writes a node as JSON, its members in their order.
func writeJSON(to *bytes.Buffer, n *yaml.Node) error {
	switch n.Kind {
	case yaml.MappingNode:
		separator := byte('{')
		for name, of := range members(n) {
			to.WriteByte(separator)
			separator = ','
			fmt.Fprintf(to, "%q:", name) // names are words
			if err := writeJSON(to, of); err != nil {
				return err
			}
		}
		if separator == '{' {
			to.WriteByte('{')
		}
		to.WriteByte('}')
	case yaml.SequenceNode:
		to.WriteByte('[')
		for i, of := range n.Content {
			if i > 0 {
				to.WriteByte(',')
			}
			if err := writeJSON(to, of); err != nil {
				return err
			}
		}
		to.WriteByte(']')
	default:
		return writeScalar(to, n)
	}
	return nil
}

func writeScalar(to *bytes.Buffer, n *yaml.Node) error {
	switch n.Tag {
	case "!!int", "!!float", "!!bool", "!!null":
		to.WriteString(n.Value)
		return nil
	}
	e := json.NewEncoder(to)
	e.SetEscapeHTML(false)
	return e.Encode(n.Value)
}

// child returns a member of a mapping; nil if there is none.
func child(n *yaml.Node, name string) *yaml.Node {
	for key, of := range members(n) {
		if key == name {
			return of
		}
	}
	return nil
}

// members goes through a mapping.
func members(n *yaml.Node) func(yield func(string, *yaml.Node) bool) {
	return func(yield func(string, *yaml.Node) bool) {
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i].Value, n.Content[i+1]) {
				return
			}
		}
	}
}

func list(n *yaml.Node) []*yaml.Node {
	if n == nil {
		return nil
	}
	return n.Content
}

func value(n *yaml.Node) string {
	if n == nil {
		return ""
	}
	return n.Value
}
