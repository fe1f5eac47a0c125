package scheme

import (
	"slices"
	"strings"
)

// Param is one parameter: a text before URL encoding, or a number as it was written.
type Param struct{ Name, Value string }

// Sent is a request as it arrived, before it is known which of its parameters is the signature.
type Sent struct {
	Action    string
	Enveloped bool    // the get group is in the body; otherwise it is the query without the system parameters
	Query     []Param // as sent
	Get       []Param // of an envelope, as sent
	QueryText string  // as sent
	GetText   string  // of an envelope: the JSON of the get group as sent
	Headers   []Param
	Post      []byte  // as sent; nil = there is none
	Members   []Param // of the post group: texts as they are, everything else as JSON
}

// System holds the parameters that belong to the wire itself. An empty one counts as absent.
type System struct{ MSID, Time, Nonce, Sign string }

// Request holds everything that a signature may cover.
type Request struct {
	System
	Get     []Param // the get group without the system parameters
	Raw     string  // the get group as sent
	Post    []byte
	Members []Param

	action string
	items  []item // everything but the post group, in the order sent
}

// item is a parameter with the part of the request it belongs to, which is one of the words of Rule.Signed.
type item struct {
	Param
	part string
}

// Settle separates the scheme's system parameters from the get group. Other parameters in the query of an
// envelope are left out.
func (s *Scheme) Settle(q *Sent) *Request {
	r := &Request{action: q.Action, Raw: q.GetText, Post: q.Post, Members: q.Members}
	r.items = append(r.items, item{Param{"action", q.Action}, "action"})
	r.take(s, q.Query, InQuery, !q.Enveloped)
	if q.Enveloped {
		r.take(s, q.Get, InGet, true)
	} else {
		r.Raw = cutPair(q.QueryText, s.Sign)
	}
	for _, f := range s.fields() {
		if value := q.header(f.at.Name); f.at.In == InHeader && value != "" {
			r.keep(f.part, Param{f.at.Name, value})
		}
	}
	return r
}

// header returns the first header with that name, in any letter case.
func (q *Sent) header(name string) string {
	for _, h := range q.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

type field struct {
	part string
	at   Field
}

func (s *Scheme) fields() [4]field {
	return [4]field{{"msid", s.MSID}, {"time", s.Time}, {"nonce", s.Nonce}, {"sign", s.Sign}}
}

// take sorts the parameters of the query or the get group, which are the same without an envelope.
func (r *Request) take(s *Scheme, params []Param, in string, group bool) {
	fields := s.fields()
	for _, p := range params {
		i := slices.IndexFunc(fields[:], func(f field) bool {
			return f.at.Name == p.Name && (f.at.In == in || group && f.at.In == InGet)
		})
		switch {
		case i >= 0:
			r.keep(fields[i].part, p)
		case group:
			r.Get = append(r.Get, p)
			r.items = append(r.items, item{p, "get"})
		}
	}
}

func (r *Request) keep(part string, p Param) {
	switch part {
	case "msid":
		r.MSID = p.Value
	case "time":
		r.Time = p.Value
	case "nonce":
		r.Nonce = p.Value
	case "sign":
		r.Sign = p.Value
		return // a signature does not cover itself
	}
	r.items = append(r.items, item{p, part})
}
