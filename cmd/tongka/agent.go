package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tongka/internal/apply"
	"tongka/internal/auth"
	"tongka/internal/config"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

type agentCmd struct {
	List    agentList    `cmd:"" help:"List agents with what they may do."`
	Add     agentAdd     `cmd:"" help:"Add an agent and print its token, once."`
	Stop    agentStop    `cmd:"" help:"Stop an agent: its token is refused within a second."`
	History agentHistory `cmd:"" help:"List who changed agents and API keys, when, and from what to what. No secret is shown."`
	Resume  agentResume  `cmd:"" help:"Let a stopped agent work again."`
	Status  agentStatus  `cmd:"" help:"Set the HTTP status of refusals that an agent gets on the member-cjb wire."`
	Token   agentToken   `cmd:"" help:"Give an agent a new token, or tills a new ApiKey, and print it, once. The old one is refused within a second."`
}

type agentList struct{ listCmd }

type agentRow struct {
	ID      ledger.AgentID `json:"id"`
	Name    string         `json:"name"`
	Token   string         `json:"token"` // random or weak, or the shop whose tills sign
	Stopped bool           `json:"stopped"`
	Until   string         `json:"until"`
	Allow   string         `json:"allow"`
	Grants  string         `json:"grants"`

	Always200 bool `json:"always200"`
}

// Run lists the agents.
func (c *agentList) Run(ctx context.Context, con *console) (err error) {
	s, err := openReader(ctx, c.DB)
	if err != nil {
		return err
	}
	defer closeReader(s, &err)
	agents, err := s.Agents(ctx)
	if err != nil {
		return err
	}
	var rows []agentRow
	for _, a := range agents {
		if a.Owner != 0 {
			continue // tongka key list has it
		}
		token := "random"
		switch {
		case a.Shop != 0:
			token = fmt.Sprintf("ApiKey of shop %d", a.Shop)
		case a.Weak:
			token = "weak"
		}
		rows = append(rows, agentRow{
			a.ID, a.Name, token, a.Stopped, a.Until.String(), strings.Join(a.Allow, " "), grantsText(a.Grants), a.Always200,
		})
	}
	return print(con, c.listing, rows)
}

func grantsText(grants []ledger.Grant) string {
	var texts []string
	for _, g := range grants {
		texts = append(texts, fmt.Sprintf("%d=%v", g.Merchant, g.Permissions))
	}
	return strings.Join(texts, " ")
}

type agentAdd struct {
	config.Database
	config.Secrets
	doer
	Name  string        `arg:"" help:"The agent's name."`
	Grant []string      `sep:"none" placeholder:"MERCHANT=PERMISSION,…" help:"What it may do at a merchant, given by id: read, open, modify, recharge, consume, points, refund, lost, unlose for tills; for the API also adjust, cash-out, transfer, coupons, settings, agents, people, reports, export, reveal. May be repeated."`
	Shop  ledger.ShopID `placeholder:"ID" help:"Make it the tills of this shop: they speak the dc78 wire and sign with an ApiKey, which is printed instead of a token."`
	Allow []string      `placeholder:"ADDRESS|RANGE" help:"Where it may call from. May be repeated; without it, from anywhere."`
	Until string        `placeholder:"DATE" help:"Its last day."`

	Always200 bool `name:"always-200" help:"Its tills read only the bodies of responses with HTTP status 200: member-cjb refusals have that status then, failures do not."`
}

