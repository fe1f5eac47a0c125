package sandy

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"tongka/internal/wire"
)

// Why a body is not one JSON object with each name once.
var (
	faultNotUTF8   = faultBad("请求内容不是UTF-8编码")
	faultNotObject = faultBad("请求内容不是JSON对象")
	faultTwice     = faultBad("请求内容有重复的字段")
	faultHalf      = faultBad("请求内容含半个字符")
	faultTooLarge  = faultBad("请求内容过大")
	faultCut       = faultBad("请求内容不完整")
)

// kind is the JSON type of a value, as far as this wire cares.
type kind int

const (
	absent kind = iota // not there, or null
	text
	number
	other // true, false, an array or an object: no field of this wire is one
)

// member is one name of a request's object, with its value.
type member struct {
	name  string
	kind  kind
	value string // text: decoded; number and other: as sent
}

// object is a request's body. Members are in order of their names.
type object []member

// get finds a member; one of kind absent when there is none.
func (o object) get(name string) member {
	i, ok := slices.BinarySearchFunc(o, name, func(m member, n string) int { return strings.Compare(m.name, n) })
	if !ok {
		return member{name: name}
	}
	return o[i]
}

// parseObject reads one JSON object. Numbers stay as they were sent. Names that stand twice are
// refused, for it would be left open which of them counts.
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

// scanner is the rest of a text that is known to be valid JSON.
type scanner []byte

func (s *scanner) space() { *s = bytes.TrimLeft(*s, " \t\r\n") }

// object reads the members of the object the scanner stands on.
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

// text reads a string. Escapes that stand for half a character are refused: what they would be
// replaced by is not what was sent.
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

// quoted is the length of the string the scanner stands on.
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

// nested skips an object or an array.
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
