package ledger

import "slices"

// Person returns the person with that id, nil if there is none.
func (h *Host) Person(id PersonID) *Person {
	i := slices.IndexFunc(h.People, func(p Person) bool { return p.ID == id })
	if i < 0 {
		return nil
	}
	return &h.People[i]
}

// PersonFaults returns what is wrong with a person, by itself and beside the others.
func (h *Host) PersonFaults(p *Person) []Fault {
	f := faults(p.Faults())
	for _, g := range p.Grants {
		f.when(g.Merchant != HostID && !h.HasMerchant(g.Merchant), "grants", "there is no merchant %d", g.Merchant)
	}
	a := h.Agent(p.Agent)
	f.when(p.Agent > 0 && (a == nil || a.Owner != 0), "agent", "there is no agent %d", p.Agent)
	before := h.Person(p.ID)
	renamed := before == nil || before.SignIn != p.SignIn // a name that somebody has already stays good
	for i := range h.People {
		other := &h.People[i]
		f.when(other.ID != p.ID && other.SignIn == p.SignIn, "sign_in", "somebody else signs in by this name")
		f.when(renamed && other.ID != p.ID && other.SignIn != p.SignIn && looksLike(p.SignIn, other.SignIn), "sign_in",
			"too much like the name somebody else signs in by")
		f.when(other.ID != p.ID && slices.ContainsFunc(p.Passkeys, func(k Passkey) bool { return other.HasPasskey(k.ID) }),
			"passkeys", "somebody else has this passkey")
	}
	return f
}

// may reports whether somebody has permissions at a shop of a merchant; shop 0 stands for what belongs to no shop.
type may func(what Permission, merchant MerchantID, shop ShopID) bool

// actor returns what the person or the agent who changes people or keys may do; nil if there is none, or none who may
// do anything any more.
func (h *Host) actor(by Caller, today Date) may {
	if by.Person != 0 {
		p := h.Person(by.Person)
		if p == nil || p.Stopped || p.Over(today) {
			return nil
		}
		return p.May
	}
	a := h.Agent(by.Agent)
	if a == nil || a.Stopped || a.Over(today) {
		return nil
	}
	return func(what Permission, merchant MerchantID, shop ShopID) bool {
		return a.ActsAt(shop) && a.May(what, merchant)
	}
}

// manages reports whether whoever may do so much may change people, and may do all that the other may do.
func (m may) manages(other *Person) bool {
	if other.Agent != 0 && !m(MayPeople|MayAgents, HostID, 0) {
		return false
	}
	return !slices.ContainsFunc(other.Grants, func(g PersonGrant) bool {
		shops := g.Shops
		if shops == nil {
			shops = []ShopID{0}
		}
		return slices.ContainsFunc(shops, func(shop ShopID) bool { return !m(MayPeople|g.Permissions, g.Merchant, shop) })
	})
}

// Runs reports whether a caller stands for whoever runs the server, who may change everything.
func (c Caller) Runs() bool { return c.Person == 0 && c.Agent == 0 }

// MayChangeKey reports whether a person, or the agent of a program, may change an API key from was to to; was is nil
// for a new one. It takes MayPeople for all shops of its merchant, and all that the key may do, before and after: so
// nobody gives more than he has, or takes over a key that may do more. To stop one takes the former alone. A caller who
// is neither stands for whoever runs the server, and may change every key. Of an integrator nothing is said here of a
// person: whoever may change that is the host's; no agent may.
func (h *Host) MayChangeKey(by Caller, was, to *Agent, today Date) bool {
	key := to
	if was != nil {
		key = was // which stays whose it is: see Faults
	}
	if by.Runs() || key.Owner == 0 {
		return by.Agent == 0
	}
	may := h.actor(by, today)
	if may == nil {
		return false
	}
	needs := MayPeople
	if was == nil || !was.OnlyStops(to) {
		needs |= key.Granted() | to.Granted()
	}
	return may(needs, key.Owner, 0)
}

// MayChange reports whether a person, or the agent of a program, may change somebody from was to to, who may be the
// person himself; was is nil for a new one. A caller who is neither stands for whoever runs the server, and may change
// everybody.
func (h *Host) MayChange(by Caller, was, to *Person, today Date) bool {
	if by.Runs() {
		return true
	}
	may := h.actor(by, today)
	if may == nil {
		return false
	}
	if by.Person == to.ID {
		return was != nil && was.sameButOwn(to)
	}
	if len(to.Grants) == 0 && (was == nil || len(was.Grants) == 0) && !may(AllPermissions, HostID, 0) {
		return false // somebody of nowhere belongs to the host
	}
	if was != nil && !may.manages(was) {
		return false
	}
	return may.manages(to)
}
