package sandy

import (
	"context"
	"net/http"
	"net/netip"
	"time"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
)

// Base is the path that all endpoints are served under.
const Base = "/api2/member-cjb/"

// dialect names this wire in logs and metrics.
const dialect = "member-cjb"

// Doer carries out commands: internal/engine.
type Doer interface {
	Do(ctx context.Context, cmd command.Command) (command.Changes, error)
}

// Reader looks things up: internal/store.
type Reader interface {
	// Card returns nil if there is no such card.
	Card(ctx context.Context, key ledger.CardKey) (*ledger.Card, error)
	Search(ctx context.Context, q ledger.SearchQuery) ([]ledger.Card, error)
	History(ctx context.Context, q ledger.HistoryQuery) (ledger.HistoryPage, error)
}

// Config holds what the dialect works with.
type Config struct {
	Doer      Doer
	Reader    Reader
	Directory *auth.Directory
	Clock     func() time.Time
	// ByAgent and ByAddress limit the rate of requests of one agent and one address; nil = no limit.
	ByAgent   *auth.Limiter[ledger.AgentID]
	ByAddress *auth.Limiter[netip.Addr]
}

// Dialect serves the endpoints.
type Dialect struct{ cfg Config }

func New(cfg Config) *Dialect { return &Dialect{cfg} }

// endpoint is a line of the protocol: its name, its method, the permission it needs and the function that carries
// it out, which is either ask or do.
type endpoint struct {
	name   string
	method string
	may    ledger.Permission
	// ask reads and changes nothing.
	ask func(*Dialect, context.Context, *call, *fields) ([]byte, error)
	// do translates a request into a command. It is called before the fields are known to be valid.
	do func(*call, *fields) order
}

// order is a command and how its outcome is written on the wire.
type order struct {
	command command.Command
	answer  func(command.Changes) []byte // nil = by the layouts of the endpoint
}

// layouts are how the answers of endpoints are written out of their entries, by endpoint. They are kept so; the others,
// which tell of more than entries, whole. What a layout has written it must write for ever: a change is another
// version, put first.
var layouts = map[string][]command.Layout{
	"recharge":      {{Version: 1, Rest: numberOf, Write: recharged}},
	"consume":       {{Version: 1, Rest: numberOf, Write: consumed}},
	"consume_score": {{Version: 1, Rest: numberOf, Write: pointsUsed}},
}

// numberOf is the number of the card as it was when the answer was given.
func numberOf(ch command.Changes) []byte { return []byte(ch.About().Number) }

// endpoints are in the order of the published page, followed by our additions.
var endpoints = []endpoint{
	{name: "cardlevellist", method: http.MethodGet, may: ledger.MayRead, ask: cardLevelList},
	{name: "getrechargerules", method: http.MethodPost, may: ledger.MayRead, ask: getRechargeRules},
	{name: "getcards", method: http.MethodPost, may: ledger.MayRead, ask: getCards},
	{name: "cardopen", method: http.MethodPost, may: ledger.MayOpen, do: cardOpen},
	{name: "recharge", method: http.MethodPost, may: ledger.MayRecharge, do: recharge},
	{name: "consume", method: http.MethodPost, may: ledger.MayConsume, do: consume},
	{name: "getcardinfo", method: http.MethodPost, may: ledger.MayRead, ask: getCardInfo},
	{name: "modcardinfo", method: http.MethodPost, may: ledger.MayModify, do: modCardInfo},
	{name: "getcardhis", method: http.MethodPost, may: ledger.MayRead, ask: getCardHis},
	{name: "consume_score", method: http.MethodPost, may: ledger.MayPoints, do: consumeScore},
	{name: "refund", method: http.MethodPost, may: ledger.MayRefund, do: refund},
	{name: "report_lost", method: http.MethodPost, may: ledger.MayLose, do: reportLost},
	{name: "cancel_lost", method: http.MethodPost, may: ledger.MayCancelLoss, do: cancelLost},
	{name: "request", method: http.MethodPost, may: ledger.MayRead, ask: askRequest},
}

// Register adds the endpoints to a mux. Any other path under Base gets an error of this wire too.
func (d *Dialect) Register(mux *http.ServeMux) {
	handle := func(pattern string, h http.HandlerFunc) { mux.Handle(pattern, httpd.Recover(h, panicked)) }
	for i := range endpoints {
		e := &endpoints[i]
		serve := func(w http.ResponseWriter, r *http.Request) { d.serve(w, r, e) }
		handle(Base+e.name, serve)
		handle(Base+e.name+"/{$}", serve)
	}
	handle(Base, d.noEndpoint)
	handle(Base[:len(Base)-1], d.noEndpoint)
}

func (d *Dialect) noEndpoint(w http.ResponseWriter, r *http.Request) {
	v := &visitor{note: httpd.NoteOf(r.Context())}
	v.note.Dialect, v.note.Endpoint, v.note.Astray = dialect, "unknown", true
	d.misdirected(w, r, v, faultEndpoint)
}

func panicked(w http.ResponseWriter, r *http.Request) {
	refuse(w, &visitor{note: httpd.NoteOf(r.Context())}, faultInternal)
}
