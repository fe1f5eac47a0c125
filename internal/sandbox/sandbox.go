package sandbox

import (
	"context"
	"crypto/subtle"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"tongka/internal/asset"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
	"tongka/internal/qrcode"
)

// Base is the path that all routes are served under.
const Base = "/sandbox/"

// dialect names the page in logs and metrics.
const dialect = "sandbox"

// maxForm is the size of the largest form, in bytes.
const maxForm = 1 << 10

// Outcomes in the log.
const (
	outUnknown = "unknown" // there is no such page
	outLocked  = "locked"  // the browser has not got in by the link
	outFailed  = "failed"
)

// ErrBusy is returned by a Config's Afresh while another is at it.
var ErrBusy = errors.New("the demo is being made anew already")

// Place is one address of the server, or one of the credentials at it.
type Place struct {
	Name  phrase.Text
	Value string
}

// Card is a card of the demo, with what it is for.
type Card struct {
	Merchant, Number, Holder string
	For                      phrase.Text
	Amount                   ledger.Fen
	Points                   int64
}

// Config holds what the page works with.
type Config struct {
	URL         string  // where browsers reach the server: scheme and host
	Key         string  // opens the page
	Places      []Place // where the server is reached
	Credentials []Place
	Requests    []Place // the paths of pages with the requests of tills, by merchant
	Lan         bool    // the local network is served
	// Cards returns the cards of the demo as they are now.
	Cards func(ctx context.Context) ([]Card, error)
	// Afresh makes the demo anew, and returns when what is asked from then on is asked of the new one. nil = it cannot be
	// made anew.
	Afresh func(ctx context.Context) error
	// Wait returns how long an address must wait before its next request; nil = there is no limit.
	Wait func(netip.Addr) time.Duration
}

// Page serves the page.
type Page struct {
	cfg     Config
	cookie  http.Cookie // without its value
	origins *http.CrossOriginProtection
}

// New returns the page. It returns an error if URL is not an address that a browser can be at.
func New(cfg Config) (*Page, error) {
	p := &Page{cfg: cfg, cookie: httpd.Cookie(cfg.URL, "tongka-sandbox"), origins: http.NewCrossOriginProtection()}
	if err := p.origins.AddTrustedOrigin(cfg.URL); err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	return p, nil
}

// Link returns the address by which a browser gets in.
func (p *Page) Link() string { return p.cfg.URL + Base + "in?key=" + url.QueryEscape(p.cfg.Key) }

//go:embed web
var web embed.FS

// files are what the page loads.
var files = asset.Embedded(Base+"assets/", web, "web/files")

// route is one route: its pattern, its name in logs, whether it is for those who got in, and what answers it.
type route struct {
	pattern, name string
	inside        bool
	answer        func(*Page, http.ResponseWriter, *http.Request) error
}

var routes = []route{
	{"GET /sandbox/{$}", "sandbox", true, (*Page).show},
	{"GET /sandbox/in", "in", false, (*Page).comeIn},
	{"POST /sandbox/afresh", "afresh", true, (*Page).afresh},
	{"POST /sandbox/language", "language", false, (*Page).setLanguage},
	{"GET /sandbox/assets/{hash}/{name}", "asset", false, (*Page).sendAsset},
	{"GET /sandbox", "sandbox", false, (*Page).home},
	{"/sandbox/", "unknown", false, (*Page).nowhere},
}

// Register adds the page to a mux.
func (p *Page) Register(mux *http.ServeMux) {
	inner := http.NewServeMux()
	for _, r := range routes {
		inner.HandleFunc(r.pattern, func(w http.ResponseWriter, req *http.Request) {
			note := httpd.NoteOf(req.Context())
			note.Endpoint = r.name
			if r.inside && !p.inside(req) {
				note.Outcome = outLocked
				p.tell(w, req, http.StatusForbidden, mLocked)
				return
			}
			if err := r.answer(p, w, req); err != nil {
				note.Outcome, note.Err = outFailed, err
				p.tell(w, req, http.StatusInternalServerError, mBroken)
			}
		})
	}
	screened := httpd.Screen{
		Dialect: dialect, Origins: p.origins, MaxForm: maxForm, Wait: p.cfg.Wait,
		Refuse: func(w http.ResponseWriter, r *http.Request, status int) { p.tell(w, r, status, mRefused) },
	}.Wrap(inner)
	safe := httpd.Recover(screened, func(w http.ResponseWriter, r *http.Request) {
		p.tell(w, r, http.StatusInternalServerError, mBroken)
	})
	mux.Handle("/sandbox", safe)
	mux.Handle(Base, safe)
}

