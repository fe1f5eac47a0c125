package dc78

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tongka/internal/command"
	"tongka/internal/httpd"
	"tongka/internal/wire"
)

// Limits of a body in bytes. Anybody may send maxBody; what is beyond is read only after the signature was
// verified. maxIssueBody leaves 2 KiB for each of 500 cards.
const (
	maxBody      = 64 << 10
	maxIssueBody = 1 << 20
)

// maxParams limits the parameters of the get group and of a query. maxGroups limits the groups of an envelope,
// which are all split before an unknown one is refused.
const maxParams, maxGroups = 256, 16

// request is one call, in any of the three forms. Until settle it is not known which parameters are the system's,
// and until finish the post group is not parsed.
type request struct {
	action    string
	method    string
	enveloped bool
	query     params // as sent
	sentGet   params // the get group of an envelope, as sent
	queryText string
	getText   string
	header    http.Header
	head      []byte // the part of the body that has been read
	more      bool   // the body goes on behind head
	odd       error  // a fault that only our own, strict scheme refuses

	system system
	get    params   // the get group without the system parameters
	post   []byte   // as sent, nil = none: the digest of the post group is over these bytes
	group  []member // post, parsed; the texts of a form are quoted as JSON
	read   bool     // whether group has been read
	isForm bool     // the post group is a form

	nonce string // identifies this very request; "" = nothing signed does
	// signature is that of a scheme under which two requests may have one; empty = none can.
	signature command.Signature
	vouched   bool // the signature vouches for the post group
}

// system holds the parameters that belong to the wire itself.
type system struct{ msid, timestamp, nonce, sign string }

// param is one parameter of the get group. A text is unescaped; a number stays as it was written.
type param struct{ name, value string }

// params is a group of parameters in the order they were sent. Names are unique.
type params []param

// value returns the named parameter's value, or "" if there is none. An empty parameter counts as absent, except
// in a signature.
func (p params) value(name string) string {
	for i := range p {
		if p[i].name == name {
			return p[i].value
		}
	}
	return ""
}

// has reports whether the parameter was sent, even if it is empty.
func (p params) has(name string) bool {
	return slices.ContainsFunc(p, func(one param) bool { return one.name == name })
}

// readRequest reads a call in any of the forms (README.md, "Asking"), with at most maxBody bytes of its body. On
// a fault the request holds what was understood up to there.
func readRequest(r *http.Request) (*request, error) {
	q := &request{action: r.PathValue("action"), method: r.Method, queryText: r.URL.RawQuery, header: r.Header}
	if err := q.readQuery(); err != nil {
		return q, err
	}
	if err := q.readHead(r); err != nil {
		return q, err
	}
	if err := q.readForm(r.Method); err != nil {
		return q, err
	}
	if q.more && !q.large() {
		return q, faultTooLarge
	}
	return q, nil
}

func (q *request) readQuery() (err error) {
	if q.query, err = readPairs(q.queryText); err != nil {
		return err
	}
	q.system.msid = q.query.value("msid")
	for _, p := range q.query {
		if err := q.check(p); err != nil {
			return err
		}
	}
	return nil
}

// readForm determines the form of the call and, if it is an envelope, parses the head of the body.
func (q *request) readForm(method string) error {
	switch {
	case method == http.MethodPost && q.action == "":
		q.enveloped = true
		return q.envelope()
	case method == http.MethodPost:
		if len(q.head) > 0 {
			q.post = q.head
		}
		return nil
	case method == http.MethodGet && q.action != "":
		if len(q.head) > 0 {
			return faultForm("GET请求不能带内容")
		}
		return nil
	}
	return faultMethod
}

// large reports whether the action accepts a body up to maxIssueBody. An unknown action does not.
func (q *request) large() bool {
	a := actionOf(q.action)
	return a != nil && a.large
}

// field returns the system parameter of that name in our own scheme, or nil if it is not one.
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

