package ledger

import (
	"slices"
	"strings"
	"testing"
)

// Each row is a person, and what is wrong with it; "" for nothing.
func TestPersonFaults(t *testing.T) {
	t.Parallel()
	h := Host{
		Merchants: []MerchantID{1}, Agents: []Agent{{ID: 3}, {ID: 5, Owner: 1}}, People: []Person{{
			ID: 1, SignIn: "boss", Name: "老板", Passkeys: []Passkey{{ID: []byte("boss"), Key: []byte("{}")}},
		}, {ID: 8, SignIn: "b\u043ess", Name: "was there before"}},
	}
	for name, row := range map[string]struct {
		spoil func(*Person)
		says  string
	}{
		"sound":                  {func(*Person) {}, ""},
		"no id":                  {func(p *Person) { p.ID = 0 }, "id: want"},
		"capitals":               {func(p *Person) { p.SignIn = "Mei" }, "sign_in: want"},
		"space around":           {func(p *Person) { p.SignIn = " mei" }, "sign_in: want"},
		"nothing to sign in by":  {func(p *Person) { p.SignIn = "" }, "sign_in: want"},
		"very long":              {func(p *Person) { p.SignIn = strings.Repeat("a", MaxSignIn+1) }, "sign_in: want"},
		"another's":              {func(p *Person) { p.SignIn = "boss" }, "sign_in: somebody else"},
		"looks like another's":   {func(p *Person) { p.SignIn = "b\u043e\u0455s" }, "sign_in: too much like"},
		"another alphabet's own": {func(p *Person) { p.SignIn = "\u0431\u043e\u0441\u0441" }, ""},
		"looked so before":       {func(p *Person) { p.ID, p.SignIn = 8, "b\u043ess" }, ""},
		"no name":                {func(p *Person) { p.Name = "\u200b" }, "name: want"},
		"a name turned round":    {func(p *Person) { p.Name = "\u202e老板" }, "name: want"},
		"an invisible letter":    {func(p *Person) { p.SignIn = "m\u200bei" }, "sign_in: want"},
		"a language of nobody":   {func(p *Person) { p.Language = "fr" }, "language: want"},
		"codes without a device": {func(p *Person) { p.TOTP = nil }, "recovery: codes stand in"},
		"too many codes":         {func(p *Person) { p.Recovery = make([][32]byte, MaxRecovery+1) }, "recovery: want at most"},
		"too many passkeys":      {func(p *Person) { p.Passkeys = make([]Passkey, MaxPasskeys+1) }, "passkeys: want at most"},
		"a device of two lines":  {func(p *Person) { p.Passkeys[0].Name = "a\nb" }, "passkeys: want names"},
		"no key":                 {func(p *Person) { p.Passkeys[0].Key = nil }, "passkeys: want an id"},
		"a passkey twice":        {func(p *Person) { p.Passkeys = append(p.Passkeys, p.Passkeys[0]) }, "passkeys: one stands twice"},
		"a passkey of another":   {func(p *Person) { p.Passkeys[0].ID = []byte("boss") }, "passkeys: somebody else"},
		"an agent of nobody":     {func(p *Person) { p.Agent = 4 }, "agent: there is no agent 4"},
		"a key as an agent":      {func(p *Person) { p.Agent = 5 }, "agent: there is no agent 5"},
		"an agent below":         {func(p *Person) { p.Agent = -1 }, "agent: want"},
		"a merchant of nobody":   {func(p *Person) { p.Grants[0].Merchant = 2 }, "grants: there is no merchant 2"},
		"a merchant twice":       {func(p *Person) { p.Grants = append(p.Grants, p.Grants...) }, "grants: merchant 1 stands twice"},
		"nothing granted":        {func(p *Person) { p.Grants[0].Permissions = 0 }, "grants: want permissions"},
		"what nobody may":        {func(p *Person) { p.Grants[0].Permissions = AllPermissions + 1 }, "grants: want permissions"},
		"at no shop":             {func(p *Person) { p.Grants[0].Shops = []ShopID{} }, "grants: want shops"},
		"a shop twice":           {func(p *Person) { p.Grants[0].Shops = []ShopID{4, 4} }, "grants: want the shops"},
		"shops in disorder":      {func(p *Person) { p.Grants[0].Shops = []ShopID{5, 4} }, "grants: want the shops"},
		"shops of the host":      {func(p *Person) { p.Grants[0].Merchant = HostID }, "grants: the host has no shops"},
		"very many grants":       {func(p *Person) { p.Grants = make([]PersonGrant, MaxGrants+1) }, "grants: want at most"},
	} {
		p := wholePerson()
		row.spoil(&p)
		got := h.PersonFaults(&p)
		if row.says == "" && len(got) > 0 || row.says != "" && !slices.ContainsFunc(got, func(f Fault) bool {
			return strings.HasPrefix(f.Field+": "+f.Text, row.says)
		}) {
			t.Errorf("%s: got %v, want %q", name, got, row.says)
		}
	}
}

// A grant for some shops is none for what belongs to the whole merchant, and one at the host is one everywhere.
func TestAllowed(t *testing.T) {
	t.Parallel()
	p := Person{Grants: []PersonGrant{
		{Merchant: 1, Shops: []ShopID{4}, Permissions: MayRecharge}, {Merchant: 2, Permissions: MaySettings},
		{Merchant: HostID, Permissions: MayReports},
	}}
	for _, c := range []struct {
		merchant MerchantID
		shop     ShopID
		want     Permission
	}{
		{1, 4, MayRecharge | MayReports}, {1, 5, MayReports}, {1, 0, MayReports}, {2, 0, MaySettings | MayReports},
		{2, 9, MaySettings | MayReports}, {3, 0, MayReports}, {HostID, 0, MayReports},
	} {
		if got := p.Allowed(c.merchant, c.shop); got != c.want || !p.May(c.want, c.merchant, c.shop) {
			t.Errorf("at shop %d of merchant %d: %v, want %v", c.shop, c.merchant, got, c.want)
		}
	}
	if p.May(MayRecharge|MayRefund, 1, 4) || p.Owns() || !p.Enters(3) || (&Person{}).Enters(1) {
		t.Error("a person may more than was granted, or is nowhere")
	}
}

// Each role is the role of its own grant, there where it can be granted and nowhere else.
func TestRoles(t *testing.T) {
	t.Parallel()
	at := map[Reach]PersonGrant{
		AtHost: {Merchant: HostID}, AtMerchant: {Merchant: 1}, AtShops: {Merchant: 1, Shops: []ShopID{4}},
	}
	for _, r := range Roles {
		if found, ok := FindRole(r.Name); !ok || found != r {
			t.Errorf("%s is found as %v", r.Name, found)
		}
		for where, g := range at {
			g.Permissions = r.Allowed
			if got, ok := RoleOf(g); ok != (where == r.Of || where == AtMerchant && r.Of == AtShops) || ok && got != r {
				t.Errorf("%s at %d is the role %v, %t", r.Name, where, got, ok)
			}
		}
	}
	if _, ok := RoleOf(PersonGrant{Merchant: 1, Permissions: MayRead}); ok {
		t.Error("whoever may read only has a role")
	}
}
