package ledger

import (
	"encoding/json"
	"fmt"
	"slices"
)

// PersonText returns a person as the host's journal stores it: JSON, zero values left out. In place of secrets there
// are fingerprints of what the record holds, as in AgentText.
func PersonText(p *Person) (string, error) {
	t := personText{
		ID: p.ID, SignIn: p.SignIn, Name: p.Name, Language: p.Language, Until: p.Until, Stopped: p.Stopped, Agent: p.Agent,
		Password: fingerprint("password", []byte(p.Password)), TOTP: fingerprint("totp", p.TOTP),
	}
	for _, g := range p.Grants {
		t.Grants = append(t.Grants, textPersonGrant{g.Merchant, g.Shops, permissionsText(g.Permissions)})
	}
	for _, code := range p.Recovery {
		t.Recovery = append(t.Recovery, fingerprint("recovery", code[:]))
	}
	for _, k := range p.Passkeys {
		t.Passkeys = append(t.Passkeys, textPasskey{k.Name, k.Made, fingerprint("passkey", slices.Concat(k.ID, k.Key))})
	}
	b, err := json.Marshal(t)
	return string(b), err
}

// ParsePerson reads from a PersonText who it is and what the person may do, without secrets.
func ParsePerson(text string) (Person, error) {
	var t personText
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return Person{}, fmt.Errorf("person: %w", err)
	}
	p := Person{
		ID: t.ID, SignIn: t.SignIn, Name: t.Name, Language: t.Language, Until: t.Until, Stopped: t.Stopped, Agent: t.Agent,
	}
	for _, g := range t.Grants {
		p.Grants = append(p.Grants, PersonGrant{g.Merchant, g.Shops, parsePermissions(g.Permissions)})
	}
	return p, nil
}

type personText struct {
	ID       PersonID          `json:"id"`
	SignIn   string            `json:"sign_in"`
	Name     string            `json:"name"`
	Language Language          `json:"language,omitempty"`
	Until    Date              `json:"until,omitempty"`
	Stopped  bool              `json:"stopped,omitempty"`
	Agent    AgentID           `json:"agent,omitempty"`
	Grants   []textPersonGrant `json:"grants,omitempty"`
	Password string            `json:"password,omitempty"`
	TOTP     string            `json:"totp,omitempty"`
	Recovery []string          `json:"recovery,omitempty"`
	Passkeys []textPasskey     `json:"passkeys,omitempty"`
}

type textPersonGrant struct {
	Merchant    MerchantID `json:"merchant"`
	Shops       []ShopID   `json:"shops,omitempty"`
	Permissions string     `json:"permissions"`
}

type textPasskey struct {
	Name string `json:"name"`
	Made Date   `json:"made"`
	Key  string `json:"key"`
}
