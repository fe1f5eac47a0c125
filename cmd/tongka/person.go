package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tongka/internal/command"
	"tongka/internal/config"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/signin"
)

type personCmd struct {
	List   personList   `cmd:"" help:"List the people who sign in to the console, with what they may do."`
	Add    personAdd    `cmd:"" help:"Add a person and print a password, once."`
	Passwd personPasswd `cmd:"" help:"Give a person a new password and print it, once. No code of a device is asked for any more, passkeys are removed, and every browser is signed out."`
	Stop   personStop   `cmd:"" help:"Stop a person: every browser is signed out within a second."`
	Resume personResume `cmd:"" help:"Let a stopped person sign in again."`
}

type personList struct{ listCmd }

type personRow struct {
	ID      ledger.PersonID `json:"id"`
	SignIn  string          `json:"sign_in"`
	Name    string          `json:"name"`
	Grants  string          `json:"grants"`
	Until   string          `json:"until"`
	Stopped bool            `json:"stopped"`
	Code    bool            `json:"code"` // a code of a device is asked for besides the password
}

// Run lists the people.
func (c *personList) Run(ctx context.Context, con *console) (err error) {
	s, err := openReader(ctx, c.DB)
	if err != nil {
		return err
	}
	defer closeReader(s, &err)
	people, err := s.People(ctx)
	if err != nil {
		return err
	}
	var rows []personRow
	for i := range people {
		p := &people[i]
		rows = append(rows, personRow{
			p.ID, p.SignIn, p.Name, personGrantsText(p.Grants), p.Until.String(), p.Stopped, p.TOTP != nil,
		})
	}
	return print(con, c.listing, rows)
}

