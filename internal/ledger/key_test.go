package ledger

import (
	"slices"
	"strings"
	"testing"
)

func wholeKey() Agent {
	return Agent{
		ID: 5, Name: "ERP", TokenHash: [32]byte{5}, Owner: 1, Shops: []ShopID{11, 12},
		Grants: []Grant{{Merchant: 1, Permissions: MayRead | MayReports}},
	}
}

// Each row is an API key, and what is wrong with it; "" for nothing.
func TestKeyFaults(t *testing.T) {
	t.Parallel()
	h := Host{Merchants: []MerchantID{1, 2}, Agents: []Agent{
		{ID: 1, Name: "ERP", TokenHash: [32]byte{1}}, {ID: 2, Name: "ERP", TokenHash: [32]byte{2}, Owner: 2},
		{ID: 3, Name: "old", TokenHash: [32]byte{3}, Owner: 1}, wholeKey(),
	}}
	for name, row := range map[string]struct {
		spoil func(*Agent)
		says  string
	}{
		"sound, with the name of others'": {func(*Agent) {}, ""},
		"at all shops":                    {func(a *Agent) { a.Shops = nil }, ""},
		"stopped, with two tokens":        {func(a *Agent) { a.Stopped, a.Spare = true, [32]byte{6} }, ""},
		"a name of the merchant's":        {func(a *Agent) { a.Name = "old" }, "name: agent 3 has this"},
		"a token of an integrator":        {func(a *Agent) { a.TokenHash = [32]byte{1} }, "token: agent ERP has this"},
		"of another merchant from now on": {func(a *Agent) { a.Owner, a.Grants[0].Merchant = 2, 2 }, "owner: an agent stays"},
		"of nobody from now on":           {func(a *Agent) { a.Owner, a.Shops = 0, nil }, "owner: an agent stays"},
		"of less than nobody":             {func(a *Agent) { a.Owner = -1 }, "owner: want"},
		"without a token":                 {func(a *Agent) { a.TokenHash = [32]byte{} }, "token: want"},
		"a chosen token":                  {func(a *Agent) { a.Weak = true }, "token: an API key is random"},
		"the tills of a shop":             {func(a *Agent) { a.Shop, a.Key = 11, []byte("k") }, "shop: an API key signs"},
		"with a signature":                {func(a *Agent) { a.Scheme = "scheme: none\n" }, "shop: an API key signs"},
		"with a developer secret":         {func(a *Agent) { a.Secret = []byte("s") }, "shop: an API key signs"},
		"with status 200":                 {func(a *Agent) { a.Always200 = true }, "always_200: an API key"},
		"nowhere":                         {func(a *Agent) { a.Grants = nil }, "grants: an API key needs a grant"},
		"elsewhere":                       {func(a *Agent) { a.Grants[0].Merchant = 2 }, "grants: an API key needs a grant"},
		"elsewhere too": {
			func(a *Agent) { a.Grants = append(a.Grants, Grant{2, MayRead}) }, "grants: an API key needs a grant",
		},
		"nothing allowed":     {func(a *Agent) { a.Grants[0].Permissions = 0 }, "grants: an API key needs permissions"},
		"may make others":     {func(a *Agent) { a.Grants[0].Permissions |= MayPeople }, "grants: an API key needs permissions"},
		"may change agents":   {func(a *Agent) { a.Grants[0].Permissions |= MayAgents }, "grants: an API key needs permissions"},
		"at no shop":          {func(a *Agent) { a.Shops = []ShopID{} }, "shops: want ids"},
		"at less than a shop": {func(a *Agent) { a.Shops = []ShopID{0, 11} }, "shops: want ids"},
		"a shop twice":        {func(a *Agent) { a.Shops = []ShopID{11, 11} }, "shops: want them in order"},
		"shops in disorder":   {func(a *Agent) { a.Shops = []ShopID{12, 11} }, "shops: want them in order"},
	} {
		a := wholeKey()
		row.spoil(&a)
		got := h.Faults(&a)
		if row.says == "" && len(got) > 0 || row.says != "" && !slices.ContainsFunc(got, func(f Fault) bool {
			return strings.HasPrefix(f.Field+": "+f.Text, row.says)
		}) {
			t.Errorf("%s: got %v, want %q", name, got, row.says)
		}
	}
	integrator := Agent{ID: 9, Name: "nine", TokenHash: [32]byte{9}, Shops: []ShopID{11}}
	if got := h.Faults(&integrator); len(got) != 1 || got[0].Field != "shops" {
		t.Errorf("an integrator at one shop: %v", got)
	}
}

// A key of some shops acts there, and not on what belongs to none.
func TestKeyActsAt(t *testing.T) {
	t.Parallel()
	some, all := wholeKey(), Agent{}
	for shop, want := range map[ShopID]bool{11: true, 12: true, 13: false, 0: false} {
		if some.ActsAt(shop) != want || !all.ActsAt(shop) {
			t.Errorf("shop %d: %t and %t", shop, some.ActsAt(shop), all.ActsAt(shop))
		}
	}
}

