package client

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
)

// Sandy is a client of the member-cjb protocol. The result of a method is valid only if its error is nil. If the
// server refuses, the error is an Error; if it is not known whether a change was carried out, it is an Unsure.
//
// Only Tongka knows request ids. For another server of this protocol set Tries to 1; otherwise a change whose
// answer is lost is carried out twice.
type Sandy struct {
	BaseURL string       // scheme and host: "https://cards.example.com"
	Token   string       // AUTHORIZATION
	GUID    string       // CUSTOMERGUID: of the merchant or of one of its shops
	HTTP    *http.Client // nil = one with a timeout of 30 s for each try
	Tries   int          // how often a request may be sent; 0 = 4, 1 = it is never repeated
}

// Receipt is part of every result of a change. Its RequestID is set even if there is an error.
type Receipt struct {
	RequestID string `json:"-"`
	// Replayed is true if this is the first answer again, because the change had been carried out before.
	Replayed bool `json:"-"`
}

// account lists the members that every answer about one card has.
var account = []string{"card_id", "amount", "cur_score"}

// Levels lists the merchant's levels.
func (s *Sandy) Levels(ctx context.Context) ([]Level, error) {
	return look[[]Level](ctx, s, "cardlevellist", nil)
}

// RechargeRules returns what a recharge of the card gives and the pay types.
func (s *Sandy) RechargeRules(ctx context.Context, card string) (RechargeRules, error) {
	return look[RechargeRules](ctx, s, "getrechargerules", map[string]string{"card_id": card}, "rules", "paytypes")
}

// Cards returns at most 200 cards that match a part of number, name or phone.
func (s *Sandy) Cards(ctx context.Context, key string) ([]Card, error) {
	found, err := look[struct{ Cards []Card }](ctx, s, "getcards", map[string]string{"key": key}, "cards")
	return found.Cards, err
}

// CardInfo looks up one card by its complete number.
func (s *Sandy) CardInfo(ctx context.Context, card string) (Card, error) {
	return look[Card](ctx, s, "getcardinfo", map[string]string{"card_id": card}, account...)
}

// History returns a page of a card's journal, newest first.
func (s *Sandy) History(ctx context.Context, r HistoryRequest) (HistoryPage, error) {
	return look[HistoryPage](ctx, s, "getcardhis", r, "data", "pages")
}

// Open opens a card.
func (s *Sandy) Open(ctx context.Context, r OpenRequest) (a Changed, err error) {
	a.Receipt, err = s.change(ctx, "cardopen", &r.RequestID, &r, &a, account...)
	return a, err
}

// Modify changes a holder's data. The result has them after the change.
func (s *Sandy) Modify(ctx context.Context, r ModifyRequest) (a Changed, err error) {
	a.Receipt, err = s.change(ctx, "modcardinfo", &r.RequestID, &r, &a, account...)
	return a, err
}

// Recharge puts money on a card.
func (s *Sandy) Recharge(ctx context.Context, r RechargeRequest) (a Recharged, err error) {
	a.Receipt, err = s.change(ctx, "recharge", &r.RequestID, &r, &a, append(account, "add_money")...)
	return a, err
}

// Consume pays a bill. If Consumed.PaidElsewhere is not 0, the guest must pay that part in another way.
func (s *Sandy) Consume(ctx context.Context, r ConsumeRequest) (a Consumed, err error) {
	a.Receipt, err = s.change(ctx, "consume", &r.RequestID, &r, &a,
		append(account, "act_money", "card_money", "depot_money")...)
	return a, err
}

// ConsumeScore uses points.
func (s *Sandy) ConsumeScore(ctx context.Context, r ConsumeScoreRequest) (a Changed, err error) {
	a.Receipt, err = s.change(ctx, "consume_score", &r.RequestID, &r, &a, account...)
	return a, err
}

// look sends a request that changes nothing.
func look[A any](ctx context.Context, s *Sandy, name string, body any, need ...string) (a A, err error) {
	r, err := s.post(ctx, name, body)
	if err == nil {
		err = r.sandy(&a, need)
	}
	return a, err
}

// change sends a request that is carried out once under an id, which is part of the body. If id is empty, it is
// set to a new one.
func (s *Sandy) change(ctx context.Context, name string, id *string, body, into any, need ...string) (Receipt, error) {
	*id = cmp.Or(*id, rand.Text())
	r, err := s.post(ctx, name, body)
	if err == nil {
		err = r.sandy(into, need)
	}
	return Receipt{*id, r.header.Get("Idempotent-Replayed") == "true"}, r.conclude(*id, err)
}

// post sends a body, or a GET if body is nil. Every request of this client may be repeated, because it either
// changes nothing or has an id.
func (s *Sandy) post(ctx context.Context, name string, body any) (reply, error) {
	u, err := endpoint(s.BaseURL, "/api2/member-cjb/"+name)
	if err != nil {
		return reply{}, err
	}
	method, text := http.MethodGet, []byte(nil)
	if body != nil {
		method = http.MethodPost
		if text, err = json.Marshal(body); err != nil {
			return reply{}, err
		}
	}
	e := exchange{http: s.HTTP, tries: s.Tries, repeatable: true, build: func() (*http.Request, error) {
		req, err := http.NewRequest(method, u.String(), bytes.NewReader(text))
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", s.Token)
		req.Header.Set("Customerguid", s.GUID)
		if body != nil {
			req.Header.Set("Content-Type", "application/json; charset=utf-8")
		}
		return req, nil
	}}
	return e.run(ctx)
}

// sandy reads an answer. If it has an errcode, it is an Error whatever else it contains. If a success cannot be
// read, it is not known what was done.
func (r *reply) sandy(into any, need []string) error {
	var no struct {
		Code    *Text `json:"errcode"`
		Message Text  `json:"errmsg"`
	}
	_ = json.Unmarshal(r.body, &no) // a body without an error is read below
	switch {
	case no.Code != nil:
		r.open = r.open || *no.Code == CodeInternal
		return Error{string(*no.Code), string(no.Message), r.status}
	case !success(r.status):
		return Error{"", http.StatusText(r.status), r.status}
	}
	err := decode(r.body, into, need...)
	r.open = r.open || err != nil
	return err
}