// personGrantsText returns grants as they are typed, like "10000=cashier@10020,10021".
func personGrantsText(grants []ledger.PersonGrant) string {
	var texts []string
	for _, g := range grants {
		what := g.Permissions.String()
		if r, ok := ledger.RoleOf(g); ok {
			what = r.Name
		}
		at := "host"
		if g.Merchant != ledger.HostID {
			at = fmt.Sprint(g.Merchant)
		}
		var shops []string
		for _, shop := range g.Shops {
			shops = append(shops, fmt.Sprint(shop))
		}
		text := at + "=" + what
		if g.Shops != nil {
			text += "@" + strings.Join(shops, ",")
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, " ")
}

type personAdd struct {
	config.Database
	doer
	SignIn   string          `arg:"" help:"The name the person signs in by."`
	Name     string          `help:"The name that screens and reports show. By default the one to sign in by."`
	Role     string          `default:"owner" enum:"owner,admin,manager,cashier,auditor" help:"What the person may do: owner (everything, everywhere), admin or auditor of a merchant, manager or cashier of its shops."`
	Merchant string          `placeholder:"ID|GUID" help:"The merchant, for every role but owner."`
	Shop     []ledger.ShopID `placeholder:"ID" help:"A shop of the merchant. May be repeated; without it, all of them."`
	Until    string          `placeholder:"DATE" help:"The person's last day."`
}

// Run adds the person.
func (c *personAdd) Run(ctx context.Context, con *console) (err error) {
	by, err := c.caller()
	if err != nil {
		return err
	}
	b, err := openBegun(ctx, c.DB, engine.Config{})
	if err != nil {
		return err
	}
	defer b.Close(&err)
	p := ledger.Person{SignIn: ledger.FoldSignIn(c.SignIn), Name: strings.TrimSpace(c.Name)}
	if p.Name == "" {
		p.Name = c.SignIn
	}
	if p.Grants, err = b.personGrants(ctx, c); err != nil {
		return err
	}
	if c.Until != "" {
		if p.Until, err = ledger.ParseDate(c.Until); err != nil {
			return fmt.Errorf("until: %w", err)
		}
	}
	password := rand.Text()
	if p.Password, err = signin.HashPassword(ctx, password); err != nil {
		return err
	}
	err = b.changePerson(ctx, by, "person add", func(people []ledger.Person) (ledger.Person, error) {
		if slices.ContainsFunc(people, func(o ledger.Person) bool { return o.SignIn == p.SignIn }) {
			return p, fmt.Errorf("somebody signs in as %q already: see tongka person list", p.SignIn)
		}
		p.ID = ledger.NextID(people, func(o *ledger.Person) ledger.PersonID { return o.ID })
		return p, nil
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(con.out, "%s may sign in; the password, which is shown now and never again:\n%s\n",
		p.SignIn, password)
	return err
}

// personGrants returns the grant that the flags describe.
func (b *books) personGrants(ctx context.Context, c *personAdd) ([]ledger.PersonGrant, error) {
	role, _ := ledger.FindRole(c.Role) // the flags allow no other
	g := ledger.PersonGrant{Permissions: role.Allowed}
	if role.Of == ledger.AtHost {
		if c.Merchant != "" || len(c.Shop) > 0 {
			return nil, errors.New("an owner is one everywhere: leave --merchant and --shop out")
		}
		return []ledger.PersonGrant{g}, nil
	}
	if c.Merchant == "" {
		return nil, fmt.Errorf("merchant: a person is %s at a merchant: see tongka merchant list", c.Role)
	}
	m, err := findMerchant(ctx, b, c.Merchant)
	if err != nil {
		return nil, err
	}
	g.Merchant = m.ID
	if g.Shops, err = shopsIn(m, c.Shop); err != nil {
		return nil, fmt.Errorf("shop: %w", err)
	}
	return []ledger.PersonGrant{g}, nil
}

// shopsIn returns shops of a merchant in order, each once; nil if none are named.
func shopsIn(m *ledger.Merchant, ids []ledger.ShopID) ([]ledger.ShopID, error) {
	for _, id := range ids {
		if _, ok := m.Shop(id); !ok {
			return nil, fmt.Errorf("%s has no shop %d: see tongka shop list", m.Name, id)
		}
	}
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// onePerson has the flags of commands that change a person.
type onePerson struct {
	config.Database
	doer
	SignIn string `arg:"" help:"The name the person signs in by."`
}

// change changes the person by do, which is called again on the new state if somebody else was first, and signs every
// browser out if out is set.
func (c *onePerson) change(ctx context.Context, what string, out bool, do func(*ledger.Person)) (err error) {
	by, err := c.caller()
	if err != nil {
		return err
	}
	b, err := openBegun(ctx, c.DB, engine.Config{})
	if err != nil {
		return err
	}
	defer b.Close(&err)
	var id ledger.PersonID
	err = b.changePerson(ctx, by, what, func(people []ledger.Person) (ledger.Person, error) {
		i := slices.IndexFunc(people, func(p ledger.Person) bool { return p.SignIn == ledger.FoldSignIn(c.SignIn) })
		if i < 0 {
			return ledger.Person{}, fmt.Errorf("nobody signs in as %q: see tongka person list", c.SignIn)
		}
		id = people[i].ID
		do(&people[i])
		return people[i], nil
	})
	if err != nil || !out {
		return err
	}
	return b.EndSessions(ctx, id, [32]byte{})
}

// changePerson changes a person by a command, with an entry in the host's journal. decide is called with all people and
// returns the changed or new one; if somebody else changes that person first, decide is called again.
func (b *books) changePerson(
	ctx context.Context, by ledger.Caller, note string, decide func([]ledger.Person) (ledger.Person, error),
) error {
	return retried(func() (string, error) {
		people, err := b.People(ctx)
		if err != nil {
			return "", err
		}
		p, err := decide(people)
		if err != nil {
			return "", err
		}
		_, err = b.engine.Do(ctx, command.ChangePerson{By: by, To: p, Note: note})
		return "person " + p.SignIn, err
	})
}

type personPasswd struct{ onePerson }

// Run gives the person a new password.
func (c *personPasswd) Run(ctx context.Context, con *console) error {
	password := rand.Text()
	kept, err := signin.HashPassword(ctx, password)
	if err != nil {
		return err
	}
	err = c.change(ctx, "person passwd", true, func(p *ledger.Person) {
		p.Password, p.TOTP, p.Recovery, p.Passkeys = kept, nil, nil, nil
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(con.out, "the password of %s, which is shown now and never again:\n%s\n", c.SignIn, password)
	return err
}

type personStop struct{ onePerson }

// Run stops the person.
func (c *personStop) Run(ctx context.Context, con *console) error {
	if err := c.change(ctx, "person stop", true, func(p *ledger.Person) { p.Stopped = true }); err != nil {
		return err
	}
	_, err := fmt.Fprintf(con.out, "%s is stopped, and signed out\n", c.SignIn)
	return err
}

type personResume struct{ onePerson }

// Run lets the person sign in again.
func (c *personResume) Run(ctx context.Context, con *console) error {
	if err := c.change(ctx, "person resume", false, func(p *ledger.Person) { p.Stopped = false }); err != nil {
		return err
	}
	_, err := fmt.Fprintf(con.out, "%s may sign in again\n", c.SignIn)
	return err
}
