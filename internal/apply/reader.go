package apply

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"tongka/internal/ledger"
)

// Problem is one thing wrong with the file.
type Problem struct {
	Line  int
	Field string // like merchants[0].levels[1].discount
	Text  string
}

func (p Problem) Error() string {
	if p.Field == "" {
		return fmt.Sprintf("line %d: %s", p.Line, p.Text)
	}
	return fmt.Sprintf("line %d: %s: %s", p.Line, p.Field, p.Text)
}

// reader walks the YAML tree, sets fields from it and gathers every problem on the way.
type reader struct {
	problems []Problem
}

// value is a YAML node and where it stands.
type value struct {
	node *yaml.Node
	path string
}

// valueOf is a node, or what it is an alias of.
func valueOf(node *yaml.Node, path string) value {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	return value{node, path}
}

// fields are the keys an object may have, with what reads each.
type fields map[string]func(value)

// names are the fields in the order of the alphabet.
func (fs fields) names() string { return strings.Join(slices.Sorted(maps.Keys(fs)), ", ") }

// first is the first of them.
func (fs fields) first() string { return slices.Min(slices.Collect(maps.Keys(fs))) }

func (r *reader) fail(v value, format string, args ...any) {
	r.problems = append(r.problems, Problem{Line: v.node.Line, Field: v.path, Text: fmt.Sprintf(format, args...)})
}

// err is all problems as one error, by line.
func (r *reader) err() error {
	slices.SortStableFunc(r.problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	all := make([]error, len(r.problems))
	for i, p := range r.problems {
		all[i] = p
	}
	return errors.Join(all...)
}

// object reads a mapping whose keys are all among fs.
func (r *reader) object(v value, fs fields) {
	if v.node.Kind != yaml.MappingNode {
		r.fail(v, "want fields like %s: …, of %s", fs.first(), fs.names())
		return
	}
	seen := map[string]bool{}
	for i := 0; i < len(v.node.Content); i += 2 {
		key := v.node.Content[i].Value
		child := valueOf(v.node.Content[i+1], strings.TrimPrefix(v.path+"."+key, "."))
		read, known := fs[key]
		switch {
		case !known:
			r.fail(value{v.node.Content[i], child.path}, "there is no such field: want %s", fs.names())
		case seen[key]:
			r.fail(value{v.node.Content[i], child.path}, "stands twice: leave one of them out")
		default:
			read(child)
		}
		seen[key] = true
	}
}

// list reads a sequence, item by item.
func (r *reader) list(item func(value)) func(value) {
	return func(v value) {
		if v.node.Kind != yaml.SequenceNode {
			r.fail(v, "want a list, each item behind a - or all between [ and ]")
			return
		}
		for i, node := range v.node.Content {
			item(valueOf(node, fmt.Sprintf("%s[%d]", v.path, i)))
		}
	}
}

// named reports whether an item of a list has fields, by one of which it says what it is about, as in the example.
func (r *reader) named(v value, example string) bool {
	if v.node.Kind != yaml.MappingNode {
		r.fail(v, "want an item with fields, like %s", example)
	}
	return v.node.Kind == yaml.MappingNode
}

// key is the field of an object, or the object itself when it has no such field.
func (v value) key(name string) value {
	if node := v.find(name); node != nil {
		return valueOf(node, v.path+"."+name)
	}
	return v
}

// text is the scalar of a field, "" when there is none.
func (v value) text(name string) string {
	if node := v.find(name); node != nil && node.Kind == yaml.ScalarNode {
		return node.Value
	}
	return ""
}

func (v value) find(name string) *yaml.Node {
	if v.node.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i < len(v.node.Content); i += 2 {
		if v.node.Content[i].Value == name {
			return valueOf(v.node.Content[i+1], "").node
		}
	}
	return nil
}

// diff gathers which fields of a record the file changes, each like "discount: 1 → 0.9".
type diff []string

// secrets are fields of which nothing but their name is ever told.
var secrets = []string{"token", "api_key", "developer_secret"}

// note notes that a field changes from a value to another.
func (d *diff) note(field string, from, to any) {
	if !slices.Contains(secrets, field) {
		field = fmt.Sprintf("%s: %s → %s", field, told(from), told(to))
	}
	*d = append(*d, field)
}

// told is a value as a report tells it. What is empty is none.
func told(value any) string {
	text := fmt.Sprint(value)
	if text == "" {
		return "none"
	}
	return text
}

// within are the changes of a part of a record, under its name.
func (d *diff) within(field string, changes diff) {
	for _, c := range changes {
		*d = append(*d, field+"."+c)
	}
}

// scalar reads one value into a record and notes in d when that changes it.
func scalar[T comparable](r *reader, d *diff, into *T, parse func(string) (T, error)) func(value) {
	return func(v value) {
		if v.node.Kind != yaml.ScalarNode {
			r.fail(v, "want one value")
			return
		}
		read, err := parse(v.node.Value)
		if err != nil {
			r.fail(v, "%v", err)
			return
		}
		if read != *into {
			d.note(lastName(v), *into, read)
			*into = read
		}
	}
}

// maxText bounds names and GUIDs.
const maxText = 64

func parseText(s string) (string, error) {
	s = strings.TrimSpace(s)
	if utf8.RuneCountInString(s) > maxText {
		return "", fmt.Errorf("want at most %d characters", maxText)
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		return "", errors.New("want one line, without control characters")
	}
	return s, nil
}

func parseBool(s string) (bool, error) {
	switch s {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, fmt.Errorf("want true or false, got %q", s)
}

// parseHour reads a cut-off: 4, or 04:00 as it is told.
func parseHour(s string) (ledger.CutOff, error) {
	n, err := strconv.Atoi(strings.TrimSuffix(s, ":00"))
	if err != nil || n < 0 || n > 23 {
		return 0, fmt.Errorf("want an hour from 0 to 23, got %q", s)
	}
	return ledger.CutOffAt(n), nil
}

// parseCount reads an integer from least to most.
func parseCount[T ~int | ~int64](least, most T) func(string) (T, error) {
	return func(s string) (T, error) {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || T(n) < least || T(n) > most {
			return 0, fmt.Errorf("want a whole number from %d to %d, got %q", least, most, s)
		}
		return T(n), nil
	}
}
