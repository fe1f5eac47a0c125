package httpd

import (
	"context"
	"errors"
	"net/netip"

	"tongka/internal/ledger"
)

// Note is what the log says about one request. Handlers fill in what they learn; one goroutine at a
// time.
type Note struct {
	ID     string     // the request's; stands in the header X-Request-Id of the answer too
	Client netip.Addr // who called; a proxy's word is taken only where it is trusted
	// Relayed says that a proxy that is not trusted passed the request on, so that Client is the proxy's.
	Relayed bool

	Dialect  string // which wire, from a fixed list
	Endpoint string // which endpoint of it, from a fixed list
	Outcome  string // how it ended, from a fixed list
	Reason   string // why it was refused: see Refused
	Agent    string
	Merchant ledger.MerchantID
	Err      error // why it failed or was denied; must hold nothing secret
}

// Refused notes why a request was refused: the core's reason without its detail, which may be a card's number,
// or else the text of the dialect's own fault, which must name fields and hold nothing of what they hold.
func (n *Note) Refused(err error, fault string) {
	n.Reason = fault
	if refusal, ok := errors.AsType[ledger.Refusal](err); ok {
		n.Reason = refusal.Reason.String()
	}
}

type noteKey struct{}

// NoteOf is the note of the request ctx belongs to. Outside of a Server it is one that nobody reads.
func NoteOf(ctx context.Context) *Note {
	if n, ok := ctx.Value(noteKey{}).(*Note); ok {
		return n
	}
	return &Note{}
}
