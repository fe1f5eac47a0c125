package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"tongka/internal/clock"
	"tongka/internal/command"
	"tongka/internal/config"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/store"
)

// machine returns the clock of this machine. Only tests replace it.
var machine = clock.System

// testClockEnv names a file by which tests set the clock of the program they start. The program itself refuses to
// start if it is set.
const testClockEnv = "TONGKA_TEST_CLOCK"

// testClock is true if a test has replaced the machine's clock.
var testClock bool

// newClock returns a clock that is checked against what the database knows of the time: of a server, or of a command.
func newClock(s *store.Store, command bool, log *slog.Logger) *clock.Clock {
	return clock.New(machine(), func(ctx context.Context) (clock.Evidence, error) {
		e, err := evidence(ctx, s)
		e.Command = command
		return e, err
	}, log)
}

// evidence returns what the database knows of the time.
func evidence(ctx context.Context, s *store.Store) (clock.Evidence, error) {
	known, err := s.TimeKnown(ctx)
	return clock.Evidence{
		Newest: known.Newest, Seen: known.Seen, Accepted: known.Accepted,
		Server: known.Server, Apart: known.Apart, Files: known.Files,
	}, err
}

// clockCmd has what an operator can do about the time.
type clockCmd struct {
	Status   clockStatus   `cmd:"" default:"1" help:"Print the evidence for and against this machine's clock. It only reads."`
	Accept   clockAccept   `cmd:"" help:"Say that this machine's clock is right, after it was doubted."`
	TakeBack clockTakeBack `cmd:"" help:"After the books were dated by a clock that was ahead, go on at this machine's time, and restore what expired too early."`
}

type clockStatus struct{ config.Database }

// Run prints the evidence and the conclusions a server that starts now and a command would draw from it.
func (c *clockStatus) Run(ctx context.Context, con *console) (err error) {
	s, err := openReader(ctx, c.DB)
	if err != nil {
		return err
	}
	defer closeReader(s, &err)
	e, err := evidence(ctx, s)
	if err != nil {
		return err
	}
	m := machine()
	e.Wall, e.Kernel = m.Read().Wall, m.Kernel()
	for _, line := range []struct {
		what string
		at   time.Time
	}{
		{"this machine's clock", e.Wall}, {"newest entry", e.Newest}, {"server last knew the time", e.Seen},
		{"somebody vouched for it", e.Accepted}, {"database server's clock", e.Server}, {"files were written", e.Files},
	} {
		at := "–"
		if !line.at.IsZero() {
			at = line.at.UTC().Format(time.RFC3339)
		}
		fmt.Fprintf(con.out, "%-26s %s\n", line.what, at)
	}
	fmt.Fprintf(con.out, "the system %v\n", e.Kernel)
	if d := e.Doubt(); d != nil {
		_, err = fmt.Fprintf(con.out, "in doubt: %v; %s\n", d, clock.Advice(d))
		return err
	}
	fmt.Fprintln(con.out, "a server that starts now believes the clock; its /readyz says what a running one does")
	e.Command = true
	if d := e.Doubt(); d != nil {
		_, err = fmt.Fprintf(con.out, "a command does not: %v; %s\n", d, clock.Advice(d))
	}
	return err
}

// sayTime has the flags of commands by which a person vouches for the time. Typing the date makes sure that
// somebody has looked at a calendar.
type sayTime struct {
	config.Database
	Today string `arg:"" placeholder:"YYYY-MM-DD" help:"Today's date where a merchant is, or where this machine is, typed by somebody who has looked at a calendar."`
	Note  string `help:"Why, for the journal."`
}

// open opens the books and returns this machine's time and the merchants' zones. It returns an error if the day that
// was typed is not the machine's date in any of these zones, in the machine's own or in UTC.
func (c *sayTime) open(ctx context.Context) (*books, moment, error) {
	day, err := time.Parse(time.DateOnly, c.Today)
	if err != nil {
		return nil, moment{}, fmt.Errorf("%q is no date: want it as 2026-12-31", c.Today)
	}
	b, err := openBegun(ctx, c.DB, engine.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, moment{}, err
	}
	now, err := b.moment(ctx)
	if err == nil {
		err = now.check(day.Format(time.DateOnly))
	}
	if err != nil {
		b.Close(&err)
		return nil, moment{}, err
	}
	return b, now, nil
}

// by returns the caller that stands in the entries.
func (sayTime) by() ledger.Caller { return ledger.Caller{Operator: "tongka clock"} }

type clockAccept struct{ sayTime }

// Run makes an entry at each merchant that the time was accepted.
func (c *clockAccept) Run(ctx context.Context, con *console) (err error) {
	b, now, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer b.Close(&err)
	if newest, err := b.Newest(ctx); err != nil || newest.Sub(now.at) > clock.Step {
		return errors.Join(err, behind(newest, now.at))
	}
	n, err := b.acceptTime(ctx, now.at, c.by(), c.Note)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(con.out, "%v is accepted at %d merchants\n", now, n)
	return err
}

func behind(newest, now time.Time) error {
	if newest.Sub(now) <= clock.Step {
		return nil
	}
	return fmt.Errorf("the newest entry is of %s, which is to come: to go on at this machine's time type `tongka "+
		"clock take-back`", newest.Format(time.RFC3339))
}

// acceptTime makes an entry that vouches for a time at each merchant and at the host. It returns the number of
// merchants.
func (b *books) acceptTime(
	ctx context.Context, now time.Time, by ledger.Caller, note string,
) (merchants int, err error) {
	all, err := b.Merchants(ctx)
	if err != nil {
		return 0, err
	}
	host := []ledger.Merchant{{ID: ledger.HostID}} // its journal goes by the time as well
	for _, m := range slices.Concat(host, all) {
		if _, err := b.engine.Do(ctx, command.AcceptTime{Merchant: m.ID, By: by, At: now, Note: note}); err != nil {
			return 0, fmt.Errorf("merchant %d: %w", m.ID, err)
		}
	}
	return len(all), errors.Join(b.SaveSeen(ctx, now), b.clock.Look(ctx))
}

type clockTakeBack struct{ sayTime }

// Run takes the time back at each merchant whose journal is ahead, and restores what expired in the time that was
// wrong. If it was cut short, running it again does the rest.
func (c *clockTakeBack) Run(ctx context.Context, con *console) (err error) {
	b, now, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer b.Close(&err)
	took, err := b.takeBackTime(ctx, now.at, c.by(), c.Note)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(con.out,
		"taken back to %v at %d merchants; on %d cards something is there again: bonus %v, %d points, %d coupons\n",
		now, took.merchants, len(took.cards), took.bonus, took.points, took.coupons)
	for _, line := range took.forfeits {
		_, failed := fmt.Fprintln(con.out, line)
		err = errors.Join(err, failed)
	}
	return err
}
