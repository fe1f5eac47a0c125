package ledger

import (
	"bytes"
	"slices"
	"strings"
)

// PersonID numbers the people of a host 1, 2, 3 …
type PersonID int64

// Bounds of what a person has.
const (
	MaxSignIn   = 64
	MaxRecovery = 16 // recovery codes
	MaxPasskeys = 16
	MaxGrants   = 1000
)

// Person is somebody who signs in to the console. A person may do nothing at a merchant without a grant there.
type Person struct {
	ID       PersonID
	SignIn   string // the name a person signs in by, in lower case; no two have the same
	Name     string // as screens and reports show it
	Language Language
	Until    Date // last day the person may sign in, counted in UTC; 0 = no end
	Stopped  bool
	Agent    AgentID // the agent whose integration the person looks after; 0 = none
	Grants   []PersonGrant

	// Secrets are kept as hashes, or sealed under the key kept outside the database. A person without a password signs
	// in by a passkey, or first by a link that whoever made the person hands over.
	Password string     // argon2id, in PHC's string format; "" = none
	TOTP     []byte     // the seed of the codes that are asked for besides a password, sealed; nil = none
	Recovery [][32]byte // SHA-256 of the codes of which each is good once in place of one of those
	Passkeys []Passkey

	// Version is the entry of the host's journal that last changed the person.
	Version EntryID
}

// PersonGrant gives a person permissions at one merchant, or with HostID at the host and at every merchant.
type PersonGrant struct {
	Merchant    MerchantID
	Shops       []ShopID // nil = all
	Permissions Permission
}

// GrantAt returns what the person may do at a merchant; ok is false if that is nothing.
func (p *Person) GrantAt(merchant MerchantID) (g PersonGrant, ok bool) {
	i := slices.IndexFunc(p.Grants, func(g PersonGrant) bool { return g.Merchant == merchant })
	if i < 0 {
		return g, false
	}
	return p.Grants[i], true
}

// Passkey is a credential that a person's device keeps.
type Passkey struct {
	ID   []byte
	Key  []byte // the credential, as the library for them writes it
	Name string // of the device, as the person calls it
	Made Date
}

func (k Passkey) same(other Passkey) bool { return bytes.Equal(k.ID, other.ID) }

// HasPasskey reports whether the person has the passkey of that id.
func (p *Person) HasPasskey(id []byte) bool {
	return slices.ContainsFunc(p.Passkeys, Passkey{ID: id}.same)
}

// Language is what a person reads.
type Language string

// Languages that screens exist in. Without a choice it is the browser's.
const (
	AnyLanguage Language = ""
	Chinese     Language = "zh"
	English     Language = "en"
)

// FoldSignIn returns the form in which names to sign in by are kept and compared: in lower case, of half width, and
// without invisible characters, so that no two look the same for those.
func FoldSignIn(name string) string {
	return strings.ToLower(strings.TrimSpace(strings.Map(seen, HalfWidth(name))))
}

// Over reports whether the person's last day has passed on a day of UTC.
func (p *Person) Over(today Date) bool { return p.Until != 0 && today > p.Until }

// Allowed returns what the person may do at a shop of a merchant; shop 0 stands for what belongs to no shop, which
// takes a grant for all of them.
func (p *Person) Allowed(merchant MerchantID, shop ShopID) (all Permission) {
	for _, g := range p.Grants {
		if g.Merchant != merchant && g.Merchant != HostID {
			continue
		}
		if g.Shops == nil || slices.Contains(g.Shops, shop) {
			all |= g.Permissions
		}
	}
	return all
}

// May reports whether the person has all of these permissions at a shop of a merchant, as Allowed counts them.
func (p *Person) May(what Permission, merchant MerchantID, shop ShopID) bool {
	return p.Allowed(merchant, shop)&what == what
}

// Owns reports whether the person may do everything everywhere.
func (p *Person) Owns() bool { return p.Allowed(HostID, 0) == AllPermissions }

