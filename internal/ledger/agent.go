package ledger

import (
	"slices"
	"strings"
)

// Agent is who has credentials for tills or programs: an integrator of the host's, or an API key of one merchant. It
// may do nothing at a merchant that has not granted it permissions.
type Agent struct {
	ID        AgentID
	Name      string
	TokenHash [32]byte // SHA-256 of the token; the token itself is shown once and kept nowhere
	Spare     [32]byte // of the token of before, good until tills have the new one: see Renew; zero = there is none
	Weak      bool     // a token is a name somebody chose: it needs Allow and Until
	Allow     []string // addresses or CIDR ranges it may call from; empty = any
	Until     Date     // last day it may call, counted in UTC; 0 = no end
	Stopped   bool
	// Its software reads a response's body only with HTTP status 200, so refusals are sent with 200; failures keep their
	// own status.
	Always200 bool
	Grants    []Grant
	// Version is the entry of the host's journal that last changed it; 0 = it is older than that journal.
	Version EntryID

	// The tills of one shop that speak dc78 are an agent too: they sign with an ApiKey instead of sending a token.
	Shop ShopID // the shop they name as msid; 0 = the agent speaks member-cjb
	Key  []byte // the ApiKey, sealed under the key kept outside the database
	// Scheme is how they sign, in the text form of internal/scheme; "" = the standard way.
	Scheme string
	Secret []byte // the developer secret, sealed as Key is; nil = none

	// Owner is the merchant whose API key it is, for as long as it exists: it is good for Tongka's own API alone, and has
	// one grant, at that merchant. 0 = it is an integrator.
	Owner MerchantID
	Shops []ShopID // where an API key may act, in order; nil = at all shops, and on what belongs to none
}

// KeyPermissions is what an API key may be allowed. Whoever gives permissions is a person.
const KeyPermissions = AllPermissions &^ (MayAgents | MayPeople)

// ActsAt reports whether the agent may act at a shop of its merchants; 0 stands for what belongs to no shop.
func (a *Agent) ActsAt(shop ShopID) bool { return a.Shops == nil || slices.Contains(a.Shops, shop) }

// At reports whether the agent has been granted anything at a merchant.
func (a *Agent) At(merchant MerchantID) bool {
	return slices.ContainsFunc(a.Grants, func(g Grant) bool { return g.Merchant == merchant })
}

// Granted returns all that the agent may do at any merchant.
func (a *Agent) Granted() (all Permission) {
	for _, g := range a.Grants {
		all |= g.Permissions
	}
	return all
}

// Over reports whether the agent's last day has passed on a day of UTC.
func (a *Agent) Over(today Date) bool { return a.Until != 0 && today > a.Until }

// Tokens returns the hashes of the tokens that are good.
func (a *Agent) Tokens() [][32]byte {
	if a.Spare == ([32]byte{}) {
		return [][32]byte{a.TokenHash}
	}
	return [][32]byte{a.TokenHash, a.Spare}
}

// Renew gives the agent a random token. The one of before stays good beside it, so that tills can change over one by
// one, until EndSpare; one from before that ends.
func (a *Agent) Renew(hash [32]byte) { a.TokenHash, a.Spare = hash, a.TokenHash }

// Replace gives the agent a random token, and ends all others.
func (a *Agent) Replace(hash [32]byte) { a.TokenHash, a.Spare, a.Weak = hash, [32]byte{}, false }

// EndSpare ends the token of before, if there is one. What is left is random, as Renew made it.
func (a *Agent) EndSpare() {
	if a.Spare != ([32]byte{}) {
		a.Replace(a.TokenHash)
	}
}

// Grant gives an agent permissions at one merchant.
type Grant struct {
	Merchant    MerchantID
	Permissions Permission
}

// Permission is a set of things that an agent or a person may do.
type Permission int64

const (
	MayRead       Permission = 1 << iota // look up cards and history
	MayOpen                              // open cards
	MayModify                            // change holders' details
	MayRecharge                          // recharge cards: this creates money, so it is never granted by default
	MayConsume                           // consume
	MayPoints                            // use points
	MayRefund                            // refund consumes and reverse recharges: this gives money back
	MayLose                              // report cards lost
	MayCancelLoss                        // cancel the loss of cards, so that they can be used again
	MayAdjust                            // give and take points and bonus that nothing was paid for
	MayCashOut                           // pay money out: returns of cards, and withdrawals
	MayTransfer                          // move money and points between cards, replace and merge cards
	MayCoupons                           // send coupons and take them back
	MaySettings                          // change a merchant's settings
	MayAgents                            // change agents: their credentials and grants
	MayPeople                            // change people and what they may do, within what one may do oneself
	MayReports                           // see reports
	MayExport                            // take data out: cards, entries, reports
	MayReveal                            // see personal data that is masked otherwise
)

// AllPermissions is the set of all permissions.
const AllPermissions = MayReveal<<1 - 1

// PermissionNames are the permissions' names in configuration files, in the order of their bits. The name of
// MayCancelLoss is the one that journals have had it by from the beginning.
var PermissionNames = []string{
	"read", "open", "modify", "recharge", "consume", "points", "refund", "lost", "unlose",
	"adjust", "cash-out", "transfer", "coupons", "settings", "agents", "people", "reports", "export", "reveal",
}

// ParsePermission returns the permission of that name; ok is false if no permission has it.
func ParsePermission(name string) (p Permission, ok bool) {
	for i, n := range PermissionNames {
		if n == name {
			return 1 << i, true
		}
	}
	return 0, false
}

// String returns the names separated by commas, like "read,consume".
func (p Permission) String() string {
	var names []string
	for i, n := range PermissionNames {
		if p&(1<<i) != 0 {
			names = append(names, n)
		}
	}
	return strings.Join(names, ",")
}

// parsePermissions reads a list as String returns it; unknown names are ignored.
func parsePermissions(list string) (all Permission) {
	for name := range strings.SplitSeq(list, ",") {
		p, _ := ParsePermission(name)
		all |= p
	}
	return all
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

// Lacks returns those of the permissions p that the agent has not been granted at the merchant.
func (a *Agent) Lacks(p Permission, merchant MerchantID) (missing Permission) {
	for one := MayRead; one <= AllPermissions; one <<= 1 {
		if p&one != 0 && !a.May(one, merchant) {
			missing |= one
		}
	}
	return missing
}

// SameToken returns the first of the others that has a token of the agent, or nil. If two agents shared a token, nobody
// could tell which of them is calling. The tills of a shop sign instead and have no token to compare.
func (a *Agent) SameToken(others []Agent) *Agent {
	for i := range others {
		if o := &others[i]; a.Shop == 0 && o.Shop == 0 && o.ID != a.ID && a.shares(o) {
			return o
		}
	}
	return nil
}

// shares reports whether two agents have a token in common.
func (a *Agent) shares(o *Agent) bool {
	return slices.ContainsFunc(a.Tokens(), func(hash [32]byte) bool { return slices.Contains(o.Tokens(), hash) })
}

// FoldGUID returns a GUID in the form in which GUIDs are compared: without braces or surrounding space, in upper case.
func FoldGUID(guid string) string {
	return strings.ToUpper(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(guid), "{"), "}"))
}
