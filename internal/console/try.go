package console

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"fmt"
	"io"
	"maps"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/scheme"
	"tongka/internal/wire"
)

// Wire makes requests as the tills of a protocol send them: internal/sandy, internal/dc78.
type Wire interface {
	Endpoints() []wire.Endpoint
	// Build makes the request of a Try; ok is false if there is none.
	Build(try *wire.Try) (b wire.Built, ok bool)
}

// mostAnswered is how many bytes of an answer are shown to whoever tries.
const mostAnswered = 64 << 10

// movesMoney are the permissions of which one lets a till move money or points.
const movesMoney = ledger.MayRecharge | ledger.MayConsume | ledger.MayPoints | ledger.MayRefund

// tryView is a page on which somebody makes a request as a till does.
type tryView struct {
	view
	url       string // where tills reach the server
	agents    []*ledger.Agent
	agent     *ledger.Agent // nil = there is none
	shops     []ledger.Shop // those that the agent's tills may be at
	shop      ledger.Shop
	endpoints []wire.Endpoint
	endpoint  *wire.Endpoint
	values    map[string]string
	noKey     string // what is wrong with the key
	notSure   string // why it is not sent
	mayNot    string // why the person may not send it
	built     *wire.Built
	sent      *tried // nil = it was not
}

// tried is how a request was answered.
type tried struct {
	status int
	took   time.Duration
	answer string // masked
	id     string
	listed string // where it is listed; "" = it is not
}

// signs reports whether what the agent's tills send is proved by a key.
func (v *tryView) signs() bool { return v.agent.Shop == 0 || schemeName(v.agent) != scheme.None }

// needsSecret reports whether they sign with a developer secret too.
func (v *tryView) needsSecret() bool {
	told, err := scheme.Parse(v.agent.Scheme)
	return v.agent.Shop != 0 && err == nil && told.UsesSecret()
}

// fields are those of the endpoint. What is hidden while it is typed stands last, beside the key: a browser takes a
// form that has passwords in two places for two forms.
func (v *tryView) fields() (all []*wire.Field) {
	for _, hidden := range []bool{false, true} {
		for i := range v.endpoint.Fields {
			if f := &v.endpoint.Fields[i]; (f.Of == wire.OfProof) == hidden {
				all = append(all, f)
			}
		}
	}
	return all
}

// moves reports whether what is sent may move money or points.
func (v *tryView) moves() bool { return v.endpoint.May&movesMoney != 0 }

// address returns where the request goes, without what is not shown.
func (v *tryView) address() string {
	if v.built.Query == "" {
		return v.url + v.built.Path
	}
	pairs := strings.Split(v.built.Query, "&")
	for i, one := range pairs {
		name, _, _ := strings.Cut(one, "=")
		for _, f := range v.endpoint.Fields {
			if f.Of == wire.OfProof && f.Name == name {
				pairs[i] = name + "=" + ledger.MaskedText
			}
		}
	}
	return v.url + v.built.Path + "?" + strings.Join(pairs, "&")
}

// headers are those of the request, without the key.
func (v *tryView) headers() (all []ledger.TextPair) {
	for _, name := range slices.Sorted(maps.Keys(v.built.Header)) {
		one := ledger.TextPair{Name: name, Value: v.built.Header.Get(name)}
		if name == "Authorization" {
			one.Value = ledger.MaskedText
		}
		all = append(all, one)
	}
	return all
}

