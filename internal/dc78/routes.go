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

// Bases are the paths all actions stand under; both spellings are in the field.
var Bases = [...]string{"/Api", "/api"}

// dialect is this wire's name in logs and metrics.
const dialect = "dc78"

// Doer carries out commands: internal/engine.
type Doer interface {
	Do(ctx context.Context, cmd command.Command) (command.Changes, error)
}

// Reader looks cards up: internal/store.
type Reader interface {
	// Card answers nil when there is no such card.
	Card(ctx context.Context, key ledger.CardKey) (*ledger.Card, error)
	// Wallet answers a card with its unused coupons by id, as of one moment; nil when there is no such card.
	Wallet(ctx context.Context, key ledger.CardKey) (*ledger.Card, []ledger.Coupon, error)
	// Stocks answers how many coupons were sent of each of a merchant's kinds.
	Stocks(ctx context.Context, merchant ledger.MerchantID) ([]ledger.CouponStock, error)
	// Find answers none, one or many cards, in the order of ledger.SortFound.
	Find(ctx context.Context, q ledger.FindQuery) ([]ledger.Card, error)
}

// Shops knows the shops by msid.
type Shops interface {
	// Shop answers what the shop may do and how it proves who it is. It is asked once a request, with
	// digits only, and must not wait for anything. Whether the agent may call today, and from the
	// address, is for Shop to know: a shop whose agent may not is not found.
	Shop(msid string, from netip.Addr) (Access, bool)
	// MSIDs are the places where tills of some shop have their number, besides ours.
	MSIDs() []scheme.Field
}

// Access is a shop as its callers use it. The records it names are taken from the Directory.
type Access struct {
	Merchant ledger.MerchantID
	Shop     ledger.ShopID
	Agent    *ledger.Agent // whose grants hold for the shop
	Scheme   Scheme        // nil lets nobody in
}

// Config is what the dialect works with.
type Config struct {
	Doer      Doer
	Reader    Reader
	Directory *auth.Directory
	Shops     Shops
	Clock     func() time.Time
	// ShowSigned has the answer to a wrong signature tell the text that was signed here: for the demo.
	ShowSigned bool
	// ServerName stands in every answer; "" = the name of the machine.
	ServerName string
	// NewNumber and NewPassword draw the number and the password of a card that is issued without.
	// HashPassword is the form a password is kept in: keyed, and bound to the merchant. Where one of the
	// three is nil, no cards are issued.
	NewNumber    func() (string, error)
	NewPassword  func() (string, error)
	HashPassword func(merchant, password string) string
	// CheckPassword tells whether kept is a form of the password at that merchant; nil = none is right.
	CheckPassword func(merchant, password, kept string) bool
	// Keys are those of member codes and transaction codes; nil = there are none of these codes.
	Keys *codes.Keys
	// Outbox sends transaction codes; nil = nothing does.
	Outbox *Outbox
	// Resolver finds who pays by a payment barcode; nil = nobody is found.
	Resolver Resolver
	// BindLink is the address of the holder's page that binds a phone to a card, once; "" where none may be
	// bound. Whoever has it gets the card's member codes. Where it is nil, there is no such page.
	BindLink func(*ledger.Merchant, *ledger.Card) string
	// NewCouponNumber draws the number of a coupon that is sent. Where it is nil, none are.
	NewCouponNumber func() (string, error)
	// ByAgent and ByAddress bound how often one agent and one address may ask; nil = no bound.
	ByAgent   *auth.Limiter[ledger.AgentID]
	ByAddress *auth.Limiter[netip.Addr]
}

// Dialect answers the actions.
type Dialect struct {
	cfg    Config
	nonces *nonces
	latest forward
}

// New makes the dialect.
func New(cfg Config) *Dialect {
	if cfg.ServerName == "" {
		cfg.ServerName, _ = os.Hostname() // a machine without a name has none to tell
	}
	return &Dialect{cfg: cfg, nonces: newNonces(maxNonces)}
}

// action is a line of the protocol: what it is called, what one must be allowed to, and how it is
// answered. It has one of ask, do and change.
type action struct {
	name  string
	large bool // its requests may be as large as maxIssueBody
	may   func(params) ledger.Permission
	// ask looks something up.
	ask func(*Dialect, context.Context, *call, *fields) ([]byte, error)
	// do translates a request into a command. It is called before the fields are known to be good.
	do func(*call, *fields) order
	// change does more than have one command done.
	change func(*Dialect, context.Context, *call, *fields) (result, error)
}

// order is a command, and how its outcome reads on the wire.
type order struct {
	command command.Command
	kind    string // where one action does several things: ref names a request of one of them
	answer  func(command.Changes) []byte
}

// actions are all of them.
var actions = []action{
	{name: "mb_check", may: always(ledger.MayRead), ask: mbCheck},
	{name: "mb_newcard", large: true, may: always(ledger.MayOpen), change: mbNewcard},
	{name: "mb_trans", may: mayTrans, do: mbTrans},
	{name: "mb_refund", may: always(ledger.MayRefund), do: mbRefund},
	{name: "mb_state", may: mayState, change: mbState},
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

// actionOf finds an action by name; nil when there is none.
func actionOf(name string) *action {
	for i := range actions {
		if actions[i].name == name {
			return &actions[i]
		}
	}
	return nil
}

// Register puts the actions on a mux. Whatever else is asked under Bases is answered in the wire's own
// words too.
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
	note.Dialect, note.Endpoint = dialect, "unknown"
	d.refuse(w, note, d.server(&request{}), faultAction)
}

func (d *Dialect) panicked(w http.ResponseWriter, r *http.Request) {
	d.refuse(w, httpd.NoteOf(r.Context()), d.server(&request{}), faultInternal)
}
