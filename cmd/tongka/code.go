package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"tongka/internal/codes"
	"tongka/internal/ledger"
)

// codeCmd prints the member code that the holder's phone would show.
type codeCmd struct{ oneCard }

// Run prints a member code that is valid now.
func (c *codeCmd) Run(ctx context.Context, con *console) (err error) {
	s, err := openReader(ctx, c.DB)
	if err != nil {
		return err
	}
	defer closeReader(s, &err)
	m, err := findMerchant(ctx, s, c.Merchant)
	if err != nil {
		return err
	}
	card, err := s.Card(ctx, ledger.CardNamed(m.ID, c.Card))
	if err != nil {
		return err
	}
	if card == nil {
		return fmt.Errorf("merchant %d has no card %s: see whether number and merchant are right", m.ID, c.Card)
	}
	check, err := s.KeyCheck(ctx)
	if err != nil {
		return err
	}
	if check == 0 {
		return errors.New("this database has no key yet: serve it first")
	}
	key, err := openKey(ctx, s, c.DB, c.Secrets, os.Getenv(keyEnv))
	if err != nil {
		return err
	}
	pass, err := codes.KeysOf(key.Subkey).Pass(codes.Member{Merchant: int64(m.ID), Card: int64(card.ID)},
		card.Details.Pass)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(con.out, pass.Make(time.Now()))
	return err
}
