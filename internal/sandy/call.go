package sandy

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/wire"
)

// errNoPlace is for the log: the caller is told no more than one that lacks a grant, or it could find out who is here.
var errNoPlace = errors.New("no merchant or shop has this CUSTOMERGUID")

// call is one request whose caller is known and may make it.
type call struct {
	endpoint *endpoint
	agent    *ledger.Agent
	merchant *ledger.Merchant
	shop     ledger.Shop
	wall     time.Time // when it came, in the merchant's zone
	today    ledger.Date
}

// by returns the caller as the journal records it.
func (c *call) by() ledger.Caller { return ledger.Caller{Agent: c.agent.ID, Shop: c.shop.ID} }

// key returns the key of a card of the call's merchant. Endpoints make card keys only through it, so that none of
// them reaches a card of another merchant.
func (c *call) key(number string) ledger.CardKey {
	return ledger.CardNamed(c.merchant.ID, number)
}

// visitor is the sender of a request, as far as it is known yet.
type visitor struct {
	note  *httpd.Note
	agent *ledger.Agent // nil until it is identified
}

// requestKey returns the key of the request with that id which the caller sent to an endpoint.
func (c *call) requestKey(endpoint, id string) ledger.RequestKey {
	return ledger.RequestKey{Agent: c.agent.ID, Scope: "sandy/" + endpoint, ID: id}
}

// result is a body to send. It is replayed if an earlier request with the same id got it first.
type result struct {
	body     []byte
	replayed bool
}

// serve answers one request.
func (d *Dialect) serve(w http.ResponseWriter, r *http.Request, e *endpoint) {
	v := &visitor{note: httpd.NoteOf(r.Context())}
	v.note.Dialect, v.note.Endpoint, v.note.Keep = dialect, e.name, true
	if r.Method != e.method {
		w.Header().Set("Allow", e.method)
		d.misdirected(w, r, v, faultMethod)
		return
	}
	done, err := d.answer(r, e, v)
	if err != nil {
		fail(w, r, v, err)
		return
	}
	v.note.Outcome = "ok"
	if done.replayed {
		v.note.Outcome = "replayed"
		w.Header().Set("Idempotent-Replayed", "true")
	}
	httpd.SendJSON(w, http.StatusOK, done.body)
}

// answer tests a request in the dialect's order of errors: the caller, the grant, the licence, the body, and then
// the endpoint's fields.
func (d *Dialect) answer(r *http.Request, e *endpoint, v *visitor) (result, error) {
	c, err := d.admit(r, e, v)
	if err != nil {
		return result{}, err
	}
	f := &fields{}
	if e.method == http.MethodPost {
		body, err := io.ReadAll(r.Body)
		if err := httpd.BodyFault(err, faultTooLarge, faultBusy, faultCut); err != nil {
			return result{}, err
		}
		if f.in, err = parseObject(body); err != nil {
			return result{}, err
		}
	}
	if e.ask != nil {
		body, err := e.ask(d, r.Context(), c, f)
		return result{body: body}, engine.OfRead(err)
	}
	return d.carryOut(r, c, f)
}

// admit identifies the caller and the merchant and shop, and checks the grant.
func (d *Dialect) admit(r *http.Request, e *endpoint, v *visitor) (*call, error) {
	if err := d.know(r, v); err != nil {
		d.claim(r, v)
		return nil, err
	}
	agent := v.agent
	if wait := d.cfg.ByAgent.Wait(agent.ID); wait > 0 {
		return nil, faultTooMany(wait)
	}
	guid, same := wire.Only(r.Header["Customerguid"], ledger.FoldGUID)
	if !same {
		return nil, faultRepeated("CUSTOMERGUID")
	}
	place, found := d.cfg.Directory.Place(guid)
	if !found {
		v.note.Err = errNoPlace
		return nil, faultDenied
	}
	v.note.Claimed, v.note.Shop = place.Merchant.ID, place.Shop.ID
	if !agent.May(e.may, place.Merchant.ID) {
		v.note.Denied(agent, e.may, place.Merchant.ID)
		return nil, faultDenied
	}
	v.note.Merchant = place.Merchant.ID
	now := d.cfg.Clock()
	if !place.Merchant.Licensed(now) {
		return nil, faultExpired
	}
	if place.Shop.Ended {
		return nil, faultEnded
	}
	return &call{
		endpoint: e, agent: agent, merchant: place.Merchant, shop: place.Shop, wall: now.In(place.Merchant.Zone),
		today: place.Merchant.Today(now),
	}, nil
}

// know identifies the agent by its token.
func (d *Dialect) know(r *http.Request, v *visitor) error {
	if wait := d.cfg.ByAddress.Wait(v.note.Neighbourhood()); wait > 0 {
		return faultTooMany(wait)
	}
	sent, same := wire.Only(r.Header["Authorization"], token)
	if !same {
		return faultRepeated("AUTHORIZATION")
	}
	if err := d.cfg.Directory.Outdated(); err != nil {
		return engine.OfRead(err)
	}
	agent, err := d.cfg.Directory.Agent(sent, v.note.Client)
	if err != nil {
		v.note.Err = err
		return faultUnknown
	}
	v.agent, v.note.Agent, v.note.AgentID = agent, agent.Name, agent.ID
	return nil
}

