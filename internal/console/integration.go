package console

import (
	"net/http"
	"slices"
	"strconv"

	"tongka/internal/auth"
	"tongka/internal/ledger"
	"tongka/internal/scheme"
)

// integrationRoutes are for those who connect tills to a merchant: its own people who set things there, the host's who
// look after agents, and each agent's own people, who see what is of their agent.
var integrationRoutes = []route{
	{"GET /console/m/{merchant}/integration", "integration", integrating, 0, (*call).showIntegration},
	{"GET /console/m/{merchant}/integration/requests", "requests", integrating, 0, (*call).showRequests},
	{"GET /console/m/{merchant}/integration/requests.csv", "requests file", integrating, 0, (*call).exportRequests},
	{"GET /console/m/{merchant}/integration/requests.xlsx", "requests file", integrating, 0, (*call).exportRequests},
	{"GET /console/m/{merchant}/integration/requests/{request}", "request", integrating, 0, (*call).showRequest},
	{"GET /console/m/{merchant}/integration/check", "check", integrating, 0, (*call).showCheck},
	{"GET /console/m/{merchant}/integration/try", "try", integrating, 0, (*call).showTry},
	{"POST /console/m/{merchant}/integration/try", "try", integrating, 0, (*call).doTry},
}

// mayConnect are the permissions of which one lets somebody see how tills are connected.
const mayConnect = ledger.MaySettings | ledger.MayAgents

// ownAgent reports whether the person looks after the agent with the id of a path.
func (c *call) ownAgent(id string) bool {
	return c.person.Agent != 0 && strconv.FormatInt(int64(c.person.Agent), 10) == id
}

// looksAfter reports whether the person looks after an agent that has been granted anything at a merchant.
func (c *call) looksAfter(merchant ledger.MerchantID) bool {
	return c.person.Agent != 0 && slices.ContainsFunc(c.cfg.Directory.AgentsAt(merchant), func(a *ledger.Agent) bool {
		return a.ID == c.person.Agent
	})
}

// connect is enter for whoever connects tills to the merchant of the path.
func (c *call) connect() error {
	id, err := strconv.ParseInt(c.r.PathValue("merchant"), 10, 64)
	m := c.cfg.Directory.Merchant(ledger.MerchantID(id))
	if err != nil || m == nil {
		return errNowhere
	}
	if c.person.AllowedSomewhere(m.ID)&mayConnect == 0 && c.looksAfter(m.ID) {
		c.merchant, c.note().Merchant, c.only = m, m.ID, c.person.Agent
		return nil
	}
	if err := c.enter(0); err != nil {
		return err
	}
	if c.person.AllowedSomewhere(m.ID)&mayConnect == 0 {
		return errNotYours
	}
	return nil
}

// agentsHere are the agents that have been granted anything at the merchant, as far as the person sees them.
func (c *call) agentsHere() (all []*ledger.Agent) {
	for _, a := range c.cfg.Directory.AgentsAt(c.merchant.ID) {
		if c.only == 0 || a.ID == c.only {
			all = append(all, a)
		}
	}
	return all
}

// integrationView is how tills are connected to a merchant.
type integrationView struct {
	view
	url    string // where tills reach the server
	agents []*ledger.Agent
	shops  []connectedShop
}

// connectedShop is a shop with what its tills sign by.
type connectedShop struct {
	ledger.Shop
	agent  *ledger.Agent // nil = they have no ApiKey
	keyEnd string        // the last letters of the ApiKey
	scheme string        // what its signature scheme is called
}

// used returns when an agent was last seen since the server began; "" = it was not, or that is not known.
func (v view) used(a *ledger.Agent) string {
	if v.keeper == nil {
		return ""
	}
	at := v.keeper.LastUse(a.ID)
	if at.IsZero() {
		return ""
	}
	return v.moment(at)
}

// asksForKeys reports whether the person has to ask somebody else for the ApiKey of a shop.
func (v *integrationView) asksForKeys() bool {
	return !v.person.May(ledger.MayAgents, ledger.HostID, 0) &&
		slices.ContainsFunc(v.shops, func(s connectedShop) bool { return s.agent == nil })
}

// leads reports whether the person may open the page of an agent.
func (v *integrationView) leads(a *ledger.Agent) bool {
	return v.person.May(ledger.MayAgents, ledger.HostID, 0) || v.person.Agent == a.ID
}

// there returns what an agent has been granted at the merchant, in words.
func (v *integrationView) there(a *ledger.Agent) string {
	for _, g := range a.Grants {
		if g.Merchant == v.merchant.ID {
			return v.mayThere(g.Permissions)
		}
	}
	return ""
}

func (c *call) showIntegration() error {
	v := &integrationView{view: c.view(wIntegration), url: c.cfg.URL, agents: c.agentsHere()}
	for _, s := range c.merchant.Shops {
		if s.Ended {
			continue
		}
		one := connectedShop{Shop: s}
		for _, a := range v.agents {
			if a.Shop == s.ID {
				one.agent, one.keyEnd, one.scheme = a, keyEnd(c.cfg.Vault, a), schemeName(a)
			}
		}
		v.shops = append(v.shops, one)
	}
	return c.show(http.StatusOK, integrationPage(v))
}

// keyEnd returns the last letters of an agent's ApiKey, by which people tell it from another; "" if it has none, or
// the vault has another key.
func keyEnd(vault auth.Vault, a *ledger.Agent) string {
	key, err := auth.APIKey(vault, a)
	if err != nil {
		return ""
	}
	return key[max(0, len(key)-4):]
}

// schemeName returns what an agent's signature scheme is called: hmac, custom or none.
func schemeName(a *ledger.Agent) string {
	told, err := scheme.Parse(a.Scheme)
	if err != nil {
		return "?"
	}
	return told.Kind
}
