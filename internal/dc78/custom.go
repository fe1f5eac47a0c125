package dc78

import (
	"crypto/subtle"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"tongka/internal/command"
	"tongka/internal/scheme"
	"tongka/internal/wire"
)

// Custom is a scheme described by data. If it requires neither a time nor a nonce, it accepts a recorded request
// again; only its ref and its content then keep a change from being made twice.
type Custom struct {
	Scheme      scheme.Scheme
	Credentials scheme.Credentials
}

// String omits the key and the secret, so that a logged struct does not reveal them.
func (*Custom) String() string { return "custom" }

func (c *Custom) secret() string          { return c.Credentials.Key + c.Credentials.Secret }
func (c *Custom) needsPost() bool         { return c.Scheme.NeedsPost() }
func (c *Custom) msid() scheme.Field      { return c.Scheme.MSID }
func (c *Custom) settle(q *request) error { return q.settleBy(&c.Scheme) }

func (c *Custom) verify(q *request, _ caller, now time.Time) error {
	s := &c.Scheme
	if err := complete(s, q); err != nil {
		return err
	}
	at, err := claimed(s, q)
	if err != nil {
		return err
	}
	r := s.Settle(q.public())
	sign, ok := s.Verify(r, c.Credentials)
	if !ok {
		return &signatureError{func(mask func(name, value string) string) string { return s.Shown(r, mask) }}
	}
	if name := s.Splits(r); name != "" {
		return faultBadCredential(name, "会被当作另一个参数签名")
	}
	if s.BlendsPost(q.isForm) {
		if err := q.groupsApart(); err != nil {
			return err
		}
	}
	seconds, _ := strconv.Atoi(s.Window)
	window := time.Duration(seconds) * time.Second
	if !at.IsZero() && now.Sub(at).Abs() > window {
		return faultTime
	}
	if s.SignsTime() {
		q.signature = command.Signature{Subject: sign, Until: at.Add(window)}
	}
	// Other schemes have short nonces, so the signature, which covers the nonce, identifies the request instead.
	// It is the one computed here, because the one that was sent may have several spellings.
	q.nonce = ""
	if s.SignsNonce() && q.system.nonce != "" {
		q.nonce = sign
	}
	return nil
}

// groupsApart refuses a parameter of the get group in the post group and the reverse: the signature covers both, and
// not which of them it is in. The post group has a list and nothing else (published page mb_newcard).
func (q *request) groupsApart() error {
	for _, m := range q.group {
		if m.name != "list" {
			return faultForm("参数应在get组:" + m.name)
		}
	}
	if q.get.has("list") {
		return faultForm("参数应在post组:list")
	}
	return nil
}

// complete refuses a request that lacks something the scheme requires.
func complete(s *scheme.Scheme, q *request) error {
	switch {
	case q.system.sign == "":
		return faultNoCredential(s.Sign.Name)
	case q.system.timestamp == "" && s.TimeNeed == scheme.Required:
		return faultNoCredential(s.Time.Name)
	case q.system.nonce == "" && s.NonceNeed == scheme.Required:
		return faultNoCredential(s.Nonce.Name)
	case utf8.RuneCountInString(q.system.nonce) > maxNonce:
		return faultBadCredential(s.Nonce.Name, fmt.Sprintf("最多%d个字符", maxNonce))
	}
	return nil
}

// claimed returns the time at which a request says it was made; zero if it does not say or the scheme ignores it.
func claimed(s *scheme.Scheme, q *request) (time.Time, error) {
	if q.system.timestamp == "" || s.TimeNeed == scheme.Ignored {
		return time.Time{}, nil
	}
	at, ok := timeIn(s.TimeForm, q.system.timestamp)
	if !ok {
		return at, faultBadCredential(s.Time.Name, timeWants[s.TimeForm])
	}
	return at, nil
}

// digest checks the get parameter that holds the digest of the post group, if the scheme has one.
func (c *Custom) digest(q *request) error {
	q.vouched = c.Scheme.SignsPost()
	if q.post == nil {
		return nil
	}
	name, want := c.Scheme.PostDigest(q.post)
	if name == "" {
		return nil
	}
	given := ""
	for i, p := range q.get {
		if p.name == name {
			given = p.value
			q.get = append(q.get[:i:i], q.get[i+1:]...) // it is not part of what is asked
			break
		}
	}
	switch {
	case given == "":
		return faultNoCredential(name)
	case subtle.ConstantTimeCompare([]byte(strings.ToLower(given)), []byte(want)) != 1:
		return faultBadCredential(name, notOfPost)
	}
	return nil
}

// timeWants describes each form of time, for refusals.
var timeWants = map[string]string{"s": "应为unix秒", "ms": "应为unix毫秒", "yyyyMMddHHmmss": "应为yyyyMMddHHmmss"}

// notOfPost is the refusal of a digest that does not match.
const notOfPost = "与post内容不符"

// timeIn parses a time in one of the forms of timeWants.
func timeIn(form, text string) (time.Time, bool) {
	if !wire.AllDigits(text) {
		return time.Time{}, false
	}
	if form == "yyyyMMddHHmmss" {
		at, err := time.ParseInLocation("20060102150405", text, beijing)
		return at, err == nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil || len(text) > 14:
		return time.Time{}, false
	case form == "ms":
		return time.UnixMilli(n), true
	}
	return time.Unix(n, 0), len(text) <= 11
}

// settleBy separates the system parameters from the get group as the scheme describes. Any other parameter in the
// query of an envelope is ignored.
func (q *request) settleBy(s *scheme.Scheme) error {
	r := s.Settle(q.public())
	q.system = system{msid: r.MSID, timestamp: r.Time, nonce: r.Nonce, sign: r.Sign}
	q.get = make(params, len(r.Get))
	for i, p := range r.Get {
		q.get[i] = param{p.Name, p.Value}
	}
	q.nonce = r.Nonce
	return nil
}

// public returns the request in the form package scheme works on. It has the members of the post group only after
// finish has read them.
func (q *request) public() *scheme.Sent {
	s := &scheme.Sent{
		Action: q.action, Enveloped: q.enveloped, Query: q.query.public(), Get: q.sentGet.public(),
		QueryText: q.queryText, GetText: q.getText, Post: q.post,
	}
	for name, values := range q.header {
		s.Headers = append(s.Headers, scheme.Param{Name: name, Value: values[0]})
	}
	for _, m := range q.group {
		value, ok := m.scalar()
		if !ok {
			value = string(m.raw)
		}
		s.Members = append(s.Members, scheme.Param{Name: m.name, Value: value})
	}
	return s
}

// at returns the parameter at a place, or "" if there is none.
func (q *request) at(f scheme.Field) string {
	switch {
	case f.In == scheme.InHeader:
		return q.header.Get(f.Name)
	case f.In == scheme.InGet && q.enveloped:
		return q.sentGet.value(f.Name)
	}
	return q.query.value(f.Name)
}
