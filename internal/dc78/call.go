package dc78

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/scheme"
	"tongka/internal/wire"
)

// Why a caller was not admitted. For the log only: the answer is the same as for a wrong signature.
var (
	errNoShop  = errors.New("no such shop, or its records are incomplete")
	errNoAgent = errors.New("the shop has no agent")
)

// call is one request whose caller is known and may make it.
type call struct {
	request  *request
	action   *action
	agent    *ledger.Agent
	merchant *ledger.Merchant
	shop     ledger.Shop
	now      time.Time
	today    ledger.Date
	secret   string // the shop's secret; "" = it has none
	cfg      *Config
	near     netip.Addr // the network that the caller is counted under
	scan     *scan      // the member code in mbno; nil = mbno is not one
}

// key returns the key of a card of the call's merchant. Actions make card keys only through it, so that none of
// them reaches a card of another merchant.
func (c *call) key(number string) ledger.CardKey {
	return ledger.CardNamed(c.merchant.ID, number)
}

// result is an answer without the server's keys. It is replayed if an earlier request with the same id got it
// first.
type result struct {
	object   []byte
	replayed bool
}

// serve answers one request.
func (d *Dialect) serve(w http.ResponseWriter, r *http.Request) {
	note := httpd.NoteOf(r.Context())
	note.Dialect, note.Endpoint, note.Keep = dialect, "unknown", true
	if wait := d.cfg.ByAddress.Wait(note.Neighbourhood()); wait > 0 {
		d.refuse(w, note, d.server(&request{}), faultTooMany(wait))
		return
	}
	q, err := readRequest(r)
	var done result
	if err == nil {
		done, err = d.answer(r, q, note)
	}
	if err != nil {
		d.fail(w, r, q, err)
		return
	}
	note.Outcome = "ok"
	if done.replayed {
		note.Outcome = "replayed"
		w.Header().Set("Idempotent-Replayed", "true")
	}
	d.server(q).send(w, http.StatusOK, done.object)
}

// answer tests a request in the dialect's order of errors: the action, the caller, the grant, the licence, and
// then the parameters.
func (d *Dialect) answer(r *http.Request, q *request, note *httpd.Note) (result, error) {
	a := actionOf(q.action)
	if a == nil {
		note.Astray = true
		return result{}, faultAction
	}
	note.Endpoint = a.name
	c, err := d.admit(r, q, a, note)
	if err != nil {
		return result{}, err
	}
	f := &fields{get: q.get}
	if err := d.name(r.Context(), c, f); err != nil {
		return result{}, err
	}
	if a.ask != nil {
		object, err := a.ask(d, r.Context(), c, f)
		return result{object: object}, engine.OfRead(err)
	}
	if a.change != nil {
		return a.change(d, r.Context(), c, f)
	}
	return d.complete(r.Context(), c, f, a.do(c, f))
}

// admit identifies the caller and the shop and checks the grant. Of the body, no more than maxBody bytes have
// been read before the signature is verified.
func (d *Dialect) admit(r *http.Request, q *request, a *action, note *httpd.Note) (*call, error) {
	if err := d.cfg.Directory.Outdated(); err != nil {
		return nil, engine.OfRead(err)
	}
	access, merchant, shop := d.place(q, note)
	if merchant != nil && access.Agent != nil {
		note.Claimed, note.Shop, note.AgentID = merchant.ID, shop.ID, access.Agent.ID
	}
	now := d.cfg.Clock()
	latest := d.latest.at(now)
	if err := d.verify(r, q, access.Scheme, note, latest); err != nil {
		note.Err = cmp.Or(note.Err, err)
		return nil, err
	}
	if merchant == nil || access.Agent == nil {
		note.Err = cmp.Or(note.Err, errNoAgent)
		return nil, faultCredentials
	}
	note.Agent = access.Agent.Name
	if wait := d.cfg.ByAgent.Wait(access.Agent.ID); wait > 0 {
		return nil, faultTooMany(wait)
	}
	if a.onlyReads(q.get) && q.nonce != "" {
		if err := d.nonces.use(system{msid: q.system.msid, nonce: q.nonce}, latest); err != nil {
			return nil, err
		}
	}
	if may := a.may(q.get); !access.Agent.May(may, merchant.ID) {
		note.Denied(access.Agent, may, merchant.ID)
		return nil, faultDenied
	}
	note.Merchant = merchant.ID
	if !merchant.Licensed(now) {
		return nil, faultLicence
	}
	if shop.Ended {
		return nil, faultEnded
	}
	return &call{
		request: q, action: a, agent: access.Agent, merchant: merchant, shop: shop, now: now,
		today:  merchant.Today(now),
		secret: access.Scheme.secret(),
		cfg:    &d.cfg, near: note.Neighbourhood(),
	}, nil
}

