package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tongka/internal/auth"
	"tongka/internal/config"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

type keyCmd struct {
	List   keyList   `cmd:"" help:"List the API keys of merchants: what they may do, and when each was last used. No key is printed."`
	Add    keyAdd    `cmd:"" help:"Add an API key of a merchant and print it, once."`
	Renew  keyRenew  `cmd:"" help:"Make another API key in the place of one, and print it, once. The one of before stays good until tongka key retire."`
	Retire keyRetire `cmd:"" help:"End the API key of before a renewal: it is refused within a second."`
	Stop   keyStop   `cmd:"" help:"Stop an API key: it is refused within a second."`
	Resume keyResume `cmd:"" help:"Let a stopped API key work again."`
}

type keyList struct{ partList }

type keyRow struct {
	Merchant    ledger.MerchantID `json:"merchant"`
	ID          ledger.AgentID    `json:"id"`
	Name        string            `json:"name"`
	Permissions string            `json:"permissions"`
	Shops       string            `json:"shops"` // by id; "" = all
	Stopped     bool              `json:"stopped"`
	Until       string            `json:"until"`
	Allow       string            `json:"allow"`
	Renewed     bool              `json:"renewed"` // the one of before is still good
	Used        string            `json:"used"`    // with the zone, which is this machine's; "" = never
	From        string            `json:"from"`
}

// Run lists the keys.
func (c *keyList) Run(ctx context.Context, con *console) (err error) {
	s, err := openReader(ctx, c.DB)
	if err != nil {
		return err
	}
	defer closeReader(s, &err)
	agents, err := s.Agents(ctx)
	if err != nil {
		return err
	}
	merchants, err := s.Merchants(ctx)
	if c.Merchant != "" && err == nil {
		var only *ledger.Merchant
		if only, err = findMerchant(ctx, s, c.Merchant); err == nil {
			merchants = []ledger.Merchant{*only}
		}
	}
	if err != nil {
		return err
	}
	var rows []keyRow
	for i := range merchants {
		uses, err := s.KeyUses(ctx, merchants[i].ID)
		if err != nil {
			return err
		}
		rows = append(rows, keyRows(merchants[i].ID, agents, uses)...)
	}
	return print(con, c.listing, rows)
}

