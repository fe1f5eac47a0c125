package dc78

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"strings"
	"unicode/utf8"
)

// member is one name of a JSON object, with its value as sent.
type member struct {
	name string
	raw  []byte // valid JSON without space around it
}

func (m member) null() bool { return string(m.raw) == "null" }

// members are those of an object; ok is false when the value is none.
func (m member) members() (inner []member, ok bool) {
	if m.raw[0] != '{' {
		return nil, false
	}
	return split(m.raw), true
}

// groupMembers are those of a group of parameters. PHP writes a group without any as [].
func (m member) groupMembers() (inner []member, ok bool) {
	if inner, ok = m.elements(); ok {
		return nil, len(inner) == 0
	}
	return m.members()
}

// elements are those of an array; ok is false when the value is none.
func (m member) elements() (inner []member, ok bool) {
	var raws []json.RawMessage
	if m.raw[0] != '[' || json.Unmarshal(m.raw, &raws) != nil {
		return nil, false
	}
	for _, raw := range raws {
		inner = append(inner, member{raw: raw})
	}
	return inner, true
}

// text is the value when it is a text.
func (m member) text() (value string, ok bool) {
	if m.raw[0] != '"' {
		return "", false
	}
	return value, json.Unmarshal(m.raw, &value) == nil
}

// scalar is a text unescaped, or a number as it was written.
func (m member) scalar() (value string, ok bool) {
	if c := m.raw[0]; c == '-' || (c >= '0' && c <= '9') {
		return string(m.raw), true
	}
	return m.text()
}

// trimMark drops the byte order mark that clients on Windows like to send.
func trimMark(body []byte) []byte { return bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")) }

// readObject reads one JSON object that can be understood in one way only.
func readObject(body []byte) ([]member, error) {
	body = bytes.TrimLeft(trimMark(body), " \t\r\n")
	if err := readable(body); err != nil {
		return nil, err
	}
	if body[0] != '{' {
		return nil, faultForm("内容不是JSON对象")
	}
	return split(body), nil
}

// split lists the members of an object that is known to be readable.
func split(object []byte) []member {
	d := json.NewDecoder(bytes.NewReader(object))
	_, err := d.Token() // the bracket
	var members []member
	for err == nil && d.More() {
		var name json.Token
		var raw json.RawMessage
		if name, err = d.Token(); err == nil {
			err = d.Decode(&raw)
			members = append(members, member{name.(string), raw})
		}
	}
	if err != nil {
		panic("split: " + err.Error() + " in what was found to be JSON")
	}
	return members
}

// level is one object or array that is open while a text is walked through.
type level struct {
	names map[string]bool // seen so far; nil in an array
	named bool            // a value follows its name
}

// maxTokens is how many names, values and brackets a text may have: nearly twice what 500 cards need.
// They take the time, not the bytes, so what nobody has signed is read no longer in a large body than
// in a small one.
const maxTokens = 32 << 10

// readable refuses what is not one JSON value in UTF-8, a name that stands twice in an object of any
// depth, for it would be left open which one counts, and escapes for half a character, for what they
// are replaced by is not what was sent.
func readable(text []byte) error {
	if !utf8.Valid(text) || !json.Valid(text) {
		return faultForm("内容不是JSON")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var open []*level
	for tokens := 0; ; tokens++ {
		start := d.InputOffset()
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return faultForm("内容不是JSON")
		}
		if tokens == maxTokens {
			return faultTooLarge
		}
		if s, ok := token.(string); ok && halved(s, text[start:d.InputOffset()]) {
			return faultForm("文本含半个字符")
		}
		if open, err = advance(open, token); err != nil {
			return err
		}
	}
}

// advance takes a token in: the levels that are open after it.
func advance(open []*level, token json.Token) ([]*level, error) {
	if token == json.Delim('}') || token == json.Delim(']') {
		return open[:len(open)-1], nil
	}
	if len(open) > 0 {
		if in := open[len(open)-1]; in.names != nil && !in.named {
			name := token.(string)
			if in.names[name] {
				return nil, faultForm("字段重复")
			}
			in.names[name], in.named = true, true
			return open, nil
		}
		open[len(open)-1].named = false
	}
	switch token {
	case json.Delim('{'):
		return append(open, &level{names: map[string]bool{}}), nil
	case json.Delim('['):
		return append(open, &level{}), nil
	}
	return open, nil
}

// halved tells whether a replacement character in s was none in the text it was read from.
func halved(s string, text []byte) bool {
	const replacement = "\ufffd"
	return strings.Count(s, replacement) != bytes.Count(text, []byte(replacement))
}

// readPairs reads a query or a form body.
func readPairs(raw string) (params, error) {
	pairs := make(params, 0, 8)
	seen := map[string]bool{}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		p, err := unescape(name, value)
		if err != nil {
			return nil, err
		}
		if seen[p.name] {
			return nil, faultForm("参数重复:" + p.name)
		}
		seen[p.name] = true
		pairs = append(pairs, p)
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
	if !isName(p.name) {
		return param{}, faultName
	}
	return p, nil
}
