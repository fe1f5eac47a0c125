package console

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/signin"
)

// call is one request, with who asks and at which merchant.
type call struct {
	*Console
	w        http.ResponseWriter
	r        *http.Request
	lang     lang
	person   *ledger.Person   // nil = nobody is signed in
	merchant *ledger.Merchant // nil = the page is of no merchant
	session  ledger.Session
	waiting  []ledger.Proposal // those of the merchant that the person sees
	only     ledger.AgentID    // on pages of an integration: the one agent that the person sees; 0 = all
	did      bool              // something was carried out, which no failure behind it undoes
}

// maxForm is the most bytes of a form.
const maxForm = 64 << 10

// answer answers a request to a route: it finds out who asks, whether that person may, and leaves the rest to the
// route's own function.
func (c *Console) answer(r route, w http.ResponseWriter, req *http.Request) {
	q := &call{Console: c, w: w, r: req, lang: c.langOf(req, nil)}
	q.note().Endpoint = r.name
	err := q.admit(r)
	if err == nil {
		err = r.answer(q)
	}
	if err != nil {
		q.fail(err)
	}
}

// errNotYours means that whoever asks may not.
var errNotYours = errors.New("not granted")

// errNowhere means that there is nothing at the address, for whoever asks.
var errNowhere = errors.New("no such page")

// errForeign means that another site's page asked for what leaves an entry.
var errForeign = errors.New("asked for by another site")

// errBegun means that there is somebody already, so nobody is made by the link of the first start.
var errBegun = errors.New("there is somebody already")

// admit finds out who asks and whether that person may use a route.
func (c *call) admit(r route) error {
	if token := c.cookie(sessionCookie); token != "" {
		p, session, err := c.cfg.SignIn.Who(c.r.Context(), token)
		if err != nil && !errors.Is(err, signin.ErrNobody) {
			return err
		}
		c.person, c.session, c.lang = p, session, c.langOf(c.r, p)
	}
	switch {
	case r.door == anybody:
		return nil
	case c.person == nil:
		return signin.ErrNobody
	case r.door == atHost && !c.person.May(r.needs, ledger.HostID, 0):
		return errNotYours
	case r.door == ofAgent && !c.person.May(r.needs, ledger.HostID, 0) && !c.ownAgent(c.r.PathValue("agent")):
		return errNotYours
	case r.door == inside:
		return c.enter(r.needs)
	case r.door == integrating:
		return c.connect()
	}
	return nil
}

// enter finds the merchant of the path. One that somebody has nothing to do with is answered as one that is not there.
func (c *call) enter(needs ledger.Permission) error {
	id, err := strconv.ParseInt(c.r.PathValue("merchant"), 10, 64)
	m := c.cfg.Directory.Merchant(ledger.MerchantID(id))
	if err != nil || m == nil || !c.person.Enters(m.ID) {
		return errNowhere
	}
	c.merchant = m
	c.note().Merchant = m.ID
	if c.person.AllowedSomewhere(m.ID)&needs != needs {
		return errNotYours
	}
	return c.lookForProposals()
}

func (c *call) note() *httpd.Note { return httpd.NoteOf(c.r.Context()) }

// by returns who gives a command.
func (c *call) by() ledger.Caller {
	return ledger.Caller{Person: c.person.ID, Operator: c.person.SignIn, Address: c.address()}
}

// address returns the network part of where the request comes from.
func (c *call) address() string { return c.note().Neighbourhood().String() }

// from returns where somebody signs in.
func (c *call) from() signin.From {
	return signin.From{Address: c.address(), Browser: c.r.UserAgent(), Device: c.cookie(deviceCookie)}
}

// show sends a page. If it cannot be rendered, nothing is sent.
func (c *call) show(status int, page templ.Component) error {
	return httpd.SendPage(c.w, c.r, status, page)
}

