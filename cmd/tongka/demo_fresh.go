package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"tongka/internal/apply"
	"tongka/internal/ledger"
	"tongka/internal/store"
)

// beginAnew removes a demo's SQLite file with its companion files, if it exists. It returns an error if the file is
// not a demo, or somebody is serving it. own says that the file is at the demo's own default place: what is there is
// removed even if it cannot be read, as a demo of another build, but neither books that are no demo nor what is
// served.
func beginAnew(ctx context.Context, dsn string, own bool) error {
	file, ok := strings.CutPrefix(dsn, "sqlite:")
	if !ok {
		return errors.New("fresh: a PostgreSQL database is not removed: drop it and create it again, then run the demo " +
			"without --fresh")
	}
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	err := onlyDemo(ctx, dsn, file)
	if errors.Is(err, store.ErrInUse) || errors.Is(err, errNoDemo) || err != nil && !own {
		return otherBuild(err, dsn, own)
	}
	if err := removeFiles(file, slices.Concat(bookFiles, []string{".key"})); err != nil {
		return fmt.Errorf("fresh: %w", err)
	}
	return nil
}

// otherBuild says what to do about a demo whose database another build made. own is as in beginAnew: whatever else
// dsn names may be books of worth, and is left alone.
func otherBuild(err error, dsn string, own bool) error {
	schema, ok := errors.AsType[*store.SchemaError](err)
	if !ok {
		return err
	}
	do := "choose another database with --db"
	if own {
		do = "tongka demo --fresh removes it and begins anew"
	}
	return fmt.Errorf("another build made the database %s (%s): %s", dsn, schema.Why, do)
}

// onlyDemo returns an error if a file is being served, or holds books that are not a demo.
func onlyDemo(ctx context.Context, dsn, file string) (err error) {
	noDemo := fmt.Errorf("fresh: %s %w: it is not removed: choose another with --db", file, errNoDemo)
	s, err := store.Open(ctx, dsn, store.Options{Upgrade: func(o store.Older) error {
		if !o.Demo {
			return noDemo
		}
		return nil
	}})
	if err != nil {
		return err
	}
	defer closeReader(s, &err)
	demo, err := s.Demo(ctx)
	if err != nil || demo {
		return err
	}
	current, err := apply.Read(ctx, s)
	if err == nil && len(current.Merchants)+len(current.Agents) > 0 {
		return noDemo
	}
	return err
}

var errNoDemo = errors.New("holds books that are no demo")

const demoCards = 8

// listedCard is a line of the demo's list of cards.
type listedCard struct {
	Merchant  string `json:"merchant"`
	Card      string `json:"card"`
	Holder    string `json:"holder"`
	Level     string `json:"level"`
	Principal string `json:"principal"`
	Bonus     string `json:"bonus"`
	Points    int64  `json:"points"`
}

// listDemo returns the first demoCards cards of each merchant that the demo's agent may use, as they are now.
func (b *books) listDemo(ctx context.Context) ([]listedCard, error) {
	var rows []listedCard
	enough := errors.New("enough")
	for _, id := range []string{"10000", "10001"} {
		m, err := findMerchant(ctx, b, id)
		if err != nil {
			return nil, err
		}
		left := demoCards
		err = b.EachCard(ctx, m.ID, func(c *ledger.Card) error {
			if left--; left < 0 {
				return enough
			}
			rows = append(rows, listedCard{
				Merchant: m.Name, Card: c.Number, Holder: c.Holder.Name, Level: m.LevelOf(c).Name,
				Principal: c.Principal.String(), Bonus: c.Bonus.String(), Points: c.Points,
			})
			return nil
		})
		if err != nil && !errors.Is(err, enough) {
			return nil, err
		}
	}
	return rows, nil
}
