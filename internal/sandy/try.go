package sandy

import (
	"encoding/json"
	"net/http"
	"slices"

	"tongka/internal/wire"
)

// Tried makes requests as tills send them, for people who try the endpoints by hand. It sends none.
type Tried struct{}

// cardField names a card that there is.
var cardField = wire.Field{Name: "card_id", Required: true, Of: wire.OfCard}

// bodyFields are the fields that the endpoints read, in the order of README.md.
var bodyFields = map[string][]wire.Field{
	"getrechargerules": {cardField},
	"getcards":         {{Name: "key", Required: true, Of: wire.OfCard}},
	"cardopen": {
		{Name: "cardID", Required: true, Of: wire.OfNewCard},
		{Name: "cardLevelID", Required: true, Of: wire.OfLevel},
		{Name: "uname", Required: true, Sample: "试用"},
		{Name: "phone", Required: true, Sample: "13000000000"},
		{Name: "gender", Of: wire.OfNumber},
	},
	"recharge": {
		cardField, {Name: "money", Required: true, Of: wire.OfNumber, Sample: "1.00"},
		{Name: "pay_type", Required: true, Of: wire.OfPayType},
	},
	"consume": {
		cardField, {Name: "money", Required: true, Of: wire.OfNumber, Sample: "1.00"},
		{Name: "money_discount", Of: wire.OfNumber},
	},
	"getcardinfo": {cardField},
	"modcardinfo": {
		cardField, {Name: "uname"}, {Name: "phone"}, {Name: "birthday"}, {Name: "gender", Of: wire.OfNumber},
	},
	"getcardhis": {
		cardField, {Name: "event_type", Of: wire.OfNumber}, {Name: "only_score_change", Of: wire.OfNumber},
		{Name: "start_timestamp", Of: wire.OfNumber}, {Name: "end_timestamp", Of: wire.OfNumber},
		{Name: "page", Of: wire.OfNumber, Sample: "1"}, {Name: "page_size", Of: wire.OfNumber, Sample: "20"},
	},
	"consume_score": {cardField, {Name: "score", Required: true, Of: wire.OfNumber, Sample: "1"}},
	"refund": {
		cardField, {Name: "id", Of: wire.OfNumber}, {Name: "ori_request_id"},
		{Name: "type", Of: wire.OfNumber, Sample: "7"}, {Name: "money", Of: wire.OfNumber}, {Name: "reason"},
	},
	"report_lost": {cardField},
	"cancel_lost": {cardField},
	"request":     {{Name: "endpoint", Required: true, Sample: "consume"}, {Name: "request_id", Required: true}},
}

// Endpoints describes all endpoints, in the order of the published page.
func (Tried) Endpoints() (all []wire.Endpoint) {
	for _, e := range endpoints {
		one := wire.Endpoint{
			Name: e.name, May: e.may, Changes: e.do != nil, Gives: e.name == "refund", Fields: bodyFields[e.name],
		}
		if slices.Contains(changing, e.name) {
			one.Fields = append(slices.Clone(one.Fields), wire.Field{Name: "request_id", Of: wire.OfRequest})
		}
		all = append(all, one)
	}
	return all
}

// Build makes the request of a Try; ok is false if there is no such endpoint.
func (t Tried) Build(try *wire.Try) (b wire.Built, ok bool) {
	told := wire.Find(t.Endpoints(), try.Endpoint)
	i := slices.IndexFunc(endpoints, func(e endpoint) bool { return e.name == try.Endpoint })
	if told == nil || i < 0 {
		return b, false
	}
	b = wire.Built{Method: endpoints[i].method, Path: Base + try.Endpoint, Header: http.Header{}}
	b.Header.Set("AUTHORIZATION", try.Key)
	b.Header.Set("CUSTOMERGUID", try.Shop.GUID)
	if b.Method == http.MethodGet {
		return b, true
	}
	b.Header.Set("Content-Type", "application/json; charset=utf-8")
	var w wire.Object
	w.Open('{')
	told.Each(try.Values, func(f *wire.Field, value string) {
		if f.Number() && json.Valid([]byte(value)) {
			w.Key(f.Name)
			w.B = append(w.B, value...)
			return
		}
		w.Text(f.Name, value)
	})
	w.Close('}')
	b.Body = string(w.B)
	return b, true
}