// send is show where a failure can be told to nobody.
func send(w http.ResponseWriter, r *http.Request, status int, page templ.Component) {
	c := &call{w: w, r: r}
	if err := c.show(status, page); err != nil {
		panic(err) // texts alone cannot make a page fail
	}
}

// to sends the browser to another page, after a form.
func (c *call) to(url string) error {
	http.Redirect(c.w, c.r, url, http.StatusSeeOther)
	return nil
}

// fail answers what went wrong. Whoever asks learns no more than is of use; the log gets the error.
func (c *call) fail(err error) {
	note := c.note()
	switch {
	case errors.Is(err, signin.ErrNobody):
		note.Outcome = "nobody"
		c.clear(sessionCookie)
		c.keepWayBack()
		to := Base + "sign-in"
		if c.r.Method == http.MethodPost {
			to += "?" + notDone
		}
		http.Redirect(c.w, c.r, to, http.StatusSeeOther)
		return
	case errors.Is(err, errNowhere):
		_ = c.nowhere()
		return
	case errors.Is(err, errBegun):
		note.Outcome = "over"
		c.say(http.StatusGone, wProduct, wFirstOver)
		return
	case errors.Is(err, errNotYours):
		note.Outcome = "denied"
		c.say(http.StatusForbidden, wNotYours, wAskWhom)
		return
	case errors.Is(err, errForeign):
		note.Outcome = "denied"
		c.say(http.StatusForbidden, wProduct, wForeign)
		return
	}
	failure := engine.FailureOf(err)
	if failure == engine.Busy && !c.did {
		note.Outcome = httpd.OutRate
		httpd.RetryAfter(c.w.Header(), time.Second)
		c.say(http.StatusTooManyRequests, wProduct, wTooMany)
		return
	}
	note.Outcome = "failed"
	note.Ended(c.r.Context(), err, true, "")
	status, said := c.left(failure)
	c.say(status, wProduct, said)
}

// left says what a failure leaves behind.
func (c *call) left(failure engine.Failure) (status int, said text) {
	switch {
	case c.did:
		return http.StatusInternalServerError, wDoneUnseen
	case failure == engine.NoTime:
		return http.StatusServiceUnavailable, wNoTime
	case reads(c.r):
		return http.StatusInternalServerError, wPageFailed
	case failure == engine.Open:
		return http.StatusServiceUnavailable, wUnknown
	}
	return http.StatusInternalServerError, wBroken
}

// reads reports whether a request asks for a page, and for nothing to be done.
func reads(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

// do carries out a command.
func (c *call) do(cmd command.Command) (command.Changes, error) {
	ch, err := c.cfg.Doer.Do(c.r.Context(), cmd)
	c.did = c.did || err == nil && ch.Denied == nil
	return ch, err
}

// say sends a page with nothing but a text under a title.
func (c *call) say(status int, title, said text) {
	if err := c.show(status, message(c.view(title), c.lang.of(said))); err != nil {
		panic(err) // texts alone cannot make a page fail
	}
}

// The cookies of the console: the session, the browser that is the person's own, who has typed the password and not yet
// the code, what was asked for a passkey, and the page to which whoever signs in again comes back.
const (
	sessionCookie = "tongka-session"
	deviceCookie  = "tongka-device"
	halfCookie    = "tongka-half"
	askedCookie   = "tongka-asked"
	backCookie    = "tongka-back"
)

// cookie returns what the browser has kept under a name; "" for nothing.
func (c *call) cookie(name string) string {
	kept, err := c.r.Cookie(httpd.Cookie(c.cfg.URL, name).Name)
	if err != nil {
		return ""
	}
	return kept.Value
}

// keep sets a cookie for that long.
func (c *call) keep(name, value string, age time.Duration) {
	kept := httpd.Cookie(c.cfg.URL, name)
	kept.Value, kept.MaxAge = value, int(age/time.Second)
	http.SetCookie(c.w, &kept)
}

func (c *call) clear(name string) { c.keep(name, "", -time.Second) }
