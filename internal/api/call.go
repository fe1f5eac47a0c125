package api

import (
	"cmp"
	"context"
	"fmt"
	"mime"
	"net/http"
	neturl "net/url"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"tongka/internal/httpd"
	"tongka/internal/ledger"
)

// dialect is what the log and the metrics call the API.
const dialect = "api"

// call is a request whose caller is known and may make it.
type call struct {
	*API
	ctx      context.Context
	op       *operation
	note     *httpd.Note
	token    string // the key, and the merchant that was named with it; "" = none was
	named    string
	lang     ledger.Language
	agent    *ledger.Agent // whose key it is
	merchant *ledger.Merchant
	now      time.Time
	today    ledger.Date
	path     string
	dry      bool // nothing is to be saved
	request  string
	match    ledger.EntryID // the version that the caller has seen of what is changed
	query    neturl.Values  // as it was sent; each name that is described stands once
}

type callKey struct{}

// callOf returns the call of a request that was admitted.
func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	c.ctx = ctx
	return c
}

// admit finds out who calls, and refuses whoever may not make the call.
func (a *API) admit(o *operation) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		note := httpd.NoteOf(ctx.Context())
		note.Dialect, note.Endpoint, note.Keep = dialect, o.id, !o.rows
		url := ctx.URL()
		c := &call{
			API: a, ctx: ctx.Context(), op: o, note: note, lang: languageOf(ctx.Header("Accept-Language")), path: url.Path,
			token: bearer(ctx.Header("Authorization")), named: ctx.Header(merchantHeader),
		}
		ctx.SetHeader("Cache-Control", "no-store")
		if err := c.know(ctx); err != nil {
			sendProblem(ctx, c.problemOf(err))
			return
		}
		note.Outcome = "ok"
		next(huma.WithValue(ctx, callKey{}, c))
	}
}

// onlyOnce refuses a request that has a header twice of which one says what is done: whatever stands between could have
// read the other one.
func (c *call) onlyOnce(ctx huma.Context) error {
	r, _ := humago.Unwrap(ctx)
	for _, name := range []string{"Authorization", merchantHeader, "Idempotency-Key", "If-Match", "Last-Event-Id"} {
		if len(r.Header[name]) > 1 {
			return c.refuse(faultTwice)
		}
	}
	return nil
}

// know identifies the caller, and tests in this order: the rate, the key, the merchant, the permission, the version,
// the query, and the name of the request.
func (c *call) know(ctx huma.Context) error {
	if wait := c.cfg.ByAddress.Wait(c.note.Neighbourhood()); wait > 0 {
		return c.slowDown(wait)
	}
	if err := c.onlyOnce(ctx); err != nil {
		return err
	}
	if err := c.identify(); err != nil {
		return err
	}
	wait := c.cfg.ByAgent.Wait(c.agent.ID)
	if most, now, limited := c.cfg.ByAgent.Room(c.agent.ID); limited {
		ctx.SetHeader("RateLimit-Policy", fmt.Sprintf(`"key";q=%d;w=1`, most))
		ctx.SetHeader("RateLimit", fmt.Sprintf(`"key";r=%d;t=1`, now))
	}
	if wait > 0 {
		return c.slowDown(wait)
	}
	if err := c.permit(); err != nil {
		return err
	}
	c.note.Merchant = c.merchant.ID
	if c.cfg.Uses != nil && c.agent.Owner != 0 {
		c.cfg.Uses.Note(c.agent, c.note.Client)
	}
	c.now = c.cfg.Clock()
	c.today = c.merchant.Today(c.now)
	if err := c.readMatch(ctx); err != nil {
		return err
	}
	if err := c.readQuery(ctx); err != nil {
		return err
	}
	if err := c.nameRequest(ctx); err != nil {
		return err
	}
	return c.awaits(humago.Unwrap(ctx))
}

// awaits lets the body be as large as the operation allows, and of a file, of the type that is wanted.
func (c *call) awaits(r *http.Request, w http.ResponseWriter) error {
	if !c.op.takes {
		httpd.AllowBody(r, cmp.Or(c.op.most, maxBody))
		return nil
	}
	sent, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if _, known := fileTypes()[sent]; err != nil || !known {
		return c.refuse(faultNoFile)
	}
	httpd.AllowUpload(w, r, c.op.most, uploadPatience)
	return nil
}

// identify finds out whose key it is, as the directory has it now.
func (c *call) identify() error {
	if err := c.cfg.Directory.Outdated(); err != nil {
		return c.problem(notDone(err))
	}
	agent, err := c.cfg.Directory.Caller(c.token, c.note.Client)
	if err != nil {
		c.note.Err = err
		if c.token == "" {
			return c.refuse(faultNoToken)
		}
		return c.refuse(faultUnknown)
	}
	c.agent, c.note.Agent, c.note.AgentID = agent, agent.Name, agent.ID
	return nil
}

// permit finds the merchant, and refuses a key that may not make the call there.
func (c *call) permit() error {
	if err := c.enter(c.named); err != nil {
		return err
	}
	if !c.may(c.op.needs) {
		c.note.Denied(c.agent, c.op.needs, c.merchant.ID)
		return c.denied(c.op.needs)
	}
	if c.op.whole && !c.agent.ActsAt(0) {
		return c.refuse(faultShop)
	}
	return nil
}

