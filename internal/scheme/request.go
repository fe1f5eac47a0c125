package scheme

import (
	"slices"
	"strings"
)

// Param is one parameter: a text before URL encoding, a number as it was written.
type Param struct{ Name, Value string }

// Sent is a request as it came, before anybody knows which of it is the signature.
type Sent struct {
	Action    string
	Enveloped bool    // the get group is in the body; else it is the query, but for what is the system's
	Query     []Param // as sent
	Get       []Param // of an envelope, as sent
	QueryText string  // as sent
	GetText   string  // of an envelope: the JSON of the get group as sent
	Headers   []Param
	Post      []byte  // as sent; nil = there is none
	Members   []Param // of the post group: texts as they are, everything else as JSON
}

// System are the parameters that are the wire's own. An empty one is as good as absent.
type System struct{ MSID, Time, Nonce, Sign string }

// Request is what a signature may be over.
type Request struct {
	System
	Get     []Param // the get group without the system's
	Raw     string  // the get group as sent
	Post    []byte
	Members []Param

	action string
	items  []item // everything that is not the post group, as sent
}

// item is a parameter and the part of the request it is: one of the words of Rule.Signed.
type item struct {
	Param
	part string
}

// Settle tells apart what is the scheme's and what is the get group's. What stands in the query of an
// envelope and is nobody's is left out.
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

// header is the first header of that name.
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

// take sorts out parameters of the query or the get group. Without an envelope these are one.
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
		return // nothing is signed by itself
	}
	r.items = append(r.items, item{p, part})
}
