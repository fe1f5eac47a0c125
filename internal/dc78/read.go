package dc78

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"tongka/internal/wire"
)

// member is one name of a JSON object, with its value as sent.
type member struct {
	name string
	raw  []byte // valid JSON without space around it
}

func (m member) null() bool { return string(m.raw) == "null" }

// members returns the members of an object that readable has accepted; ok is false if the value is not an object.
func (m member) members() (inner []member, ok bool) {
	if m.raw[0] != '{' {
		return nil, false
	}
	inner, err := split(m.raw, maxTokens)
	return inner, err == nil
}

// groupMembers returns the parameters of a group. PHP writes an empty group as [].
func (m member) groupMembers(otherwise string, most int) ([]member, error) {
	if m.raw[0] == '[' && len(bytes.TrimSpace(m.raw[1:len(m.raw)-1])) == 0 {
		return nil, nil
	}
	if m.raw[0] != '{' {
		return nil, faultForm(otherwise)
	}
	return split(m.raw, most)
}

// readGroup returns the parameters of a group, and refuses one that can be read in two ways, at any depth.
func readGroup(m member, otherwise string) ([]member, error) {
	members, err := m.groupMembers(otherwise, maxTokens)
	if err != nil {
		return nil, err
	}
	return members, readable(m.raw)
}

// elements returns the elements of an array; ok is false if the value is not an array.
func (m member) elements() (inner []member, ok bool) {
	if m.raw[0] != '[' {
		return nil, false
	}
	s := scanner(m.raw[1:])
	for {
		s.space()
		if len(s) == 0 || s[0] == ']' {
			return inner, true
		}
		if s[0] == ',' {
			s = s[1:]
			continue
		}
		raw, _ := s.value()
		inner = append(inner, member{raw: raw})
	}
}

// scalar returns a text unescaped or a number as it was written; ok is false for any other value.
func (m member) scalar() (value string, ok bool) {
	if c := m.raw[0]; c == '-' || (c >= '0' && c <= '9') {
		return string(m.raw), true
	}
	if m.raw[0] != '"' {
		return "", false
	}
	value, err := unquote(m.raw)
	return value, err == nil
}

// trimMark removes the byte order mark that clients on Windows often send.
func trimMark(body []byte) []byte { return bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")) }

// scanner is the rest of a JSON text. It steps over values by their quotes and brackets only, in one pass
// whatever they hold; json.Valid must check that they are JSON. It never reads beyond the end.
type scanner []byte

func (s *scanner) space() { *s = bytes.TrimLeft(*s, " \t\r\n") }

// value steps over one value and returns it; ok is false if the text ends within it.
func (s *scanner) value() (raw []byte, ok bool) {
	text, depth := *s, 0
	for i := 0; i < len(text); {
		switch text[i] {
		case '"':
			n, whole := quoted(text[i:])
			if !whole {
				return nil, false
			}
			i += n
		case '{', '[':
			depth++
			i++
		case '}', ']':
			depth--
			i++
		case ',', ':', ' ', '\t', '\r', '\n':
			i++
		default: // a number or a word
			n := bytes.IndexAny(text[i:], ",:]}[{\" \t\r\n")
			if n < 0 {
				return nil, false
			}
			i += n
		}
		if depth <= 0 {
			*s = text[i:]
			return text[:i], true
		}
	}
	return nil, false
}

// quoted returns the length of the string at the beginning of text; whole is false if the text ends within it.
func quoted(text []byte) (n int, whole bool) {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1, true
		}
	}
	return 0, false
}

// split returns the members of an object, of which there may be at most most. If the object is cut short, it
// returns the members that are complete.
func split(object []byte, most int) ([]member, error) {
	s := scanner(object[1:])
	members := make([]member, 0, 8)
	for {
		s.space()
		if len(s) == 0 || s[0] == '}' {
			return members, nil
		}
		if s[0] == ',' {
			s = s[1:]
			continue
		}
		if s[0] != '"' {
			return nil, faultForm("内容不是JSON")
		}
		n, whole := quoted(s)
		if !whole {
			return members, nil
		}
		name, err := unquote(s[:n])
		if err != nil {
			return nil, err
		}
		s = s[n:]
		if s.space(); len(s) > 0 && s[0] == ':' {
			s = s[1:]
		}
		s.space()
		raw, whole := s.value()
		if !whole {
			return members, nil
		}
		if len(members) == most {
			return nil, faultForm("参数过多")
		}
		members = append(members, member{name, raw})
	}
}