// Run adds the agent.
func (c *agentAdd) Run(ctx context.Context, con *console) (err error) {
	added, err := c.agent()
	if err != nil {
		return err
	}
	by, err := c.caller()
	if err != nil {
		return err
	}
	b, err := openBegun(ctx, c.DB, engine.Config{})
	if err != nil {
		return err
	}
	defer b.Close(&err)
	if added.Grants, err = b.grants(ctx, c.Grant); err != nil {
		return err
	}
	key, err := openKey(ctx, b.Store, c.DB, c.Secrets, os.Getenv(keyEnv))
	if err != nil {
		return err
	}
	secret := auth.NewSecret(key, &added)
	err = b.changeAgent(ctx, by, "agent add", func(agents []ledger.Agent) (ledger.Agent, error) {
		if err := number(&added, agents); err != nil {
			return added, err
		}
		if err := b.checkTills(ctx, &added, agents); err != nil {
			return added, fmt.Errorf("shop: %w", err)
		}
		return added, nil
	})
	if err != nil {
		return err
	}
	showToken(con, c.Name, added.Shop, secret)
	return nil
}

// agent returns the agent that the flags describe, still without id and grants, which need the books.
func (c *agentAdd) agent() (a ledger.Agent, err error) {
	a, err = boundAgent(c.Name, c.Allow, c.Until)
	a.Shop, a.Always200 = c.Shop, c.Always200
	return a, err
}

// boundAgent returns an agent or an API key with the name and the bounds that flags give it.
func boundAgent(name string, allow []string, until string) (a ledger.Agent, err error) {
	a = ledger.Agent{Name: name, Allow: allow}
	if ledger.Blank(name) || utf8.RuneCountInString(name) > 64 || strings.ContainsFunc(name, unicode.IsControl) {
		return a, errors.New("name: want 1 to 64 characters")
	}
	if until != "" {
		if a.Until, err = ledger.ParseDate(until); err != nil {
			return a, fmt.Errorf("until: %w", err)
		}
		if a.Over(ledger.DateOf(time.Now().UTC())) {
			return a, fmt.Errorf("until: %v has passed: the agent could do nothing", a.Until)
		}
	}
	for _, text := range allow {
		if !addressOrRange(text) {
			return a, fmt.Errorf("allow: want an address or a range like 10.1.0.0/16, got %q", text)
		}
	}
	return a, nil
}

// number sets the next free id of a new agent or API key. It returns an error if another of the same owner's has its
// name.
func number(added *ledger.Agent, others []ledger.Agent) error {
	for i := range others {
		a := &others[i]
		if a.Name == added.Name && a.Owner == added.Owner {
			what, command := credential(a)
			return fmt.Errorf("there is an %s %q already: choose another name, or see tongka %s --help for what can be "+
				"changed of it", what, a.Name, command)
		}
	}
	added.ID = ledger.NextID(others, func(a *ledger.Agent) ledger.AgentID { return a.ID })
	return nil
}

// credential returns what an agent is called, and the command that changes it: an agent, or an API key.
func credential(a *ledger.Agent) (what, command string) {
	if a.Owner != 0 {
		return "API key", "key"
	}
	return "agent", "agent"
}

// checkTills refuses an agent for a shop's tills if its merchant has no such shop, or the shop has tills already.
func (b *books) checkTills(ctx context.Context, a *ledger.Agent, others []ledger.Agent) error {
	if a.Shop == 0 {
		return nil
	}
	merchants, err := b.Merchants(ctx)
	if err != nil {
		return err
	}
	return apply.Tills(a, merchants, others)
}

func addressOrRange(s string) bool {
	_, notAddr := netip.ParseAddr(s)
	_, notRange := netip.ParsePrefix(s)
	return notAddr == nil || notRange == nil
}

// grants parses grants like 10000=read,consume. The merchants must exist.
func (b *books) grants(ctx context.Context, texts []string) ([]ledger.Grant, error) {
	var grants []ledger.Grant
	for _, text := range texts {
		name, list, _ := strings.Cut(text, "=")
		m, err := findMerchant(ctx, b, name)
		if err != nil {
			return nil, fmt.Errorf("grant: %w", err)
		}
		g := ledger.Grant{Merchant: m.ID}
		if g.Permissions, err = permissionsOf(strings.Split(list, ","), ledger.AllPermissions); err != nil {
			return nil, fmt.Errorf("grant: %w", err)
		}
		grants = append(grants, g)
	}
	return grants, nil
}

