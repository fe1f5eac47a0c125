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

// keyEnv is the environment variable that may hold the key itself, instead of a key file.
const keyEnv = "TONGKA_KEY"

// openKey returns the key under which secrets in the database are encrypted, and creates it at the first start. env
// is the key itself, or "" to use the key file. A key other than the one the database was created with is an error,
// and so is a missing file of a database that has a key: a new key could not decrypt what is there.
func openKey(ctx context.Context, s *store.Store, dsn string, where config.Secrets, env string) (*seal.Key, error) {
	check, err := s.KeyCheck(ctx)
	if err != nil {
		return nil, err
	}
	file := keyFile(dsn, where)
	if err := keyIsThere(check, file, env); err != nil {
		return nil, err
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

// keyIsThere returns an error if the file of the key of a database that has one is missing. check is what the database
// knows of its key.
func keyIsThere(check int64, file, env string) error {
	if _, gone := os.Stat(file); check == 0 || env != "" || !errors.Is(gone, os.ErrNotExist) {
		return nil
	}
	return errors.New("key-file: " + file +
		" is missing, and the database has secrets sealed under it: put it back from your backup of it, or say with " +
		"--key-file where it is")
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

// newNumber returns a number for a card that is issued without one: random digits, which cannot be guessed from the
// numbers of other cards, with a check digit.
func newNumber() (string, error) { return codes.NewNumber(rand.Reader, "", 12) }

func newPassword() (string, error) { return codes.NewPassword(rand.Reader) }

// newCouponNumber returns a random number for a coupon.
func newCouponNumber() (string, error) { return codes.NewCoupon(rand.Reader) }

// passwords hashes card passwords for storage. A hash is bound to the merchant and not to the card number, so that
// the password stays valid when a card is replaced.
type passwords struct{ key *seal.Key }

func (p passwords) hash(merchant, password string) string {
	return base64.RawURLEncoding.EncodeToString(p.key.HashPassword("merchant "+merchant, password))
}

// matches reports whether kept is a hash of the password at that merchant. A hash that cannot be decoded is
// compared all the same, so that it takes as long as any other.
func (p passwords) matches(merchant, password, kept string) bool {
	raw, _ := base64.RawURLEncoding.DecodeString(kept)
	return p.key.PasswordMatches("merchant "+merchant, password, raw)
}
