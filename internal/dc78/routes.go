package dc78

import (
	"context"
	"net/http"
	"net/netip"
	"os"
	"time"

	"tongka/internal/auth"
	"tongka/internal/codes"
	"tongka/internal/command"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/scheme"
)

// Bases are the paths that all actions are served under. Both spellings are in use.
var Bases = [...]string{"/Api", "/api"}

// dialect names this wire in logs and metrics.
const dialect = "dc78"

// Doer carries out commands: internal/engine.
type Doer interface {
	Do(ctx context.Context, cmd command.Command) (command.Changes, error)
}

// Reader looks cards up: internal/store.
type Reader interface {
	// Card returns nil if there is no such card.
	Card(ctx context.Context, key ledger.CardKey) (*ledger.Card, error)
	// Wallet returns a card with its unused coupons ordered by id, as of one moment; nil if there is no such
	// card.
	Wallet(ctx context.Context, key ledger.CardKey) (*ledger.Card, []ledger.Coupon, error)
	// Stocks returns how many coupons were sent of each of a merchant's kinds.
	Stocks(ctx context.Context, merchant ledger.MerchantID) ([]ledger.CouponStock, error)
	// Find returns none, one or many cards, in the order of ledger.SortFound.
	Find(ctx context.Context, q ledger.FindQuery) ([]ledger.Card, error)
}

// Shops finds shops by msid.
type Shops interface {
	// Shop returns what the shop may do and how it proves who it is. It is called once a request for each place
	// in which a number was found, with digits only, and must not block. If the shop's agent may not call today
	// or from this address, Shop must report that there is no such shop.
	Shop(msid string, from netip.Addr) (Access, bool)
	// MSIDs returns the places, other than ours, in which the tills of some shop send their number.
	MSIDs() []scheme.Field
}

// Access is a shop as its callers use it. The records it names are looked up in the Directory.
type Access struct {
	Merchant ledger.MerchantID
	Shop     ledger.ShopID
	Agent    *ledger.Agent // its grants decide what the shop may do
	Scheme   Scheme        // nil refuses everybody
}

// Config holds what the dialect works with.
type Config struct {
	Doer      Doer
	Reader    Reader
	Directory *auth.Directory
	Shops     Shops
	Clock     func() time.Time
	// ShowSigned puts the text that the server signed into the answer to a wrong signature. For the demo only.
	ShowSigned bool
	// ServerName is part of every answer; "" = the machine's name.
	ServerName string
	// NewNumber and NewPassword draw the number and the password of a card that is issued without them.
	// HashPassword returns the form in which a password is kept: keyed, and bound to the merchant. If any of the
	// three is nil, no cards are issued.
	NewNumber    func() (string, error)
	NewPassword  func() (string, error)
	HashPassword func(merchant, password string) string
	// CheckPassword reports whether kept is a form of the password at that merchant; nil = no password is right.
	CheckPassword func(merchant, password, kept string) bool
	// Keys check member codes and transaction codes; nil = there are no such codes.
	Keys *codes.Keys
	// Outbox makes the messages with transaction codes; nil = none are sent.
	Outbox *Outbox
	// Resolver finds the payer of a payment barcode; nil = no payer is found.
	Resolver Resolver
	// BindLink returns the address of the holder's page that binds a phone to a card, once; "" if none may be
	// bound. Whoever has the address gets the card's member codes. If BindLink is nil, there is no such page.
	BindLink func(*ledger.Merchant, *ledger.Card) string
	// NewCouponNumber draws the number of a coupon. If it is nil, no coupons can be sent.
	NewCouponNumber func() (string, error)
	// ByAgent and ByAddress limit the rate of requests of one agent and one address; nil = no limit.
	ByAgent   *auth.Limiter[ledger.AgentID]
	ByAddress *auth.Limiter[netip.Addr]
}

// Dialect serves the actions.
type Dialect struct {
	cfg    Config
	nonces *nonces
	latest forward
}

func New(cfg Config) *Dialect {
	if cfg.ServerName == "" {
		cfg.ServerName, _ = os.Hostname() // without a host name the answers leave it empty
	}
	return &Dialect{cfg: cfg, nonces: newNonces(maxNonces)}
}

// action is a line of the protocol: its name, the permission it needs and the function that carries it out, which
// is one of ask, do and change.
type action struct {
	name  string
	large bool // accepts a body of up to maxIssueBody bytes
	may   func(params) ledger.Permission
	// ask reads and changes nothing.
	ask func(*Dialect, context.Context, *call, *fields) ([]byte, error)
	// do translates a request into a command. It is called before the fields are known to be valid.
	do func(*call, *fields) order
	// change is for an action that is more than one command.
	change func(*Dialect, context.Context, *call, *fields) (result, error)
	reads  func(params) bool // whether change changes nothing this time; nil = never
}

// onlyReads reports whether a request with these parameters changes nothing.
func (a *action) onlyReads(get params) bool { return a.ask != nil || a.reads != nil && a.reads(get) }

// order is a command and how its outcome is written on the wire.
type order struct {
	command command.Command
	kind    string // for an action with several transactions: each has refs of its own
	answer  func(command.Changes) []byte
	layouts []command.Layout // by which the answer is written instead
}

var actions = []action{
	{name: "mb_check", may: always(ledger.MayRead), ask: mbCheck},
	{name: "mb_newcard", large: true, may: always(ledger.MayOpen), change: mbNewcard},
	{name: "mb_trans", may: mayTrans, do: mbTrans},
	{name: "mb_refund", may: always(ledger.MayRefund), do: mbRefund},
	{name: "mb_state", may: mayState, change: mbState, reads: looksUp},
	{name: "mb_vericode", may: mayTrans, change: mbVericode},
	{name: "mb_renew", may: always(ledger.MayModify | ledger.MayConsume), do: mbRenew},
	{name: "mb_invoice", may: always(ledger.MayRecharge), do: mbInvoice},
	{name: "mb_pttrans", may: always(ledger.MayPoints), do: mbPttrans},
	{name: "co_delist", may: always(ledger.MayRead), ask: coDelist},
	{name: "co_send", may: always(ledger.MayPoints), change: coSend},
}

func always(p ledger.Permission) func(params) ledger.Permission {
	return func(params) ledger.Permission { return p }
}

// actionOf returns the action of that name, or nil.
func actionOf(name string) *action {
	for i := range actions {
		if actions[i].name == name {
			return &actions[i]
		}
	}
	return nil
}

// Register adds the actions to a mux. Any other path under Bases gets an error of this wire too.
func (d *Dialect) Register(mux *http.ServeMux) {
	handle := func(pattern string, h http.HandlerFunc) { mux.Handle(pattern, httpd.Recover(h, d.panicked)) }
	for _, base := range Bases {
		for _, path := range []string{"", "/{$}", "/{action}", "/{action}/{$}"} {
			handle(base+path, d.serve)
		}
		handle(base+"/", d.nowhere)
	}
}

func (d *Dialect) nowhere(w http.ResponseWriter, r *http.Request) {
	note := httpd.NoteOf(r.Context())
	note.Dialect, note.Endpoint, note.Astray = dialect, "unknown", true
	d.refuse(w, note, d.server(&request{}), faultAction)
}

func (d *Dialect) panicked(w http.ResponseWriter, r *http.Request) {
	d.refuse(w, httpd.NoteOf(r.Context()), d.server(&request{}), faultInternal)
}