// opens reports whether a text is the key.
func (p *Page) opens(key string) bool {
	return p.cfg.Key != "" && subtle.ConstantTimeCompare([]byte(key), []byte(p.cfg.Key)) == 1
}

// inside reports whether the browser got in by the link.
func (p *Page) inside(r *http.Request) bool {
	has, err := r.Cookie(p.cookie.Name)
	return err == nil && p.opens(has.Value)
}

// comeIn lets a browser in whose link has the key, and takes the key out of its address.
func (p *Page) comeIn(w http.ResponseWriter, r *http.Request) error {
	key := r.URL.Query().Get("key")
	if !p.opens(key) {
		httpd.NoteOf(r.Context()).Outcome = outLocked
		p.tell(w, r, http.StatusForbidden, mLocked)
		return nil
	}
	in := p.cookie
	in.Value = key
	http.SetCookie(w, &in)
	http.Redirect(w, r, Base, http.StatusSeeOther)
	return nil
}

func (p *Page) show(w http.ResponseWriter, r *http.Request) error {
	v := sandboxView{view: p.viewOf(r), cfg: &p.cfg}
	var err error
	if v.cards, err = p.cfg.Cards(r.Context()); err != nil {
		return err
	}
	if v.code, err = qrcode.Draw(p.Link()); err != nil {
		return err
	}
	return httpd.SendPage(w, r, http.StatusOK, sandboxPage(v))
}

// afresh makes the demo anew. It answers when that is done, so that the browser's next request is one to the new demo.
func (p *Page) afresh(w http.ResponseWriter, r *http.Request) error {
	if p.cfg.Afresh == nil {
		return p.nowhere(w, r)
	}
	err := p.cfg.Afresh(r.Context())
	if errors.Is(err, ErrBusy) {
		p.tell(w, r, http.StatusConflict, mBusy)
		return nil
	}
	if err != nil {
		return err
	}
	w.Header().Set("Connection", "close") // what answered is about to end
	http.Redirect(w, r, Base, http.StatusSeeOther)
	return nil
}

func (p *Page) setLanguage(w http.ResponseWriter, r *http.Request) error {
	httpd.KeepLanguage(w, p.cfg.URL, r.PostFormValue("language"))
	http.Redirect(w, r, Base, http.StatusSeeOther)
	return nil
}

func (p *Page) sendAsset(w http.ResponseWriter, r *http.Request) error {
	if !files.Serve(w, r) {
		return p.nowhere(w, r)
	}
	return nil
}

func (p *Page) home(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, Base, http.StatusSeeOther)
	return nil
}

func (p *Page) nowhere(w http.ResponseWriter, r *http.Request) error {
	httpd.NoteOf(r.Context()).Outcome = outUnknown
	p.tell(w, r, http.StatusNotFound, mNowhere)
	return nil
}

// view is what every page shows besides its own.
type view struct{ lang lang }

func (p *Page) viewOf(r *http.Request) view { return view{lang(httpd.Language(p.cfg.URL, r))} }

// sandboxView is what the page shows.
type sandboxView struct {
	view
	cfg   *Config
	cards []Card
	code  qrcode.Picture
}

// tell sends a page with nothing but a text.
func (p *Page) tell(w http.ResponseWriter, r *http.Request, status int, m phrase.Text) {
	if err := httpd.SendPage(w, r, status, messagePage(p.viewOf(r), m)); err != nil {
		panic(err) // texts alone cannot make a page fail
	}
}
