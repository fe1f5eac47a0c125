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

// Faults returns what is wrong with an agent, by itself and beside the others. If two had the same name or token, or
// were the tills of the same shop, nobody could tell which is meant.
func (h *Host) Faults(a *Agent) []Fault {
	f := faults(a.Faults())
	for _, g := range a.Grants {
		f.when(!h.HasMerchant(g.Merchant), "grants", "there is no merchant %d", g.Merchant)
	}
	for i := range h.Agents {
		other := &h.Agents[i]
		if other.ID == a.ID {
			continue
		}
		f.when(other.Name == a.Name, "name", "agent %d has this name", other.ID)
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
	return f
}