// keyRows returns the keys of a merchant as they are listed.
func keyRows(merchant ledger.MerchantID, agents []ledger.Agent, uses []ledger.KeyUse) (rows []keyRow) {
	for i := range agents {
		a := &agents[i]
		if a.Owner != merchant {
			continue
		}
		row := keyRow{
			Merchant: merchant, ID: a.ID, Name: a.Name, Permissions: a.Granted().String(), Shops: shopIDs(a.Shops),
			Stopped: a.Stopped, Until: a.Until.String(), Allow: strings.Join(a.Allow, " "), Renewed: a.Spare != [32]byte{},
		}
		for _, u := range uses {
			if u.Key == a.ID {
				row.Used, row.From = u.At.Local().Format(agentTime), u.Address
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// oneKey has the flags of commands that make or change a key.
type oneKey struct {
	config.Database
	doer
	Merchant string `required:"" placeholder:"ID|GUID" help:"Whose API key it is."`
	Name     string `arg:"" help:"The name of the API key, such as what it is used for."`
}

// changing opens the books and changes a key by decide, which gets all agents and the merchant, and is called again on
// the new state if somebody else was first.
func (c *oneKey) changing(
	ctx context.Context, what string, decide func(*ledger.Merchant, []ledger.Agent) (ledger.Agent, error),
) (err error) {
	by, err := c.caller()
	if err != nil {
		return err
	}
	b, err := openBegun(ctx, c.DB, engine.Config{})
	if err != nil {
		return err
	}
	defer b.Close(&err)
	m, err := findMerchant(ctx, b, c.Merchant)
	if err != nil {
		return err
	}
	return b.changeAgent(ctx, by, what, func(agents []ledger.Agent) (ledger.Agent, error) { return decide(m, agents) })
}

// change changes the key by do.
func (c *oneKey) change(ctx context.Context, what string, do func(*ledger.Agent) error) error {
	return c.changing(ctx, what, func(m *ledger.Merchant, agents []ledger.Agent) (ledger.Agent, error) {
		i := slices.IndexFunc(agents, func(a ledger.Agent) bool { return a.Name == c.Name && a.Owner == m.ID })
		if i < 0 {
			return ledger.Agent{}, fmt.Errorf("%s has no API key %q: see tongka key list", m.Name, c.Name)
		}
		return agents[i], do(&agents[i])
	})
}

// show prints a key that was made.
func (c *oneKey) show(con *console, secret string) error {
	_, err := fmt.Fprintf(con.out, "API key %s, shown this once: %s\n", c.Name, secret)
	return err
}

type keyAdd struct {
	oneKey
	Permissions []string        `required:"" placeholder:"PERMISSION" help:"What it may do: read, open, modify, recharge, consume, points, refund, lost, unlose, adjust, cash-out, transfer, coupons, settings, reports, export, reveal."`
	Shops       []ledger.ShopID `placeholder:"ID" help:"At which shops of the merchant it may act; without it, at all, and on what belongs to none."`
	Allow       []string        `placeholder:"ADDRESS|RANGE" help:"Where it may be used from. May be repeated; without it, from anywhere."`
	Until       string          `placeholder:"DATE" help:"Its last day."`
}

// Run adds the key.
func (c *keyAdd) Run(ctx context.Context, con *console) error {
	added, err := boundAgent(c.Name, c.Allow, c.Until)
	if err != nil {
		return err
	}
	may, err := permissionsOf(c.Permissions, ledger.KeyPermissions)
	if err != nil {
		return fmt.Errorf("permissions: %w", err)
	}
	var secret string
	err = c.changing(ctx, "key add", func(m *ledger.Merchant, agents []ledger.Agent) (ledger.Agent, error) {
		added.Owner, added.Grants = m.ID, []ledger.Grant{{Merchant: m.ID, Permissions: may}}
		if added.Shops, err = shopsIn(m, c.Shops); err != nil {
			return added, fmt.Errorf("shops: %w", err)
		}
		secret = auth.NewInstead(&added)
		return added, number(&added, agents)
	})
	if err != nil {
		return err
	}
	return c.show(con, secret)
}

type keyRenew struct {
	oneKey
	Only bool `help:"End the others at once: somebody else has seen one."`
}

// Run makes another key.
func (c *keyRenew) Run(ctx context.Context, con *console) error {
	var secret string
	err := c.change(ctx, "key renew", func(a *ledger.Agent) error {
		switch {
		case c.Only:
			secret = auth.NewInstead(a)
		case a.Spare != [32]byte{}:
			return errors.New("the one of before its last renewal is still good: end it by tongka key retire first, or all " +
				"others at once by --only")
		default:
			secret = auth.NewBeside(a)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.show(con, secret)
}

type keyRetire struct{ oneKey }

// Run ends the key of before.
func (c *keyRetire) Run(ctx context.Context, con *console) error {
	err := c.change(ctx, "key retire", func(a *ledger.Agent) error {
		if a.Spare == [32]byte{} {
			return errors.New("there is no other beside it: see tongka key renew, or tongka key stop")
		}
		a.EndSpare()
		return nil
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(con.out, "the one before API key %s has ended: servers refuse it within a second\n", c.Name)
	return err
}

func (c *oneKey) stop(ctx context.Context, what string, stopped bool) error {
	return c.change(ctx, what, func(a *ledger.Agent) error {
		a.Stopped = stopped
		return nil
	})
}

type keyStop struct{ oneKey }

// Run stops the key.
func (c *keyStop) Run(ctx context.Context, con *console) error {
	if err := c.stop(ctx, "key stop", true); err != nil {
		return err
	}
	_, err := fmt.Fprintf(con.out, "API key %s is stopped: servers refuse it within a second\n", c.Name)
	return err
}

type keyResume struct{ oneKey }

// Run lets the key work again.
func (c *keyResume) Run(ctx context.Context, con *console) error {
	if err := c.stop(ctx, "key resume", false); err != nil {
		return err
	}
	_, err := fmt.Fprintf(con.out, "API key %s may work again\n", c.Name)
	return err
}
