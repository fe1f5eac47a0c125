package apply

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"tongka/internal/auth"
	"tongka/internal/ledger"
)

// agent reads one agent of the file, and updates the agent with that name or adds a new one.
func (b *builder) agent(v value) {
	if !b.named(v, "{name: till, grants: […]}") {
		return
	}
	name, err := parseText(v.text("name"))
	if err != nil || ledger.Blank(name) {
		b.fail(v.key("name"), "want a name")
		return
	}
	if b.stays(v, "an agent stays in the books: say stopped: true") {
		return
	}
	if slices.ContainsFunc(b.plan.Lines, func(l Line) bool { return l.Kind == "agent" && l.Name == name }) {
		b.fail(v.key("name"), "agent %q stands twice: each has a name of its own", name)
		return
	}
	a, fresh := b.agentFor(name)
	at := len(b.plan.Lines)
	b.note("agent", 0, name, "", nil)
	d := b.agentFields(v, a)
	switch {
	case a.Shop != 0 && a.Key == nil:
		b.newAPIKey(a)
	case fresh && !a.Weak && a.Shop == 0:
		b.newToken(a)
	}
	b.checkAgent(v, a)
	if other := a.SameToken(values(b.agents)); other != nil {
		b.fail(v.key("token"), "agent %s has this token: each needs its own", other.Name)
	}
	b.checkTills(v, a)
	result, changed := outcome(fresh, d)
	b.plan.Lines[at].Result, b.plan.Lines[at].Detail = result, strings.Join(changed, ", ")
	if result != Unchanged {
		b.plan.agents = append(b.plan.agents, *a)
	}
}

// agentFor returns the integrator of that name, or a new one. An API key is its merchant's: no file changes it,
// whatever it is called.
func (b *builder) agentFor(name string) (a *ledger.Agent, fresh bool) {
	var last ledger.AgentID
	for _, known := range b.agents {
		if known.Name == name && known.Owner == 0 {
			return known, false
		}
		last = max(last, known.ID)
	}
	a = &ledger.Agent{ID: last + 1, Name: name}
	b.agents = append(b.agents, a)
	return a, true
}

func (b *builder) newToken(a *ledger.Agent) {
	token := b.opt.NewToken()
	a.TokenHash = sha256.Sum256([]byte(token))
	b.plan.tokens = append(b.plan.tokens, Token{Agent: a.Name, Token: token})
}

func (b *builder) agentFields(v value, a *ledger.Agent) diff {
	var d diff
	r := &b.reader
	b.object(v, fields{
		"name":    func(value) {},
		"token":   b.token(&d, a),
		"shop":    scalar(r, &d, &a.Shop, parseCount[ledger.ShopID](1, math.MaxInt64)),
		"api_key": b.apiKey(&d, a),

		"developer_secret": b.developerSecret(&d, a),
		"signature":        b.signature(&d, a),

		"allow":   b.allow(&d, a),
		"until":   scalar(r, &d, &a.Until, parseDay),
		"stopped": scalar(r, &d, &a.Stopped, parseBool),
		"grants":  b.grants(&d, a),

		"always_200": scalar(r, &d, &a.Always200, parseBool),
	})
	return d
}

// token reads a token that somebody chose, which makes the agent a weak one.
func (b *builder) token(d *diff, a *ledger.Agent) func(value) {
	return func(v value) {
		hash := a.TokenHash
		scalar(&b.reader, d, &hash, func(s string) ([32]byte, error) {
			if s == "" {
				return hash, errors.New("want a token, or leave the field out and one is made")
			}
			if hidden(s) {
				return hash, errHidden
			}
			if strings.Contains(s, ",") {
				return hash, errors.New("want a token without a comma, which stands between two values of a header")
			}
			return sha256.Sum256([]byte(s)), nil
		})(v)
		if hash != a.TokenHash {
			a.Replace(hash)
		}
		a.Weak = true
	}
}

func (b *builder) allow(d *diff, a *ledger.Agent) func(value) {
	return func(v value) {
		var ranges []string
		b.list(func(v value) {
			if _, err := netip.ParseAddr(v.node.Value); err != nil {
				if _, err := netip.ParsePrefix(v.node.Value); err != nil {
					b.fail(v, "want an address or a range like 10.1.0.0/16, got %q", v.node.Value)
				}
			}
			ranges = append(ranges, v.node.Value)
		})(v)
		if !slices.Equal(ranges, a.Allow) {
			d.note("allow", strings.Join(a.Allow, " "), strings.Join(ranges, " "))
			a.Allow = ranges
		}
	}
}