// Enters reports whether the person has anything to do at a merchant, at whatever shop.
func (p *Person) Enters(merchant MerchantID) bool {
	return p.AllowedSomewhere(merchant) != 0
}

// Faults reports a person without a usable name, or with grants or secrets that cannot be so.
func (p *Person) Faults() []Fault {
	var f faults
	f.when(p.ID < 1, "id", "want an id from 1")
	f.when(Blank(p.SignIn) || !PlainText(p.SignIn, MaxSignIn) || p.SignIn != FoldSignIn(p.SignIn), "sign_in",
		"want 1 to %d characters in one line, in lower case", MaxSignIn)
	f.when(Blank(p.Name) || !PlainText(p.Name, MaxNameLen) || strings.Map(seen, p.Name) != p.Name, "name",
		"want 1 to %d visible characters in one line", MaxNameLen)
	f.when(!slices.Contains([]Language{AnyLanguage, Chinese, English}, p.Language), "language", "want zh or en")
	f.when(len(p.Recovery) > MaxRecovery, "recovery", "want at most %d codes", MaxRecovery)
	f.when(p.TOTP == nil && p.Recovery != nil, "recovery", "codes stand in for those of a device, and there is none")
	f.when(len(p.Passkeys) > MaxPasskeys, "passkeys", "want at most %d", MaxPasskeys)
	f.when(slices.ContainsFunc(p.Passkeys, func(k Passkey) bool { return !PlainText(k.Name, MaxNameLen) }), "passkeys",
		"want names of at most %d characters in one line", MaxNameLen)
	for i, k := range p.Passkeys {
		f.when(len(k.ID) == 0 || len(k.Key) == 0, "passkeys", "want an id and a key")
		f.when(slices.ContainsFunc(p.Passkeys[:i], k.same), "passkeys", "one stands twice")
	}
	f.when(p.Agent < 0, "agent", "want an id from 1")
	f = append(f, p.grantFaults()...)
	return f
}

func (p *Person) grantFaults() []Fault {
	var f faults
	f.when(len(p.Grants) > MaxGrants, "grants", "want at most %d", MaxGrants)
	seen := map[MerchantID]bool{}
	for _, g := range p.Grants {
		f.when(seen[g.Merchant], "grants", "merchant %d stands twice", g.Merchant)
		f.when(g.Permissions == 0 || g.Permissions&^AllPermissions != 0, "grants",
			"want permissions that there are at merchant %d", g.Merchant)
		f.when(g.Shops != nil && len(g.Shops) == 0, "grants", "want shops at merchant %d, or all of them", g.Merchant)
		f.when(g.Shops != nil && g.Merchant == HostID, "grants", "the host has no shops")
		f.when(!inOrder(g.Shops), "grants", "want the shops of merchant %d in order, each once", g.Merchant)
		seen[g.Merchant] = true
	}
	return f
}

// inOrder reports whether shops are in order, each once.
func inOrder(shops []ShopID) bool {
	return slices.IsSorted(shops) && len(slices.Compact(slices.Clone(shops))) == len(shops)
}

// sameButOwn reports whether a change leaves all that people may not change of themselves.
func (p *Person) sameButOwn(to *Person) bool {
	same := func(a, b PersonGrant) bool {
		return a.Merchant == b.Merchant && a.Permissions == b.Permissions && (a.Shops == nil) == (b.Shops == nil) &&
			slices.Equal(a.Shops, b.Shops)
	}
	return p.SignIn == to.SignIn && p.Until == to.Until && p.Stopped == to.Stopped && p.Agent == to.Agent &&
		slices.EqualFunc(p.Grants, to.Grants, same)
}

// AllowedSomewhere returns what the person may do at one shop of a merchant at least.
func (p *Person) AllowedSomewhere(merchant MerchantID) (all Permission) {
	for _, g := range p.Grants {
		if g.Merchant == merchant || g.Merchant == HostID {
			all |= g.Permissions
		}
	}
	return all
}
