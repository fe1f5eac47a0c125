package dc78

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"tongka/internal/httpd"
	"tongka/internal/wire"
)

// Limits of a body. That of an issue gives each of its cards 2 KiB.
const (
	maxBody      = 64 << 10
	maxIssueBody = 1 << 20
)

// request is one call, in whichever of the three forms it came.
type request struct {
	action string
	system system
	get    params
	post   []byte   // as sent, nil = none: the digest of the post group is over these bytes
	group  []member // what post says; of a form, texts are quoted as JSON
}

// system are the parameters that stand in the query in every form.
type system struct{ msid, timestamp, nonce, sign string }

// param is one parameter of the get group: a text unescaped, a number as it was written.
type param struct{ name, value string }

// params are the get group in the order it was sent. No name stands twice.
type params []param

// value is the named parameter's value, "" when there is none: an empty one is as good as absent,
// but for the signature.
func (p params) value(name string) string {
	for i := range p {
		if p[i].name == name {
			return p[i].value
		}
	}
	return ""
}

// readRequest reads a call in any of the forms (README.md, "Asking"). After a fault the request holds
// what was understood before it.
func readRequest(r *http.Request) (*request, error) {
	q := &request{action: r.PathValue("action")}
	if err := q.query(r.URL.RawQuery); err != nil {
		return q, err
	}
	if q.action == "" || q.large() {
		httpd.AllowBody(r, maxIssueBody)
	}
	body, err := readBody(r)
	if err != nil {
		return q, err
	}
	switch {
	case r.Method == http.MethodPost && q.action == "":
		err := q.envelope(body)
		if len(body) > maxBody && !q.large() {
			return q, faultTooLarge
		}
		return q, err
	case r.Method == http.MethodPost:
		return q, q.body(body, r.Header.Get("Content-Type"))
	case r.Method == http.MethodGet && q.action != "":
		if len(body) > 0 {
			return q, faultForm("GET请求不能带内容")
		}
		return q, nil
	}
	return q, faultMethod
}

// large tells whether the action takes a large body.
func (q *request) large() bool {
	a := actionOf(q.action)
	return a != nil && a.large
}

// query takes the system parameters out of the query; what is left belongs to the get group.
func (q *request) query(raw string) error {
	pairs, err := readPairs(raw)
	if err != nil {
		return err
	}
	for _, p := range pairs {
		field := q.system.field(p.name)
		if field != nil {
			*field = p.value
		} else {
			q.get = append(q.get, p)
		}
		if err := p.check(); err != nil {
			return err
		}
	}
	return nil
}

// field is where a system parameter is kept; nil when the name is none.
func (s *system) field(name string) *string {
	switch name {
	case "msid":
		return &s.msid
	case "timestamp":
		return &s.timestamp
	case "nonce":
		return &s.nonce
	case "sign":
		return &s.sign
	}
	return nil
}

// envelope reads {"action":{"action":…},"get":{…},"post":{…}} (published pages, request examples). A
// parameter in the query besides the system's would be signed by nobody and is refused.
func (q *request) envelope(body []byte) error {
	if len(q.get) > 0 {
		return faultForm("参数应在get组:" + q.get[0].name)
	}
	groups, err := readObject(body)
	if err != nil {
		return err
	}
	for _, g := range groups {
		if g.null() {
			continue
		}
		switch g.name {
		case "action":
			err = q.actionGroup(g)
		case "get":
			err = q.getGroup(g)
		case "post":
			err = q.postGroup(g)
		default:
			err = faultForm("未知的参数组")
		}
		if err != nil {
			return err
		}
	}
	if q.action == "" {
		return faultForm("缺少action组")
	}
	return nil
}

func (q *request) actionGroup(g member) error {
	members, ok := g.members()
	if !ok || len(members) != 1 || members[0].name != "action" {
		return faultForm("action组应为{\"action\":\"接口名称\"}")
	}
	q.action, ok = members[0].text()
	if !ok || !isName(q.action) {
		return faultForm("action组应为{\"action\":\"接口名称\"}")
	}
	return nil
}

// getGroup reads the get group. A null in it is no parameter.
func (q *request) getGroup(g member) error {
	members, ok := g.groupMembers()
	if !ok {
		return faultForm("get组不是对象")
	}
	for _, m := range members {
		value, ok := m.scalar()
		if !ok && !m.null() {
			return faultForm("get组的值应为文本或数字")
		}
		p := param{m.name, value}
		if err := p.check(); err != nil {
			return err
		}
		if q.system.field(p.name) != nil {
			return faultForm("系统参数应在地址中:" + p.name)
		}
		if !m.null() {
			q.get = append(q.get, p)
		}
	}
	return nil
}

func (q *request) postGroup(g member) error {
	members, ok := g.groupMembers()
	if !ok {
		return faultForm("post组不是对象")
	}
	q.post, q.group = g.raw, members
	return nil
}

// body reads the post group of the form with the action in its path: JSON where it looks like it,
// whatever the content type says, for clients send JSON as a form by mistake; a form otherwise.
func (q *request) body(body []byte, contentType string) error {
	if len(body) == 0 {
		return nil
	}
	q.post = body
	media, _, _ := mime.ParseMediaType(contentType) // a type nobody can read says nothing
	text := bytes.Trim(trimMark(body), " \t\r\n")
	switch {
	case string(text) == "[]": // what PHP makes of a group without parameters
		return nil
	case bytes.HasPrefix(text, []byte("{")) || media == "application/json":
		members, err := readObject(body)
		q.group = members
		return err
	}
	if strings.HasPrefix(media, "multipart/") {
		return faultForm("不支持multipart")
	}
	return q.form(string(body))
}

// form reads a form body. The field list holds a JSON array (older published pages).
func (q *request) form(body string) error {
	pairs, err := readPairs(body)
	if err != nil {
		return err
	}
	for _, p := range pairs {
		raw := wire.AppendText(nil, p.value)
		if p.name == "list" {
			raw = []byte(p.value)
			if err := readable(raw); err != nil {
				return err
			}
			if first := bytes.TrimLeft(raw, " \t\r\n"); first[0] != '[' {
				return faultForm("list不是数组")
			}
		}
		q.group = append(q.group, member{p.name, raw})
	}
	return nil
}

// readBody reads the whole body, which must be plain UTF-8.
func readBody(r *http.Request) ([]byte, error) {
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return nil, faultForm("不支持压缩的内容")
	}
	_, attributes, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if charset := attributes["charset"]; err == nil && charset != "" && !isUTF8(charset) {
		return nil, faultForm("编码应为UTF-8")
	}
	if r.ContentLength == 0 {
		return nil, nil
	}
	body, err := io.ReadAll(r.Body)
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, faultTooLarge
	}
	if err != nil {
		return nil, faultForm("内容不完整")
	}
	if !utf8.Valid(body) {
		return nil, faultForm("编码应为UTF-8")
	}
	return body, nil
}

// isUTF8 reports whether a charset is UTF-8, by its name or by what many clients call it.
func isUTF8(charset string) bool {
	return strings.EqualFold(charset, "utf-8") || strings.EqualFold(charset, "utf8")
}

// maxName is how many letters a parameter's name may have.
const maxName = 64

// isName tells whether s may name an action or a parameter: letters, digits and _. With any other sign
// in a name, two different groups could have one signature text.
func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return s != "" && len(s) <= maxName
}

// check refuses a parameter that would make the signature text ambiguous.
func (p param) check() error {
	if !isName(p.name) {
		return faultName
	}
	if strings.ContainsFunc(p.value, unicode.IsControl) {
		return faultForm("参数含控制字符:" + p.name)
	}
	return nil
}
