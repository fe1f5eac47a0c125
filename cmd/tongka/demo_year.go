package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"tongka/internal/auth"
	"tongka/internal/demo"
	"tongka/internal/follow"
	"tongka/internal/ledger"
	"tongka/internal/seal"
	"tongka/internal/signin"
)

// demoSeed draws the year of trade.
const demoSeed = 5

// fillYear makes the year of trade that the console of a demo shows, unless it is there.
func (b *books) fillYear(ctx context.Context, con *console, key *seal.Key, password string) error {
	heads, err := b.Heads(ctx)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(heads, func(h ledger.Head) bool { return h.Merchant == demo.Merchant && h.LastEntry > 0 }) {
		return nil
	}
	fmt.Fprintln(con.out, "Making a year of trade for the console to show, which takes some seconds.")
	_, err = demo.Make(ctx, b.Store, demo.Config{
		Now: b.clock.Now(), Seed: demoSeed,
		Password:     func() (string, error) { return signin.HashPassword(ctx, password) },
		Token:        func() [32]byte { return auth.Hash(auth.NewToken()) },
		CardPassword: passwords{key}.hash(strconv.FormatInt(int64(demo.Merchant), 10), auth.NewToken()),
	})
	if err == nil {
		err = b.foldYear(ctx)
	}
	if err != nil {
		return fmt.Errorf("make the demo's year: %w", err)
	}
	return nil
}

// foldYear adds up the business days of the year at once. The followers of a server leave most of the time to tills, so
// that whoever opened the demo would see days that are not there yet.
func (b *books) foldYear(ctx context.Context) (err error) {
	over, stop := context.WithCancel(ctx)
	stop()
	for _, f := range b.followers() {
		r := follow.New(f, follow.NewBell(), follow.Config{Journal: b, Pace: -1})
		err = errors.Join(err, r.Round(ctx))
		r.Run(over) // it has ended before it begins, and so does nothing but give back its leases
	}
	return err
}

// signInRow is a line of the demo's list of who can sign in.
type signInRow struct {
	Name string `json:"name"`
	Who  string `json:"who"`
	Role string `json:"role"`
	At   string `json:"at"`
}

// demoPeople returns those of the demo's people whom the books have.
func (b *books) demoPeople(ctx context.Context) ([]signInRow, error) {
	people, err := b.People(ctx)
	if err != nil {
		return nil, err
	}
	var rows []signInRow
	for _, s := range demo.SignIns {
		if slices.ContainsFunc(people, func(p ledger.Person) bool { return p.SignIn == s.Name }) {
			rows = append(rows, signInRow{s.Name, s.Who, s.Role, s.At})
		}
	}
	return rows, nil
}

// greetPeople prints who can sign in to the console.
func greetPeople(con *console, people []signInRow, password string) error {
	if len(people) == 0 {
		return nil
	}
	fmt.Fprintf(con.out, "\nTo sign in to the console, each with the password %s:\n", password)
	return print(con, listing{}, people)
}