// tryHere returns the page for the agent, the shop and the endpoint that a form names, or the first there are.
func (c *call) tryHere(form url.Values) *tryView {
	v := &tryView{view: c.view(wTry), url: c.cfg.URL, values: map[string]string{}}
	for _, a := range c.agentsHere() {
		if _, ours := c.merchant.Shop(a.Shop); c.cfg.Wires[wireOf(a)] != nil && (ours || a.Shop == 0) {
			v.agents = append(v.agents, a)
		}
	}
	if len(v.agents) == 0 {
		return v
	}
	v.agent = v.agents[max(0, slices.IndexFunc(v.agents, func(a *ledger.Agent) bool {
		return decimal(a.ID) == form.Get("agent")
	}))]
	for _, s := range c.merchant.Shops {
		if v.agent.Shop == s.ID || v.agent.Shop == 0 && !s.Ended {
			v.shops = append(v.shops, s)
		}
	}
	if len(v.shops) == 0 {
		v.agent = nil
		return v
	}
	v.shop = v.shops[max(0, slices.IndexFunc(v.shops, func(s ledger.Shop) bool {
		return decimal(s.ID) == form.Get("shop")
	}))]
	v.endpoints = c.cfg.Wires[wireOf(v.agent)].Endpoints()
	if v.endpoint = wire.Find(v.endpoints, form.Get("endpoint")); v.endpoint == nil {
		v.endpoint = &v.endpoints[0]
	}
	v.mayNot = c.mayNotTry(v)
	return v
}

// isFor reports whether the page is for the very agent, shop and endpoint that a form names. Another one's are shown in
// place of those that are not there any more, and nothing is sent there.
func (v *tryView) isFor(form url.Values) bool {
	return decimal(v.agent.ID) == form.Get("agent") && decimal(v.shop.ID) == form.Get("shop") &&
		v.endpoint.Name == form.Get("endpoint")
}

// decimal returns an id as forms have it.
func decimal[ID ~int64](id ID) string { return strconv.FormatInt(int64(id), 10) }

// mayNotTry says why the person may not send a request; "" = that is allowed. Whoever looks after the merchant may do
// by this page what that person may do on all others, and nothing that takes a second person. An agent's own people
// have no permissions at a merchant, and need none: what they send does what the agent may do, and is proved by the
// agent's own token, with which they can send it from anywhere.
func (c *call) mayNotTry(v *tryView) string {
	switch {
	case c.only != 0:
		return ""
	case !c.person.May(v.endpoint.May, c.merchant.ID, v.shop.ID):
		return c.lang.of(wTryNotYours) + v.mayThere(v.endpoint.May)
	case v.endpoint.Gives && c.merchant.Settings.SecondPerson > 0:
		return c.lang.of(wTrySecond)
	}
	return ""
}

func (c *call) showTry() error {
	v := c.tryHere(c.r.URL.Query())
	if v.agent != nil {
		if err := c.fillTry(v); err != nil {
			return err
		}
	}
	return c.show(http.StatusOK, tryPage(v))
}

// fillTry fills the fields with values that suit them. The card of somebody is filled in where it is looked at only:
// what is done to a card is for whoever tries to say.
func (c *call) fillTry(v *tryView) error {
	for _, f := range v.endpoint.Fields {
		value := f.Sample
		switch f.Of {
		case wire.OfCard:
			if v.endpoint.Changes || v.mayNot != "" || c.only != 0 {
				break
			}
			page, err := c.cfg.Books.Cards(c.r.Context(), ledger.CardsQuery{Merchant: c.merchant.ID, Limit: 1})
			if err != nil {
				return err
			}
			if len(page.Cards) > 0 {
				value = page.Cards[0].Number
			}
		case wire.OfNewCard:
			n, err := rand.Int(rand.Reader, big.NewInt(1e8))
			if err != nil {
				return err
			}
			value = fmt.Sprintf("TRY%08d", n)
		case wire.OfLevel:
			value = firstID(c.merchant.Levels, func(l ledger.Level) (int64, bool) { return int64(l.ID), false })
		case wire.OfPayType:
			value = firstID(c.merchant.PayTypes, func(p ledger.PayType) (int64, bool) { return int64(p.ID), p.Ended })
		case wire.OfCouponKind:
			value = firstID(c.merchant.CouponKinds, func(k ledger.CouponKind) (int64, bool) {
				_, _, good := k.Validity(c.today())
				return int64(k.Kind), !good
			})
		case wire.OfRequest:
			value = "try-" + rand.Text()[:12]
		case wire.OfOperator:
			value = c.person.SignIn
		}
		v.values[f.Name] = value
	}
	return nil
}

