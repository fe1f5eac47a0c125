package ledger

import "slices"

// HostID is the host's number among the merchants: whoever runs the server. Its journal holds what belongs to no
// merchant. It has no cards, no shops and no settings, and is not one of the merchants.
const HostID MerchantID = 0

// MaxMerchant is the highest id that a merchant may have.
const MaxMerchant MerchantID = 1<<31 - 1

// Host is what belongs to no merchant.
type Host struct {
	Agents    []Agent      // by id
	Merchants []MerchantID // that there are, in order
}

// Agent finds an agent by its id; nil where there is none.
func (h *Host) Agent(id AgentID) *Agent {
	i := slices.IndexFunc(h.Agents, func(a Agent) bool { return a.ID == id })
	if i < 0 {
		return nil
	}
	return &h.Agents[i]
}

// HasMerchant reports whether there is a merchant of the id.
func (h *Host) HasMerchant(id MerchantID) bool {
	_, found := slices.BinarySearch(h.Merchants, id)
	return found
}

// Faults are what is wrong with an agent by itself and beside the others: of two with one name, or one token, or the
// tills of one shop, nobody could say which is meant.
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

// Faults are those of an agent that nobody could call by its name, that nobody could be, or that may what there is not.
func (a *Agent) Faults() []Fault {
	var f faults
	f.when(a.ID < 1, "id", "want an id from 1")
	f.when(Blank(a.Name) || !PlainText(a.Name, MaxNameLen), "name", "want 1 to %d characters in one line", MaxNameLen)
	f.when(a.Shop < 0, "shop", "want an id from 1")
	f.when(a.Shop == 0 && a.TokenHash == [32]byte{}, "token", "want a token")
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
