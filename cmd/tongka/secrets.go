package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"os"
	"strings"

	"tongka/internal/codes"
	"tongka/internal/config"
	"tongka/internal/seal"
	"tongka/internal/store"
)

// keyEnv may hold the key itself.
const keyEnv = "TONGKA_KEY"

// openKey opens the key that secrets in the database are sealed under, and makes it at the first
// start. env is the key itself, or "". It refuses a key that is not the one the database was begun
// with.
func openKey(ctx context.Context, s *store.Store, dsn string, where config.Secrets, env string) (*seal.Key, error) {
	check, err := s.KeyCheck(ctx)
	if err != nil {
		return nil, err
	}
	file := keyFile(dsn, where)
	if _, gone := os.Stat(file); check != 0 && env == "" && errors.Is(gone, os.ErrNotExist) {
		return nil, errors.New("key-file: " + file +
			" is missing, and the database has secrets sealed under it: put it back from your backup of it, or say with " +
			"--key-file where it is")
	}
	key, err := seal.Open(file, env)
	if err != nil {
		return nil, err
	}
	switch own := int64(binary.BigEndian.Uint64(key.Check()) | 1); check { //nolint:gosec // any 64 bits
	case own:
		return key, nil
	case 0:
		return key, s.SaveKeyCheck(ctx, own)
	}
	return nil, errors.New("key-file: " + file +
		" is not the key this database was begun with: say with --key-file where that is")
}

func keyFile(dsn string, where config.Secrets) string {
	if where.KeyFile != "" {
		return where.KeyFile
	}
	if db, isFile := strings.CutPrefix(dsn, "sqlite:"); isFile {
		return db + ".key"
	}
	return "tongka.key"
}

// newNumber draws the number of a card that is issued without one: digits that cannot be guessed from
// those of other cards, and one to check them by.
func newNumber() (string, error) { return codes.NewNumber(rand.Reader, "", 12) }

func newPassword() (string, error) { return codes.NewPassword(rand.Reader) }

// newCouponNumber draws the number of a coupon.
func newCouponNumber() (string, error) { return codes.NewCoupon(rand.Reader) }

// passwords makes the form card passwords are kept in. It is bound to the merchant and not to the
// number: who gets another card keeps the password.
type passwords struct{ key *seal.Key }

func (p passwords) hash(merchant, password string) string {
	return base64.RawURLEncoding.EncodeToString(p.key.HashPassword("merchant "+merchant, password))
}

// matches tells whether kept is what hash made of the password at that merchant. What cannot be read is
// compared all the same, so that it takes as long.
func (p passwords) matches(merchant, password, kept string) bool {
	raw, _ := base64.RawURLEncoding.DecodeString(kept)
	return p.key.PasswordMatches("merchant "+merchant, password, raw)
}