// settle separates the system parameters of our own scheme from the get group. Any other parameter in the query
// of an envelope would not be signed, so it is refused.
func (q *request) settle() error {
	if q.odd != nil {
		return q.odd
	}
	group := q.query
	if q.enveloped {
		group = q.sentGet
	}
	q.get = make(params, 0, len(group))
	for _, p := range q.query {
		switch field := q.system.field(p.name); {
		case field != nil:
			*field = p.value
		case q.enveloped:
			return faultForm("参数应在get组:" + p.name)
		default:
			q.get = append(q.get, p)
		}
	}
	q.nonce = q.system.nonce
	if !q.enveloped {
		return nil
	}
	for _, p := range q.sentGet {
		if q.system.field(p.name) != nil {
			return faultForm("系统参数应在地址中:" + p.name)
		}
	}
	q.get = append(q.get, q.sentGet...)
	return nil
}

// envelope reads {"action":{"action":…},"get":{…},"post":{…}} (published pages, request examples). If the body
// goes on behind the head, the groups action and get must be in the head.
func (q *request) envelope() error {
	body := bytes.TrimLeft(trimMark(q.head), " \t\r\n")
	if !q.more && !json.Valid(body) {
		return faultForm("内容不是JSON")
	}
	if len(body) == 0 || body[0] != '{' {
		return faultForm("内容不是JSON对象")
	}
	groups, err := split(body, maxGroups)
	if err != nil {
		return err
	}
	for i, g := range groups {
		if slices.ContainsFunc(groups[:i], func(other member) bool { return other.name == g.name }) {
			return faultForm("字段重复")
		}
		if err := q.readGroup(g); err != nil {
			return err
		}
	}
	switch {
	case q.action == "" && q.more:
		return faultForm("action组和get组应在post组前")
	case q.action == "":
		return faultForm("缺少action组")
	}
	return nil
}

func (q *request) readGroup(g member) error {
	switch {
	case !json.Valid(g.raw): // only possible if the body goes on behind the head
		return faultForm("内容不是JSON")
	case g.null():
		return nil
	case g.name == "action":
		return q.actionGroup(g)
	case g.name == "get":
		return q.getGroup(g)
	case g.name == "post":
		q.post = g.raw
		return nil
	}
	return faultForm("未知的参数组")
}

func (q *request) actionGroup(g member) error {
	members, _ := g.members()
	if len(members) == 1 && members[0].name == "action" && members[0].raw[0] == '"' {
		q.action, _ = members[0].scalar()
	}
	if !isName(q.action) {
		return faultForm("action组应为{\"action\":\"接口名称\"}")
	}
	return nil
}

// getGroup reads the get group. A null value counts as an absent parameter.
func (q *request) getGroup(g member) error {
	members, err := g.groupMembers("get组不是对象", maxParams)
	if err != nil {
		return err
	}
	for i, m := range members {
		if slices.ContainsFunc(members[:i], func(other member) bool { return other.name == m.name }) {
			return faultForm("字段重复")
		}
		value, ok := m.scalar()
		if !ok && m.raw[0] == '"' {
			return faultForm("文本含半个字符")
		}
		if !ok && !m.null() {
			return faultForm("get组的值应为文本或数字")
		}
		p := param{m.name, value}
		if err := q.check(p); err != nil {
			return err
		}
		if m.null() && q.system.field(p.name) != nil && q.odd == nil {
			q.odd = faultForm("系统参数应在地址中:" + p.name)
		}
		if !m.null() {
			q.sentGet = append(q.sentGet, p)
		}
	}
	q.getText = string(g.raw)
	return nil
}

// check refuses control characters, and notes a name that would make the text of a signature ambiguous.
func (q *request) check(p param) error {
	if !isName(p.name) && q.odd == nil {
		q.odd = faultName
	}
	if hasControl(p.name) || len(p.name) > maxLongName {
		return faultName
	}
	if hasControl(p.value) {
		return faultForm("参数含控制字符:" + p.name)
	}
	return nil
}

// hasControl reports whether a text has a control character. Most texts have only ASCII, where no table is needed.
func hasControl(text string) bool {
	for i := range len(text) {
		switch c := text[i]; {
		case c < ' ' || c == 0x7f:
			return true
		case c >= utf8.RuneSelf:
			return strings.ContainsFunc(text[i:], unicode.IsControl)
		}
	}
	return false
}