// verify checks that the shop sent the request, and then reads the rest of the body.
func (d *Dialect) verify(r *http.Request, q *request, s Scheme, note *httpd.Note, now time.Time) error {
	if s.needsPost() {
		if q.more {
			return faultTooLarge
		}
		if err := q.finish(); err != nil {
			return err
		}
	}
	if err := s.settle(q); err != nil {
		return err
	}
	switch msid := q.system.msid; {
	case msid == "":
		return faultNoCredential(s.msid().Name)
	case !isMSID(msid):
		return faultBadCredential(s.msid().Name, "应为数字,最多18位,不以0开头")
	}
	if err := s.verify(q, caller{note.Client, note.Relayed}, now); err != nil {
		return err
	}
	if err := q.rest(r); err != nil {
		return err
	}
	if err := s.digest(q); err != nil {
		return err
	}
	return q.finish()
}

// place returns the shop that a request names, looking for its number where that shop's tills put it. For an
// unknown shop it returns a scheme that refuses every request, so that the answer is the one a known shop gives
// to a wrong signature.
func (d *Dialect) place(q *request, note *httpd.Note) (Access, *ledger.Merchant, ledger.Shop) {
	access, merchant, shop := d.placeAt(q, ownMSID, note)
	for _, f := range d.cfg.Shops.MSIDs() {
		if merchant != nil {
			break
		}
		access, merchant, shop = d.placeAt(q, f, note)
	}
	if merchant == nil {
		note.Err = errNoShop
		return Access{Scheme: noKey}, nil, ledger.Shop{}
	}
	return access, merchant, shop
}

func (d *Dialect) placeAt(q *request, f scheme.Field, note *httpd.Note) (Access, *ledger.Merchant, ledger.Shop) {
	msid := q.at(f)
	if !isMSID(msid) {
		return Access{}, nil, ledger.Shop{}
	}
	access, found := d.cfg.Shops.Shop(msid, note.Client)
	merchant := d.cfg.Directory.Merchant(access.Merchant)
	if found && merchant != nil && access.Scheme != nil && access.Scheme.msid() == f {
		if shop, ok := merchant.Shop(access.Shop); ok {
			return access, merchant, shop
		}
	}
	return Access{}, nil, ledger.Shop{}
}

// isMSID reports whether a text may be a shop's number. Leading zeros are refused: request ids and nonces contain
// the number, so it must have only one spelling.
func isMSID(s string) bool { return wire.AllDigits(s) && len(s) <= 18 && s[0] != '0' }

// complete checks the fields and carries out a command once under its request id.
func (d *Dialect) complete(ctx context.Context, c *call, f *fields, o order) (result, error) {
	key := c.requestKey(f, o.kind)
	if err := f.err(); err != nil {
		return result{}, err
	}
	return d.once(ctx, c, f, key, o)
}

