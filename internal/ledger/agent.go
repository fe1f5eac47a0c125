package ledger

import "strings"

// Agent is an integrator with credentials. It may do nothing at a merchant it has no grant for.
type Agent struct {
	ID        AgentID
	Name      string
	TokenHash [32]byte // SHA-256 of the token; the token itself is shown once and kept nowhere
	Weak      bool     // the token is a name somebody chose: it needs Allow and Until
	Allow     []string // addresses or CIDR ranges it may call from; empty = any
	Until     Date     // last good day, counted in UTC; 0 = no end
	Stopped   bool
	Always200 bool // it reads the bodies of answers with HTTP status 200 only: refusals come with it, failures do not
	Grants    []Grant

	// An agent of the dc78 wire is one shop's tills: they sign with an ApiKey instead of sending a token.
	Shop ShopID // the msid they name; 0 = it speaks member-cjb
	Key  []byte // the ApiKey, sealed under the key that is kept outside the database
	// How they sign, as internal/scheme writes it; "" = as ours do.
	Scheme string
	Secret []byte // the developer secret, sealed as Key is; nil = they have none
}

// Grant lets an agent do some things at one merchant.
type Grant struct {
	Merchant    MerchantID
	Permissions Permission
}

// Permission is a set of things an agent may do.
type Permission int64

const (
	MayRead     Permission = 1 << iota // look cards and history up
	MayOpen                            // open cards
	MayModify                          // change holders' data
	MayRecharge                        // recharge: makes money, so never given by default
	MayConsume                         // consume
	MayPoints                          // use points
	MayRefund                          // take back consumes and recharges: gives money back
	MayLose                            // report cards lost
	MayUnlose                          // let lost cards be used again
)

// PermissionNames are the names in configuration files, in the order of the bits.
var PermissionNames = []string{"read", "open", "modify", "recharge", "consume", "points", "refund", "lost", "unlose"}

// ParsePermission reads one name; ok is false when there is none of that name.
func ParsePermission(name string) (p Permission, ok bool) {
	for i, n := range PermissionNames {
		if n == name {
			return 1 << i, true
		}
	}
	return 0, false
}

// String lists the names, like "read,consume".
func (p Permission) String() string {
	var names []string
	for i, n := range PermissionNames {
		if p&(1<<i) != 0 {
			names = append(names, n)
		}
	}
	return strings.Join(names, ",")
}

// May reports whether the agent has all the permissions of p at the merchant.
func (a *Agent) May(p Permission, merchant MerchantID) bool {
	for _, g := range a.Grants {
		if g.Merchant == merchant {
			return g.Permissions&p == p
		}
	}
	return false
}

// SameToken is the first of the others that has the agent's token, nil when there is none: of two agents
// with one token nobody could say which of them calls. The tills of a shop have none.
func (a *Agent) SameToken(others []Agent) *Agent {
	for i := range others {
		if o := &others[i]; a.Shop == 0 && o.Shop == 0 && o.ID != a.ID && o.TokenHash == a.TokenHash {
			return o
		}
	}
	return nil
}

// FoldGUID is the form in which GUIDs are compared: no braces, upper case.
func FoldGUID(guid string) string {
	return strings.ToUpper(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(guid), "{"), "}"))
}
