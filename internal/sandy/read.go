package sandy

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"tongka/internal/wire"
)

// Refusals of a body that is not one JSON object with unique names.
var (
	faultNotUTF8   = faultBad("请求内容不是UTF-8编码")
	faultNotObject = faultBad("请求内容不是JSON对象")
	faultTwice     = faultBad("请求内容有重复的字段")
	faultHalf      = faultBad("请求内容含半个字符")
	faultTooLarge  = faultBad("请求内容过大")
	faultCut       = faultBad("请求内容不完整")
)

// kind is the JSON type of a value, as far as this wire distinguishes types.
type kind int

const (
	absent kind = iota // missing, or null
	text
	number
	other // true, false, an array or an object, which no field of this wire takes
)

// member is one name of a request's object, with its value.
type member struct {
	name  string
	kind  kind
	value string // text: decoded; number and other: as sent
}

// object is a request's body, with its members ordered by name.
type object []member

// get returns the member with that name, or one of kind absent.
func (o object) get(name string) member {
	i, ok := slices.BinarySearchFunc(o, name, func(m member, n string) int { return strings.Compare(m.name, n) })
	if !ok {
		return member{name: name}
	}
	return o[i]
}

// sent reports whether there is a member with that name, were it null.
func (o object) sent(name string) bool {
	return slices.ContainsFunc(o, func(m member) bool { return m.name == name })
}

// otherSpelling reports whether there is a member whose name differs from that one only in letter case and in what is
// between its words.
func (o object) otherSpelling(name string) bool {
	return slices.ContainsFunc(o, func(m member) bool {
		return m.kind != absent && m.name != name && sameWords(m.name, name)
	})
}

// sameWords reports whether two names of ASCII letters differ at most in letter case and in what is between the words.
func sameWords(a, b string) bool {
	next := func(s *string) (letter byte) {
		*s = strings.TrimLeft(*s, "_- ")
		if *s == "" {
			return 0
		}
		letter, *s = (*s)[0]|0x20, (*s)[1:]
		return letter
	}
	for {
		x, y := next(&a), next(&b)
		if x != y || x == 0 {
			return x == y
		}
	}
}

// parseObject reads one JSON object. Numbers stay as they were sent. A name that occurs twice is refused, because
// readers differ in which one counts.
func parseObject(body []byte) (object, error) {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	switch {
	case !utf8.Valid(body):
		return nil, faultNotUTF8
	case !json.Valid(body):
		return nil, faultNotObject
	}
	s := scanner(body)
	s.space()
	if s[0] != '{' {
		return nil, faultNotObject
	}
	o, err := s.object()
	if err != nil {
		return nil, err
	}
	slices.SortFunc(o, func(a, b member) int { return strings.Compare(a.name, b.name) })
	for i := 1; i < len(o); i++ {
		if o[i].name == o[i-1].name {
			return nil, faultTwice
		}
	}
	return o, nil
}

// scanner is the rest of a text that is valid JSON.
type scanner []byte

func (s *scanner) space() { *s = bytes.TrimLeft(*s, " \t\r\n") }

// object reads the members of the object that begins here.
func (s *scanner) object() (object, error) {
	o := make(object, 0, 8)
	*s = (*s)[1:]
	for {
		s.space()
		if (*s)[0] == '}' {
			return o, nil
		}
		if (*s)[0] == ',' {
			*s = (*s)[1:]
			s.space()
		}
		name, err := s.text()
		if err != nil {
			return nil, err
		}
		s.space()
		*s = (*s)[1:] // the colon
		s.space()
		m, err := s.member()
		if err != nil {
			return nil, err
		}
		m.name = name
		o = append(o, m)
	}
}

// member reads one value.
func (s *scanner) member() (member, error) {
	switch (*s)[0] {
	case '"':
		value, err := s.text()
		return member{kind: text, value: value}, err
	case '{', '[':
		return member{kind: other, value: s.nested()}, nil
	}
	end := bytes.IndexAny(*s, ",} \t\r\n")
	value := string((*s)[:end])
	*s = (*s)[end:]
	switch value[0] {
	case 'n':
		return member{kind: absent}, nil
	case 't', 'f':
		return member{kind: other, value: value}, nil
	}
	return member{kind: number, value: value}, nil
}

// text reads a string. An escape for half a character is refused, because json.Unmarshal would replace it by
// something that was not sent.
func (s *scanner) text() (string, error) {
	end, escaped := s.quoted()
	token := (*s)[:end]
	*s = (*s)[end:]
	if !escaped {
		return string(token[1 : end-1]), nil
	}
	var value string
	if err := json.Unmarshal(token, &value); err != nil {
		return "", faultNotObject
	}
	if wire.HalfCharacter(token) {
		return "", faultHalf
	}
	return value, nil
}

// quoted returns the length of the string that begins here, and whether it has escapes.
func (s *scanner) quoted() (end int, escaped bool) {
	for i := 1; ; i++ {
		switch (*s)[i] {
		case '\\':
			escaped = true
			i++
		case '"':
			return i + 1, escaped
		}
	}
}

// nested steps over an object or array and returns its text.
func (s *scanner) nested() string {
	start, depth := *s, 0
	for {
		switch (*s)[0] {
		case '"':
			end, _ := s.quoted()
			*s = (*s)[end:]
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		*s = (*s)[1:]
		if depth == 0 {
			return string(start[:len(start)-len(*s)])
		}
	}
}
