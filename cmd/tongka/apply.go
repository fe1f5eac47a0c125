package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"tongka/internal/apply"
	"tongka/internal/auth"
	"tongka/internal/config"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/store"
)

type applyCmd struct {
	config.Database
	config.Secrets
	listing
	doer
	File  string `arg:"" placeholder:"FILE.yaml" help:"What the books should hold. What it does not name stays as it is."`
	Check bool   `help:"Check the file and say what would be done, but do nothing."`
}

// Run applies the file. If the database does not exist yet, the file is planned before the database is created, so
// that a file that is refused, or only checked, does not leave an empty database behind.
func (c *applyCmd) Run(ctx context.Context, con *console) (err error) {
	data, err := readSettings(c.File)
	if err != nil {
		return err
	}
	begun, err := store.Begun(ctx, c.DB)
	if err != nil {
		return err
	}
	var first *apply.Plan
	if !begun {
		if first, err = c.plan(con, data, apply.Current{}, apply.Options{Now: time.Now(), Vault: noVault{}}); err != nil {
			return err
		}
		if c.Check {
			fmt.Fprintf(con.err, "There is no database yet: %s\n", wouldBeMade(c.DB))
			return c.check(ctx, con, first, noBooks{})
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
	plan, err := c.planFor(ctx, con, data, first, b)
	if err != nil {
		return err
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

// maxSettings is the most bytes of a settings file: far more than merchants with thousands of records need, and as
// much as its YAML tree leaves room for in the memory of a small machine. Cards in bulk belong into a card file.
const maxSettings = 16 << 20

// readSettings reads a file or pipe, up to maxSettings.
func readSettings(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // it is only read
	data, err := io.ReadAll(io.LimitReader(file, maxSettings+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxSettings {
		return nil, fmt.Errorf("%s: has more than %d MiB: is it a settings file? Divide it into several, and bring cards by "+
			"tongka cards import", path, maxSettings>>20)
	}
	return data, nil
}

// planFor returns the plan of applying the file to the books. If first was planned before the books were created
// and nobody else has put anything into them since, it returns first, with its secrets encrypted under the key of
// the books.
func (c *applyCmd) planFor(
	ctx context.Context, con *console, data []byte, first *apply.Plan, b *books,
) (*apply.Plan, error) {
	demo, err := b.Demo(ctx)
	if err != nil {
		return nil, err
	}
	current, err := apply.Read(ctx, b)
	if err != nil {
		return nil, err
	}
	key, err := openKey(ctx, b.Store, c.DB, c.Secrets, os.Getenv(keyEnv))
	if err != nil {
		return nil, err
	}
	if first != nil && !demo && len(current.Merchants)+len(current.Agents) == 0 {
		return first, first.Reseal(noVault{}, key)
	}
	return c.plan(con, data, current, apply.Options{Demo: demo, Now: b.clock.Now(), Vault: key})
}

// plan returns the plan of a file, and prints its warnings.
func (c *applyCmd) plan(con *console, data []byte, current apply.Current, opt apply.Options) (*apply.Plan, error) {
	by, err := c.caller()
	if err != nil {
		return nil, err
	}
	opt.NewToken, opt.NewCouponNumber, opt.Operator = auth.NewToken, newCouponNumber, by.Operator
	plan, err := apply.NewPlan(data, current, opt)
	if err != nil {
		return nil, c.refused(err)
	}
	for _, w := range plan.Warnings {
		fmt.Fprintf(con.err, "%s: warning: %s\n", c.File, w)
	}
	return plan, nil
}

// wouldBeMade says what the first apply would create. A PostgreSQL DSN is not shown: it may hold a password.
func wouldBeMade(dsn string) string {
	if strings.HasPrefix(dsn, "sqlite:") {
		return dsn + " would be made."
	}
	return "its tables would be made."
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

// noBooks stands for the books of a database that does not exist yet, without cards.
type noBooks struct{ apply.Store }

func (noBooks) Card(context.Context, ledger.CardKey) (*ledger.Card, error) { return nil, nil }

// noVault encrypts nothing. It is for a plan made before the books have a key: the plan is either discarded or
// sealed again under the key, and never stored as it is.
type noVault struct{}

func (noVault) Seal(_ string, plain []byte) []byte { return plain }

func (noVault) Unseal(_ string, sealed []byte) ([]byte, error) {
	return sealed, nil
}

// report prints what was done, even if Run failed later: a token is shown only here.
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
		return exitError{
			exitRefused, "some cards were refused: the lines above say why; mend them in the file and apply it again",
		}
	}
	return nil
}

// showToken prints a new token, or a new ApiKey if shop is not 0.
func showToken(con *console, agent string, shop ledger.ShopID, token string) {
	if shop != 0 {
		fmt.Fprintf(con.out, "ApiKey of msid %d, of agent %s, shown this once: %s\n", shop, agent, token)
		return
	}
	fmt.Fprintf(con.out, "Token of agent %s, shown this once: %s\n", agent, token)
}
