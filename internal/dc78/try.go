package dc78

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tongka/internal/ledger"
	"tongka/internal/scheme"
	"tongka/internal/wire"
)

// Tried makes requests as tills send them, for people who try the actions by hand. It sends none.
type Tried struct {
	Clock func() time.Time
}

// Fields that many actions have.
var (
	cardField  = wire.Field{Name: "mbno", Required: true, Of: wire.OfCard}
	entryField = wire.Field{Name: "id", Of: wire.OfNumber}
	ofRefField = wire.Field{Name: "ofRef"} // in place of the entry
	sumField   = wire.Field{Name: "amt", Required: true, Of: wire.OfNumber, Sample: "1.00"}
	proofField = wire.Field{Name: proofName, Of: wire.OfProof}
	doneOnce   = []wire.Field{{Name: "ref", Of: wire.OfRequest}, {Name: "op", Of: wire.OfOperator}}
)

// which is the parameter by which an action says which of several things it does.
func which(value string) wire.Field {
	return wire.Field{Name: "action", Required: true, Sample: value, Fixed: true}
}

// once are the fields of what is done once by its ref.
func once(fields ...wire.Field) []wire.Field { return append(fields, doneOnce...) }

// tried are the actions as people try them, in the order of README.md: one for each thing that an action does. What
// would hand somebody else's card out (bind_qr) and what only a till has to say are left out.
var tried = []struct {
	action string
	fields []wire.Field
}{
	{"mb_check", []wire.Field{cardField, {Name: "getlist"}, {Name: "merge"}, {Name: "coPage"}}},
	{"mb_newcard", once(wire.Field{Name: "type", Required: true, Sample: "15", Fixed: true},
		wire.Field{Name: "count", Required: true, Sample: "1", Fixed: true}, wire.Field{Name: "cardno", Of: wire.OfNewCard},
		wire.Field{Name: "level", Of: wire.OfLevel}, wire.Field{Name: "name"}, wire.Field{Name: "expirydate"})},
	{"mb_trans", once(which(transRecharge), cardField, sumField, wire.Field{Name: "paytype", Sample: "ca"},
		wire.Field{Name: "bonus", Of: wire.OfNumber}, wire.Field{Name: "nobonus"}, wire.Field{Name: "subject"})},
	{"mb_trans", once(which(transConsume), cardField, sumField, proofField, wire.Field{Name: "lsco"},
		wire.Field{Name: "points", Of: wire.OfNumber}, wire.Field{Name: "ptrate"}, wire.Field{Name: "nobonus"},
		wire.Field{Name: "subject"})},
	{"mb_trans", once(which(transCharge), cardField, sumField, proofField, wire.Field{Name: "subject"})},
	{"mb_trans", once(which(transRefundCharge), cardField, entryField, ofRefField, wire.Field{Name: "subject"})},
	{"mb_refund", once(which("1"), cardField, entryField, ofRefField, wire.Field{Name: "amt", Of: wire.OfNumber},
		wire.Field{Name: "subject"})},
	{"mb_refund", once(which("0"), cardField, entryField, ofRefField, wire.Field{Name: "subject"})},
	{"mb_state", once(which(stateLost), cardField)},
	{"mb_state", once(which(stateFound), cardField)},
	{"mb_state", []wire.Field{
		which("2"), {Name: "of", Required: true, Sample: "mb_trans"}, {Name: "ofAction", Sample: "1"},
		{Name: "ref", Required: true},
	}},
	{"mb_vericode", once(which(transRecharge), cardField, sumField)},
	{"mb_vericode", once(which(transConsume), cardField, sumField)},
	{"mb_renew", once(cardField, wire.Field{Name: "month", Required: true, Of: wire.OfNumber, Sample: "12"}, proofField)},
	{"mb_invoice", once(which("0"), cardField, sumField, wire.Field{Name: "memo"})},
	{"mb_invoice", once(which("1"), cardField, entryField, ofRefField, wire.Field{Name: "memo"})},
	{"mb_pttrans", once(cardField, wire.Field{Name: "pt", Required: true, Of: wire.OfNumber, Sample: "1"}, proofField,
		wire.Field{Name: "subject"})},
	{"co_delist", nil},
	{"co_send", once(cardField, wire.Field{Name: "deid", Required: true, Of: wire.OfCouponKind},
		wire.Field{Name: "qty", Of: wire.OfNumber, Sample: "1"}, wire.Field{Name: "subject"})},
}

// gives are the actions that give back or away, by their names here.
var gives = []string{"mb_trans/3", "mb_refund/0", "mb_refund/1", "mb_pttrans"}