// unquote returns the text of a JSON string. An escape for half a character is refused, because json.Unmarshal
// would replace it by something that was not sent.
func unquote(token []byte) (string, error) {
	if bytes.IndexByte(token, '\\') < 0 {
		return string(token[1 : len(token)-1]), nil
	}
	var value string
	if json.Unmarshal(token, &value) != nil {
		return "", faultForm("内容不是JSON")
	}
	if wire.HalfCharacter(token) {
		return "", faultForm("文本含半个字符")
	}
	return value, nil
}

// Limits of a signed text: how many names, values and brackets it may have, which is nearly twice what 500 cards
// need, and how deep it may be nested.
const (
	maxTokens = 32 << 10
	maxDepth  = 16
)

// readable checks a valid JSON text. It refuses a name that occurs twice in one object at any depth, because
// readers differ in which one counts, and an escape for half a character.
func readable(text []byte) error {
	w := walk{scanner: text}
	return w.value(0)
}

// walk goes through a text once. names holds the names of all objects that are open.
type walk struct {
	scanner
	tokens int
	names  []string
}

func (w *walk) token() error {
	if w.tokens++; w.tokens > maxTokens {
		return faultTooLarge
	}
	return nil
}

func (w *walk) value(depth int) error {
	if err := w.token(); err != nil {
		return err
	}
	w.space()
	switch w.scanner[0] {
	case '{', '[':
		if depth == maxDepth {
			return faultTooLarge
		}
		return w.inside(depth+1, w.scanner[0] == '{')
	case '"':
		_, err := w.text()
		return err
	}
	_, _ = w.scanner.value()
	return nil
}

func (w *walk) text() (string, error) {
	n, _ := quoted(w.scanner)
	token := w.scanner[:n]
	w.scanner = w.scanner[n:]
	return unquote(token)
}

// inside goes through the object or array that begins here.
func (w *walk) inside(depth int, object bool) error {
	first := len(w.names)
	for w.scanner = w.scanner[1:]; ; {
		w.space()
		switch w.scanner[0] {
		case '}', ']':
			w.scanner = w.scanner[1:]
			return cmp.Or(w.token(), w.close(first))
		case ',':
			w.scanner = w.scanner[1:]
			w.space()
		}
		if object {
			if err := w.token(); err != nil {
				return err
			}
			name, err := w.text()
			if err != nil {
				return err
			}
			w.names = append(w.names, name)
			w.space()
			w.scanner = w.scanner[1:] // the colon
		}
		if err := w.value(depth); err != nil {
			return err
		}
	}
}

// close removes the names of an object, and refuses the object if one occurs twice.
func (w *walk) close(first int) error {
	names := w.names[first:]
	w.names = w.names[:first]
	slices.Sort(names)
	if len(slices.Compact(names)) < len(names) {
		return faultForm("字段重复")
	}
	return nil
}

// readPairs reads a query or a form body. A name may occur twice only with the same value.
func readPairs(raw string) (params, error) {
	pairs := make(params, 0, 8)
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		if len(pairs) == maxParams {
			return nil, faultForm("参数过多")
		}
		name, value, _ := strings.Cut(pair, "=")
		p, err := unescape(name, value)
		if err != nil {
			return nil, err
		}
		switch i := slices.IndexFunc(pairs, func(other param) bool { return other.name == p.name }); {
		case i < 0:
			pairs = append(pairs, p)
		case pairs[i].value != p.value:
			return nil, faultForm("参数重复:" + p.name)
		}
	}
	return pairs, nil
}

func unescape(name, value string) (param, error) {
	var p param
	var err1, err2 error
	p.name, err1 = url.QueryUnescape(name)
	p.value, err2 = url.QueryUnescape(value)
	if err1 != nil || err2 != nil {
		return param{}, faultForm("地址编码错误")
	}
	if !utf8.ValidString(p.name) || !utf8.ValidString(p.value) {
		return param{}, faultForm("编码应为UTF-8")
	}
	return p, nil
}
