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

// reader walks the YAML tree, sets fields from it and collects every problem instead of stopping at the first.
type reader struct {
	problems []Problem
	unread   []string // the paths of fields whose values could not be read
}

// value is a YAML node with its path from the top of the file.
type value struct {
	node *yaml.Node
	path string
}

// valueOf returns a node, or the node it is an alias of, as a value.
func valueOf(node *yaml.Node, path string) value {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	return value{node, path}
}

// fields are the keys an object may have, each with the function that reads it.
type fields map[string]func(value)

// names returns the keys in alphabetical order, for messages.
func (fs fields) names() string { return strings.Join(slices.Sorted(maps.Keys(fs)), ", ") }

// first returns the alphabetically first key.
func (fs fields) first() string { return slices.Min(slices.Collect(maps.Keys(fs))) }

func (r *reader) fail(v value, format string, args ...any) {
	r.problems = append(r.problems, Problem{Line: v.node.Line, Field: v.path, Text: fmt.Sprintf(format, args...)})
}

// err returns all problems as one error, ordered by line, or nil if there are none.
func (r *reader) err() error {
	slices.SortStableFunc(r.problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	all := make([]error, len(r.problems))
	for i, p := range r.problems {
		all[i] = p
	}
	return errors.Join(all...)
}

// object reads a mapping. A key that is not in fs, or stands twice, is a problem; a key of fs that is missing is not.
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

// named reports whether an item of a list is a mapping, which it must be to have an id or a name. If it is not, the
// problem is noted with the example.
func (r *reader) named(v value, example string) bool {
	if v.node.Kind != yaml.MappingNode {
		r.fail(v, "want an item with fields, like %s", example)
	}
	return v.node.Kind == yaml.MappingNode
}

// key returns a field of an object, or the object itself if it has no such field: a problem of a missing field is
// noted at the line of its object.
func (v value) key(name string) value {
	if node := v.find(name); node != nil {
		return valueOf(node, v.path+"."+name)
	}
	return v
}

// text returns the scalar of a field, or "" if there is none.
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

// diff is the list of a record's fields that the file changes, each like "discount: 1 → 0.9".
type diff []string

// secrets are fields whose values are never shown; a diff has only their names.
var secrets = []string{"token", "api_key", "developer_secret"}

// note adds a change of a field.
func (d *diff) note(field string, from, to any) {
	if !slices.Contains(secrets, field) {
		field = fmt.Sprintf("%s: %s → %s", field, told(from), told(to))
	}
	*d = append(*d, field)
}

// told returns a value as reports show it; an empty one is "none".
func told(value any) string {
	text := fmt.Sprint(value)
	if text == "" {
		return "none"
	}
	return text
}

// within adds the changes of a nested object, each prefixed with the object's name.
func (d *diff) within(field string, changes diff) {
	for _, c := range changes {
		*d = append(*d, field+"."+c)
	}
}

// scalar returns a reader of one value into *into. If the value differs from what is there, the change is noted in d.
func scalar[T comparable](r *reader, d *diff, into *T, parse func(string) (T, error)) func(value) {
	return func(v value) {
		if v.node.Kind != yaml.ScalarNode {
			r.fail(v, "want one value")
			r.unread = append(r.unread, v.path)
			return
		}
		read, err := parse(v.node.Value)
		if err != nil {
			r.fail(v, "%v", err)
			r.unread = append(r.unread, v.path)
			return
		}
		if read != *into {
			d.note(lastName(v), *into, read)
			*into = read
		}
	}
}

// maxText is the most characters of a name or a GUID.
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

// parseHour reads a cut-off hour, as 4 or as 04:00, which is how it is shown.
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
