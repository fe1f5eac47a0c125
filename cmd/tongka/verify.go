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

type verifyCmd struct {
	config.Database
	listing
}

// proof is a line of what verify prints.
type proof struct {
	Invariant  string  `json:"invariant"`
	Rows       int64   `json:"rows"`
	Violations int64   `json:"violations"`
	Unknown    int64   `json:"unknown"`
	State      string  `json:"state"`
	Millis     float64 `json:"ms"`
	Name       string  `json:"name"`
}

// Help returns the meaning of the results and the exit codes.
func (c *verifyCmd) Help() string {
	return "A line holds, is broken, or had nothing to check: then it proves nothing. \"Not known\" are rows from " +
		"before the books recorded enough. " +
		"At the end it tells what the cards of each merchant hold: where all holds, these are the sums of the columns " +
		"principal, bonus and points of tongka report days over all days, once its totals go up to the same entry. " +
		"tongka cards export leaves out bonus and points that have expired and are still to be taken off. " +
		"Exit codes: 0 all that there is was checked and holds, 1 the books are broken or cannot be read, " +
		"4 the books are empty: a new database, or not the one that was meant."
}

// Run folds every card again and checks every invariant that a database can show. It reads everything at one
// moment, so the books may be in use at the same time.
func (c *verifyCmd) Run(ctx context.Context, con *console) (err error) {
	s, err := openAll(ctx, c.DB)
	if err != nil {
		return err
	}
	defer closeReader(s, &err)
	var results []verify.Result
	var held []verify.Held
	err = s.Snapshot(ctx, func(v *store.View) (err error) {
		results, held, err = c.check(ctx, con, v, s)
		return err
	})
	if err != nil {
		return fmt.Errorf("the books could not be read to the end, so nothing is proved: %w: see that the database can be "+
			"reached and read; "+
			"where it can, keep a copy of it and restore the newest backup", err)
	}
	return c.report(con, results, held)
}

func (c *verifyCmd) check(
	ctx context.Context, con *console, books verify.Books, journal verify.Journal,
) ([]verify.Result, []verify.Held, error) {
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

// errEmpty is returned for books without an entry.
var errEmpty = exitError{
	exitEmpty, "the books are empty: nothing was checked, and nothing is proved. Is this the database you meant?",
}

// report prints the results. It returns an error for broken books and for empty ones, so that scripts notice.
func (c *verifyCmd) report(con *console, results []verify.Result, held []verify.Held) error {
	var rows []proof
	var broken, unknown, partly int64
	count := map[verify.State]int{}
	for _, r := range results {
		rows = append(rows, proof{
			Invariant: fmt.Sprintf("%02d", r.Invariant), Name: r.Name, Rows: r.Rows, Violations: r.Violations,
			Unknown: r.Unknown, State: string(r.State()),
			Millis: float64(r.Took/time.Microsecond) / 1000,
		})
		broken += r.Violations
		if r.Unknown > 0 && r.State() == verify.Holds {
			unknown, partly = unknown+r.Unknown, partly+1
		}
		count[r.State()]++
	}
	if err := print(con, c.listing, rows); err != nil {
		return err
	}
	for _, r := range results {
		for _, example := range r.Examples {
			fmt.Fprintf(con.err, "invariant %02d: %s\n", r.Invariant, example)
		}
	}
	tellHeld(con, held)
	fmt.Fprintf(con.err, "%d checks hold, %d are broken, %d had nothing to check, %d are not known\n",
		count[verify.Holds], count[verify.Broken], count[verify.Nothing], count[verify.Unknown])
	if partly > 0 {
		fmt.Fprintf(con.err, "of the rows of checks that hold, %d are not known, in %d of these checks\n", unknown, partly)
	}
	if verify.Empty(results) {
		return errEmpty
	}
	if broken > 0 {
		return errors.New("the books do not hold: see the lines above, keep a copy of the database, and do not serve it")
	}
	return nil
}

// tellHeld prints what the cards of each merchant hold, and of all, to be compared with reports. It prints to standard
// error, so that standard output is the checks alone.
func tellHeld(con *console, held []verify.Held) {
	tell := func(whose string, h verify.Held) {
		fmt.Fprintf(con.err, "%s: %d cards, %d entries; the cards hold principal %v, bonus %v, points %d\n", whose,
			h.Cards, h.Entries, h.Principal, h.Bonus, h.Points)
	}
	var all verify.Held
	for _, h := range held {
		tell(fmt.Sprintf("merchant %d", h.Merchant), h)
		all = all.Plus(h)
	}
	if len(held) > 1 {
		tell(fmt.Sprintf("all %d merchants", len(held)), all)
	}
}