// Endpoints describes all actions, each as often as it does different things.
func (Tried) Endpoints() (all []wire.Endpoint) {
	for _, t := range tried {
		a := actionOf(t.action)
		one := wire.Endpoint{Name: t.action, Fields: t.fields}
		var get params
		for _, f := range t.fields {
			if f.Fixed {
				get = append(get, param{f.Name, f.Sample})
			}
			one.Changes = one.Changes || f.Of == wire.OfRequest
		}
		one.May = a.may(get)
		if does := get.value("action"); does != "" {
			one.Name += "/" + does
		}
		one.Gives = slices.Contains(gives, one.Name)
		all = append(all, one)
	}
	return all
}

// Build makes the request of a Try, signed as the tills of the agent sign; ok is false if there is no such action, or
// the agent's signature scheme cannot be read.
func (t Tried) Build(try *wire.Try) (b wire.Built, ok bool) {
	told := wire.Find(t.Endpoints(), try.Endpoint)
	if told == nil {
		return b, false
	}
	s, err := scheme.Parse(try.Agent.Scheme)
	if err != nil {
		return b, false
	}
	q := &request{method: http.MethodPost, header: http.Header{}}
	q.action, _, _ = strings.Cut(told.Name, "/")
	q.system = system{msid: strconv.FormatInt(int64(try.Shop.ID), 10), nonce: rand.Text()}
	q.system.timestamp = timeOut(s.TimeForm, t.Clock())
	told.Each(try.Values, func(f *wire.Field, value string) { q.get = append(q.get, param{f.Name, value}) })
	b.Signed, b.Sign = q.signFor(&s, scheme.Credentials{Key: try.Key, Secret: try.Secret})
	b.Method, b.Path, b.Query, b.Header = q.method, Bases[0]+"/"+q.action, q.query.encoded(), q.header
	return b, true
}

// signFor puts the parameters where a scheme has them, and signs them. Without the credentials there is no signature,
// but for a scheme that needs none.
func (q *request) signFor(s *scheme.Scheme, c scheme.Credentials) (text, sign string) {
	in := func(name string) scheme.Field { return scheme.Field{In: scheme.InQuery, Name: name} }
	switch s.Kind {
	case scheme.HMAC:
		q.place(ownMSID, in("timestamp"), in("nonce"))
		if text = q.shown(proofHidden); c.Key != "" {
			sign = string((&HMAC{Key: c.Key}).sign(q.signText()))
		}
		q.put(in("sign"), sign)
	case scheme.Custom:
		if s.TimeNeed == scheme.Ignored {
			q.system.timestamp = ""
		}
		if s.NonceNeed == scheme.Ignored {
			q.system.nonce = ""
		}
		q.place(s.MSID, s.Time, s.Nonce)
		r := s.Settle(q.public())
		var mask func(name, value string) string
		if q.get.has(proofName) {
			mask = proofHidden
		}
		if text = s.Shown(r, mask); (c.Key != "" || s.Key == "none") && (c.Secret != "" || !s.UsesSecret()) {
			sign = s.Signature(r, c)
		}
		q.put(s.Sign, sign)
	default: // none
		q.system.timestamp, q.system.nonce = "", ""
		q.place(s.MSID, scheme.Field{}, scheme.Field{})
	}
	return text, sign
}

// proofHidden returns the value of a parameter, but for what the holder typed.
func proofHidden(name, value string) string {
	if name == proofName {
		return ledger.MaskedText
	}
	return value
}

// place puts the system parameters but for the signature, and then the get group.
func (q *request) place(msid, at, nonce scheme.Field) {
	q.put(msid, q.system.msid)
	q.put(at, q.system.timestamp)
	q.put(nonce, q.system.nonce)
	q.query = append(q.query, q.get...)
	q.queryText = q.query.encoded()
}

// put puts a system parameter where it stands in a request without an envelope; "" is not sent.
func (q *request) put(at scheme.Field, value string) {
	switch {
	case value == "":
	case at.In == scheme.InHeader:
		q.header.Set(at.Name, value)
	default:
		q.query = append(q.query, param{at.Name, value})
	}
}

// encoded returns parameters as a query, in their order.
func (p params) encoded() string {
	all := make([]string, len(p))
	for i := range p {
		all[i] = url.QueryEscape(p[i].name) + "=" + url.QueryEscape(p[i].value)
	}
	return strings.Join(all, "&")
}

// timeOut writes a time in one of the forms of timeWants, as timeIn reads it.
func timeOut(form string, at time.Time) string {
	switch form {
	case "ms":
		return strconv.FormatInt(at.UnixMilli(), 10)
	case "yyyyMMddHHmmss":
		return at.In(beijing).Format("20060102150405")
	}
	return strconv.FormatInt(at.Unix(), 10)
}
