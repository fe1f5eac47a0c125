package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tongka/internal/config"
	"tongka/internal/store"
	"tongka/internal/verify"
)

// verifyCmd proves the books.
type verifyCmd struct {
	config.Database
	listing
}

// proof is a line of what verify prints.
type proof struct {
	Invariant  string  `json:"invariant"`
	Rows       int64   `json:"rows"`
	Violations int64   `json:"violations"`
	Millis     float64 `json:"ms"`
	Name       string  `json:"name"`
}

// Run folds every card again and checks what a database can show. It only reads, as of one moment, so
// the books may be in use meanwhile.
func (c *verifyCmd) Run(ctx context.Context, con *console) (err error) {
	s, err := openReader(ctx, c.DB)
	if err != nil {
		return err
	}
	defer closeReader(s, &err)
	var results []verify.Result
	err = s.Snapshot(ctx, func(v *store.View) (err error) {
		results, err = c.check(ctx, con, v, s)
		return err
	})
	if err != nil {
		return err
	}
	return c.report(con, results)
}

func (c *verifyCmd) check(ctx context.Context, con *console, books verify.Books, journal verify.Journal) ([]verify.Result, error) {
	var progress *bar
	defer func() {
		if progress != nil {
			progress.end()
		}
	}()
	return verify.Run(ctx, books, journal, func(done, total int64) {
		if progress == nil {
			progress = newProgress(con, "entries", total)
		}
		progress.step(int(done - progress.done))
	})
}

// report prints the proof. Broken books are an error, so that scripts notice.
func (c *verifyCmd) report(con *console, results []verify.Result) error {
	var rows []proof
	var broken int64
	for _, r := range results {
		rows = append(rows, proof{
			Invariant: fmt.Sprintf("%02d", r.Invariant), Name: r.Name, Rows: r.Rows, Violations: r.Violations,
			Millis: float64(r.Took/time.Microsecond) / 1000,
		})
		broken += r.Violations
	}
	if err := print(con, c.listing, rows); err != nil {
		return err
	}
	for _, r := range results {
		for _, example := range r.Examples {
			fmt.Fprintf(con.err, "invariant %02d: %s\n", r.Invariant, example)
		}
	}
	if broken > 0 {
		return errors.New("the books do not hold: see the lines above, keep a copy of the database, and do not serve it")
	}
	return nil
}
