package page

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"

	"tongka/internal/command"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// Names of the form's fields. The first is that of the published bind_qr.
const (
	tokenField = "bindToken"
	tryField   = "try"
)

// Link returns the address that binds a phone to the card, once and within a day; "" if no phone may be bound.
// Whoever has the address gets the card's member codes. Making a link writes nothing: it contains the number of
// the card's pass, so it is void once a phone is bound or the pass ends.
func (p *Page) Link(m *ledger.Merchant, c *ledger.Card) string {
	now := p.cfg.Clock()
	if !c.Bindable(m.Today(now)) {
		return ""
	}
	token := p.links.make(claim{c.Merchant, c.ID, c.Details.Pass, now.Add(bindFor)})
	return p.cfg.URL + Base + "bind?" + tokenField + "=" + token
}

// offer returns the card that a link is for, or nil if no phone can be bound by it any more. The reason is not
// returned, because nobody may be told.
func (p *Page) offer(r *http.Request, token string) (*visit, error) {
	c, ok := p.links.read(token)
	if !ok || p.cfg.Clock().After(c.at) {
		return nil, nil
	}
	v, err := p.visit(r.Context(), c)
	if v == nil || !v.usable() {
		return nil, err
	}
	return v, nil
}

// showOffer asks whether this phone is to be bound. It changes nothing, because messengers fetch the links that
// people send each other.
func (p *Page) showOffer(w http.ResponseWriter, r *http.Request) error {
	token := r.URL.Query().Get(tokenField)
	c, ok := p.links.read(token)
	if ok {
		if own, err := p.own(r, c); own != nil || err != nil {
			return p.open(w, r, own, err)
		}
	}
	v, err := p.offer(r, token)
	if err != nil {
		return err
	}
	if v == nil {
		return p.tooLate(w, r, c)
	}
	return p.show(w, r, bindPage(bindView{
		view: p.viewOf(r, v.merchant), number: phrase.Masked(v.card.Number), token: token, try: rand.Text(),
	}))
}

// bindView is the form that binds a phone.
type bindView struct {
	view
	number, token, try string
}

// own returns the session that the phone already has for the card of a link; nil if it has none.
func (p *Page) own(r *http.Request, link claim) (*visit, error) {
	for _, c := range p.held(r) {
		if c.merchant == link.merchant && c.card == link.card {
			return p.visit(r.Context(), c)
		}
	}
	return nil, nil
}

// open shows the card of a link to a phone that is bound to it already, whether or not the link was used.
func (p *Page) open(w http.ResponseWriter, r *http.Request, own *visit, err error) error {
	if err != nil {
		return err
	}
	p.begin(w, r, own.claim)
	return p.home(w, r)
}

// maxForm limits a form in bytes, to far more than ours has, because anybody may send one.
const maxForm = 4 << 10

// bind makes this phone the one that has the card's pass.
func (p *Page) bind(w http.ResponseWriter, r *http.Request) error {
	token, try := r.PostFormValue(tokenField), r.PostFormValue(tryField)
	c, ok := p.links.read(token)
	if !ok || try == "" || p.cfg.Clock().After(c.at) {
		return p.tooLate(w, r, c)
	}
	v, err := p.find(r.Context(), c) // even if the link was used: the phone may have lost the answer
	if err != nil {
		return err
	}
	if v == nil {
		return p.tooLate(w, r, c)
	}
	given, err := p.carryOut(r, once(command.BindPhone{
		Merchant: c.merchant, By: byPhone, ID: c.card, Card: v.card.Number, Pass: c.pass,
	}, "page/bind", token+try))
	if _, refused := errors.AsType[ledger.Refusal](err); refused {
		return p.tooLate(w, r, c)
	}
	if err != nil {
		return err
	}
	return p.begun(w, r, c, given)
}

// once returns a command that binds a phone, under a request id that only the page which was shown knows. If the
// answer was lost, the same phone may ask again; another phone with the same link comes too late.
func once(cmd command.Command, scope, secret string) command.Once {
	id := sha256.Sum256([]byte(secret))
	return command.Once{
		Command: cmd,
		Key:     ledger.RequestKey{Scope: scope, ID: base64.RawURLEncoding.EncodeToString(id[:])},
		Answer: func(ch command.Changes) []byte {
			return strconv.AppendInt(nil, ch.Last().Details.Pass, 10)
		},
		Fingerprint: id,
	}
}

// carryOut has a command carried out, and returns what it answered, or why it was refused.
func (p *Page) carryOut(r *http.Request, cmd command.Command) (answer []byte, err error) {
	changes, err := p.cfg.Doer.Do(r.Context(), cmd)
	if err == nil {
		err = changes.Denied
	}
	switch {
	case err != nil:
		return nil, err
	case changes.Replay != nil:
		return changes.Replay.Answer, nil
	case len(changes.Requests) > 0:
		return changes.Requests[0].Answer, nil
	}
	return nil, nil
}

// begun gives the phone the session of a card whose pass has got that number.
func (p *Page) begun(w http.ResponseWriter, r *http.Request, c claim, pass []byte) error {
	var err error
	if c.pass, err = strconv.ParseInt(string(pass), 10, 64); err != nil {
		return err
	}
	p.begin(w, r, c)
	return p.home(w, r)
}

// tooLate answers a link that binds nothing, in the same way whatever is wrong with it. Only a phone that was bound to
// the card of the link is told more: that it is no more.
func (p *Page) tooLate(w http.ResponseWriter, r *http.Request, link claim) error {
	httpd.NoteOf(r.Context()).Outcome = outOver
	gone, err := p.gone(r)
	if err != nil {
		return err
	}
	if gone = farewells(gone, link); len(gone) > 0 {
		return p.sayFarewell(w, r, http.StatusGone, gone)
	}
	p.tell(w, r, http.StatusGone, over)
	return nil
}
