package console

import (
	"context"
	"embed"
	"fmt"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"tongka/internal/asset"
	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/signin"
)

// Base is the path that all routes are served under.
const Base = "/console/"

// dialect names the console in logs and metrics.
const dialect = "console"

// Doer carries out commands: internal/engine.
type Doer interface {
	Do(ctx context.Context, cmd command.Command) (command.Changes, error)
}

// Sessions are what the account page lists: internal/store.
type Sessions interface {
	Sessions(ctx context.Context, person ledger.PersonID) ([]ledger.Session, error)
	EndSession(ctx context.Context, place [32]byte) error
	EndSessions(ctx context.Context, person ledger.PersonID, but [32]byte) error
}

// finder finds cards by what identifies one, or a few.
type finder interface {
	Find(ctx context.Context, q ledger.FindQuery) ([]ledger.Card, error)
}

// Books are what pages read: internal/store.
type Books interface {
	engine.Loader
	finder
	Search(ctx context.Context, q ledger.SearchQuery) ([]ledger.Card, error)
	Cards(ctx context.Context, q ledger.CardsQuery) (ledger.CardsPage, error)
	Coupons(ctx context.Context, q ledger.CouponQuery) ([]ledger.Coupon, error)
	History(ctx context.Context, q ledger.HistoryQuery) (ledger.HistoryPage, error)
	OwnEntries(ctx context.Context, merchant ledger.MerchantID, from int64, limit int) ([]ledger.Entry, error)
	KeyUses(ctx context.Context, merchant ledger.MerchantID) ([]ledger.KeyUse, error)
}

// Config holds what the console works with.
type Config struct {
	URL   string // where browsers reach the server: scheme and host, like https://card.example.com
	Doer  Doer
	Books Books
	// Snapshot calls fn with the books as of one moment, over connections that are kept for reports where there are any.
	Snapshot  func(ctx context.Context, fn func(DayBooks) error) error
	Sessions  Sessions
	Proposals Proposals
	Requests  Requests
	Keeper    Keeper // nil = no requests of tills are kept
	// Wires make the requests that people try, by the names of the protocols; Tills answers them, as those of tills, and
	// MaskAnswer returns an answer without secrets and phones.
	Wires      map[string]Wire
	Tills      http.Handler
	MaskAnswer func(answer []byte) string
	Webhooks   Webhooks
	Hooks      Hooks
	Jobs       Jobs
	Backups    Backups       // nil = the database has other means
	Server     func() Server // what runs, and by which settings
	Directory  *auth.Directory
	SignIn     *signin.Service
	Vault      auth.Vault
	Clock      func() time.Time
	Subkey     func(purpose string) (key [32]byte) // returns a key for each purpose, always the same one
	// HashPassword returns the form in which a card's password is kept, CheckPassword reports whether kept is that of a
	// password, CouponNumber draws a number for a coupon, and NewNumber one for a card.
	HashPassword  func(merchant, password string) string
	CheckPassword func(merchant, password, kept string) bool
	CouponNumber  func() (string, error)
	NewNumber     func() (string, error)
	// ByAddress limits the rate of requests of one address; nil = no limit.
	ByAddress *auth.Limiter[netip.Addr]
}

// Console serves the pages.
type Console struct {
	cfg     Config
	origins *http.CrossOriginProtection
	owed    owedCache
	doubles ofMerchants[doublesAfter]
	pages   *http.ServeMux // what the routes answer

	standings ofMerchants[standingThen]
}

// ofMerchants remembers something of each merchant.
type ofMerchants[T any] struct {
	mu    sync.Mutex
	known map[ledger.MerchantID]*T
}

// of returns what is remembered of a merchant: at first the zero value.
func (o *ofMerchants[T]) of(id ledger.MerchantID) *T {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.known == nil {
		o.known = map[ledger.MerchantID]*T{}
	}
	if o.known[id] == nil {
		o.known[id] = new(T)
	}
	return o.known[id]
}

//go:embed web
var web embed.FS

// files are what the pages load.
var files = asset.Embedded(Base+"assets/", web, "web/files")

// New returns the console. It returns an error if URL is not an address that a browser can be at.
func New(cfg Config) (*Console, error) {
	c := &Console{cfg: cfg, origins: http.NewCrossOriginProtection()}
	if err := c.origins.AddTrustedOrigin(cfg.URL); err != nil { // needed behind a proxy that changes the host
		return nil, fmt.Errorf("console: %w", err)
	}
	return c, nil
}

// Register adds the console to a mux.
func (c *Console) Register(mux *http.ServeMux) {
	inner := http.NewServeMux()
	c.pages = inner
	for _, r := range routes {
		inner.HandleFunc(r.pattern, func(w http.ResponseWriter, req *http.Request) { c.answer(r, w, req) })
	}
	safe := httpd.Recover(c.screen(inner), func(w http.ResponseWriter, r *http.Request) {
		said := wUnknown
		if reads(r) {
			said = wPageFailed
		}
		c.tell(w, r, http.StatusInternalServerError, said)
	})
	mux.Handle(Base, safe)
	mux.HandleFunc("GET /console", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, Base, http.StatusSeeOther)
	})
}

// refusals say why the screen lets a request through to no route, by the status of the answer.
var refusals = map[int]text{
	http.StatusTooManyRequests: wTooMany, http.StatusForbidden: wForeign,
	http.StatusBadRequest: wNoText, http.StatusRequestEntityTooLarge: wLargeForm,
}

// screen is what every route passes first.
func (c *Console) screen(next http.Handler) http.Handler {
	return httpd.Screen{
		Dialect: dialect, Origins: c.origins, Wait: c.cfg.ByAddress.Wait,
		MaxForm: maxForm,
		Refuse:  func(w http.ResponseWriter, r *http.Request, status int) { c.tell(w, r, status, refusals[status]) },
	}.Wrap(next)
}

// tell answers with a page that has nothing but a text, to somebody who may not be signed in.
func (c *Console) tell(w http.ResponseWriter, r *http.Request, status int, said text) {
	l := c.langOf(r, nil)
	send(w, r, status, message(view{lang: l, title: l.of(wProduct), path: r.URL.Path}, l.of(said)))
}
