package ledger

// Role is a set of permissions with a name that people know. It is a proposal for a grant and nothing else: what counts
// is the permissions of the grant.
type Role struct {
	Name    string // "owner"
	Of      Reach
	Allowed Permission
}

// Reach says where a role can be granted.
type Reach int

// Where roles can be granted.
const (
	AtHost     Reach = iota // at the host, and so everywhere
	AtMerchant              // for all shops of a merchant
	AtShops                 // for some shops of a merchant, or all of them
)

// AtTheTill is what is done at tills all day.
const AtTheTill = MayRead | MayOpen | MayRecharge | MayConsume | MayPoints | MayLose

// Sets of permissions that roles are made of.
const (
	atTheDesk  = AtTheTill | MayModify | MayCancelLoss | MayRefund | MayCoupons | MayTransfer | MayReports | MayReveal
	ofTheShop  = atTheDesk | MayAdjust | MayCashOut
	ofTheBooks = MayRead | MayReports
)

// Roles are all roles, those that may do most first.
var Roles = []Role{
	{"owner", AtHost, AllPermissions},
	{"admin", AtMerchant, AllPermissions &^ MayAgents},
	{"manager", AtShops, ofTheShop},
	{"cashier", AtShops, AtTheTill},
	{"auditor", AtMerchant, ofTheBooks},
}

// RoleOf returns the role whose permissions a grant has; ok is false if it has those of none.
func RoleOf(g PersonGrant) (r Role, ok bool) {
	for _, r := range Roles {
		if r.Allowed == g.Permissions && r.fits(g) {
			return r, true
		}
	}
	return Role{}, false
}

// FindRole returns the role of that name.
func FindRole(name string) (r Role, ok bool) {
	for _, r := range Roles {
		if r.Name == name {
			return r, true
		}
	}
	return Role{}, false
}

// fits reports whether a grant is where the role can be granted.
func (r Role) fits(g PersonGrant) bool {
	switch r.Of {
	case AtHost:
		return g.Merchant == HostID
	case AtMerchant:
		return g.Merchant != HostID && g.Shops == nil
	}
	return g.Merchant != HostID
}