// Each row is who changes a key and how, and whether that is allowed.
func TestMayChangeKey(t *testing.T) {
	t.Parallel()
	grant := func(m MerchantID, p Permission, shops ...ShopID) []PersonGrant {
		return []PersonGrant{{Merchant: m, Shops: shops, Permissions: p}}
	}
	const reads = MayRead | MayReports
	h := Host{Merchants: []MerchantID{1, 2}, People: []Person{
		{ID: 1, Grants: grant(HostID, AllPermissions)}, {ID: 2, Grants: grant(1, MayPeople|reads)},
		{ID: 3, Grants: grant(1, MayPeople|reads, 11, 12)}, {ID: 4, Grants: grant(1, reads)},
		{ID: 5, Grants: grant(1, MayPeople)}, {ID: 6, Grants: grant(2, AllPermissions)},
		{ID: 7, Grants: grant(1, AllPermissions), Stopped: true}, {ID: 8, Grants: grant(1, AllPermissions), Until: 20260101},
	}}
	all := map[PersonID]bool{0: true, 1: true, 2: true}
	fresh := func(a *Agent) { a.Name = "new" }
	stops := func(a *Agent) { a.Stopped = true }
	more := func(a *Agent) { a.Grants[0].Permissions |= MayRecharge }
	for name, row := range map[string]struct {
		was, to func(*Agent) // was nil = there was none
		may     map[PersonID]bool
	}{
		"makes":               {nil, fresh, all},
		"renames":             {fresh, func(*Agent) {}, all},
		"renews":              {fresh, func(a *Agent) { a.Name = "new"; a.Renew([32]byte{7}) }, all},
		"stops":               {func(*Agent) {}, stops, map[PersonID]bool{0: true, 1: true, 2: true, 5: true}},
		"stops and renames":   {fresh, stops, all},
		"resumes":             {stops, func(*Agent) {}, all},
		"gives more":          {func(*Agent) {}, more, map[PersonID]bool{0: true, 1: true}},
		"takes what was more": {more, func(*Agent) {}, map[PersonID]bool{0: true, 1: true}},
		"stops one with more": {more, func(a *Agent) { more(a); stops(a) }, map[PersonID]bool{0: true, 1: true, 2: true, 5: true}},
	} {
		to := wholeKey()
		row.to(&to)
		var was *Agent
		if row.was != nil {
			a := wholeKey()
			row.was(&a)
			was = &a
		}
		for by := range PersonID(10) {
			if got := h.MayChangeKey(Caller{Person: by}, was, &to, 20260304); got != row.may[by] {
				t.Errorf("person %d %s: %t", by, name, got)
			}
		}
	}
	integrator := Agent{ID: 1, Name: "one"}
	if !h.MayChangeKey(Caller{Person: 4}, &integrator, &integrator, 20260304) {
		t.Error("of an integrator something is said")
	}
	stolen := integrator
	stolen.Owner = 1 // see Faults
	if key := wholeKey(); h.MayChangeKey(Caller{Person: 6}, &key, &stolen, 20260304) {
		t.Error("another merchant's key is changed")
	}
}

// An integrator changes the keys and the people of a merchant as far as it may change people there and may do itself
// what they may; neither another integrator, nor anybody of the host or of another merchant.
func TestMayChangeByAgent(t *testing.T) {
	t.Parallel()
	const reads = MayRead | MayReports
	at := func(m MerchantID, p Permission) []Grant { return []Grant{{Merchant: m, Permissions: p}} }
	h := Host{Merchants: []MerchantID{1, 2}, Agents: []Agent{
		{ID: 1, Grants: at(1, MayPeople|reads)}, {ID: 2, Grants: at(1, reads)}, {ID: 3, Grants: at(2, AllPermissions)},
		{ID: 4, Grants: at(1, AllPermissions), Stopped: true}, {ID: 5, Grants: at(1, AllPermissions), Until: 20260101},
	}}
	who := func(m MerchantID, p Permission, shops ...ShopID) Person {
		return Person{ID: 9, Grants: []PersonGrant{{Merchant: m, Shops: shops, Permissions: p}}}
	}
	key, more := wholeKey(), wholeKey()
	more.Grants = at(1, reads|MayRecharge)
	cashier, other, host := who(1, MayRead, 11), who(2, MayRead), who(HostID, MayRead)
	all, nobody, helper := who(1, reads|MayRefund), Person{ID: 9}, who(1, MayRead)
	helper.Agent = 1
	for by := range AgentID(7) {
		only := by == 1 || by == 0
		caller := Caller{Agent: by}
		if got := h.MayChangeKey(caller, nil, &key, 20260304); got != only {
			t.Errorf("agent %d makes a key: %t", by, got)
		}
		if got := h.MayChange(caller, nil, &cashier, 20260304); got != only {
			t.Errorf("agent %d makes somebody: %t", by, got)
		}
		if by == 0 {
			continue
		}
		if h.MayChangeKey(caller, nil, &more, 20260304) || h.MayChangeKey(caller, nil, &Agent{ID: 1}, 20260304) {
			t.Errorf("agent %d makes a key that may do more, or an integrator", by)
		}
		for _, p := range []*Person{&host, &all, &helper} {
			if h.MayChange(caller, p, &cashier, 20260304) || h.MayChange(caller, &cashier, p, 20260304) {
				t.Errorf("agent %d changes %+v", by, p)
			}
		}
		if h.MayChange(caller, &nobody, &nobody, 20260304) {
			t.Errorf("agent %d changes somebody of nowhere", by)
		}
		if got := h.MayChange(caller, nil, &other, 20260304); got != (by == 3) {
			t.Errorf("agent %d makes somebody of another merchant: %t", by, got)
		}
	}
}