// permissionsOf returns the permissions of those names, which must be among those that may be given.
func permissionsOf(names []string, given ledger.Permission) (all ledger.Permission, err error) {
	for _, name := range names {
		p, ok := ledger.ParsePermission(name)
		if !ok || p&^given != 0 {
			return 0, fmt.Errorf("want permissions of %s, got %q", strings.ReplaceAll(given.String(), ",", ", "), name)
		}
		all |= p
	}
	return all, nil
}

// oneAgent has the flags of commands that change an agent.
type oneAgent struct {
	config.Database
	doer
	Name string `arg:"" help:"The agent's name."`
}

// change changes the agent by do, which is called again on the new state if somebody else changed it first.
func (c *oneAgent) change(ctx context.Context, what string, do func(*books, *ledger.Agent) error) (err error) {
	by, err := c.caller()
	if err != nil {
		return err
	}
	b, err := openBegun(ctx, c.DB, engine.Config{})
	if err != nil {
		return err
	}
	defer b.Close(&err)
	return b.changeAgent(ctx, by, what, func(agents []ledger.Agent) (ledger.Agent, error) {
		i := slices.IndexFunc(agents, func(a ledger.Agent) bool { return a.Name == c.Name && a.Owner == 0 })
		if i < 0 {
			return ledger.Agent{}, fmt.Errorf("there is no agent %q: see tongka agent list", c.Name)
		}
		return agents[i], do(b, &agents[i])
	})
}

func (c *oneAgent) stop(ctx context.Context, what string, stopped bool) error {
	return c.change(ctx, what, func(_ *books, a *ledger.Agent) error {
		a.Stopped = stopped
		return nil
	})
}

type agentStop struct{ oneAgent }

// Run stops the agent.
func (c *agentStop) Run(ctx context.Context, con *console) error {
	if err := c.stop(ctx, "agent stop", true); err != nil {
		return err
	}
	_, err := fmt.Fprintf(con.out, "agent %s is stopped: servers refuse it within a second\n", c.Name)
	return err
}

type agentResume struct{ oneAgent }

// Run lets the agent work again.
func (c *agentResume) Run(ctx context.Context, con *console) error {
	if err := c.stop(ctx, "agent resume", false); err != nil {
		return err
	}
	_, err := fmt.Fprintf(con.out, "agent %s may work again\n", c.Name)
	return err
}

type agentStatus struct {
	oneAgent
	Status string `arg:"" enum:"always-200,by-code" help:"always-200: status 200 for tills that read no other bodies, except for failures that leave open whether the request was carried out. by-code: 401, 403, 404, 405, 429 and 503 where they apply."`
}

// Run sets the HTTP status of the agent's refusals.
func (c *agentStatus) Run(ctx context.Context, con *console) error {
	always := c.Status == "always-200"
	err := c.change(ctx, "agent status", func(_ *books, a *ledger.Agent) error {
		a.Always200 = always
		return nil
	})
	if err != nil {
		return err
	}
	status := "HTTP status 401, 403 and so on, by what they are"
	if always {
		status = "HTTP status 200"
	}
	_, err = fmt.Fprintf(con.out, "refusals of agent %s have %s, within a second\n", c.Name, status)
	return err
}

type agentToken struct {
	oneAgent
	config.Secrets
}

// Run gives the agent a new token or ApiKey.
func (c *agentToken) Run(ctx context.Context, con *console) error {
	var secret string
	var shop ledger.ShopID
	err := c.change(ctx, "agent token", func(b *books, a *ledger.Agent) error {
		key, err := openKey(ctx, b.Store, c.DB, c.Secrets, os.Getenv(keyEnv))
		if err != nil {
			return err
		}
		secret, shop = auth.NewSecret(key, a), a.Shop
		return nil
	})
	if err != nil {
		return err
	}
	showToken(con, c.Name, shop, secret)
	return nil
}
