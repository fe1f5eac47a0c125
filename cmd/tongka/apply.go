package main

import (
	"context"
	"fmt"
	"os"

	"tongka"
	"tongka/internal/apply"
	"tongka/internal/auth"
	"tongka/internal/config"
	"tongka/internal/engine"
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
		return fmt.Errorf("%s: nothing was changed:\n%w", c.File, err)
	}
	if c.Check {
		lines, err := plan.Check(ctx, b)
		if err != nil {
			return err
		}
		return print(con, c.listing, lines)
	}
	report, err := plan.Run(ctx, b, b.engine)
	if told := c.report(con, report); err == nil {
		err = told
	}
	return err
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
		return exitError{exitRefused, "some cards were refused"}
	}
	return nil
}

// showToken prints a token or an ApiKey, which is not seen again.
func showToken(con *console, agent string, shop tongka.ShopID, token string) {
	if shop != 0 {
		fmt.Fprintf(con.out, "ApiKey of msid %d, of agent %s, shown this once: %s\n", shop, agent, token)
		return
	}
	fmt.Fprintf(con.out, "Token of agent %s, shown this once: %s\n", agent, token)
}