// firstID returns the id of the first of some things that has not ended; "" if there is none.
func firstID[T any](all []T, ident func(T) (id int64, ended bool)) string {
	for _, one := range all {
		if id, ended := ident(one); !ended {
			return decimal(id)
		}
	}
	return ""
}

// doTry makes a request of what was typed, to be looked at or sent. The key is typed each time and never kept,
// although the server has that of a shop: a page that signed for whoever is signed in would let everybody who may look
// at it do what only tills may do. So it can do nothing that its user could not do with any other program.
func (c *call) doTry() error {
	v := c.tryHere(c.r.PostForm)
	sends := c.r.PostFormValue("do") == "send"
	if v.agent == nil || sends && !v.isFor(c.r.PostForm) {
		return errNowhere
	}
	for _, f := range v.endpoint.Fields {
		v.values[f.Name] = strings.TrimSpace(c.r.PostFormValue("f." + f.Name))
	}
	try := &wire.Try{
		Endpoint: v.endpoint.Name, Values: v.values, Agent: v.agent, Shop: v.shop,
		Key: strings.TrimSpace(c.r.PostFormValue("key")), Secret: c.r.PostFormValue("secret"),
	}
	b, ok := c.cfg.Wires[wireOf(v.agent)].Build(try)
	if !ok {
		return errNowhere
	}
	v.built = &b
	if !sends {
		return c.show(http.StatusOK, tryPage(v))
	}
	if v.mayNot != "" {
		c.note().Outcome = "refused"
		return c.show(http.StatusForbidden, tryPage(v))
	}
	if try.Key == "" && v.signs() {
		v.noKey = c.lang.of(wTryNoKey)
	}
	if v.endpoint.Changes && c.r.PostFormValue("sure") != "yes" {
		v.notSure = c.lang.of(wTryNotSure)
	}
	if v.noKey != "" || v.notSure != "" {
		return c.show(http.StatusUnprocessableEntity, tryPage(v))
	}
	v.sent = c.sendTry(&b)
	return c.show(http.StatusOK, tryPage(v))
}

// sendTry has the server answer a request as it answers those of tills, and comes to know it as one of the address that
// the browser is at. It leaves the process nowhere.
func (c *call) sendTry(b *wire.Built) *tried {
	r := (&http.Request{
		Method: b.Method, URL: &url.URL{Path: b.Path, RawQuery: b.Query}, Header: b.Header.Clone(),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Host: c.r.Host,
		Body: io.NopCloser(strings.NewReader(b.Body)), ContentLength: int64(len(b.Body)),
	}).WithContext(c.r.Context())
	httpd.ComeFrom(r, c.r)
	r.Header.Set("User-Agent", "Tongka console, "+c.person.SignIn)
	a := &answer{header: http.Header{}}
	began := time.Now()
	c.cfg.Tills.ServeHTTP(a, r)
	done := &tried{
		status: cmp.Or(a.status, http.StatusOK), took: time.Since(began), id: a.header.Get("X-Request-Id"),
		answer: c.cfg.MaskAnswer(a.text.Bytes()),
	}
	inner := c.note().Inner
	if inner != nil && inner.Keep && c.cfg.Keeper != nil && cmp.Or(inner.Merchant, inner.Claimed) == c.merchant.ID {
		done.listed = requestPath(&ledger.Exchange{At: inner.At, ID: inner.ID})
	}
	return done
}

// answer takes an answer; what is more than is shown is dropped.
type answer struct {
	header http.Header
	status int
	text   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) { a.status = cmp.Or(a.status, status) }

func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	a.text.Write(p[:min(len(p), mostAnswered-a.text.Len())])
	return len(p), nil
}