// checkAgent refuses a token that can be guessed unless it has an address list and an end date. A demo only warns.
func (b *builder) checkAgent(v value, a *ledger.Agent) {
	if v.find("until") != nil && a.Over(ledger.DateOf(b.opt.Now.UTC())) {
		b.warn(v, "until %v has passed: agent %s may do nothing", a.Until, a.Name)
	}
	if !a.Weak {
		return
	}
	if b.opt.Demo {
		if len(a.Allow) == 0 || a.Until == 0 {
			b.warn(v, "agent %s has a chosen token without allow and until: a demo takes it, books that are none refuse it",
				a.Name)
		}
		return
	}
	if DemoToken(a) {
		b.fail(v.key("token"), "this token is published: it is for the demo alone")
	}
	for _, f := range auth.WeakFaults(a, ledger.DateOf(b.opt.Now.UTC())) {
		b.fail(v.key(f.Field), "%s", f.Text)
	}
}

// warn adds a warning about an object of the file.
func (b *builder) warn(v value, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	b.plan.Warnings = append(b.plan.Warnings, fmt.Sprintf("line %d: %s", v.node.Line, text))
}

// DemoToken reports whether the agent's token is "test", the published token of the sandbox.
func DemoToken(a *ledger.Agent) bool { return a.TokenHash == sha256.Sum256([]byte("test")) }

// grants reads what the agent may do at each merchant. A grant without permissions removes the agent's grant at
// that merchant; a grant the file does not name is kept.
func (b *builder) grants(d *diff, a *ledger.Agent) func(value) {
	return func(v value) {
		before := a.Grants
		a.Grants = slices.Clone(a.Grants)
		named := map[ledger.MerchantID]bool{}
		b.list(func(v value) {
			id, ok := b.grantee(v)
			if !ok {
				return
			}
			if named[id] {
				b.fail(v.key("merchant"), "merchant %d stands twice: give all permissions in one grant", id)
			}
			named[id] = true
			b.grant(d, a, v, id)
		})(v)
		for _, g := range before {
			if !named[g.Merchant] {
				b.note("grant", g.Merchant, a.Name, Kept, diff{g.Permissions.String()})
			}
		}
	}
}

// grantee returns the merchant a grant names, by id or by GUID; ok is false if there is none, and then the problem
// is noted.
func (b *builder) grantee(v value) (ledger.MerchantID, bool) {
	if !b.named(v, "{merchant: 1, permissions: [read]}") {
		return 0, false
	}
	text := v.text("merchant")
	id, _ := strconv.ParseInt(text, 10, 64) // 0 for a GUID, and no merchant has the id 0
	for _, m := range b.merchants {
		if int64(m.ID) == id || ledger.FoldGUID(m.GUID) == ledger.FoldGUID(text) {
			return m.ID, true
		}
	}
	b.fail(v.key("merchant"), "there is no merchant %q: see tongka merchant list, or make it in merchants of this file",
		text)
	return 0, false
}

func (b *builder) grant(d *diff, a *ledger.Agent, v value, id ledger.MerchantID) {
	at := slices.IndexFunc(a.Grants, func(g ledger.Grant) bool { return g.Merchant == id })
	var had, has ledger.Permission
	if at >= 0 {
		had = a.Grants[at].Permissions
	}
	b.object(v, fields{
		"merchant":    func(value) {},
		"permissions": b.list(func(v value) { has |= b.permission(v) }),
	})
	if had == has {
		return
	}
	d.note(fmt.Sprintf("grant on %d", id), had, has)
	switch {
	case at < 0:
		a.Grants = append(a.Grants, ledger.Grant{Merchant: id, Permissions: has})
		slices.SortFunc(a.Grants, func(x, y ledger.Grant) int { return cmp.Compare(x.Merchant, y.Merchant) })
	case has == 0:
		a.Grants = slices.Delete(a.Grants, at, at+1)
	default:
		a.Grants[at].Permissions = has
	}
}

func (b *builder) permission(v value) ledger.Permission {
	p, ok := ledger.ParsePermission(v.node.Value)
	if !ok || v.node.Kind != yaml.ScalarNode {
		b.fail(v, "want one of %s, got %q", strings.Join(ledger.PermissionNames, ", "), v.node.Value)
	}
	return p
}
