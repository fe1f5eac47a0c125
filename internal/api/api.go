package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"tongka/internal/auth"
	"tongka/internal/codes"
	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

// Doer carries out commands: internal/engine.
type Doer interface {
	Do(ctx context.Context, cmd command.Command) (command.Changes, error)
}

// Books are what answers are read from: internal/store.
type Books interface {
	engine.Loader
	Card(ctx context.Context, key ledger.CardKey) (*ledger.Card, error)
	Cards(ctx context.Context, q ledger.CardsQuery) (ledger.CardsPage, error)
	Find(ctx context.Context, q ledger.FindQuery) ([]ledger.Card, error)
	Search(ctx context.Context, q ledger.SearchQuery) ([]ledger.Card, error)
	Coupons(ctx context.Context, q ledger.CouponQuery) ([]ledger.Coupon, error)
	History(ctx context.Context, q ledger.HistoryQuery) (ledger.HistoryPage, error)
	EachEntry(ctx context.Context, merchant ledger.MerchantID, after ledger.EntryID, fn func(*ledger.Entry) error) error
	OwnEntries(ctx context.Context, merchant ledger.MerchantID, from int64, limit int) ([]ledger.Entry, error)
	KeyUses(ctx context.Context, merchant ledger.MerchantID) ([]ledger.KeyUse, error)
	// EndSessions removes all sessions of a person but one; the zero place is none.
	EndSessions(ctx context.Context, person ledger.PersonID, but [32]byte) error
	WebhookBooks
}

// Config holds what the API works with.
type Config struct {
	Doer      Doer
	Books     Books
	Directory *auth.Directory
	Clock     func() time.Time
	Version   string // of the program
	// ByAgent limits the rate of requests of one key, ByAddress that of one address; nil = no limit.
	ByAgent   *auth.Limiter[ledger.AgentID]
	ByAddress *auth.Limiter[netip.Addr]
	// HashPassword returns the form in which a card's password is kept, CheckPassword reports whether kept is that of a
	// password, CouponNumber draws a number for a coupon, and CardNumber one for a card.
	HashPassword  func(merchant, password string) string
	CheckPassword func(merchant, password, kept string) bool
	CouponNumber  func() (string, error)
	CardNumber    func() (string, error)
	Keys          *codes.Keys // of member codes; nil = there are none
	Uses          *auth.Uses  // notes when keys were last used; nil = nobody does
	// Snapshot calls fn with the books as of one moment, over connections that are kept for reports where there are any.
	Snapshot func(ctx context.Context, fn func(Reports) error) error
	Stop     <-chan struct{}               // closed when the program is to end; streams of events end then
	Vault    auth.Vault                    // seals secrets of webhooks
	Subkey   func(purpose string) [32]byte // keys of our own, each for one purpose
	// TestWebhook sends a webhook an event that is of no entry, and returns what came of it. Reach is what the host says
	// of the address of one.
	TestWebhook func(ctx context.Context, w *ledger.Webhook) ledger.WebhookTry
	Reach       func(url string) ledger.HookReach
	Proofs      Proofs
	Jobs        Jobs
	// Origins are the sites whose pages may call the API from browsers, like https://shop.example.com.
	Origins []string
}

// API answers the requests of /v1.
type API struct {
	cfg        Config
	huma       huma.API
	mux        *http.ServeMux
	operations []*operation

	streams streams
	drawn   sync.Once
	text    []byte // the OpenAPI document
}

// Base is what all paths begin with.
const Base = "/v1"

// maxBody is how many bytes a request's body may have.
const maxBody = 64 << 10

func init() {
	huma.DefaultArrayNullable = false // a list without anything in it is [], and never null
	huma.ValidateStrictCasing = true  // Amount is no amount
}

// New returns the API with all its operations.
func New(cfg Config) *API {
	a := &API{cfg: cfg, mux: http.NewServeMux()}
	a.huma = humago.New(a.mux, huma.Config{
		OpenAPI: document(cfg.Version),
		// json is what problem+json ends with.
		Formats:       map[string]huma.Format{"application/json": format, "json": format},
		DefaultFormat: "application/json", RejectUnknownQueryParameters: true,
	})
	a.register()
	a.complete()
	return a
}

var format = huma.Format{Marshal: writeJSON, Unmarshal: readJSON}

// Register adds the API and its reference page to a server's routes.
func (a *API) Register(mux *http.ServeMux) {
	a.mux.HandleFunc("GET "+Base+"/openapi.json", a.sendDocument)
	a.mux.HandleFunc(Base+"/", a.nowhere)
	mux.Handle(Base+"/", a.shared(a.mux))
	a.registerReference(mux)
}

// writeJSON writes an answer as JSON. One that is bytes already is sent as it is.
func writeJSON(w io.Writer, v any) error {
	if sent, ok := v.(interface{ bytes() []byte }); ok {
		_, err := w.Write(sent.bytes())
		return err
	}
	b, err := marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// marshal returns a value as answers have it: one line, without escapes that only HTML needs.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

// mustMarshal is marshal for what cannot fail: structs of numbers and texts.
func mustMarshal(v any) []byte {
	b, err := marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
