package ledger

import "slices"

// Host is what belongs to no merchant.
type Host struct {
	Agents    []Agent      // by id
	People    []Person     // by id
	Merchants []MerchantID // ids of all merchants, in order
}

// Agent returns the agent with that id, nil if there is none.
func (h *Host) Agent(id AgentID) *Agent {
	i := slices.IndexFunc(h.Agents, func(a Agent) bool { return a.ID == id })
	if i < 0 {
		return nil
	}
	return &h.Agents[i]
}

// HasMerchant reports whether there is a merchant with that id.
func (h *Host) HasMerchant(id MerchantID) bool {
	_, found := slices.BinarySearch(h.Merchants, id)
	return found
}

// Faults returns what is wrong with an agent, by itself and beside the others. If two of the host's, or two of one
// merchant's, had the same name, or any two the same token, or were the tills of the same shop, nobody could tell which
// is meant.
func (h *Host) Faults(a *Agent) []Fault {
	f := faults(a.Faults())
	for _, g := range a.Grants {
		f.when(!h.HasMerchant(g.Merchant), "grants", "there is no merchant %d", g.Merchant)
	}
	for i := range h.Agents {
		other := &h.Agents[i]
		if other.ID == a.ID {
			f.when(other.Owner != a.Owner, "owner", "an agent stays whose it is")
			continue
		}
		f.when(other.Name == a.Name && other.Owner == a.Owner, "name", "agent %d has this name", other.ID)
		f.when(a.Shop != 0 && other.Shop == a.Shop, "shop", "shop %d has its tills, agent %s", a.Shop, other.Name)
	}
	if other := a.SameToken(h.Agents); other != nil {
		f.when(true, "token", "agent %s has this token: each needs its own", other.Name)
	}
	return f
}

// Faults reports an agent without a usable name or credentials, or with permissions that do not exist.
func (a *Agent) Faults() []Fault {
	var f faults
	f.when(a.ID < 1, "id", "want an id from 1")
	f.when(Blank(a.Name) || !PlainText(a.Name, MaxNameLen), "name", "want 1 to %d characters in one line", MaxNameLen)
	f.when(a.Shop < 0, "shop", "want an id from 1")
	f.when(a.Shop == 0 && a.TokenHash == [32]byte{}, "token", "want a token")
	f.when(a.Spare != [32]byte{} && (a.Shop != 0 || a.Spare == a.TokenHash), "token", "want two that differ, or one")
	f.when(a.Shop == 0 && a.Key != nil, "api_key", "an ApiKey belongs to a shop")
	f.when(a.Shop != 0 && a.Key == nil, "api_key", "the tills of a shop sign with an ApiKey")
	f.when(a.Shop != 0 && len(a.Grants) != 1, "grants", "the tills of a shop need a grant at its merchant, and no other")
	seen := map[MerchantID]bool{}
	for _, g := range a.Grants {
		f.when(seen[g.Merchant], "grants", "merchant %d stands twice", g.Merchant)
		f.when(g.Permissions&^AllPermissions != 0, "grants", "there are permissions that nobody knows")
		seen[g.Merchant] = true
	}
	return append(f, a.keyFaults()...)
}

// keyFaults reports what an API key has and may not have, or lacks, and what only one has.
func (a *Agent) keyFaults() []Fault {
	var f faults
	f.when(a.Owner < 0, "owner", "want an id from 1")
	f.when(a.Owner == 0 && a.Shops != nil, "shops", "an API key acts at some shops, an integrator at all")
	if a.Owner <= 0 {
		return f
	}
	f.when(a.Shop != 0 || a.Scheme != "" || a.Secret != nil, "shop", "an API key signs for no tills")
	f.when(a.Weak, "token", "an API key is random")
	f.when(a.Always200, "always_200", "an API key has nothing to do with member-cjb")
	f.when(len(a.Grants) != 1 || a.Grants[0].Merchant != a.Owner, "grants",
		"an API key needs a grant at its merchant, and no other")
	f.when(a.Granted() == 0 || a.Granted()&^KeyPermissions != 0, "grants",
		"an API key needs permissions, and not those of agents or people")
	f.when(a.Shops != nil && (len(a.Shops) == 0 || a.Shops[0] < 1), "shops", "want ids from 1, or all shops")
	f.when(!inOrder(a.Shops), "shops", "want them in order, each once")
	return f
}