// once carries out a command under the given request key. A repeated request gets the stored answer.
func (d *Dialect) once(ctx context.Context, c *call, f *fields, key ledger.RequestKey, o order) (result, error) {
	changes, err := d.cfg.Doer.Do(ctx, command.Once{
		Command: c.scanned(f, o.command), Key: key, Fingerprint: c.request.fingerprint(c.request.post), Answer: o.answer,
		Layouts: o.layouts, Signature: c.request.signature,
	})
	switch {
	case err != nil:
		return result{}, d.noCard(err, f.get.value("mbno"))
	case changes.Replay != nil:
		return result{changes.Replay.Answer, true}, nil
	}
	return result{object: changes.Requests[0].Answer}, nil
}

// requestKey returns the id of the request: shop, action and the till's business number. Without a business
// number the nonce is used instead. A recorded request that somebody sends again then does nothing, even after a
// restart, because the id is in the commit. It is answered like any repeated request; to refuse it, the store
// would have to commit the nonces too.
func (c *call) requestKey(f *fields, kind string) ledger.RequestKey {
	scope := c.scope(kind)
	id := f.ref()
	if id == "" {
		scope, id = scope+"/nonce", c.request.nonce
	}
	if id == "" && f.missing == "" {
		f.missing = "ref"
	}
	return ledger.RequestKey{Agent: c.agent.ID, Scope: scope, ID: id}
}

// scope is the part of the request key within which an id names one request.
func (c *call) scope(kind string) string { return c.scopeOf(c.action.name, kind) }

func (c *call) scopeOf(action, kind string) string {
	return strings.Join([]string{"dc78", action + kind, c.request.system.msid}, "/")
}

// requestOf returns the key of the shop's request that a ref names.
func (c *call) requestOf(action, kind, ref string) ledger.RequestKey {
	return ledger.RequestKey{Agent: c.agent.ID, Scope: c.scopeOf(action, kind), ID: ref}
}

// fingerprint returns the SHA-256 of what is asked: every get parameter but the digest and the proof, ordered by
// name, each as length and bytes of name and of value; then length and bytes of post. Values count as they were
// written, but ref is as requests are named. The proof that the holder typed is left out. It is not part of what is
// asked, and whoever reads the database could find a password of few digits from its digest.
func (q *request) fingerprint(post []byte) [32]byte {
	var room [512]byte
	b := room[:0]
	for _, p := range scheme.ByName(q.get, func(p param) string { return p.name }) {
		switch p.name {
		case digestName, proofName:
			continue
		case "ref":
			p.value = ledger.FoldRequestID(p.value)
		}
		b = wire.AppendItem(wire.AppendItem(b, p.name), p.value)
	}
	return sha256.Sum256(wire.AppendItem(b, string(post)))
}

// server returns the keys that end the answer to a request. The msid is returned only if it is well-formed.
func (d *Dialect) server(q *request) server {
	s := server{now: d.cfg.Clock(), name: d.cfg.ServerName}
	if isMSID(q.system.msid) {
		s.msid = q.system.msid
	}
	return s
}

// fail answers an error.
func (d *Dialect) fail(w http.ResponseWriter, r *http.Request, q *request, err error) {
	note := httpd.NoteOf(r.Context())
	f := faultOf(err)
	logged := cmp.Or(f.logged, f.info)
	if wrong, ok := errors.AsType[*signatureError](err); ok {
		note.Signed, note.Sign = cut(wrong.text(masked)), cut(q.system.sign)
		if d.cfg.ShowSigned {
			f.info += ";服务器签名原文:" + cut(wrong.text(nil))
		}
	}
	d.refuse(w, note, d.server(q), f)
	note.Ended(r.Context(), err, f.failed(), logged)
}

// refuse answers with a fault.
func (d *Dialect) refuse(w http.ResponseWriter, note *httpd.Note, s server, f fault) {
	note.Outcome = f.outcome
	if f.wait > 0 {
		httpd.RetryAfter(w.Header(), f.wait)
	}
	s.send(w, f.status, f.object())
}