// claim notes which place a caller names that is not known. Whoever connects tills there may look at the request.
func (d *Dialect) claim(r *http.Request, v *visitor) {
	guid, _ := wire.Only(r.Header["Customerguid"], ledger.FoldGUID)
	if place, found := d.cfg.Directory.Place(guid); found {
		v.note.Claimed, v.note.Shop = place.Merchant.ID, place.Shop.ID
	}
}

// misdirected answers a request to no endpoint or by a wrong method. It identifies the caller only because the
// HTTP status depends on the agent's Always200.
func (d *Dialect) misdirected(w http.ResponseWriter, r *http.Request, v *visitor, f fault) {
	if err := d.know(r, v); err != nil && faultOf(err).code == codeTooMany {
		f = faultOf(err)
	}
	v.note.Err = nil
	refuse(w, v, f)
}

// token returns the token in an AUTHORIZATION header, with or without the word Bearer.
func token(header string) string {
	const scheme = "bearer "
	if len(header) > len(scheme) && strings.EqualFold(header[:len(scheme)], scheme) {
		header = header[len(scheme):]
	}
	return strings.TrimSpace(header)
}

// carryOut carries out a command, once if the request has an id.
func (d *Dialect) carryOut(r *http.Request, c *call, f *fields) (result, error) {
	o := c.endpoint.do(c, f)
	id := f.requestID(r.Header["Idempotency-Key"])
	if err := f.err(); err != nil {
		return result{}, err
	}
	cmd := o.command
	if id != "" {
		cmd = command.Once{
			Command:     cmd,
			Key:         c.requestKey(c.endpoint.name, id),
			Fingerprint: f.in.fingerprint(),
			Answer:      o.answer,
			Layouts:     layouts[c.endpoint.name],
		}
	}
	changes, err := d.cfg.Doer.Do(r.Context(), cmd)
	switch {
	case err != nil:
		return result{}, err
	case changes.Replay != nil:
		return result{changes.Replay.Answer, true}, nil
	case len(changes.Requests) > 0:
		return result{body: changes.Requests[0].Answer}, nil
	}
	if o.answer == nil {
		return result{body: layouts[c.endpoint.name][0].Answer(changes)}, nil
	}
	return result{body: o.answer(changes)}, nil
}

// requestID returns the id of the request, which may be in the header, in the body, or in both if it is the same.
// An empty one is refused, and one by the name in another spelling, like requestId: a till that sends it relies on
// being protected against a second charge.
func (f *fields) requestID(headers []string) string {
	const name = "request_id"
	if f.in.otherSpelling(name) {
		f.bad(name, "拼写不同")
	}
	id, same := wire.Only(headers, ledger.FoldRequestID)
	sent := len(headers) > 0
	if m := f.member(name, text); m.kind == text {
		own := ledger.FoldRequestID(m.value)
		same = same && (!sent || own == id)
		id, sent = own, true
	}
	switch {
	case !sent:
	case !same:
		f.bad(name, "有多个不同的值")
	default:
		if fault := ledger.CheckRequestID(id); fault != 0 {
			f.bad(name, wire.RequestIDFault(fault))
		}
	}
	return id
}

// fingerprint returns the SHA-256 of the body's canonical form: its members ordered by name, each as kind, length
// and bytes of the name, and length and bytes of the value. The order in which members were sent, the space
// between them, request_id and members that are null do not count. Numbers and nested values count as they were
// written.
func (o object) fingerprint() [32]byte {
	var b []byte
	for _, m := range o {
		if m.kind == absent || m.name == "request_id" {
			continue
		}
		b = append(b, byte(m.kind))
		b = wire.AppendItem(wire.AppendItem(b, m.name), m.value)
	}
	return sha256.Sum256(b)
}

// card returns a card of the call's merchant, settled as of today.
func (d *Dialect) card(ctx context.Context, c *call, number string) (*ledger.Card, error) {
	found, err := d.cfg.Reader.Card(ctx, c.key(number))
	if err != nil {
		return nil, fmt.Errorf("card: %w", err)
	}
	if found == nil {
		return nil, refusals[ledger.CardNotFound]
	}
	settled := found.Settled(c.wall, c.today)
	return &settled, nil
}

// fail answers an error.
func fail(w http.ResponseWriter, r *http.Request, v *visitor, err error) {
	f := faultOf(err)
	refuse(w, v, f)
	v.note.Ended(r.Context(), err, f.failed(), f.text)
}

// refuse answers with a fault.
func refuse(w http.ResponseWriter, v *visitor, f fault) {
	v.note.Outcome = f.code
	if f.wait > 0 {
		httpd.RetryAfter(w.Header(), f.wait)
	}
	httpd.SendJSON(w, f.statusFor(v.agent), f.append(make([]byte, 0, 64)))
}
