package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// AgentText returns an agent as the host's journal stores it: JSON with the names of configuration files, zero values
// left out. Secrets are not in it. In their place are fingerprints of what the agent's record holds, the hash of a
// token or a sealed key; a fingerprint changes whenever that does.
func AgentText(a *Agent) (string, error) {
	t := agentText{
		ID: a.ID, Name: a.Name, Weak: a.Weak, Allow: a.Allow, Until: a.Until, Stopped: a.Stopped, Always200: a.Always200,
		Shop: a.Shop, APIKey: fingerprint("api_key", a.Key), Signature: a.Scheme,
		Secret: fingerprint("developer_secret", a.Secret), Owner: a.Owner, Shops: a.Shops,
	}
	if a.TokenHash != [32]byte{} {
		t.Token = fingerprint("token", a.TokenHash[:])
	}
	if a.Spare != [32]byte{} {
		t.Spare = fingerprint("token", a.Spare[:])
	}
	for _, g := range a.Grants {
		t.Grants = append(t.Grants, textGrant{g.Merchant, permissionsText(g.Permissions)})
	}
	b, err := json.Marshal(t)
	return string(b), err
}

// ParseAgent reads from an AgentText which agent it is and what it may do.
func ParseAgent(text string) (Agent, error) {
	var t agentText
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return Agent{}, fmt.Errorf("agent: %w", err)
	}
	a := Agent{
		ID: t.ID, Name: t.Name, Weak: t.Weak, Allow: t.Allow, Until: t.Until, Stopped: t.Stopped, Always200: t.Always200,
		Shop: t.Shop, Scheme: t.Signature, Owner: t.Owner, Shops: t.Shops,
	}
	for _, g := range t.Grants {
		a.Grants = append(a.Grants, Grant{g.Merchant, parsePermissions(g.Permissions)})
	}
	return a, nil
}

// Says reports whether an AgentText describes the agent.
func (a *Agent) Says(text string) bool {
	is, err := AgentText(a)
	return err == nil && is == text
}

// OnlyStops reports whether a change of an agent stops it, and does nothing else.
func (a *Agent) OnlyStops(to *Agent) bool {
	stopped := *a
	stopped.Stopped = true
	text, err := AgentText(to)
	return err == nil && to.Stopped && stopped.Says(text)
}

// AddedText returns a new merchant as the host's journal stores it: its id, and its settings as in SettingsText.
func AddedText(m *Merchant) (string, error) {
	b, err := json.Marshal(addedText{m.ID, textOf(m)})
	return string(b), err
}

// ParseAdded reads from an AddedText which merchant it is, and its SettingsText.
func ParseAdded(text string) (id MerchantID, settings string, err error) {
	var t addedText
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return 0, "", fmt.Errorf("merchant: %w", err)
	}
	b, err := json.Marshal(t.settingsText)
	return t.ID, string(b), err
}

type agentText struct {
	ID        AgentID     `json:"id"`
	Name      string      `json:"name"`
	Token     string      `json:"token,omitempty"`
	Spare     string      `json:"token_of_before,omitempty"`
	Weak      bool        `json:"weak,omitempty"`
	Allow     []string    `json:"allow,omitempty"`
	Until     Date        `json:"until,omitempty"`
	Stopped   bool        `json:"stopped,omitempty"`
	Always200 bool        `json:"always_200,omitempty"`
	Grants    []textGrant `json:"grants,omitempty"`
	Shop      ShopID      `json:"shop,omitempty"`
	APIKey    string      `json:"api_key,omitempty"`
	Signature string      `json:"signature,omitempty"`
	Secret    string      `json:"developer_secret,omitempty"`
	Owner     MerchantID  `json:"owner,omitempty"`
	Shops     []ShopID    `json:"shops,omitempty"`
}

type textGrant struct {
	Merchant    MerchantID `json:"merchant"`
	Permissions string     `json:"permissions"`
}

type addedText struct {
	ID MerchantID `json:"id"`
	settingsText
}

// permissionsText returns the names of permissions, followed by the number of those without a name.
func permissionsText(p Permission) string {
	text := p.String()
	if rest := p &^ AllPermissions; rest != 0 {
		text += fmt.Sprintf(" %d", int64(rest))
	}
	return text
}

// fingerprint distinguishes what is stored of a secret from any other value, and reveals nothing of it; "" if nothing
// is stored.
func fingerprint(of string, kept []byte) string {
	if len(kept) == 0 {
		return ""
	}
	sum := sha256.Sum256(append([]byte("tongka "+of+"\x00"), kept...))
	return hex.EncodeToString(sum[:16])
}
