package httpd

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"tongka/internal/auth"
	"tongka/internal/ledger"
)

// Note is what the log says about one request. Handlers fill in what they learn. Only one goroutine may use it at
// a time.
type Note struct {
	ID string    // the request's id, which the answer has in its header X-Request-Id
	At time.Time // when it came
	// Client is the caller, read from X-Forwarded-For only behind a trusted proxy. It is the zero address if the proxy
	// does not say who the caller is; that must not be taken for an address that is allowed something.
	Client netip.Addr
	proxy  netip.Addr // the proxy that does not say it; zero if Client is known
	// Relayed is true if a proxy that is not trusted passed the request on. Client is then the proxy's address.
	Relayed bool

	Dialect  string // which wire, from a fixed list
	Endpoint string // which endpoint of it, from a fixed list
	Outcome  string // the outcome, from a fixed list
	Reason   string // the reason of a refusal: see Ended
	Agent    string
	Merchant ledger.MerchantID
	Err      error // the cause of a failure or denial; must not contain secrets
	// Keep is true if the request and its answer may be kept for those who connect tills: see Exchange. The rest is for
	// them. AgentID is whose request it is and Shop where; Claimed is the merchant that the request names, which its
	// sender may not have proved, as Agent and Merchant are.
	Keep    bool
	AgentID ledger.AgentID
	Shop    ledger.ShopID
	Claimed ledger.MerchantID
	Signed  string // what the server signed, if the signature is another one, with secrets masked
	Sign    string // the signature that came instead. Never the server's own, which would prove the request
	// Astray is true if the request reached no endpoint. The log then has its path, whatever status is sent: on some
	// wires, and to some agents, it is 200.
	Astray bool
	// Inner is the note of a request that the handler itself made of this server, as somebody does who tries what tills
	// send; nil = it made none.
	Inner *Note
	// Tried is true if this is such a request.
	Tried bool
}

// Neighbourhood returns the network under which what the caller does is counted, see [auth.Neighbourhood]. Callers
// of whom a proxy does not say who they are count as the proxy, all together.
func (n *Note) Neighbourhood() netip.Addr {
	if n.proxy.IsValid() {
		return auth.Neighbourhood(n.proxy)
	}
	return auth.Neighbourhood(n.Client)
}

// Ended records that a request ended with an error. Of a failure the log gets the error itself; of anything else
// why it was refused, see refused. The outcome is gone if the caller went away before the answer.
func (n *Note) Ended(ctx context.Context, err error, failed bool, fault string) {
	if failed {
		n.Err = err
	} else {
		n.refused(err, fault)
	}
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		n.Outcome = "gone"
	}
}

// refused records why a request was refused: the core's reason without its detail, which may be a card's number,
// or else fault, the dialect's own text, which must name fields but never their values.
func (n *Note) refused(err error, fault string) {
	n.Reason = fault
	if refusal, ok := errors.AsType[ledger.Refusal](err); ok {
		n.Reason = refusal.Reason.String()
	}
}

// Denied records which of the permissions p the agent has not been granted at the merchant it named, so that an
// operator can see what to grant. The caller is not told, and of a merchant at which the agent has no grant at all the
// log has nothing either.
func (n *Note) Denied(a *ledger.Agent, p ledger.Permission, merchant ledger.MerchantID) {
	missing := a.Lacks(p, merchant)
	if !a.May(0, merchant) {
		n.Err = fmt.Errorf("the agent has no grant at the merchant it named, and needs: %s", missing)
		return
	}
	n.Merchant = merchant
	n.Err = fmt.Errorf("the agent lacks permission at the merchant: %s", missing)
}

type noteKey struct{}

// NoteOf returns the note of the request that ctx belongs to. Outside a Server it returns one that nobody reads.
func NoteOf(ctx context.Context) *Note {
	if n, ok := ctx.Value(noteKey{}).(*Note); ok {
		return n
	}
	return &Note{}
}