// readQuery reads the parameters that are true or false. One that is neither is refused, and so is a query that cannot
// be read whole: what was meant to be a dry run would be done. So is a name that stands twice: all but its first value
// would be passed over. One that is not described is refused later.
func (c *call) readQuery(ctx huma.Context) error {
	url := ctx.URL()
	if url.RawQuery == "" {
		return nil
	}
	sent, err := neturl.ParseQuery(url.RawQuery)
	if err != nil {
		return c.refuseField("query", "want names and values, escaped as in an address")
	}
	for _, p := range ctx.Operation().Parameters {
		values, has := sent[p.Name]
		if !has || p.In != "query" {
			continue
		}
		if len(values) > 1 {
			return c.refuseField("query."+p.Name, "want the name once, and a list with commas")
		}
		if p.Schema.Type != huma.TypeBoolean {
			continue
		}
		yes, err := strconv.ParseBool(values[0])
		if err != nil {
			return c.refuseField("query."+p.Name, "want true or false")
		}
		c.dry = c.dry || yes && c.op.acts && p.Name == dryRun
	}
	c.query = sent
	return nil
}

// still reports whether the caller may go on with what it was admitted to: its key, the addresses and days it is good
// for, its permissions and its shops are looked at again.
func (c *call) still() bool { return c.identify() == nil && c.permit() == nil }

// dryRun is the parameter of a request of which only is told what it would do.
const dryRun = "dry_run"

// merchantHeader names the merchant, where the key is good at several.
const merchantHeader = "Tongka-Merchant"

// enter finds the merchant. One at which the key has no grant is answered as one that is not there.
func (c *call) enter(named string) error {
	var id ledger.MerchantID
	switch {
	case named != "":
		n, err := strconv.ParseInt(named, 10, 64)
		if err != nil {
			return c.refuseField("header."+merchantHeader, "want the id of a merchant: a whole number")
		}
		id = ledger.MerchantID(n)
	case len(c.agent.Grants) == 1:
		id = c.agent.Grants[0].Merchant
	default:
		return c.refuse(faultMerchant)
	}
	c.merchant = c.cfg.Directory.Merchant(id)
	if c.merchant == nil || !c.agent.May(0, id) {
		return c.refuse(faultDenied)
	}
	return nil
}

// nameRequest reads the name under which the request is done once.
func (c *call) nameRequest(ctx huma.Context) error {
	if !c.op.acts && !c.op.once {
		return nil
	}
	c.request = ledger.FoldRequestID(ctx.Header("Idempotency-Key"))
	switch {
	case c.request == "" && c.dry:
		return nil
	case c.request == "":
		return c.refuse(faultNoKey)
	}
	if f := ledger.CheckRequestID(c.request); f != 0 {
		return c.refuseField("header.Idempotency-Key", f.String())
	}
	if c.request == "." || c.request == ".." {
		return c.refuseField("header.Idempotency-Key", "want a name that can stand in an address: not . or ..")
	}
	return nil
}

// sendProblem answers a problem before the operation has begun.
func sendProblem(ctx huma.Context, p *Problem) {
	for name, values := range p.GetHeaders() {
		ctx.SetHeader(name, values[0])
	}
	ctx.SetHeader("Content-Type", p.ContentType(""))
	ctx.SetStatus(p.Status)
	_, _ = ctx.BodyWriter().Write(mustMarshal(p)) // the caller is gone, and nobody reads the error
}

// By says who does something, and where. It is part of every body that asks for something to be done.
type By struct {
	Shop     int64  `json:"shop,omitempty" minimum:"0" doc:"The id of the shop where it is done. A key for one shop need not name it; without one it is done at the head office." example:"11"` //nolint:lll // a tag
	Operator string `json:"operator,omitempty" maxLength:"64" doc:"Who does it, as the caller calls him." example:"till-3"`
}

// by returns who gives the command, at a shop where the key may be used.
func (c *call) by(b By) (ledger.Caller, error) {
	shop := ledger.ShopID(b.Shop)
	if shop == 0 && len(c.agent.Shops) == 1 {
		shop = c.agent.Shops[0]
	}
	if !c.agent.ActsAt(shop) {
		return ledger.Caller{}, c.refuse(faultShop)
	}
	if _, found := c.merchant.Shop(shop); shop != 0 && !found {
		return ledger.Caller{}, c.refuseField("body.shop", "want the id of a shop")
	}
	c.note.Shop = shop
	return ledger.Caller{Agent: c.agent.ID, Shop: shop, Operator: b.Operator}, nil
}

// key returns the key of a card of the caller's merchant. Cards are read only through it and through queries that name
// the merchant, so that nobody reaches a card of another one.
func (c *call) key(number string) ledger.CardKey { return ledger.CardNamed(c.merchant.ID, number) }

// may reports whether the key has a permission beside that of the operation.
func (c *call) may(p ledger.Permission) bool { return c.agent.May(p, c.merchant.ID) }

// nowhere answers a request to no operation.
func (a *API) nowhere(w http.ResponseWriter, r *http.Request) {
	note := httpd.NoteOf(r.Context())
	note.Dialect, note.Outcome, note.Astray = dialect, faultNowhere.code, true
	f := faultNowhere
	if allowed := a.methodsAt(r.URL.Path); len(allowed) > 0 {
		f = faultMethod
		w.Header()["Allow"] = allowed
	}
	p := problemFor(f, languageOf(r.Header.Get("Accept-Language")), note.ID)
	w.Header().Set("Content-Type", p.ContentType(""))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_, _ = w.Write(mustMarshal(p)) // the caller is gone, and nobody reads the error
}
