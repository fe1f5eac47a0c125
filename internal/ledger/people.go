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
	for i := range h.People {
		other := &h.People[i]
		f.when(other.ID != p.ID && other.SignIn == p.SignIn, "sign_in", "somebody else signs in by this name")
		f.when(other.ID != p.ID && slices.ContainsFunc(p.Passkeys, func(k Passkey) bool { return other.HasPasskey(k.ID) }),
			"passkeys", "somebody else has this passkey")
	}
	return f
}

// MayChangeKey reports whether a person may change an API key from was to to; was is nil for a new one. It takes
// MayPeople for all shops of its merchant, and all that the key may do, before and after: so nobody gives more than he
// has, or takes over a key that may do more. To stop one takes the former alone. Person 0 stands for whoever runs the
// server, and may change every key. Of an integrator nothing is said here: whoever may change that is the host's.
func (h *Host) MayChangeKey(by PersonID, was, to *Agent, today Date) bool {
	key := to
	if was != nil {
		key = was // which stays whose it is: see Faults
	}
	if by == 0 || key.Owner == 0 {
		return true
	}
	actor := h.Person(by)
	if actor == nil || actor.Stopped || actor.Over(today) {
		return false
	}
	needs := MayPeople
	if was == nil || !was.OnlyStops(to) {
		needs |= key.Granted() | to.Granted()
	}
	return actor.May(needs, key.Owner, 0)
}

// MayChange reports whether a person may change another one, or himself, from was to to; was is nil for a new one.
// Person 0 stands for whoever runs the server, and may change everybody.
func (h *Host) MayChange(by PersonID, was, to *Person, today Date) bool {
	if by == 0 {
		return true
	}
	actor := h.Person(by)
	if actor == nil || actor.Stopped || actor.Over(today) {
		return false
	}
	if by == to.ID {
		return was != nil && was.sameButOwn(to)
	}
	if len(to.Grants) == 0 && (was == nil || len(was.Grants) == 0) && !actor.Owns() {
		return false // somebody of nowhere belongs to the host
	}
	if was != nil && !actor.manages(was) {
		return false
	}
	return actor.manages(to)
}
