package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strconv"

	"tongka/internal/command"
	"tongka/internal/config"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

// oneCard has the flags of a command about one card.
type oneCard struct {
	config.Database
	config.Secrets
	Merchant string `required:"" placeholder:"ID|GUID" help:"The card's merchant."`
	Card     string `arg:"" help:"The card's number."`
}

// withMerchant opens the books for commands, and calls do with them and the card's merchant.
func (c *oneCard) withMerchant(ctx context.Context, do func(*books, *ledger.Merchant) error) (err error) {
	b, err := openBegun(ctx, c.DB, engine.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer b.Close(&err)
	if err := timeKnown(b.clock); err != nil {
		return err
	}
	m, err := findMerchant(ctx, b, c.Merchant)
	if err != nil {
		return err
	}
	return do(b, m)
}

// modify changes the details of the card that make sets in the command.
func (c *oneCard) modify(ctx context.Context, who doer, make func(*books, *command.ModifyDetails) error) error {
	by, err := who.caller()
	if err != nil {
		return err
	}
	return c.withMerchant(ctx, func(b *books, m *ledger.Merchant) error {
		change := command.ModifyDetails{Merchant: m.ID, By: by, Card: c.Card}
		if err := make(b, &change); err != nil {
			return err
		}
		if _, err := b.engine.Do(ctx, change); err != nil {
			return actError(err)
		}
		return nil
	})
}

type cardsPassword struct {
	oneCard
	doer
}

// Run gives the card a new password and prints it, which also unlocks a card locked by wrong passwords.
func (c *cardsPassword) Run(ctx context.Context, con *console) error {
	password, err := newPassword()
	if err != nil {
		return err
	}
	err = c.modify(ctx, c.doer, func(b *books, change *command.ModifyDetails) error {
		key, err := openKey(ctx, b.Store, c.DB, c.Secrets, os.Getenv(keyEnv))
		if err != nil {
			return err
		}
		kept := passwords{key}.hash(strconv.FormatInt(int64(change.Merchant), 10), password)
		change.Password = &kept
		return nil
	})
	if err == nil {
		_, err = fmt.Fprintln(con.out, password)
	}
	return err
}
