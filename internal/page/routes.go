package page

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"tongka/internal/auth"
	"tongka/internal/codes"
	"tongka/internal/command"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
)

// Base is the path that all routes are served under.
const Base = "/m/"

// dialect names the page in logs and metrics.
const dialect = "page"

// Doer carries out commands: internal/engine.
type Doer interface {
	Do(ctx context.Context, cmd command.Command) (command.Changes, error)
}

// Reader looks cards up: internal/store.
type Reader interface {
	// Find returns none, one or many cards.
	Find(ctx context.Context, q ledger.FindQuery) ([]ledger.Card, error)
	// Wallet returns a card with its unused coupons ordered by id, as of one moment; nil if there is no such
	// card.
	Wallet(ctx context.Context, key ledger.CardKey) (*ledger.Card, []ledger.Coupon, error)
	History(ctx context.Context, q ledger.HistoryQuery) (ledger.HistoryPage, error)
	Load(ctx context.Context, wants ...command.Want) ([]command.Records, error)
	// UsedStep returns the step of the card's last member code that was used; 0 if none was used recently.
	UsedStep(ctx context.Context, merchant ledger.MerchantID, card ledger.CardID) (int64, error)
}

// Config holds what the page works with.
type Config struct {
	URL       string // where phones reach the server: scheme and host, like https://card.example.com
	Doer      Doer
	Reader    Reader
	Directory *auth.Directory
	Clock     func() time.Time
	Keys      codes.Keys // for member codes
	// HashPassword returns the form in which a card's password is kept, and CheckPassword reports whether kept is that of
	// a password.
	HashPassword  func(merchant, password string) string
	CheckPassword func(merchant, password, kept string) bool
	Subkey        func(purpose string) (key [32]byte) // returns a key for each purpose, always the same one
	Outbox        *Outbox                             // nil = no codes are sent, and the way back in is by password
	// ByAddress limits the rate of requests of one address; nil = no limit.
	ByAddress *auth.Limiter[netip.Addr]
}

type Page struct {
	cfg      Config
	links    stamp
	sessions stamp
	codes    [32]byte    // the key of the codes that are sent to holders
	cookie   http.Cookie // without its value
	origins  *http.CrossOriginProtection
}

// New returns the page. It returns an error if URL is not an address that a browser can be at.
func New(cfg Config) (*Page, error) {
	p := &Page{
		cfg: cfg, links: stampOf(cfg.Subkey("page link 1")), sessions: stampOf(cfg.Subkey("page session 1")),
		codes:  cfg.Subkey("page codes 1"),
		cookie: httpd.Cookie(cfg.URL, "tongka"), origins: http.NewCrossOriginProtection(),
	}
	if err := p.origins.AddTrustedOrigin(cfg.URL); err != nil { // needed behind a proxy that changes the host
		return nil, fmt.Errorf("page: %w", err)
	}
	return p, nil
}

// route is one route: its pattern, its name in logs, and the function that answers it.
type route struct {
	pattern, name string
	answer        func(*Page, http.ResponseWriter, *http.Request) error
}

var routes = []route{
	{"GET /m/{$}", "card", (*Page).showCard},
	{"GET /m/bind", "bind", (*Page).showOffer},
	{"POST /m/bind", "bind", (*Page).bind},
	{"GET /m/in", "in", (*Page).showIn},
	{"POST /m/in", "in", (*Page).comeIn},
	{"GET /m/in/code", "in by code", (*Page).showByCode},
	{"POST /m/in/ask", "ask for code", (*Page).askCode},
	{"POST /m/in/code", "in by code", (*Page).comeInByCode},
	{"GET /m/code", "code", (*Page).sendCode},
	{"GET /m/history", "history", (*Page).showHistory},
	{"GET /m/service", "service", (*Page).showService},
	{"GET /m/lost", "lost", (*Page).showLost},
	{"POST /m/lost", "lost", (*Page).reportLost},
	{"GET /m/password", "password", (*Page).showPassword},
	{"POST /m/password", "password", (*Page).setPassword},
	{"GET /m/statement", "statement", (*Page).showStatement},
	{"GET /m/data", "data", (*Page).showData},
	{"GET /m/data/json", "export", (*Page).sendJSON},
	{"GET /m/data/csv", "export", (*Page).sendCSV},
	{"POST /m/leave", "leave", (*Page).leave},
	{"POST /m/next", "next", (*Page).next},
	{"POST /m/language", "language", (*Page).setLanguage},
	{"POST /m/forget", "forget", (*Page).forget},
	{"GET /m/offline", "offline", (*Page).showOffline},
	{"GET /m/worker", "worker", (*Page).sendWorker},
	{"GET /m/manifest", "manifest", (*Page).sendManifest},
	{"GET /m/assets/{hash}/{name}", "asset", (*Page).sendAsset},
	{"GET /m", "card", (*Page).home},
	{"/m/", "unknown", (*Page).nowhere},
}

// Register adds the page to a mux.
func (p *Page) Register(mux *http.ServeMux) {
	inner := http.NewServeMux()
	for _, r := range routes {
		inner.HandleFunc(r.pattern, func(w http.ResponseWriter, req *http.Request) {
			httpd.NoteOf(req.Context()).Endpoint = r.name
			if err := r.answer(p, w, req); err != nil {
				p.fail(w, req, err)
			}
		})
	}
	safe := httpd.Recover(p.screen(inner), func(w http.ResponseWriter, r *http.Request) {
		p.tell(w, r, http.StatusInternalServerError, broken)
	})
	mux.Handle("/m", safe)
	mux.Handle(Base, safe)
}

// refusals say why the screen lets a request through to no route, by the status of the answer.
var refusals = map[int]message{
	http.StatusTooManyRequests: tooMany, http.StatusForbidden: foreign,
	http.StatusBadRequest: unreadable, http.StatusRequestEntityTooLarge: unreadable,
}

// screen is what every route passes first.
func (p *Page) screen(next http.Handler) http.Handler {
	return httpd.Screen{
		Dialect: dialect, Origins: p.origins, Wait: p.cfg.ByAddress.Wait, Loads: "manifest-src 'self'; worker-src 'self'",
		MaxForm: maxForm,
		Refuse:  func(w http.ResponseWriter, r *http.Request, status int) { p.tell(w, r, status, refusals[status]) },
	}.Wrap(next)
}

// home redirects to the card, after a form and from the address without the slash.
func (p *Page) home(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, Base, http.StatusSeeOther)
	return nil
}

func (p *Page) nowhere(w http.ResponseWriter, r *http.Request) error {
	httpd.NoteOf(r.Context()).Outcome = outUnknown
	p.tell(w, r, http.StatusNotFound, noPage)
	return nil
}
