package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"tongka/internal/apply"
	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/config"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/store"
)

type applyCmd struct {
	config.Database
	config.Secrets
	listing
	File  string `arg:"" placeholder:"FILE.yaml" help:"What the books should hold. What it does not name stays as it is."`
	Check bool   `help:"Check the file and say what would be done, but do nothing."`
}

// Run applies the file.
func (c *applyCmd) Run(ctx context.Context, con *console) (err error) {
	data, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	if store.Missing(c.DB) {
		if done, err := c.first(ctx, con, data); done || err != nil {
			return err
		}
	}
	b, err := openBooks(ctx, c.DB, engine.Config{})
	if err != nil {
		return err
	}
	defer b.Close(&err)
	if err := timeKnown(b.clock); err != nil {
		return err
	}
	demo, err := b.Demo(ctx)
	if err != nil {
		return err
	}
	current, err := apply.Read(ctx, b)
	if err != nil {
		return err
	}
	key, err := openKey(ctx, b.Store, c.DB, c.Secrets, os.Getenv(keyEnv))
	if err != nil {
		return err
	}
	plan, err := apply.NewPlan(data, current, apply.Options{Demo: demo, Now: b.clock.Now(), NewToken: auth.NewToken, NewCouponNumber: newCouponNumber, Vault: key})
	if err != nil {
		return c.refused(err)
	}
	for _, w := range plan.Warnings {
		fmt.Fprintf(con.err, "%s: warning: %s\n", c.File, w)
	}
	if c.Check {
		return c.check(ctx, con, plan, b)
	}
	report, err := plan.Run(ctx, b, b.engine)
	if told := c.report(con, report); err == nil {
		err = told
	}
	return err
}

func (c *applyCmd) refused(err error) error {
	return fmt.Errorf("%s: nothing was changed:\n%w", c.File, err)
}

func (c *applyCmd) check(ctx context.Context, con *console, plan *apply.Plan, in apply.Store) error {
	lines, err := plan.Check(ctx, in)
	if err != nil {
		return err
	}
	return print(con, c.listing, lines)
}

// first looks at a file for a database that is not there yet, so that one that is refused, or only checked, makes
// none. It reports whether that was all there is to do.
func (c *applyCmd) first(ctx context.Context, con *console, data []byte) (done bool, err error) {
	plan, err := apply.NewPlan(data, apply.Current{}, apply.Options{Now: time.Now(), NewToken: auth.NewToken, NewCouponNumber: newCouponNumber, Vault: noVault{}})
	if err != nil {
		return true, c.refused(err)
	}
	if !c.Check {
		return false, nil
	}
	fmt.Fprintf(con.err, "There is no database yet: %s would be made.\n", c.DB)
	return true, c.check(ctx, con, plan, noBooks{})
}

// noBooks are those of a database that is not there.
type noBooks struct{ apply.Store }

func (noBooks) Card(context.Context, ledger.CardKey) (*ledger.Card, error) { return nil, nil }

func (noBooks) Load(_ context.Context, wants ...command.Want) ([]command.Records, error) {
	return make([]command.Records, len(wants)), nil
}

// noVault is for a plan that is thrown away.
type noVault struct{}

func (noVault) Seal(_ string, plain []byte) []byte { return plain }

func (noVault) Unseal(string, []byte) ([]byte, error) {
	return nil, errors.New("nothing was sealed yet")
}

// report prints what was done, also when the rest failed: a token is seen only here.
func (c *applyCmd) report(con *console, report apply.Report) error {
	if c.JSON {
		if err := printJSON(con, report); err != nil {
			return err
		}
	} else {
		if err := print(con, c.listing, report.Lines); err != nil {
			return err
		}
		for _, t := range report.Tokens {
			showToken(con, t.Agent, t.Shop, t.Token)
		}
	}
	if report.Refused() {
		return exitError{exitRefused, "some cards were refused: the lines above say why; mend them in the file and apply it again"}
	}
	return nil
}

// showToken prints a token or an ApiKey, which is not seen again.
func showToken(con *console, agent string, shop ledger.ShopID, token string) {
	if shop != 0 {
		fmt.Fprintf(con.out, "ApiKey of msid %d, of agent %s, shown this once: %s\n", shop, agent, token)
		return
	}
	fmt.Fprintf(con.out, "Token of agent %s, shown this once: %s\n", agent, token)
}