// rest reads the remaining body of a request whose signature was verified.
func (q *request) rest(r *http.Request) error {
	if !q.more {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	if err := bodyFault(err); err != nil {
		return err
	}
	q.head, q.more = slices.Concat(q.head, body), false
	if !utf8.Valid(q.head) {
		return faultForm("编码应为UTF-8")
	}
	if !q.enveloped {
		q.post = q.head
		return nil
	}
	again := request{head: q.head}
	if err := again.envelope(); err != nil {
		return err
	}
	// The signature was verified against what the head said. The rest must not say otherwise.
	if again.action != q.action || again.getText != q.getText {
		return faultForm("action组和get组应在post组前")
	}
	q.post = again.post
	return nil
}

// finish parses the post group. That is costly, so it comes after the signature if the scheme allows it.
func (q *request) finish() error {
	if q.read || q.post == nil {
		return nil
	}
	q.read = true
	if q.enveloped {
		var err error
		q.group, err = readGroup(member{"post", q.post}, "post组不是对象")
		return err
	}
	return q.body(q.post, q.header.Get("Content-Type"))
}

// body reads the post group of a call with its action in the path. A body that looks like JSON is read as JSON,
// whatever its content type, because some clients mislabel JSON as a form. Otherwise it is a form.
func (q *request) body(body []byte, contentType string) (err error) {
	media, _, _ := mime.ParseMediaType(contentType) // an unreadable type counts as none
	text := bytes.Trim(trimMark(body), " \t\r\n")
	if string(text) == "[]" || bytes.HasPrefix(text, []byte("{")) || media == "application/json" {
		if !json.Valid(text) {
			return faultForm("内容不是JSON")
		}
		q.group, err = readGroup(member{"post", text}, "内容不是JSON对象")
		return err
	}
	if strings.HasPrefix(media, "multipart/") {
		return faultForm("不支持multipart")
	}
	return q.form(string(body))
}

// form reads a form body. Its field list holds a JSON array (older published pages).
func (q *request) form(body string) error {
	q.isForm = true
	pairs, err := readPairs(body)
	if err != nil {
		return err
	}
	for _, p := range pairs {
		if !isName(p.name) {
			return faultName
		}
		raw := wire.AppendText(nil, p.value)
		if p.name == "list" {
			raw = bytes.TrimSpace([]byte(p.value))
			if !json.Valid(raw) {
				return faultForm("内容不是JSON")
			}
			if err := readable(raw); err != nil {
				return err
			}
			if raw[0] != '[' {
				return faultForm("list不是数组")
			}
		}
		q.group = append(q.group, member{p.name, raw})
	}
	return nil
}

// readHead reads the head of the body, at most maxBody bytes. The body must be uncompressed UTF-8.
func (q *request) readHead(r *http.Request) error {
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return faultForm("不支持压缩的内容")
	}
	_, attributes, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if charset := attributes["charset"]; err == nil && charset != "" && !isUTF8(charset) {
		return faultForm("编码应为UTF-8")
	}
	if r.ContentLength == 0 {
		return nil
	}
	if r.ContentLength > maxIssueBody {
		return faultTooLarge
	}
	httpd.AllowBody(r, maxIssueBody)
	q.head, err = io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err := bodyFault(err); err != nil {
		return err
	}
	q.more = len(q.head) > maxBody
	if !q.more && !utf8.Valid(q.head) {
		return faultForm("编码应为UTF-8")
	}
	return nil
}

// bodyFault returns the fault for an error from reading a body; nil if there was none.
func bodyFault(err error) error {
	return httpd.BodyFault(err, faultTooLarge, faultBusy, faultCut)
}

// isUTF8 reports whether a charset is UTF-8, by its name or by the common misspelling.
func isUTF8(charset string) bool {
	return strings.EqualFold(charset, "utf-8") || strings.EqualFold(charset, "utf8")
}

// maxName limits names in bytes where only letters, digits and _ are allowed, maxLongName where any letters are.
const maxName, maxLongName = 64, 192

// isName reports whether s may name an action or a parameter: letters, digits and _. With any other character in
// a name, two different groups could have the same signature text.
func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return s != "" && len(s) <= maxName
}
