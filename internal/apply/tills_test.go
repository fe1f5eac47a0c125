package apply_test

import (
	"strings"
	"testing"

	"tongka/internal/apply"
)

const tills = `merchants:
  - {id: 1, guid: "{A}", name: 甲, shops: [{id: 11, guid: "{B}", name: 甲店}, {id: 12, guid: "{C}", name: 乙店}], levels: [{id: 1, name: 普通}]}
agents:
  - {name: old, shop: 11, api_key: 0123456789abcdef0123456789abcdef01234567, grants: [{merchant: 1, permissions: [read]}]}
  - {name: new, shop: 12, grants: [{merchant: 1, permissions: [read]}]}
`

// TestTills: an ApiKey given in the file is stored encrypted and never shown; if none is given, one is made and
// shown once. Neither changes when the file is applied again.
func TestTills(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	_, report := b.apply(t, tills)
	if len(report.Tokens) != 1 || report.Tokens[0].Agent != "new" || len(report.Tokens[0].Token) != 40 {
		t.Errorf("told: %+v", report.Tokens)
	}
	agents, err := b.Agents(t.Context())
	if err != nil || len(agents) != 2 {
		t.Fatalf("%d agents, %v", len(agents), err)
	}
	if a := agents[0]; a.Shop != 11 || string(a.Key) != "agent/1:0123456789abcdef0123456789abcdef01234567" ||
		a.TokenHash != [32]byte{} {
		t.Errorf("%+v", a)
	}
	if a := agents[1]; a.Shop != 12 || string(a.Key) != "agent/2:"+report.Tokens[0].Token {
		t.Errorf("%+v", a)
	}
	lines, report := b.apply(t, tills)
	for _, l := range lines {
		if !strings.HasSuffix(l, ": unchanged") {
			t.Errorf("want unchanged: %s", l)
		}
	}
	if len(report.Tokens) != 0 {
		t.Errorf("told again: %+v", report.Tokens)
	}
	lines, _ = b.apply(t, strings.Replace(tills, "api_key: 0", "api_key: f", 1))
	if !strings.Contains(strings.Join(lines, "\n"), "agent old: updated api_key") {
		t.Errorf("another ApiKey: %q", lines)
	}
}

// Secrets planned before the books had a key are encrypted under that key before they are stored.
func TestReseal(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	opt := options()
	opt.Vault = plainVault{}
	plan, err := b.plan(t, strings.Replace(tills, "shop: 11,", "shop: 11, developer_secret: hush,", 1), opt)
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Reseal(plainVault{}, vault{}); err != nil {
		t.Fatal(err)
	}
	if _, err := plan.Run(t.Context(), b, b.engine); err != nil {
		t.Fatal(err)
	}
	agents, err := b.Agents(t.Context())
	if err != nil || len(agents) != 2 {
		t.Fatalf("%d agents, %v", len(agents), err)
	}
	old, fresh := agents[0], agents[1]
	if string(old.Key) != "agent/1:0123456789abcdef0123456789abcdef01234567" ||
		string(old.Secret) != "agent/1 developer secret:hush" {
		t.Errorf("sealed as %q and %q", old.Key, old.Secret)
	}
	if !strings.HasPrefix(string(fresh.Key), "agent/2:") || fresh.Secret != nil {
		t.Errorf("sealed as %q and %q", fresh.Key, fresh.Secret)
	}
}

// plainVault seals nothing.
type plainVault struct{}

func (plainVault) Seal(_ string, plain []byte) []byte { return plain }

func (plainVault) Unseal(_ string, sealed []byte) ([]byte, error) { return sealed, nil }

// Tills belong to one shop of one merchant, share it with no other agent, and have no token.
func TestTillsProblems(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ old, new, want string }{
		{"shop: 12", "shop: 11", "agents[1].shop: shop 11 has its tills, agent old: change that one"},
		{"shop: 12", "shop: 13", "agents[1].shop: merchant 1 has no shop 13"},
		{"shop: 12", "shop: 0", "agents[1].shop: want a whole number"},
		{"shop: 12", "shop: 12, token: t, allow: [10.0.0.1], until: 2027-01-01", "agents[1].token: the tills of a shop sign"},
		{
			"{name: new, shop: 12, grants: [{merchant: 1, permissions: [read]}]}", "{name: new, shop: 12}",
			"agents[1].shop: the tills of a shop need a grant",
		},
		{"shop: 11, ", "", "agents[0].api_key: an ApiKey belongs to a shop"},
		{"0123456789abcdef0123456789abcdef01234567", "short", "agents[0].api_key: want 32 to 128 characters"},
		{"0123456789abcdef0123456789abcdef01234567", apply.DemoAPIKey, "agents[0].api_key: this ApiKey is published"},
		{
			"0123456789abcdef0123456789abcdef01234567", `"0123456789abcdef0123456789abcdef01234567\n"`,
			"agents[0].api_key: there is white space around it",
		},
		{"shop: 12", `shop: 12, developer_secret: " hush"`, "agents[1].developer_secret: there is white space around it"},
		{"{name: new, shop: 12", `{name: new, token: "t "`, "agents[1].token: there is white space around it"},
		{"shop: 12", "shop: 12, signature: {scheme: custom, key: none}", "agents[1].signature: neither the ApiKey nor"},
	} {
		b := newBooks(t)
		_, err := b.plan(t, strings.Replace(tills, c.old, c.new, 1), options())
		if err == nil || strings.Count(err.Error(), c.want) != 1 {
			t.Errorf("%s: got %v, want %q once", c.new, err, c.want)
		}
	}
}
