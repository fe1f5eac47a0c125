package main

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"tongka"
	"tongka/internal/auth"
	"tongka/internal/config"
	"tongka/internal/engine"
)

type agentCmd struct {
	List   agentList   `cmd:"" help:"List agents with what they may do."`
	Add    agentAdd    `cmd:"" help:"Add an agent and print its token, once."`
	Stop   agentStop   `cmd:"" help:"Stop an agent: its token is refused within a second."`
	Resume agentResume `cmd:"" help:"Let a stopped agent work again."`
	Token  agentToken  `cmd:"" help:"Give an agent a new token and print it, once. The old one is refused within a second."`
}

type agentList struct{ listCmd }

type agentRow struct {
	ID      tongka.AgentID `json:"id"`
	Name    string         `json:"name"`
	Token   string         `json:"token"` // random or weak
	Stopped bool           `json:"stopped"`
	Until   string         `json:"until"`
	Allow   string         `json:"allow"`
	Grants  string         `json:"grants"`
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
		token := "random"
		if a.Weak {
			token = "weak"
		}
		rows = append(rows, agentRow{a.ID, a.Name, token, a.Stopped, a.Until.String(), strings.Join(a.Allow, " "), grantsText(a.Grants)})
	}
	return print(con, c.listing, rows)
}

func grantsText(grants []tongka.Grant) string {
	var texts []string
	for _, g := range grants {
		texts = append(texts, fmt.Sprintf("%d=%v", g.Merchant, g.Permissions))
	}
	return strings.Join(texts, " ")
}

type agentAdd struct {
	config.Database
	Name  string   `arg:"" help:"The agent's name."`
	Grant []string `sep:"none" placeholder:"MERCHANT=PERMISSION,…" help:"What it may do at a merchant, given by id: read, open, modify, recharge, consume, points. May be repeated."`
	Allow []string `placeholder:"ADDRESS|RANGE" help:"Where it may call from. May be repeated; none is anywhere."`
	Until string   `placeholder:"DATE" help:"Its last day."`
}

// Run adds the agent.
func (c *agentAdd) Run(ctx context.Context, con *console) (err error) {
	token := auth.NewToken()
	added := tongka.Agent{ID: 1, Name: c.Name, TokenHash: auth.Hash(token), Allow: c.Allow}
	if c.Name == "" || utf8.RuneCountInString(c.Name) > 64 || strings.ContainsFunc(c.Name, unicode.IsControl) {
		return fmt.Errorf("name: want 1 to 64 characters")
	}
	if c.Until != "" {
		if added.Until, err = tongka.ParseDate(c.Until); err != nil {
			return fmt.Errorf("until: %w", err)
		}
	}
	for _, text := range c.Allow {
		if !addressOrRange(text) {
			return fmt.Errorf("allow: want an address or a range like 10.1.0.0/16, got %q", text)
		}
	}
	b, err := openBooks(ctx, c.DB, engine.Config{})
	if err != nil {
		return err
	}
	defer b.Close(&err)
	if added.Grants, err = b.grants(ctx, c.Grant); err != nil {
		return err
	}
	agents, err := b.Agents(ctx)
	if err != nil {
		return err
	}
	for _, a := range agents {
		if a.Name == c.Name {
			return fmt.Errorf("there is an agent %q already", c.Name)
		}
		added.ID = max(added.ID, a.ID+1)
	}
	if err := b.SaveAgent(ctx, added); err != nil {
		return err
	}
	showToken(con, c.Name, token)
	return nil
}

func addressOrRange(s string) bool {
	_, notAddr := netip.ParseAddr(s)
	_, notRange := netip.ParsePrefix(s)
	return notAddr == nil || notRange == nil
}

// grants reads grants like 10000=read,consume.
func (b *books) grants(ctx context.Context, texts []string) ([]tongka.Grant, error) {
	var grants []tongka.Grant
	for _, text := range texts {
		name, list, _ := strings.Cut(text, "=")
		m, err := findMerchant(ctx, b, name)
		if err != nil {
			return nil, fmt.Errorf("grant: %w", err)
		}
		g := tongka.Grant{Merchant: m.ID}
		for _, permission := range strings.Split(list, ",") {
			p, ok := tongka.ParsePermission(permission)
			if !ok {
				return nil, fmt.Errorf("grant: want permissions of %s, got %q", strings.Join(tongka.PermissionNames, ", "), permission)
			}
			g.Permissions |= p
		}
		grants = append(grants, g)
	}
	return grants, nil
}

// oneAgent are the flags of commands that change an agent.
type oneAgent struct {
	config.Database
	Name string `arg:"" help:"The agent's name."`
}

// change changes the agent.
func (c *oneAgent) change(ctx context.Context, do func(*tongka.Agent)) (err error) {
	b, err := openBooks(ctx, c.DB, engine.Config{})
	if err != nil {
		return err
	}
	defer b.Close(&err)
	agents, err := b.Agents(ctx)
	if err != nil {
		return err
	}
	for _, a := range agents {
		if a.Name == c.Name {
			do(&a)
			return b.SaveAgent(ctx, a)
		}
	}
	return fmt.Errorf("there is no agent %q", c.Name)
}

type agentStop struct{ oneAgent }

// Run stops the agent.
func (c *agentStop) Run(ctx context.Context) error {
	return c.change(ctx, func(a *tongka.Agent) { a.Stopped = true })
}

type agentResume struct{ oneAgent }

// Run lets the agent work again.
func (c *agentResume) Run(ctx context.Context) error {
	return c.change(ctx, func(a *tongka.Agent) { a.Stopped = false })
}

type agentToken struct{ oneAgent }

// Run gives the agent a new token.
func (c *agentToken) Run(ctx context.Context, con *console) error {
	token := auth.NewToken()
	err := c.change(ctx, func(a *tongka.Agent) { a.TokenHash, a.Weak = auth.Hash(token), false })
	if err != nil {
		return err
	}
	showToken(con, c.Name, token)
	return nil
}
